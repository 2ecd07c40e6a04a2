"""The dialog in which one option's value is written: lines of YAML, or a secret, not shown."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.widgets import Input, TextArea

from ejtui.ui.screens.dialog import Text
from ejtui.ui.screens.gated import GatedScreen
from ejtui.ui.state.models import TextQuestionView
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, line
from ejtui.ui.widgets.pane import Pane

_MOST_LINES = 7
"""So many lines of first's value are shown."""


class EditDialog(GatedScreen, inherit_bindings=False):
    """Returns the text once Ctrl+S is pressed, None for Esc; Enter begins another line.

    Of a hidden line Enter is the end, too.
    """

    types_text = True
    AUTO_FOCUS = "TextArea, Input"

    def __init__(self, asked: TextQuestionView) -> None:
        super().__init__()
        self._head = _Head(asked)
        self._field: Input | TextArea
        if asked.hidden:
            self._field = Input(password=True)
        else:
            self._field = TextArea(asked.text, soft_wrap=False, tab_behavior="focus")
            self._field.move_cursor(self._field.document.end)

    def compose(self) -> ComposeResult:
        yield self._head
        yield self._field

    @property
    def _text(self) -> str:
        return self._field.value if isinstance(self._field, Input) else self._field.text

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(self._text)

    def show_gate(self) -> None:
        self._head.waits_for_pause = self.gate.waits_for_pause
        self._head.repaint()

    def on_key(self, event: events.Key) -> None:
        # Other keys go on to the field's own bindings.
        if event.key in ("escape", "ctrl+s"):
            event.stop()
            self.dismiss(None if event.key == "escape" else self._text)


class _Head(Pane):
    """What is asked for, what was wrong with it, and the keys."""

    def __init__(self, asked: TextQuestionView) -> None:
        super().__init__()
        self._asked = asked
        self.waits_for_pause = False

    def titles(self) -> tuple[Line, Line]:
        waits = "you are still typing: pause, then write" if self.waits_for_pause else ""
        return line(Span(self._asked.title, Tone.STRONG)), line(Span(waits, Tone.YOURS))

    def lines(self, width: int) -> list[Line]:
        asked = self._asked
        texts = [*map(Text, asked.explains[:1]), *_first(asked), *map(Text, asked.explains[1:])]
        if asked.trouble:
            texts.append(Text(asked.trouble, Tone.TROUBLE))
        keys = line(Span("Ctrl+S ", Tone.KEY), "show what changes   ", Span("Esc ", Tone.KEY), "no")
        return [row for each in texts for row in each.lines(width)] + [BLANK, keys]

    def get_content_height(self, _container: object, _viewport: object, width: int) -> int:
        return len(self.lines(max(1, width - 4))) + 2


def _first(asked: TextQuestionView) -> list[Text]:
    """What first has, line by line, as long as the field below keeps its room."""
    lines = asked.first.splitlines()
    shown = [Text(each, Tone.CODE, first="  ", command=True) for each in lines[:_MOST_LINES]]
    rest = len(lines) - _MOST_LINES
    more = f"and {rest} line{'' if rest == 1 else 's'} more in first's ejabberd.yml"
    return [*shown, Text(more, Tone.QUIET, first="  ")] if rest > 0 else shown
