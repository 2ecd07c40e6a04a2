"""The history screen: every run, one of them whole, and the recordings of its erl shells."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from ejtui.ui.render import history
from ejtui.ui.screens.listing import DetailPane, ListPane, ListScreen
from ejtui.ui.state.actions import HISTORY_ACTIONS
from ejtui.ui.state.history import HistoryView, LookedAtRun, RunView
from ejtui.ui.text.lines import BLANK, Line

if TYPE_CHECKING:
    from ejtui.ui.state.view_state import ViewState

_MOST_ROWS = 8


class HistoryScreen(ListScreen, inherit_bindings=False):
    """Arrows choose a run, Enter plays its recording, e writes a report, r reads again."""

    AUTO_FOCUS = "#history"
    KEYS: ClassVar = {"enter": "play_recording", "e": "export_history", "r": "read_history"}
    AGAIN = "read_history"
    LEAVES: ClassVar = frozenset({"h"})

    def __init__(self, state: ViewState) -> None:
        detail = _Detail(state, id="finding")
        super().__init__(state, _List(state, id="history"), detail, HISTORY_ACTIONS)

    def list_height(self, state: ViewState) -> int:
        return min(_MOST_ROWS, len((state.history or HistoryView()).rows)) + 3


class _List(ListPane):
    """The runs, below the columns' names."""

    HEAD = 1

    def titles(self) -> tuple[Line, Line]:
        return history.title(self.state, self.glyphs)

    def lines(self, width: int) -> list[Line]:
        return history.rows(self.state, width, self.glyphs)

    def entries(self, state: ViewState) -> tuple[RunView, ...]:
        return (state.history or HistoryView()).rows

    def cursor(self, state: ViewState) -> int | None:
        shown = state.history or HistoryView()
        return shown.rows.index(shown.at_cursor) if shown.at_cursor else None

    def looked_at(self, entry: object) -> LookedAtRun:
        return LookedAtRun(cast("RunView", entry).id)


class _Detail(DetailPane):
    def titles(self) -> tuple[Line, Line]:
        return history.detail_title(self.state), BLANK

    def lines(self, width: int) -> list[Line]:
        return history.detail(self.state, width, self.glyphs)

    def subject(self, state: ViewState) -> object:
        found = state.history.at_cursor if state.history else None
        return found.id if found else None
