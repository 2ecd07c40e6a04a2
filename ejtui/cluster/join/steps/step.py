"""What a step of the join is: a state derived from facts, exact commands, and a run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ejtui.cluster.acts.act import Command
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.question import Question
from ejtui.cluster.run.operation import Operation

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.run.context import StepContext

State = Literal["done", "todo", "failed", "blocked"]
Evidence = list[str]


@dataclass(frozen=True)
class StepState:
    """Where a step stands: `detail` is one line, `findings` name what is wrong."""

    state: State
    detail: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def done(self) -> bool:
        return self.state == "done"


def done(detail: str = "") -> StepState:
    return StepState("done", detail)


def todo(detail: str = "") -> StepState:
    return StepState("todo", detail)


def failed(detail: str, *findings: Finding) -> StepState:
    return StepState("failed", detail, findings)


def blocked(by: Step) -> StepState:
    return StepState("blocked", f"waits for step {by.number}, {by.title.lower()}")


class Step(ABC):
    """One step of the procedure.

    `after` is the id of the step that it comes after, "" for the first; `number`, its place in the
    join, follows from that. `does` is a line for the help. `reference` is the section of ejabberd's
    clustering guide, `where` the node it works on. `changes` is False for a step that only looks.
    """

    id: str
    after: str
    number: int = 0
    title: str
    does: str
    reference: str
    where: Literal["first", "second", "both"]
    why: str
    changes: bool = True

    @property
    def operation(self) -> Operation:
        """The step as events and the journal name it."""
        return Operation("step", self.id, self.title, self.number)

    @abstractmethod
    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        """Where the step stands when all steps before it are done. Pure."""

    @abstractmethod
    def commands(self, plan: Plan) -> list[Command]:
        """Exactly what run() will do, for showing; a secret is never in it."""

    def takes(self, facts: PairFacts) -> Sequence[Question]:
        """What a destructive run would ask, in order, as far as the facts show."""
        del facts
        return ()

    @abstractmethod
    async def run(self, context: StepContext) -> Evidence:
        """Does the step and returns what was seen afterwards. Idempotent.

        Raises StepFailed with what is wrong, Refused when the operator answered No.
        """
