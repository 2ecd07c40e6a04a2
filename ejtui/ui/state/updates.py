"""The session's updates of the screens: each one knows how it changes the state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from ejtui.ui.state.models import (
    FindingView,
    HolderView,
    LogLine,
    StepView,
    TableView,
    Work,
)
from ejtui.ui.state.view_state import Health, NodeView, Typist, ViewState

if TYPE_CHECKING:
    from ejtui.cluster.condition.condition import Condition

_LOG_LINES = 2000


class Update(Protocol):
    """One thing that happened."""

    def applied(self, state: ViewState) -> ViewState:
        """The state after it."""


@dataclass(frozen=True)
class Seen:
    """Both nodes were asked: what they are, the checklist that follows, and the pair's state.

    `outdated`: they report something else than at the last check.
    """

    first: NodeView
    second: NodeView
    steps: tuple[StepView, ...]
    tables: tuple[TableView, ...]
    holder: HolderView | None = None
    condition: Condition | None = None
    outdated: bool = False

    def applied(self, state: ViewState) -> ViewState:
        repaired = state.repaired if self.holder is None else None
        apart = self.condition is not None and self.condition.joined is False
        over = bool(self.condition and self.condition.joined) if state.undone else apart
        came = state.connected and _health(state.first, state.second) != _health(
            self.first, self.second
        )
        return replace(
            state,
            connected=True,
            repaired=repaired,
            closing=() if over and state.work is None else state.closing,
            undone=state.undone and not (over and state.work is None),
            condition=self.condition,
            first=self.first,
            second=self.second,
            steps=self.steps,
            tables=self.tables,
            holder=self.holder,
            outdated=self.outdated,
            list_changes=state.list_changes + came,
        )


def _health(*nodes: NodeView) -> tuple[Health, ...]:
    return tuple(node.health for node in nodes)


@dataclass(frozen=True)
class ChangedElsewhere:
    """Another ejtui has changed the pair: how a repair ended here is about what was before."""

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, repaired=None, list_changes=state.list_changes + 1)


@dataclass(frozen=True)
class NodeSeen:
    """One node has answered while the other has not been reached yet."""

    node: NodeView

    def applied(self, state: ViewState) -> ViewState:
        if self.node.name == state.first.name:
            return replace(state, first=self.node)
        return replace(state, second=self.node)


@dataclass(frozen=True)
class WorkBegan:
    """ejtui starts to change the pair: to repair that finding, or else to go on with the join."""

    title: str
    repairs: FindingView | None = None

    def applied(self, state: ViewState) -> ViewState:
        # A repair starts with the app's own question.
        work = Work(self.title, repairs=self.repairs, asked=1 if self.repairs else 0)
        closing = () if state.undone else state.closing
        return replace(
            state, work=work, looked_at=None, repaired=None, notice="", closing=closing,
            undone=False,
        )  # fmt: skip


@dataclass(frozen=True)
class WorkEnded:
    """ejtui has stopped changing the pair; `text` is one line: how it ended."""

    text: str = ""
    is_trouble: bool = False

    def applied(self, state: ViewState) -> ViewState:
        repaired = state.repaired and replace(state.repaired, text=self.text)
        return replace(
            state, work=None, notice=self.text, notice_is_trouble=self.is_trouble, holder=None,
            repaired=repaired,
        )  # fmt: skip


@dataclass(frozen=True)
class JoinClosed:
    """A join has ended, and this is what it did, a line each."""

    lines: tuple[str, ...]

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, closing=self.lines, undone=False)


@dataclass(frozen=True)
class RolledBack:
    """A rollback has ended, and this is what it did, a line each."""

    lines: tuple[str, ...]

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, closing=self.lines, undone=True)


@dataclass(frozen=True)
class LeftHalfDone:
    """The app was left while something ran: how second is left, and what goes on from there."""

    text: str

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, left=self.text)


@dataclass(frozen=True)
class WorkStopping:
    """The operator has cancelled; the running work goes on to a safe place and stops there."""

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, work=state.work and replace(state.work, stopping=True))


@dataclass(frozen=True)
class ShellIs:
    """Who may type into the live shell, and on which node it runs."""

    typist: Typist
    on: str = ""

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, typist=self.typist, shell_on=self.on)


@dataclass(frozen=True)
class Logged:
    """Lines for the log of what was run."""

    lines: tuple[LogLine, ...]

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, log=(*state.log, *self.lines)[-_LOG_LINES:])


@dataclass(frozen=True)
class Ticked:
    """Another second of the running work has passed."""

    def applied(self, state: ViewState) -> ViewState:
        if state.work is None:
            return state
        return replace(state, work=replace(state.work, seconds=state.work.seconds + 1))


@dataclass(frozen=True)
class Noticed:
    """One line for the operator, shown in place of the keys until the next key."""

    text: str
    is_trouble: bool = False

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, notice=self.text, notice_is_trouble=self.is_trouble)


@dataclass(frozen=True)
class LookedAt:
    """The operator looks at a step; None goes back to the current one."""

    id: str | None

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, looked_at=self.id)
