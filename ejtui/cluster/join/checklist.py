"""Where every step stands: derived from what both nodes report now, never remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ejtui.cluster.acts.act import Command
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join.steps import STEPS, Step, StepState
from ejtui.cluster.join.steps.step import blocked
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.pair.storage_choices import Choices


@dataclass(frozen=True)
class StepStatus:
    """One line of the checklist, with the exact commands of the step."""

    step: Step
    state: StepState
    commands: tuple[Command, ...]

    @property
    def id(self) -> str:
        return self.step.id

    def to_json(self) -> dict[str, object]:
        return {
            "id": self.step.id,
            "title": self.step.title,
            "state": self.state.state,
            "commands": [
                {
                    "host": command.host,
                    "user": command.as_user,
                    "place": command.place,
                    "text": command.text,
                }
                for command in self.commands
            ],
            "detail": self.state.detail,
        }


def derive(facts: PairFacts, choices: Choices) -> list[StepState]:
    """The state of each step in order; what follows one that is not done is blocked. Pure."""
    states: list[StepState] = []
    first_open: Step | None = None
    for step in STEPS:
        if first_open is not None:
            states.append(blocked(first_open))
            continue
        state = step.state(facts, choices)
        states.append(state)
        if not state.done:
            first_open = step
    return states


def views(pair: Pair, facts: PairFacts) -> list[StepStatus]:
    """The whole checklist; without commands while a host has not been reached."""
    plan = pair.plan(facts)
    return [
        StepStatus(step, state, tuple(step.commands(plan)) if plan is not None else ())
        for step, state in zip(STEPS, derive(facts, pair.choices), strict=True)
    ]


def with_failure(view: StepStatus, failures: Mapping[str, StepState]) -> StepStatus:
    """The view with why the step failed when it was last tried, while it is still to do.

    A step that only looks may find more than the facts show: there the failure stands.
    """
    failure = failures.get(view.id)
    if failure is None or not (view.state.state == "todo" or not view.step.changes):
        return view
    return replace(view, state=failure)
