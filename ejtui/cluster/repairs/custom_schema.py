"""Second's own definitions of tables: set aside, and first's in their place."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.backups import custom_file, store
from ejtui.cluster.diagnosis.examine import examine
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.diagnosis.rules.custom import custom_schema
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.examination import CustomSchema
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Command, Evidence
from ejtui.cluster.question import Question
from ejtui.cluster.repairs.repair import Repair
from ejtui.cluster.repairs.tools import keep

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext


class SetSchemaAside(Repair):
    """Second's ejabberd.schema goes into a backup; where first has one, second gets the same."""

    codes: ClassVar = ("custom-schema",)
    title: ClassVar = "set second's ejabberd.schema aside, and give second first's"
    keeps: ClassVar = "second's ejabberd.schema"
    cannot_undo: ClassVar = "nothing is lost by it; a rollback of the join brings the file back"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        if finding.node == "first":
            path = shlex.quote(f"{plan.first.spool_dir}/{custom_file.NAME}")
            place = f"{shlex.quote(store.root(plan.first))}/STAMP/"
            user = plan.first.service_user
            return [Command(plan.first_name, user, "shell", f"mv {path} {place}")]
        user, own = plan.second.service_user, f"{plan.second.spool_dir}/{custom_file.NAME}"
        theirs = f"{plan.first.spool_dir}/{custom_file.NAME}"
        return [
            Command(
                plan.second_name,
                user,
                "shell",
                f"mv {shlex.quote(own)} {shlex.quote(store.root(plan.second))}/STAMP/",
            ),
            Command(
                plan.first_name, plan.first.service_user, "shell", f"cat {shlex.quote(theirs)}"
            ),
            Command(plan.second_name, user, "shell", f"cat > {shlex.quote(own)}"),
        ]

    async def takes(self, context: RepairContext) -> Question | None:
        case, _, theirs = await _now(context)
        node = context.finding.node
        now = (each for each in custom_schema(case) if each.node == node)
        put = "first's takes its place" if theirs.text is not None else "first has none either"
        return Question(
            title=f"Set {context.node.name}'s ejabberd.schema aside?",
            takes=next(now, context.finding).evidence,
            consequence=(
                "first's ejabberd then defines its tables as they are. The file is kept."
                if context.on_first
                else f"second's ejabberd then defines its tables as first's does; {put}. Its own "
                "definitions are kept."
            ),
            yes_label="Set it aside",
        )

    async def run(self, context: RepairContext) -> Evidence:
        case, own, theirs = await _now(context)
        if own.elsewhere or theirs.elsewhere:
            raise StepFailed(
                f"EJABBERD_MNESIA_SCHEMA names {own.path} on second and {theirs.path} on first: "
                "what sets it (ejabberdctl.cfg, the service's unit) is not changed from here. Take "
                "it out on second, or let both name the same definitions, then restart second"
            )
        unread = next((each for each in (own, theirs) if each.error), None)
        if unread is not None:
            raise StepFailed(f"{unread.path} cannot be read: {unread.error}; nothing was changed")
        if context.on_first:
            kept = await _keep(context, theirs.path, theirs.text is not None)
            return [f"first: its {custom_file.NAME} is in {kept}"]
        second, path = context.pair.second, own.path
        if case.facts.both_run or case.same_schema:
            kept = await _keep(context, path, own.text is not None)
        else:
            kept = await custom_file.set_aside(context, given=theirs.text is not None)
        seen = [f"second: its {custom_file.NAME} is in {kept}" if kept else "second: it had none"]
        if theirs.text is not None:
            user = second.platform.service_user
            text = theirs.text.encode("utf-8", "surrogateescape")
            await second.host.write(path, text, owner=None, mode=0o640, user=user)
            seen.append(f"second: {path} is first's {theirs.path}")
        return seen


async def _keep(context: RepairContext, path: str, there: bool) -> str:
    """A member's file is no part of what second was before the join: this repair keeps it."""
    if not there:
        return ""
    node = context.node
    place = await keep.files(context, node, path)
    await node.host.run(["rm", "-f", path], user=node.platform.service_user)
    return place


async def _now(context: RepairContext) -> tuple[Case, CustomSchema, CustomSchema]:
    """Both files as they are now. Raises StepFailed where a host does not say."""
    facts = await context.refresh()
    case = Case(facts, await examine(context.pair, facts))
    own, theirs = case.second.exam.custom, case.first.exam.custom
    if own is None or theirs is None:
        raise StepFailed(f"a host does not say whether it has an {custom_file.NAME}")
    return case, own, theirs
