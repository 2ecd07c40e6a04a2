"""The set-up's first screen: two hosts, each tried as soon as it is entered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from ejtui.ui.render import key_bar
from ejtui.ui.render import setup as paint
from ejtui.ui.setup.state import SetupState
from ejtui.ui.text.line_input import Typed, typed
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, line
from ejtui.ui.widgets.pane import Pane, fit_height, last_room, lay_over

if TYPE_CHECKING:
    from ejtui.ui.session.protocols import SetupDesk

_GO_ON = 2
"""Where Enter goes on: after the two fields."""

_MORE = (("F1", "help"), ("Ctrl+C", "leave"))
_KEYS_FIRST = (("enter", "try it"), ("Up Down", "choose"), ("Tab", "next"), ("F1", "help"),
               ("Esc", "leave"))  # fmt: skip
_KEYS = (("enter", "try it"), ("Up Down", "choose"), ("Tab", "next"), ("Esc", "back"), *_MORE)
_KEYS_ON = (("enter", "look at the values"), ("Tab", "next"), ("Esc", "back"), *_MORE)


class SetupPane(Pane):
    """A pane painted from the set-up's state."""

    def __init__(self, state: SetupState, *, id: str, framed: bool = True) -> None:
        super().__init__(id=id, framed=framed)
        self.state = state

    def show(self, state: SetupState) -> None:
        """Paint what changed."""
        self.state = state
        self.repaint()


class SetupScreen(Screen[None], inherit_bindings=False):
    """Type a host or choose one with the arrows; Enter takes it, Tab goes to the next."""

    def __init__(self, state: SetupState) -> None:
        super().__init__()
        self.typed = [typed(host.entered) if host.entered else Typed() for host in state.hosts]
        self.at = _GO_ON if all(host.entered for host in state.hosts) else 0
        self.chosen: int | None = None
        self._said = Message(state, id="said", framed=False)
        self._state = state
        self._trials = Widget(id="trials")
        self._hosts = tuple(_Host(self, state, number) for number in (0, 1))
        self._panes: tuple[SetupPane, ...] = (
            TopLine(state, id="top", framed=False),
            _Fields(self, state),
            *self._hosts,
            self._said,
            KeysPane(state, lambda: (_KEYS_FIRST, _KEYS, _KEYS_ON)[self.at]),
        )

    def compose(self) -> ComposeResult:
        yield from self._panes[:2]
        with self._trials:
            yield from self._hosts
        yield from self._panes[-2:]
        yield last_room()

    def show_setup(self, state: SetupState) -> None:
        """Paint what the new state changes."""
        self._state = state
        for pane in self._panes:
            pane.show(state)

    @property
    def types_text(self) -> bool:
        """Whether a host is being typed."""
        return self.at < _GO_ON

    @property
    def _app(self) -> SetupDesk:
        return cast("SetupDesk", self.app)

    def on_screen_resume(self) -> None:
        self._app.setup.hold(self.at < _GO_ON)
        self._panes[-1].repaint()

    def on_screen_suspend(self) -> None:
        self._panes[-1].repaint()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        self._said.error = ""
        match event.key:
            case "enter":
                self._enter()
            case "escape":
                self._back()
            case "tab" | "shift+tab":
                self._go_to((self.at + (1 if event.key == "tab" else -1)) % (_GO_ON + 1))
            case "up" | "down":
                self._choose(1 if event.key == "down" else -1)
            case _:
                self._type(event)
        self.show_setup(self._state)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        if self.at < _GO_ON:
            self.typed[self.at] = self.typed[self.at].pasted(event.text)
            self.chosen = None
            self.show_setup(self._state)

    def _type(self, event: events.Key) -> None:
        if self.at < _GO_ON:
            made = self.typed[self.at].key(event.key, event.character)
            if made is not None:
                self.typed[self.at], self.chosen = made, None

    def _choose(self, by: int) -> None:
        if not self.offering(self.at):
            self._go_to(max(0, min(self.at + by, _GO_ON)))
            return
        last = len(self._state.matching(self.typed[self.at].text)) - 1
        if last >= 0:
            before = -1 if self.chosen is None else self.chosen
            self.chosen = max(0, min(before + by, last))

    def _enter(self) -> None:
        if self.at == _GO_ON:
            self.go_on()
            return
        if self.chosen is not None:
            offer = self._state.matching(self.typed[self.at].text)[self.chosen]
            self.typed[self.at] = typed(offer.host)
        text = self.typed[self.at].text.strip()
        self._said.error = (
            self._app.setup.enter(self.at, text) if text else "type a host's name first"
        )
        if not self._said.error:
            self._state = self._app.setup.state
            other = 1 - self.at
            self._go_to(_GO_ON if self._state.hosts[other].entered else other)

    def go_on(self) -> None:
        """Go on to the values, or show why not yet."""
        self._said.error = self._state.why_not_values
        if not self._said.error:
            self._app.show_values()
        self.show_setup(self._state)

    def _back(self) -> None:
        if self.at:
            self._go_to(self.at - 1)
        else:
            self._app.leave()

    def _go_to(self, at: int) -> None:
        self.at, self.chosen = at, None
        self._app.setup.hold(at < _GO_ON)

    def offering(self, number: int) -> bool:
        """Whether hosts are offered there: what is typed is not what was entered."""
        entered = number < _GO_ON and self._state.hosts[number].entered
        return number == self.at < _GO_ON and self.typed[number].text.strip() != (entered or "-")


class TopLine(SetupPane):
    """What this is."""

    def lines(self, width: int) -> list[Line]:
        return [paint.top_line(self.state, width, self.glyphs)]


class _Fields(SetupPane):
    def __init__(self, screen: SetupScreen, state: SetupState) -> None:
        super().__init__(state, id="fields")
        self._of = screen

    def titles(self) -> tuple[Line, Line]:
        hint = line(Span("[user@]host[:port], or local", Tone.QUIET))
        return line(Span("Which two hosts?", Tone.STRONG)), hint

    def lines(self, width: int) -> list[Line]:
        of = self._of
        return [
            *(paint.field(number, of.typed[number], width, self.glyphs, active=of.at == number)
              for number in (0, 1)),
            paint.go_on("Go on to the values", self.glyphs, active=of.at == _GO_ON),
        ]  # fmt: skip


class _Host(SetupPane):
    def __init__(self, screen: SetupScreen, state: SetupState, number: int) -> None:
        super().__init__(state, id=f"host-{number}")
        self._of, self._number = screen, number

    def titles(self) -> tuple[Line, Line]:
        host = self.state.hosts[self._number]
        if self._of.offering(self._number):
            return line("to choose from"), BLANK
        well = line(Span(host.brief, Tone.GOOD)) if host.well else BLANK
        return line(Span(host.entered or paint.ASKED[self._number].lower())), well

    def lines(self, width: int) -> list[Line]:
        of = self._of
        if of.offering(self._number):
            found = self.state.matching(of.typed[self._number].text)
            self._count = len(found)
            self.show_line(of.chosen or 0)
            return paint.offers(found, of.chosen, width, self.glyphs)
        if not any(host.entered for host in self.state.hosts):
            self._count = 0
            return paint.introduction(width)
        made = paint.trial(self.state.hosts[self._number], width, self.glyphs)
        self._count = len(made)
        self.show_line(len(made) - 1)
        return made


class Message(SetupPane):
    """What is wrong: as high as it needs to be."""

    error = ""

    def lines(self, width: int) -> list[Line]:
        return paint.messages(self.state, self.error, width, self.glyphs)

    def show(self, state: SetupState) -> None:
        self.state = state
        if self.size.height == len(self.lines(self.size.width)):
            self.repaint()
        else:
            self.refresh(layout=True)


class KeysPane(SetupPane):
    """The last line: the keys that do something now, or a message for the operator."""

    def __init__(self, state: SetupState, keys: Callable[[], paint.Keys]) -> None:
        super().__init__(state, id="keys", framed=False)
        self._keys = keys
        lay_over(self)

    def show(self, state: SetupState) -> None:
        super().show(state)
        fit_height(self)

    def lines(self, width: int) -> list[Line]:
        state = cast("SetupDesk", self.app).state
        if self.app.screen is not self.screen:
            return [key_bar.covered_line()]
        if state.notice:
            return key_bar.notice_lines(state, width, self.glyphs)
        return [paint.keys_line(self._keys(), width, self.glyphs)]
