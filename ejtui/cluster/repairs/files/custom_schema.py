"""Second's own definitions of tables: set aside, and first's in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.acts.act import Act, At, Command, doing, plain, shell
from ejtui.cluster.backups import folders
from ejtui.cluster.backups.files import custom_file
from ejtui.cluster.diagnosis.examine import examine
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.diagnosis.rules.database.custom import custom_schema
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.examination import CustomSchema
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.question import Question
from ejtui.cluster.repairs.repair import Repair, side
from ejtui.cluster.repairs.tools import keep

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext


class SetSchemaAside(Repair):
    """Second's ejabberd.schema goes into a backup; where first has one, second gets the same."""

    codes: ClassVar = ("custom-schema",)
    changes: ClassVar = ("database",)
    title: ClassVar = "set second's ejabberd.schema aside, and give second first's"
    keeps: ClassVar = "second's ejabberd.schema"
    cannot_undo: ClassVar = "nothing is lost by it; a rollback of the join brings the file back"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        at = side(plan, finding)
        path = f"{at.platform.spool_dir}/{custom_file.NAME}"
        if finding.node == "first":
            return [_remove_act(at, path).command]
        member = plan.facts.both_run or plan.facts.same_schema
        place = f"{folders.root(at.platform)}/STAMP"
        move = custom_file.move_act(at, at.platform.spool_dir, place)
        away = _remove_act(at, path) if member else move
        return [away.command, _write_command(at, path)]

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
            with doing(_write_command(second, path)):
                await second.host.write(path, text, owner=None, mode=0o640, user=user)
            seen.append(f"second: {path} is first's {theirs.path}")
        return seen


async def _keep(context: RepairContext, path: str, there: bool) -> str:
    """A member's file is no part of what second was before the join: this repair keeps it."""
    if not there:
        return ""
    node = context.node
    place = await keep.files(context, node, path)
    await _remove_act(node, path).run(node)
    return place


def _remove_act(at: At, path: str) -> Act:
    """The file is kept before."""
    return plain(at, ["rm", "-f", path], at.platform.service_user)


def _write_command(at: At, path: str) -> Command:
    return shell(at, at.platform.service_user, f"write {path}: the definitions of first, if any")


async def _now(context: RepairContext) -> tuple[Case, CustomSchema, CustomSchema]:
    """Both files as they are now. Raises StepFailed where a host does not report it."""
    facts = await context.refresh()
    case = Case(facts, await examine(context.pair, facts))
    own, theirs = case.second.exam.custom, case.first.exam.custom
    if own is None or theirs is None:
        raise StepFailed(f"a host does not report whether it has an {custom_file.NAME}")
    return case, own, theirs
