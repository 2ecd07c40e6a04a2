"""The settings of both nodes as the screens show them, and the news of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ejtui.ui.state.view_state import ViewState

Key = tuple[str, str]
"""An option and its virtual host, "" for the whole node."""


@dataclass(frozen=True)
class SettingView:
    """One option on both nodes, and what follows from a difference.

    `code` is the finding that it belongs to, "" where both have the same. `stops` a join; `kept`
    is what the operator has decided; `why_not` is why first's value cannot be taken,
    `takes` what is taken with it where that has another name, `why_no_edit` why no value can be
    written for it, `why_no_keep` why second cannot keep what it has.
    """

    option: str
    host: str
    first: str
    second: str
    meaning: str
    code: str = ""
    stops: bool = False
    kept: bool = False
    why_not: str = ""
    takes: str = ""
    why_no_edit: str = ""
    why_no_keep: str = ""

    @property
    def key(self) -> Key:
        """What distinguishes it from other settings."""
        return self.option, self.host

    @property
    def differs(self) -> bool:
        """Whether the nodes have different values."""
        return bool(self.code)


@dataclass(frozen=True)
class SettingsView:
    """What was compared, what stops a join first; `marked` are the options to be taken.

    `comparing` is set while both nodes are asked, `trouble` is why they could not be.
    """

    rows: tuple[SettingView, ...] = ()
    marked: frozenset[str] = frozenset()
    everything: bool = False
    comparing: bool = False
    trouble: str = ""
    chosen: Key | None = None

    @property
    def shown(self) -> tuple[SettingView, ...]:
        """What is listed: what differs, or everything."""
        return tuple(row for row in self.rows if row.differs or self.everything)

    @property
    def at_cursor(self) -> SettingView | None:
        """The one looked at, or else the first."""
        named = [row for row in self.shown if row.key == self.chosen]
        return (*named, *self.shown)[0] if self.shown else None

    @property
    def wanted(self) -> tuple[str, ...]:
        """The options that are written: those marked, or else the one looked at."""
        if self.marked:
            marked = (row for row in self.rows if row.option in self.marked)
            return tuple(dict.fromkeys(row.takes or row.option for row in marked))
        found = self.at_cursor
        return (
            (found.takes or found.option,) if found and found.differs and not found.why_not else ()
        )


def _with(state: ViewState, **changes: object) -> ViewState:
    return replace(state, settings=replace(state.settings or SettingsView(), **changes))  # type: ignore[arg-type]


@dataclass(frozen=True)
class SettingsAsked:
    """Both nodes are asked what they have loaded."""

    def applied(self, state: ViewState) -> ViewState:
        return _with(state, comparing=True)


@dataclass(frozen=True)
class SettingsCompared:
    """What they have loaded, or why they could not be asked."""

    rows: tuple[SettingView, ...] = ()
    trouble: str = ""

    def applied(self, state: ViewState) -> ViewState:
        before = state.settings or SettingsView()
        rows = before.rows if self.trouble else self.rows
        able = {row.option for row in rows if row.differs and not row.why_not}
        return _with(
            state, rows=rows, marked=before.marked & able, comparing=False, trouble=self.trouble
        )


@dataclass(frozen=True)
class LookedAtSetting:
    """The operator looks at that setting."""

    key: Key

    def applied(self, state: ViewState) -> ViewState:
        return _with(state, chosen=self.key)


@dataclass(frozen=True)
class SettingMarked:
    """First's value of that option is to be taken, or no more."""

    option: str

    def applied(self, state: ViewState) -> ViewState:
        return _with(state, marked=(state.settings or SettingsView()).marked ^ {self.option})


@dataclass(frozen=True)
class EverySettingMarked:
    """First's value of every option that differs is to be taken, or of none."""

    def applied(self, state: ViewState) -> ViewState:
        shown = state.settings or SettingsView()
        able = {row.option for row in shown.rows if row.differs and not row.why_not}
        return _with(state, marked=frozenset() if shown.marked >= able else frozenset(able))


@dataclass(frozen=True)
class SettingKept:
    """Second keeps its own value of that setting."""

    key: Key

    def applied(self, state: ViewState) -> ViewState:
        shown = state.settings or SettingsView()
        rows = tuple(replace(r, kept=True) if r.key == self.key else r for r in shown.rows)
        return _with(state, rows=rows, marked=shown.marked - {self.key[0]})


@dataclass(frozen=True)
class EverySettingShown:
    """Everything that is compared is listed, or only what differs."""

    def applied(self, state: ViewState) -> ViewState:
        return _with(state, everything=not (state.settings or SettingsView()).everything)
