"""Pages of text over the whole screen: help, and the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from ejtui.help import TOPICS
from ejtui.ui.render import text
from ejtui.ui.render.topic import topic_page
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, line
from ejtui.ui.widgets.main import StatePane
from ejtui.ui.widgets.pane import Scrolled

Painter = Callable[[ViewState, int, Glyphs], list[Line]]


class _Page(Scrolled, StatePane):
    def __init__(self, state: ViewState, title: str, painter: Painter, *, at_end: bool) -> None:
        super().__init__(state, id="page")
        self._title, self._painter, self._at_end = title, painter, at_end
        self._hint = "Esc closes"

    def titles(self) -> tuple[Line, Line]:
        return line(Span(self._title, Tone.STRONG)), line(Span(self._hint, Tone.QUIET))

    def turn(self, title: str, painter: Painter) -> None:
        """Shows another page, from its first line."""
        self._title, self._painter, self.top = title, painter, 0
        self._hint = "Left Right: other pages  Esc closes"
        if self.is_mounted:
            self.show(self.state)

    def lines(self, width: int) -> list[Line]:
        made = self._painter(self.state, width, self.glyphs)
        if self._at_end:
            # Follows what is new, unless the operator has scrolled up.
            self._count, end = len(made), self._last_top()
            if self.top == end or not self._strips:
                self.top = max(0, len(made) - self.inner.height)
        return made or [BLANK]


class TextScreen(Screen[None], inherit_bindings=False):
    """One page; the arrows and the page keys scroll, Esc closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1", "close", "Close"),
    ]

    def __init__(
        self, state: ViewState, title: str, painter: Painter, *, at_end: bool = False
    ) -> None:
        super().__init__()
        self._page = _Page(state, title, painter, at_end=at_end)

    def compose(self) -> ComposeResult:
        yield self._page

    def show(self, state: ViewState) -> None:
        """Paint what the new state changes."""
        self._page.show(state)

    def action_close(self) -> None:
        """Back to the screen before."""
        self.dismiss(None)


class HelpScreen(TextScreen):
    """The keys, then the pages of `ejtui help`; left and right turn to another page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,tab,n", "turn(1)", "Next page"),
        Binding("left,shift+tab,p", "turn(-1)", "Page before"),
    ]

    _TOPICS = ("keys", *(topic for topic in TOPICS if topic != "keys"))

    def __init__(self, state: ViewState) -> None:
        super().__init__(state, "", text.help_page)
        self._topic = 0
        self._turned()

    def action_turn(self, by: int) -> None:
        """Another page, from its beginning."""
        self._topic = (self._topic + by) % len(self._TOPICS)
        self._turned()

    def _turned(self) -> None:
        topic = self._TOPICS[self._topic]
        painter = text.help_page if topic == "keys" else topic_page(topic)
        title = f"help: {topic} ({self._topic + 1} of {len(self._TOPICS)})"
        self._page.turn(title, painter)


def help_screen(state: ViewState) -> TextScreen:
    """Help: every key from the list of actions, and the pages of `ejtui help`."""
    return HelpScreen(state)


def log_screen(state: ViewState) -> TextScreen:
    """What was run."""
    return TextScreen(state, "what was run on this pair", text.log_page, at_end=True)
