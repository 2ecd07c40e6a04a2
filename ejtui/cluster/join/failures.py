"""The steps that failed when they were last tried, until they are tried or looked at again."""

from __future__ import annotations

from collections.abc import Mapping

from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.join.steps import StepState
from ejtui.cluster.run.events import Event, HostAwaited, HostBack, StepEnded, StepStarted


class FailedSteps:
    """The one place that remembers failures; all that the checklist shows else is of the nodes."""

    def __init__(self) -> None:
        self._states: dict[str, StepState] = {}

    @property
    def states(self) -> Mapping[str, StepState]:
        """By the step's id: how it failed."""
        return dict(self._states)

    def hear(self, event: Event) -> None:
        """Takes a run's events: a step that starts has not failed, nor one that lost its host."""
        match event:
            case StepStarted(operation):
                self._states.pop(operation.id, None)
            case StepEnded(step, "failed", detail, _, findings) if step.is_step:
                self._states[step.id] = StepState("failed", detail, findings)
            case HostAwaited() | HostBack():
                self._states.clear()

    def settle(self, seen: Diagnosis) -> None:
        """A step that failed for what is not found any more has not failed: it is to do."""
        self._states = {
            id: state
            for id, state in self._states.items()
            if not state.findings
            or any(seen.finding(found.code, found.node) for found in state.findings)
        }
