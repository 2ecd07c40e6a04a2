"""The backups screen: every backup on both hosts, one of them whole, and what it can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from ejtui.ui.render import backups
from ejtui.ui.screens.listing import DetailPane, ListPane, ListScreen
from ejtui.ui.state.actions import BACKUP_ACTIONS
from ejtui.ui.state.backups import LookedAtBackup
from ejtui.ui.state.models import BackupsView, BackupView
from ejtui.ui.text.lines import BLANK, Line

if TYPE_CHECKING:
    from ejtui.ui.state.view_state import ViewState

_MOST_ROWS = 8


class BackupsScreen(ListScreen, inherit_bindings=False):
    """Arrows choose a backup; Enter rolls back to it, o brings over what it alone has, t brings
    records of first's back, x removes it, p removes what was used, r lists again."""

    AUTO_FOCUS = "#backups"
    KEYS: ClassVar = {
        "enter": "roll_back_to", "u": "roll_back_to", "p": "prune", "o": "bring_over",
        "t": "restore_table", "x": "remove_backup", "r": "list_backups",
    }  # fmt: skip
    AGAIN = "list_backups"
    LEAVES: ClassVar = frozenset({"b", "f6"})

    def __init__(self, state: ViewState) -> None:
        detail = _Detail(state, id="finding")
        super().__init__(state, _List(state, id="backups"), detail, BACKUP_ACTIONS)

    def list_height(self, state: ViewState) -> int:
        return min(_MOST_ROWS, len((state.backups or BackupsView()).rows)) + 3


class _List(ListPane):
    """The backups, below the columns' names."""

    HEAD = 1

    def titles(self) -> tuple[Line, Line]:
        return backups.title(self.state, self.glyphs)

    def lines(self, width: int) -> list[Line]:
        return backups.rows(self.state, width, self.glyphs)

    def entries(self, state: ViewState) -> tuple[BackupView, ...]:
        return (state.backups or BackupsView()).rows

    def cursor(self, state: ViewState) -> int | None:
        shown = state.backups or BackupsView()
        return shown.rows.index(shown.at_cursor) if shown.at_cursor else None

    def looked_at(self, entry: object) -> LookedAtBackup:
        return LookedAtBackup(cast("BackupView", entry).name)


class _Detail(DetailPane):
    def titles(self) -> tuple[Line, Line]:
        return backups.detail_title(self.state), BLANK

    def lines(self, width: int) -> list[Line]:
        return backups.detail(self.state, width, self.glyphs)

    def subject(self, state: ViewState) -> object:
        found = state.backups.at_cursor if state.backups else None
        return found.name if found else None
