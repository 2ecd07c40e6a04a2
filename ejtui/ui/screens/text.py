"""Pages of text over the whole screen: help, and the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from ejtui.ui.glyphs import Glyphs
from ejtui.ui.lines import BLANK, Line, Part, Tone, line
from ejtui.ui.paint import text
from ejtui.ui.state import ViewState
from ejtui.ui.widgets.main import StatePane
from ejtui.ui.widgets.pane import Scrolled

Painter = Callable[[ViewState, int, Glyphs], list[Line]]


class _Page(Scrolled, StatePane):
    def __init__(self, state: ViewState, title: str, painter: Painter, *, at_end: bool) -> None:
        super().__init__(state, id="page")
        self._title, self._painter, self._at_end = title, painter, at_end

    def titles(self) -> tuple[Line, Line]:
        return line(Part(self._title, Tone.STRONG)), line(Part("Esc closes", Tone.QUIET))

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


def help_screen(state: ViewState) -> TextScreen:
    """Help, from the list of actions."""
    return TextScreen(state, "help", text.help_page)


def log_screen(state: ViewState) -> TextScreen:
    """What was run."""
    return TextScreen(state, "what was run on this pair", text.log_page, at_end=True)
