"""Repairs that bring second through the checklist again: what is not done is done, no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.acts.act import Command, commands, where
from ejtui.cluster.backups import folders, restart_loop
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import REMOTE, PairFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.join import checklist, erl_shell
from ejtui.cluster.join.runner import Runner
from ejtui.cluster.join.steps import STEPS
from ejtui.cluster.join.steps.cleandb import CleanDb
from ejtui.cluster.join.steps.config import NodeConfiguration
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.join.steps.sync import Synchronise
from ejtui.cluster.operations.membership import copy_act, forget, forget_act, refuse_last_copies
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.operations.vm.pending_start import wait_for_starts
from ejtui.cluster.question import Question
from ejtui.cluster.repairs.repair import Repair
from ejtui.cluster.repairs.tools import aside, comparing, service
from ejtui.cluster.run.events import Event, Finished, StepEnded

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext


class ContinueJoin(Repair):
    """What a join would still do is done: a copy of a table, the schema's way to disc."""

    codes: ClassVar[tuple[str, ...]] = ("tables-missing", "schema-ram")
    changes: ClassVar = ("database",)
    title: ClassVar[str] = "bring second through the rest of the checklist"
    keeps: ClassVar[str] = "what must go of second's database"
    cannot_undo: ClassVar[str] = "ejabberd may restart on second: its sessions end"
    takes_from_first: ClassVar = True
    needs_first: ClassVar = True

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        if finding.node == "first":
            types = {table.name: table.storage for table in plan.facts.second.tables}
            return commands(
                [
                    copy_act(plan.at_first, name, types.get(name, "TYPE"))
                    for name in finding.subjects
                ]
            )
        states = checklist.derive(plan.facts, plan.choices)
        open_steps = [step for step, state in zip(STEPS, states, strict=True) if not state.done]
        clean = finding.code == "schema-ram" and not plan.facts.both_run
        return [
            *(_clean_commands(plan) if clean else []),
            *(command for step in open_steps for command in step.commands(plan)),
        ]

    async def run(self, context: RepairContext) -> Evidence:
        if context.on_first:
            return await copies_on_first(context)
        if context.finding.code == "schema-ram" and context.facts.both_run:
            await Synchronise().run(context)
        elif context.finding.code == "schema-ram":
            await _clean(context)
        return await join(context)


class RejoinSecond(ContinueJoin):
    """Second's own database goes into a backup, whole, and second joins again."""

    codes: ClassVar[tuple[str, ...]] = ("schema-split", "table-cookie", "schema-definitions")
    title: ClassVar = "set second's own database aside and join it again"
    keeps: ClassVar = "second's whole database, and first's as it is then"
    cannot_undo: ClassVar = (
        "accounts that second alone has are not in the cluster afterwards; they are in the backup"
    )

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        del finding
        clean = [step.id for step in STEPS].index(CleanDb.id)
        before = [step for step in STEPS[1:clean] if not step.state(plan.facts, plan.choices).done]
        steps = (*before, *STEPS[clean + 1 :])
        rest = [command for step in steps for command in step.commands(plan)]
        return list(dict.fromkeys([*_clean_commands(plan), *rest]))

    async def takes(self, context: RepairContext) -> Question | None:
        both = await comparing.compare_sides(context)
        return Question(
            title="Set second's own database aside, and join it again?",
            takes=both.lines(),
            consequence=(
                f"second takes first's database; its own moves to "
                f"{folders.root(context.pair.second.platform)}, whole. A rollback brings it back."
            ),
            yes_label="Join again",
        )

    async def run(self, context: RepairContext) -> Evidence:
        await _clean(context)
        return await join(context)


def _clean_commands(plan: Plan) -> list[Command]:
    """What _clean() does, for showing."""
    first, second = plan.at_first, plan.at_second
    if _first_asks(plan.facts):
        own: list[Command] = NodeConfiguration().commands(plan)
    elif CleanDb().state(plan.facts, plan.choices).done and plan.facts.second.spool.files:
        own = commands(aside.acts(first, second, plan.facts.second))
    else:
        own = CleanDb().commands(plan)
    after = [*lifecycle.stop_acts(second), forget_act(first, second.platform.node)]
    return [*own, *where(after, "first still lists second")]


async def _clean(context: RepairContext) -> None:
    """Second has no database afterwards and first knows it no more: two nodes as before a join."""
    own = context.pair.second.platform.node
    refuse_last_copies(context.facts.first, (own,))
    await restart_loop.restore_own(context)
    if _first_asks(context.facts):
        context.say("first asks second how a change ended that was running when first stopped")
        await erl_shell.ensure_connected(context)
    elif CleanDb().state(context.facts, context.choices).done and context.facts.second.spool.files:
        await aside.set_second_aside(context)
    else:
        await CleanDb().run(context)
    if own in context.facts.first.db_nodes:
        # The erl of a join that was broken off may still run, and first forgets who is down.
        await service.stop(context, context.pair.second)
        await forget(context, own)


def _first_asks(facts: PairFacts) -> bool:
    """Whether first was killed in the middle of a change that second made with it.

    Mnesia on first does not guess how it ended (`max_wait_for_decision` of its manual): it starts
    once a Mnesia of second's name answers, also one that has no database any more.
    """
    return facts.first.mnesia == "starting" and not facts.second.spool.files


async def join(context: RepairContext) -> Evidence:
    """The runner's own steps after the preflight, which would stop at what is being repaired.

    Raises StepFailed with why one stopped.
    """
    ended: list[StepEnded] = []

    def emit(event: Event) -> None:
        if isinstance(event, StepEnded):
            ended.append(event)
        if not isinstance(event, Finished):
            context.emit(event)

    runner = Runner(context.pair, context.asks, emit, lock=context.lock)
    for step in STEPS[1:]:
        await wait_for_starts(context, "first")
        if not await runner.run_step(step.id):
            stopped = ended[-1]
            raise StepFailed(f"step {stopped.id}: {stopped.detail}", stopped.findings)
    await context.refresh()
    return list(ended[-1].evidence)


async def copies_on_first(context: RepairContext) -> Evidence:
    """First gets copies of the tables that second alone holds, of second's type."""
    first, made = context.pair.first, []
    for name in context.finding.subjects:
        table = context.facts.second.table(name)
        if table is None or table.storage == REMOTE:
            raise StepFailed(f"second has no copy of {name} either")
        end = await copy_act(first, name, table.storage).run(first)
        if not end.made:
            raise StepFailed(f"mnesia:add_table_copy({name}) on first: {end.reason}")
        made.append(name)
    return [f"first has copies of {', '.join(made)}", *await service.wait_together(context)]
