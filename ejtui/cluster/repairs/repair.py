"""What a repair is: exact commands, what it takes, and a run that looks before it acts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.acts.act import Command
from ejtui.cluster.backups import folders
from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.pair.plan import Target
from ejtui.cluster.question import Question

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext
    from ejtui.cluster.repairs.tools.changed_files import Changed

NOTHING_LOST = "nothing is lost by it"


class Repair(ABC):
    """Repairs the findings of some codes.

    `title` is what it does in a few words, `cannot_undo` what it takes for good or interrupts,
    `keeps` what goes into a backup before it is touched, "" where nothing needs to.
    `takes_from_first`: second gets something of first's and loses its own: such a
    repair is refused where first and second look swapped. `needs_first`: it takes the database of a
    first that must run. `locks` is False for a repair that
    must repair the place of the lock itself. `amid_join` is False for one that starts ejabberd,
    which serves nobody well where a join stands half done. `changes` are the kinds of files that it
    writes on the node.
    """

    codes: ClassVar[tuple[str, ...]]
    title: ClassVar[str]
    keeps: ClassVar[str] = ""
    cannot_undo: ClassVar[str] = NOTHING_LOST
    takes_from_first: ClassVar[bool] = False
    needs_first: ClassVar[bool] = False
    locks: ClassVar[bool] = True
    amid_join: ClassVar[bool] = True
    changes: ClassVar[tuple[Changed, ...]] = ()

    @abstractmethod
    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        """What run() will do, where and as whom, for showing; a secret is never in it."""

    def kept_in(self, at: Target) -> str:
        """The directory on the node's host that what it keeps goes into."""
        return folders.root(at.platform)

    async def takes(self, context: RepairContext) -> Question | None:
        """What it loses by nature, asked of the nodes; None when nothing."""
        del context
        return None

    def replaces_second(self, finding: Finding) -> bool:
        """Whether second gets something of first's for its own, in the repair of this finding."""
        del finding
        return self.takes_from_first

    @abstractmethod
    async def run(self, context: RepairContext) -> Evidence:
        """Repairs it and returns what was seen afterwards. Idempotent.

        Raises StepFailed with what is wrong, Refused when the operator answered No.
        """


def side(plan: Plan, finding: Finding) -> Target:
    """The node that the finding names; second for "both"."""
    return plan.at(finding.node)


def facts_of(plan: Plan, finding: Finding) -> NodeFacts:
    """What the plan knows of that node."""
    return plan.facts.of("first" if finding.node == "first" else "second")
