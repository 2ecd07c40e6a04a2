"""The findings screen: what is wrong, the worst first; one of them whole, with its repair."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from ejtui.ui.render import findings
from ejtui.ui.screens.listing import DetailPane, ListPane, ListScreen
from ejtui.ui.state.actions import FINDING_ACTIONS
from ejtui.ui.state.diagnosis_updates import LookedAtFinding
from ejtui.ui.text.lines import BLANK, Line

if TYPE_CHECKING:
    from ejtui.ui.state.models import FindingView
    from ejtui.ui.state.view_state import ViewState

_MOST_ROWS = 6


class FindingsScreen(ListScreen, inherit_bindings=False):
    """Arrows choose a finding, the page keys read on, Enter repairs it, r checks again."""

    AUTO_FOCUS = "#findings"
    KEYS: ClassVar = {"enter": "repair", "m": "repair", "r": "check", "c": "copy"}
    LEAVES: ClassVar = frozenset({"f"})

    def __init__(self, state: ViewState) -> None:
        detail = _Detail(state, id="finding")
        super().__init__(state, _List(state, id="findings"), detail, FINDING_ACTIONS)

    def list_height(self, state: ViewState) -> int:
        if state.findings:
            return min(_MOST_ROWS, len(state.findings)) + 2
        # In place of the list: where a join stands and what goes on takes some lines.
        size = self.app.size
        rows = findings.finding_rows(state, max(1, size.width - 4), self._list.glyphs)
        return min(len(rows), size.height // 2 - 2) + 2


class _List(ListPane):
    def titles(self) -> tuple[Line, Line]:
        return findings.findings_title(self.state, self.glyphs)

    def lines(self, width: int) -> list[Line]:
        return findings.finding_rows(self.state, width, self.glyphs)

    def entries(self, state: ViewState) -> tuple[FindingView, ...]:
        return state.findings

    def cursor(self, state: ViewState) -> int | None:
        shown = state.shown_finding
        return state.findings.index(shown) if shown else None

    def looked_at(self, entry: object) -> LookedAtFinding:
        return LookedAtFinding(cast("FindingView", entry).key)


class _Detail(DetailPane):
    def titles(self) -> tuple[Line, Line]:
        return findings.detail_title(self.state), BLANK

    def lines(self, width: int) -> list[Line]:
        return findings.detail(self.state, width, self.glyphs)

    def subject(self, state: ViewState) -> object:
        found = state.shown_finding
        return found.key if found else None
