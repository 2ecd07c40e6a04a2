"""Second gets first's magic cookie; its own is kept in the backup."""

from __future__ import annotations

from ejtui.cluster.acts.act import Command, commands, where
from ejtui.cluster.backups import folders, guarded_start, join_backup
from ejtui.cluster.backups.manifest import COOKIE
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.diagnosis.rules.connection.cookies import unusable
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join.steps.step import Evidence, Step, StepState, done, failed, todo
from ejtui.cluster.operations import agreement
from ejtui.cluster.operations.files import cookie_file
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.run.context import StepContext


class Cookies(Step):
    """Copies first's `.erlang.cookie` over second's, and sets it in second's running node."""

    id = "cookies"
    after = "preflight"
    title = "Magic cookies"
    does = "copies first's magic cookie to second and keeps second's own"
    reference = "Magic Cookies"
    where = "second"
    why = (
        "Erlang nodes which talk to each other must have the same magic cookie. second's own is "
        "kept in the backup of this join; a rollback restores it."
    )

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        del choices
        first, second = facts.first.cookie, facts.second.cookie
        if not first.usable:
            finding = unusable(Case(facts).first)
            return failed(finding.title, finding)
        if first.sha256 != second.sha256:
            return todo(f"second's cookie {second.digits or 'is missing'}, first's {first.digits}")
        if not second.usable:
            finding = unusable(Case(facts).second)
            return StepState("todo", finding.title, (finding,))
        if facts.second.vm == "rejected":
            return todo("second's running node still has its old cookie")
        return done(f"both {first.digits}")

    def commands(self, plan: Plan) -> list[Command]:
        first, second = plan.at_first, plan.at_second
        kept = f"{folders.root(plan.second)}/STAMP/{COOKIE}"
        own = cookie_file.copy_act(second, cookie_file.path(plan.second), kept)
        running = [
            lifecycle.cookie_act(second).command,
            *where(lifecycle.restart_acts(second), "the running node does not take it"),
        ]
        written = commands([own, *cookie_file.send_acts(first, second)])
        return [*written, *(running if plan.facts.second.vm != "down" else [])]

    async def run(self, context: StepContext) -> Evidence:
        facts = context.facts
        first, second = context.pair.first, context.pair.second
        if not _written(facts):
            await agreement.before_join(context)
            await join_backup.keep_cookie(context)
            await cookie_file.send(first, second)
        kept = await join_backup.kept_cookie(context.pair)
        if facts.second.vm != "down" and not await lifecycle.set_cookie(second, kept):
            context.say("second's running node does not take it; restarting ejabberd on second")
            await lifecycle.stop(second, context.say)
            await guarded_start.start(second)
        facts = await context.refresh()
        state = self.state(facts, context.choices)
        if not state.done:
            raise StepFailed(f"after first's cookie was written: {state.detail}", state.findings)
        return [
            f"first's cookie {facts.first.cookie.digits}, second's {facts.second.cookie.digits}",
            f"second's file has mode {facts.second.cookie.mode or 0:04o}, "
            f"owner {facts.second.cookie.owner}",
            f"second's VM: {facts.second.vm}",
        ]


def _written(facts: PairFacts) -> bool:
    second = facts.second.cookie
    return second.usable and second.sha256 == facts.first.cookie.sha256
