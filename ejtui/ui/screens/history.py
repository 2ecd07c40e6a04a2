"""The history screen: every run, one of them whole, and the recordings of its erl shells."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from ejtui.ui.render import history
from ejtui.ui.render.key_bar import offered_line
from ejtui.ui.state.actions import HISTORY_ACTIONS
from ejtui.ui.state.history import HistoryView, LookedAtRun
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.lines import BLANK, Line
from ejtui.ui.widgets.main import StatePane, TopLine
from ejtui.ui.widgets.pane import Scrolled

if TYPE_CHECKING:
    from ejtui.ui.session.protocols import Desk

_MOST_ROWS = 8


class HistoryScreen(Screen[None], inherit_bindings=False):
    """Arrows choose a run, Enter plays its recording, e writes a report, r reads again."""

    AUTO_FOCUS = "#history"

    def __init__(self, state: ViewState) -> None:
        super().__init__()
        self._list = _List(state, id="history")
        self._detail = _Detail(state, id="finding")
        self._panes = (
            TopLine(state, id="top", framed=False),
            self._list,
            self._detail,
            _Keys(state, id="keys", framed=False),
        )

    def compose(self) -> ComposeResult:
        yield from self._panes

    def on_mount(self) -> None:
        self._arrange(self._list.state)

    def show(self, state: ViewState) -> None:
        """Paint what the new state changes."""
        self._arrange(state)
        for pane in self._panes:
            pane.show(state)

    def _arrange(self, state: ViewState) -> None:
        count = len((state.history or HistoryView()).rows)
        self._list.styles.height = min(_MOST_ROWS, count) + 3

    def on_key(self, event: events.Key) -> None:
        app = cast("Desk", self.app)
        keys = {"enter": "play_recording", "e": "export_history", "r": "read_history"}
        doing = keys.get(event.key)
        if doing:
            app.act(doing)
        elif event.key in ("escape", "q", "h"):
            self.dismiss(None)
        elif event.key in ("up", "down"):
            self._list.choose(1 if event.key == "down" else -1)
        elif event.key in ("pageup", "pagedown"):
            self._detail.turn(1 if event.key == "pagedown" else -1)
        else:
            return
        # Else the screen below, which is the active one by then, would take the key too.
        event.stop()


class _List(StatePane, can_focus=True):
    """The runs, a line each."""

    def titles(self) -> tuple[Line, Line]:
        return history.title(self.state, self.glyphs)

    def lines(self, width: int) -> list[Line]:
        return history.rows(self.state, width, self.glyphs)

    def show(self, state: ViewState) -> None:
        shown = state.history or HistoryView()
        self._count = len(shown.rows) + 1
        # The columns' names are line 0, and come back with the first run.
        index = shown.rows.index(shown.at_cursor) if shown.at_cursor else 0
        self.show_line(index + 1 if index else 0)
        super().show(state)

    def choose(self, by: int) -> None:
        """Look at the next run, or at the one before."""
        # What is painted may be older: keys come faster.
        shown = cast("Desk", self.app).state.history or HistoryView()
        if shown.at_cursor is not None:
            self._look_at(shown.rows.index(shown.at_cursor) + by)

    def on_click(self, event: events.Click) -> None:
        self._look_at(event.y - 2 + self.top)

    def _look_at(self, index: int) -> None:
        rows = (self.state.history or HistoryView()).rows
        if 0 <= index < len(rows):
            cast("Desk", self.app).apply(LookedAtRun(rows[index].id))


class _Detail(Scrolled, StatePane):
    """The run looked at; from its beginning when it is another one."""

    _shown = ""

    def titles(self) -> tuple[Line, Line]:
        return history.detail_title(self.state), BLANK

    def lines(self, width: int) -> list[Line]:
        return history.detail(self.state, width, self.glyphs)

    def show(self, state: ViewState) -> None:
        found = state.history.at_cursor if state.history else None
        name = found.id if found else ""
        if name != self._shown:
            self._shown, self.top = name, 0
        super().show(state)

    def turn(self, by: int) -> None:
        """A page on, or back."""
        self.scroll_lines(by * max(1, self.inner.height - 1))


class _Keys(StatePane):
    def lines(self, width: int) -> list[Line]:
        return [offered_line(self.state, HISTORY_ACTIONS, width, self.glyphs)]
