"""The set-up's second screen: what was found, as it will be written; any of it can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen, Screen

from ejtui.ui.render import setup as paint
from ejtui.ui.screens.dialog import Dialog, DialogAnswer, Text
from ejtui.ui.screens.setup import KeysPane, Message, SetupPane, TopLine
from ejtui.ui.setup.state import SetupState, ValueView
from ejtui.ui.text.line_input import typed
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, line
from ejtui.ui.widgets.pane import Pane, last_room

if TYPE_CHECKING:
    from ejtui.ui.session.protocols import SetupDesk

_KEYS = (("enter", "change it"), ("Up Down", "choose"), ("End", "go on"), ("Esc", "back"),
         ("?", "help"), ("Ctrl+C", "leave"))  # fmt: skip
_KEYS_ON = (("enter", "go on"), ("Up Down", "choose"), ("Esc", "back"), ("?", "help"),
            ("Ctrl+C", "leave"))  # fmt: skip


class ValuesScreen(Screen[None], inherit_bindings=False):
    """Arrows choose a value, Enter changes it; from the last line Enter goes on."""

    def __init__(self, state: SetupState) -> None:
        super().__init__()
        self._said = Message(state, id="said", framed=False)
        self._values = _Values(state)
        self._panes: tuple[SetupPane, ...] = (
            TopLine(state, id="top", framed=False),
            self._values,
            self._said,
            KeysPane(state, lambda: _KEYS if self._values.at_cursor else _KEYS_ON),
        )

    def compose(self) -> ComposeResult:
        yield from self._panes
        yield last_room()

    def show_setup(self, state: SetupState) -> None:
        """Paint what the new state changes."""
        for pane in self._panes:
            pane.show(state)

    def on_screen_resume(self) -> None:
        self._panes[-1].repaint()

    def on_screen_suspend(self) -> None:
        self._panes[-1].repaint()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        self._said.error = ""
        values = self._values
        match event.key:
            case "enter":
                self._enter()
            case "escape":
                self.dismiss(None)
            case "up" | "down" | "shift+tab" | "tab":
                values.move(1 if event.key in ("down", "tab") else -1)
            case "pageup" | "pagedown":
                values.move(8 if event.key == "pagedown" else -8)
            case "home" | "end":
                values.move(999 if event.key == "end" else -999)
        self.show_setup(values.state)

    def _enter(self) -> None:
        app, at = cast("SetupDesk", self.app), self._values.at_cursor
        if at is None:
            self._said.error = self._values.state.why_not_on
            if not self._said.error:
                app.finish()
            return
        number, shown = at
        app.setup.hold(True)

        def changed(value: str | None) -> None:
            app.setup.hold(False)
            if value is not None and value != shown.value:
                self._said.error = app.setup.change(number, shown.key, value)
                self.show_setup(app.setup.state)

        self.app.push_screen(EditDialog(shown), changed)


class _Values(SetupPane):
    def __init__(self, state: SetupState) -> None:
        super().__init__(state, id="page")
        self._at = len(self._rows(state))
        for index, (number, shown) in enumerate(self._rows(state)):
            host = state.hosts[number]
            if host.trouble and host.suspect == shown.key:
                self._at = index
                break

    @staticmethod
    def _rows(state: SetupState) -> list[tuple[int, ValueView]]:
        return [(number, each) for number in (0, 1) for each in state.hosts[number].values]

    @property
    def at_cursor(self) -> tuple[int, ValueView] | None:
        """The host's number and the value under the cursor; None on the last line."""
        rows = self._rows(self.state)
        return rows[self._at] if self._at < len(rows) else None

    def move(self, by: int) -> None:
        """Go to another value."""
        self._at = max(0, min(self._at + by, len(self._rows(self.state))))

    def titles(self) -> tuple[Line, Line]:
        note = f"{self.glyphs.done} saved; the rest is asked each time"
        return line(Span("What was found", Tone.STRONG)), line(Span(note, Tone.QUIET))

    def lines(self, width: int) -> list[Line]:
        made: list[Line] = []
        at, index = 0, 0
        for host in self.state.hosts:
            made.append(paint.heading(host, width, self.glyphs))
            for shown in host.values:
                at = len(made) if index == self._at else at
                made.append(paint.value(shown, width, self.glyphs, at=index == self._at))
                index += 1
        last = self.at_cursor is None
        made.append(paint.go_on("Go on to the question and the file", self.glyphs, active=last))
        self._count = len(made)
        self.show_line(len(made) - 1 if last else max(0, at))
        return made


class EditDialog(ModalScreen[str | None], inherit_bindings=False):
    """One value as it is typed; returns it, None for Esc."""

    types_text = True

    def __init__(self, shown: ValueView) -> None:
        super().__init__()
        self._field = _Field(shown)

    def compose(self) -> ComposeResult:
        yield self._field

    def on_key(self, event: events.Key) -> None:
        event.stop()
        field = self._field
        if event.key == "escape":
            self.dismiss(None)
        elif event.key == "enter":
            self.dismiss(field.typed.text.strip())
        else:
            field.typed = field.typed.key(event.key, event.character) or field.typed
            field.repaint()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._field.typed = self._field.typed.pasted(event.text)
        self._field.repaint()


class _Field(Pane):
    def __init__(self, shown: ValueView) -> None:
        super().__init__()
        self._shown = shown
        self.typed = typed(shown.value)

    def titles(self) -> tuple[Line, Line]:
        return line(Span(self._shown.key, Tone.STRONG)), BLANK

    def lines(self, width: int) -> list[Line]:
        return paint.editing(self._shown, self.typed, width, self.glyphs)


def whose_dialog(state: SetupState) -> Dialog:
    """Whose accounts survive; returns the host's number as text."""
    answers = []
    for key, number in enumerate(state.survivors, 1):
        host = state.hosts[number]
        answers.append(DialogAnswer(str(key), str(number), f"{host.entered} ({host.brief})"))
    if state.joined:
        parts = "They are one cluster already, and nothing is changed now. The one chosen is first:"
        texts: list[Text | None] = [
            Text(f"{parts} it stays where the two part, by a rollback or by a repair. The other is "
                 "second.")
        ]  # fmt: skip
        return Dialog("Which one stays when the two part?", texts, answers)
    texts = [
        Text("The one chosen is first: it goes on as it is. The other is second: it joins first, "
             "and has first's accounts from then on."),
        None,
        Text("Before that, second's own database is set aside, and you are shown which accounts "
             "only second has.", Tone.QUIET),
    ]  # fmt: skip
    if any(host.accounts is None for host in state.hosts):
        texts += [None, Text("Where ejabberd does not run, accounts cannot be counted.")]
    return Dialog("Whose accounts survive?", texts, answers)


def file_dialog(state: SetupState, text: str, *, replaces: bool) -> Dialog:
    """Whether to write the file, with all of its text; returns "yes" for a yes.

    Enter is a yes where it replaces nothing.
    """
    texts: list[Text | None] = [
        Text(row, Tone.CODE, command=True) if row else None for row in text.splitlines()
    ]
    if replaces:
        texts.insert(0, Text("The file that is there is kept whole, under another name.",
                            Tone.QUIET))  # fmt: skip
    answers = [DialogAnswer("y", "yes", "Yes, write it"), DialogAnswer("n", "no", "No")]
    if replaces:
        answers.reverse()
    return Dialog(f"Write {state.path}?", texts, answers)
