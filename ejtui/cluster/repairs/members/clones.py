"""A second that is a clone of first: its copy set aside, a name of its host's, and the join."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.acts.act import Command, commands
from ejtui.cluster.backups import folders
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps import STEPS
from ejtui.cluster.join.steps.cleandb import CleanDb
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations import accounts
from ejtui.cluster.question import Question
from ejtui.cluster.repairs.members import rejoining
from ejtui.cluster.repairs.members.rejoining import RejoinSecond
from ejtui.cluster.repairs.naming import node_names
from ejtui.cluster.repairs.naming.renaming import SETTING, rename, rename_commands
from ejtui.cluster.repairs.tools import aside, comparing, service, settings
from ejtui.erlang.probe.client import ProbeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ejtui.cluster.diagnosis.rules.case import Role
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext


class RejoinClone(RejoinSecond):
    """Second's copy of first's database goes into a backup, and second joins under its own name."""

    codes: ClassVar = ("same-database",)
    title: ClassVar = "set second's copy of first's database aside and join it under its own name"
    cannot_undo: ClassVar = (
        "accounts that second's copy alone has are not in the cluster afterwards; they are in the "
        "backup"
    )

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        del finding
        new = node_names.new_names(plan.first, plan.second) if _of_one_name(plan) else {}
        naming = [*commands(service.stop_acts(plan.at_second, plan.facts.second))]
        if new:
            naming.append(settings.option_command(plan.at_second, SETTING, new["second"]))
        after = _renamed(plan, new)
        clean = [step.id for step in STEPS].index(CleanDb.id)
        before = [step for step in STEPS[1:clean] if not step.state(after.facts, plan.choices).done]
        return [
            *naming,
            *commands(aside.acts(plan.at_first, after.at_second, after.facts.second)),
            *(
                rename_commands(plan.at_first, plan.facts.first, new["first"])
                if "first" in new
                else []
            ),
            *(node_names.entry_commands(plan, new) if new else []),
            *(line for step in (*before, *STEPS[clean + 1 :]) for line in step.commands(after)),
        ]

    async def takes(self, context: RepairContext) -> Question | None:
        second = context.pair.second
        both = await comparing.compare_sides(context)
        if both.second is None and second.facts.vm == "down":
            with suppress(ProbeError):
                kept = await accounts.list_kept(second, second.platform.spool_dir)
                both = replace(both, second=await accounts.sorted_names(kept))
        return Question(
            title="Set second's copy of first's database aside, and join second?",
            takes=both.lines(),
            consequence=(
                f"The copy moves to {folders.root(second.platform)}, whole; `ejtui bring-over` can "
                "bring its accounts into the cluster. second takes first's database."
            ),
            yes_label="Join",
        )

    async def run(self, context: RepairContext) -> Evidence:
        first, second = context.pair.first, context.pair.second
        one_name = first.platform.node == second.platform.node
        new = await node_names.known_names(context) if one_name else {}
        if new:
            settings.refuse_option(second, SETTING, new["second"])
        await service.stop(context, second)
        evidence = [await _name(context, new["second"])] if new else []
        await aside.set_second_aside(context)
        if "first" in new:
            evidence += await rename(context, first, new["first"])
        if new:
            evidence += await node_names.find_each_other(context)
        evidence += await rejoining.join(context)
        return [*evidence, *(await node_names.find_each_other(context) if new else [])]


async def _name(context: RepairContext, name: str) -> str:
    """Second has this name, at its next start. Raises StepFailed."""
    second = context.pair.second
    done = await settings.option(context, second, SETTING, name)
    if second.platform.node != name:
        raise StepFailed(
            f"second's node is still {second.platform.node}, by "
            f"{second.platform.sources.get('node')}: set {name} there"
        )
    return done


def _of_one_name(plan: Plan) -> bool:
    return plan.first.node == plan.second.node


def _renamed(plan: Plan, new: Mapping[Role, str]) -> Plan:
    """The plan from where the nodes have these names and second is down."""
    facts = plan.facts
    first, second = (new.get(role, plan.at(role).platform.node) for role in ("first", "second"))
    down = replace(facts.second, node=second, vm="down", os_pid="", ejabberd=False, mnesia="no")
    return replace(
        plan,
        first=replace(plan.first, node=first),
        second=replace(plan.second, node=second),
        facts=replace(
            facts,
            first=replace(facts.first, node=first),
            second=down,
        ),
    )
