"""What the repairs of differences between the two ejabberd.yml share."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.acts.act import Command
from ejtui.cluster.carry_over import replacement
from ejtui.cluster.carry_over import run as carry_over
from ejtui.cluster.carry_over.request import Wanted
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.repairs.repair import Repair

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext


class TakeFirsts(Repair):
    """Writes the lines of second's file that the finding is about, and has it loaded."""

    keeps: ClassVar = "second's ejabberd.yml"
    cannot_undo: ClassVar = "nothing is lost by it; a rollback of the join brings the file back"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        del finding
        return replacement.commands(plan.at_second)

    def wanted(self) -> Wanted:
        """What is taken."""
        return Wanted(codes=tuple(self.codes))

    async def run(self, context: RepairContext) -> Evidence:
        done = await carry_over.taken(context, self.wanted())
        if done.changed:
            return list(done.evidence)
        if done.left:
            raise StepFailed(f"nothing was written: {'; '.join(done.left)}")
        return ["nothing of this differs any more"]
