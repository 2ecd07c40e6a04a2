"""Every file of the database belongs to the service user."""

from __future__ import annotations

from ejtui.cluster.acts.act import Command, where
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join.steps.step import Evidence, Step, StepState, done, todo
from ejtui.cluster.operations.files.ownership import spool_act
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.run.context import StepContext


class Permissions(Step):
    """Gives files of another owner in the database directory to the service user."""

    id = "permissions"
    after = "quit"
    title = "Permissions"
    does = "checks that every file belongs to the service user"
    reference = "Permissions"
    where = "second"
    why = (
        "ejabberd runs as its own user and must be able to read and write its database. Files "
        "that an erl run as root has left there are given to that user."
    )

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        del choices
        spool = facts.second.spool
        if spool.wrong_owner_count:
            named = ", ".join(spool.wrong_owner[:3])
            return todo(f"{spool.wrong_owner_count} files of another owner: {named}")
        return done("every file belongs to the service user")

    def commands(self, plan: Plan) -> list[Command]:
        act = spool_act(plan.at_second)
        foreign = plan.facts.second.spool.wrong_owner_count
        return [act.command] if foreign else where([act], "files have another owner")

    async def run(self, context: StepContext) -> Evidence:
        second = context.pair.second
        before = context.facts.second.spool.wrong_owner_count
        if before:
            await spool_act(second).run(second)
        facts = await context.refresh()
        left = facts.second.spool.wrong_owner_count
        if left:
            raise StepFailed(f"{left} files still belong to another user")
        return [f"{before} files changed their owner" if before else "no file of another owner"]
