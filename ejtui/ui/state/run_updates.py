"""What a run's events make of the state."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ejtui.cluster.run.events import (
    Event,
    HostAwaited,
    HostBack,
    StepEnded,
    StepProgress,
    StepReport,
    StepStarted,
)
from ejtui.cluster.run.operation import repair_of
from ejtui.ui.state.models import RepairResult, Work
from ejtui.ui.state.view_state import ViewState


@dataclass(frozen=True)
class Happened:
    """One event of the running work; facts, questions and shells are handled elsewhere."""

    event: Event

    def applied(self, state: ViewState) -> ViewState:
        match self.event:
            case StepStarted():
                return _started(state, self.event)
            case StepReport(operation, line):
                return state.with_evidence(operation.id, (*state.evidence_of(operation.id), line))
            case StepProgress():
                return _moved(state, self.event)
            case StepEnded():
                return _ended(state, self.event)
            case HostAwaited(names):
                return _waits(state, " and ".join(names))
            case HostBack():
                return _waits(state, "")
        return state


@dataclass(frozen=True)
class WaitsForAnswer:
    """The running work has put a question, or has its answer."""

    waits: bool

    def applied(self, state: ViewState) -> ViewState:
        work = state.work
        if work is None:
            return state
        asked = work.asked + (self.waits and not work.asks)
        return replace(state, work=replace(work, asks=self.waits, asked=asked))


def _started(state: ViewState, event: StepStarted) -> ViewState:
    was = state.work
    work = Work(
        event.operation.title, event.id, repairs=was.repairs if was else None,
        asked=was.asked if was else 0,
    )  # fmt: skip
    return replace(state, work=work, looked_at=None).with_evidence(event.id, ())


def _moved(state: ViewState, event: StepProgress) -> ViewState:
    if state.work is None or state.work.step != event.id:
        return state
    return replace(state, work=replace(state.work, progress=event))


def _waits(state: ViewState, hosts: str) -> ViewState:
    """The work goes on automatically when these hosts answer; "" when they do."""
    return replace(state, work=state.work and replace(state.work, waits_for=hosts))


def _ended(state: ViewState, event: StepEnded) -> ViewState:
    """A step has ended, and this is what the nodes report."""
    steps = tuple(
        replace(step, state=event.state, detail=event.detail) if step.id == event.id else step
        for step in state.steps
    )
    known = state.evidence_of(event.id)
    fresh = tuple(text for text in event.evidence if text not in known)
    state = replace(state, steps=steps).with_evidence(event.id, (*known, *fresh))
    work = state.work
    if work is None or work.repairs is None:
        return replace(state, work=work and replace(work, step="", progress=None))
    whole = repair_of(work.repairs.code)
    if event.operation.is_step:
        # A step that a repair runs leads back to the repair.
        back = replace(work, title=whole.title, step=whole.id, progress=None)
        return replace(state, work=back)
    seen = state.evidence_of(whole.id)
    repaired = RepairResult(work.repairs.code, event.state == "done", event.detail, seen)
    return replace(state, work=replace(work, progress=None), repaired=repaired)
