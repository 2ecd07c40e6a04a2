"""The history as the screens show it, and the news of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ejtui.ui.state.models import LogLine
    from ejtui.ui.state.view_state import ViewState


@dataclass(frozen=True)
class RunView:
    """One run: `began` for people, `outcome` in words with how long it took, `ending` its id.

    `why` is how it ended in full, with the reason; `recordings` are paths.
    `on_former_hosts`: on others that had the same addresses.
    `took` is how long it worked, `waiting` how long its questions stood open.
    """

    id: str
    began: str
    title: str
    outcome: str
    ending: str
    took: str = ""
    by: str = ""
    why: str = ""
    recordings: tuple[str, ...] = ()
    lines: tuple[LogLine, ...] = ()
    waiting: str = ""
    on_former_hosts: bool = False


@dataclass(frozen=True)
class HistoryView:
    """Every run, the newest first; `notes` is what could not be read, `zone` the times' zone."""

    rows: tuple[RunView, ...] = ()
    notes: tuple[str, ...] = ()
    zone: str = ""
    reading: bool = False
    chosen: str = ""

    @property
    def at_cursor(self) -> RunView | None:
        """The one looked at, or else the newest."""
        named = [row for row in self.rows if row.id == self.chosen]
        return (*named, *self.rows)[0] if self.rows else None


@dataclass(frozen=True)
class HistoryAsked:
    """The journal is being read."""

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, history=replace(state.history or HistoryView(), reading=True))


@dataclass(frozen=True)
class HistoryRead:
    """What there is."""

    rows: tuple[RunView, ...]
    notes: tuple[str, ...] = ()
    zone: str = ""

    def applied(self, state: ViewState) -> ViewState:
        chosen = (state.history or HistoryView()).chosen
        return replace(state, history=HistoryView(self.rows, self.notes, self.zone, False, chosen))


@dataclass(frozen=True)
class LookedAtRun:
    """The operator looks at that run."""

    id: str

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, history=replace(state.history or HistoryView(), chosen=self.id))
