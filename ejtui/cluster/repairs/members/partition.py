"""The repair of a partition: one side's changes since then are given up, and kept in a backup."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.acts.act import Act, At, Command, asked, commands
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.question import Question
from ejtui.cluster.repairs.naming.renaming import back_up, backup_act
from ejtui.cluster.repairs.repair import Repair
from ejtui.cluster.repairs.tools import comparing, keep, service
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import nodes
from ejtui.erlang.terms import quoting

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext

KEPT_FILE = "only-second.json"


class ResolvePartition(Repair):
    """Second is the loser: it loads first's tables, after its own went into a backup."""

    codes: ClassVar = ("partitioned",)
    changes: ClassVar = ("database",)
    title: ClassVar = "keep first's side: second loads first's tables, its own are backed up"
    keeps: ClassVar = "second's whole database, and a list of the accounts that it alone has"
    cannot_undo: ClassVar = (
        "changes on second since the partition are not in the cluster afterwards; they are in "
        "the backup"
    )
    takes_from_first: ClassVar = True

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        del finding
        second = plan.at_second
        no_master = _masters_act(second, [])
        if plan.facts.both_run:
            return [no_master.command]
        start = lifecycle.start_acts(second) if plan.facts.second.vm == "down" else []
        return commands(
            [
                *start,
                backup_act(second),
                _masters_act(second, [plan.first.node]),
                *lifecycle.restart_acts(second),
                no_master,
            ]
        )

    async def takes(self, context: RepairContext) -> Question | None:
        if context.facts.both_run:
            return None
        both = await comparing.compare_sides(context)
        return Question(
            title="Give up what changed on second since the nodes parted?",
            takes=both.lines(),
            consequence=(
                "second restarts and loads every table from first. All that it has now goes "
                f"into {keep.place(context, context.pair.second)} on second before. To keep "
                "second's side instead, answer No; then run "
                f"`{context.pair.exchanged} repair partitioned`."
            ),
            yes_label="Give up second's changes",
        )

    async def run(self, context: RepairContext) -> Evidence:
        first, second = context.pair.first, context.pair.second
        evidence = []
        if context.facts.second.vm == "down":
            # Where this was broken off before, it has its master already.
            await service.start(context, second)
            await context.refresh()
        if not context.facts.both_run and _waits(context.facts.second):
            context.say("second came up apart and waits for first's tables: nothing changed on it")
            await service.restart(context, second)
        elif not context.facts.both_run:
            both = await comparing.compare_sides(context)
            kept = await back_up(context, second)
            evidence.append(f"{kept} holds second's side")
            only = await comparing.listing("second", both.only_second)
            await keep.text(context, second, KEPT_FILE, only)
            await _set_masters(context, [first.platform.node])
            await service.restart(context, second)
            evidence.append(f"on second alone were: {both.on_second_alone}")
            if both.only_second:
                name = "/".join(kept.split("/")[-2:])
                evidence.append(f"to bring them over: ejtui bring-over {name}")
        seen = await service.wait_together(context)
        await _set_masters(context, [])
        return [*evidence, *seen]


def _waits(second: NodeFacts) -> bool:
    """Whether second served nobody since: it has loaded no table that it cannot but take over."""
    return not second.ejabberd and any(not table.readable for table in second.tables)


def _masters_act(at: At, masters: list[str]) -> Act[questions.Change]:
    text = f"mnesia:set_master_nodes([{', '.join(map(quoting.atom, masters))}])."
    return asked(at, text, questions.change, "set_master_nodes", [nodes(masters)])


async def _set_masters(context: RepairContext, masters: list[str]) -> None:
    """Which nodes second's tables are loaded from whatever else is known; none again with []."""
    second = context.pair.second
    end = await _masters_act(second, masters).run(second)
    if end.result != "done":
        raise StepFailed(f"mnesia:set_master_nodes({masters}) on second: {end.reason}")
