"""Pages of text over the whole screen: help, and the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from ejtui.help import TOPICS
from ejtui.ui.render import text
from ejtui.ui.render.topic import topic_page
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.line_input import Typed
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, line
from ejtui.ui.text.search import found_in, marked
from ejtui.ui.widgets.main import StatePane
from ejtui.ui.widgets.pane import Scrolled

Painter = Callable[[ViewState, int, Glyphs], list[Line]]


class _Page(Scrolled, StatePane):
    def __init__(
        self, state: ViewState, title: str, painter: Painter, *, at_end: bool, hint: str
    ) -> None:
        super().__init__(state, id="page")
        self._title, self._painter, self._at_end, self._hint = title, painter, at_end, hint
        self.search = Search()

    def titles(self) -> tuple[Line, Line]:
        searches = self.search.shown(max(10, self.inner.width // 2))
        return line(Span(self._title, Tone.STRONG)), searches or line(Span(self._hint, Tone.QUIET))

    def turn(self, title: str, painter: Painter) -> None:
        """Show another page, from its first line."""
        self._title, self._painter, self.top = title, painter, 0
        if self.is_mounted:
            self.show(self.state)

    def lines(self, width: int) -> list[Line]:
        made = self._painter(self.state, width, self.glyphs)
        if self._at_end and not self.search:
            # Follows what is new, unless the operator has scrolled up.
            self._count, end = len(made), self._last_top()
            if self.top == end or not self._strips:
                self.top = max(0, len(made) - self.inner.height)
        return self.search.marks(made) or [BLANK]

    def on_key(self, event: events.Key) -> None:
        if self.search.typing:
            self._search(self.search.key(event))
        elif event.key == "slash":
            self._search(self.search.started())
        elif self.search and event.key in ("n", "N", "shift+n", "escape"):
            by = 1 if event.key == "n" else -1
            self._search(Search() if event.key == "escape" else self.search.moved(by))
        elif event.key in ("home", "end"):
            self.scroll_lines(-self._count if event.key == "home" else self._count)
        else:
            # The keys that scroll are the base's, which is asked next.
            return
        event.stop()
        event.prevent_default()

    def _search(self, search: Search) -> None:
        """Look for that, and bring what is found into sight."""
        self.search = search
        self.lines(self.inner.width)
        if search.at is not None:
            self._count = max(self._count, search.at + 1)
            self.show_line(search.at)
        self.repaint()


class Search:
    """What is looked for on a page: as it is typed, and the match that is in sight."""

    def __init__(self, typed: Typed | None = None, *, typing: bool = False, match: int = 0) -> None:
        self._typed, self.typing, self._match = typed or Typed(), typing, match
        self._found: list[int] = []

    def __bool__(self) -> bool:
        return self.typing or bool(self._typed.text)

    def started(self) -> Search:
        """A new search."""
        return Search(typing=True)

    def key(self, event: events.Key) -> Search:
        """The search after that key, while it is typed."""
        if event.key == "escape":
            return Search()
        if event.key == "enter":
            return Search(self._typed)
        return Search(self._typed.key(event.key, event.character) or self._typed, typing=True)

    def moved(self, by: int) -> Search:
        """The search at the next match, or at the one before."""
        return Search(self._typed, match=(self._match + by) % max(1, len(self._found)))

    def marks(self, page: list[Line]) -> list[Line]:
        """The page with what is found marked."""
        self._found = found_in(page, self._typed.text)
        return marked(page, self._typed.text) if self._found else page

    @property
    def at(self) -> int | None:
        """The line of the match that is in sight; None where there is none."""
        return self._found[self._match % len(self._found)] if self._found else None

    def shown(self, width: int) -> Line:
        """What is typed; or how much was found, and how to go on."""
        if self.typing:
            return line(Span("/", Tone.KEY), *self._typed.shown(max(1, width - 1)))
        if not self._typed.text:
            return BLANK
        if not self._found:
            return line(Span(f"no {self._typed.text} here  ", Tone.TROUBLE), "Esc ends the search")
        number = self._match % len(self._found) + 1
        return line(f"{number} of {len(self._found)}  ", Span("n N", Tone.KEY), " next, before  ",
                    Span("Esc", Tone.KEY))  # fmt: skip


class TextScreen(Screen[None], inherit_bindings=False):
    """One page; the arrows and the page keys scroll, / searches, Esc closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close"),
    ]
    _HINT = "/ searches  Esc closes"

    def __init__(
        self, state: ViewState, title: str, painter: Painter, *, at_end: bool = False
    ) -> None:
        super().__init__()
        self._page = _Page(state, title, painter, at_end=at_end, hint=self._HINT)

    def compose(self) -> ComposeResult:
        yield self._page

    @property
    def types_text(self) -> bool:
        """Whether what is looked for is being typed."""
        return self._page.search.typing

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
    _HINT = "Left Right: other pages  / searches  Esc closes"

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
