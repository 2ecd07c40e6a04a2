"""Repairs of the list of members: one that is gone for good, one that came back unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.acts.act import Act, At, Command, asked, commands, where
from ejtui.cluster.facts.node import PairFacts, in_words
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations.membership import forget, forget_act, refuse_last_copies
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.question import Question
from ejtui.cluster.repairs.members.start_first import (
    in_the_way,
    start_commands,
    start_first,
    start_question,
)
from ejtui.cluster.repairs.repair import Repair
from ejtui.cluster.repairs.tools import aside, service
from ejtui.erlang.probe import questions
from ejtui.erlang.terms import quoting

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext

RETIRE_SECONDS = 180.0


class ForgetMember(Repair):
    """First forgets members that are stopped, and have no table that others lack."""

    codes: ClassVar = ("stale-member",)
    title: ClassVar = "have first forget the member that is gone"
    cannot_undo: ClassVar = "a member that is forgotten must be cleaned and joined to come back"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        start = start_commands(plan) if _first_waits(plan.facts, finding) else []
        forgets = [forget_act(plan.at_first, name) for name in finding.subjects]
        return [*start, *commands(forgets)]

    async def takes(self, context: RepairContext) -> Question | None:
        gone = context.finding.subjects
        refuse_last_copies(context.facts.first, gone)
        waits = _first_waits(context.facts, context.finding)
        before = start_question(context.facts).takes if waits else ()
        return Question(
            title=f"Have the cluster forget {', '.join(gone)}?",
            takes=(
                *before,
                *(f"{name} is no member any more; its own disc is not touched" for name in gone),
            ),
            consequence=(
                "No table is lost: others have a copy of each. Should that node start again from "
                "its old disc, it must be cleaned first."
            ),
            yes_label="Forget it",
        )

    async def run(self, context: RepairContext) -> Evidence:
        started: Evidence = []
        if _first_waits(context.facts, context.finding):
            started = await start_first(context)
        for name in context.finding.subjects:
            await forget(context, name)
        return [
            *started,
            f"first: db nodes {in_words(context.facts.first.db_nodes)}",
            *await service.wait_together(context),
        ]


def _first_waits(facts: PairFacts, finding: Finding) -> bool:
    """Whether first does not run for a second that was rolled back without it."""
    return facts.second.node in finding.subjects and in_the_way(facts)


class CleanGhostMember(Repair):
    """A removed node that booted from its old disc: its database is set aside, and it is ended."""

    codes: ClassVar = ("ghost-member",)
    title: ClassVar = "set the ghost's old database aside, end it, and have first forget it"
    cannot_undo: ClassVar = "the removed node does not run any more; its database is kept there"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        first, second = plan.at_first, plan.at_second
        shown: list[Command] = []
        for name in finding.subjects:
            forget = where([forget_act(first, name)], "first lists it")
            if name == second.platform.node:
                away = commands(aside.acts(first, second, plan.facts.second))
                shown += [*away, *forget, *commands(lifecycle.start_acts(second))]
            else:
                shown += [_retire_act(first, name, "STAMP").command, *forget]
        return shown

    async def takes(self, context: RepairContext) -> Question | None:
        ghosts = context.finding.subjects
        refuse_last_copies(context.facts.first, ghosts)
        return Question(
            title=f"Set aside the database of {', '.join(ghosts)}, and end it?",
            takes=tuple(
                f"{name} ends; its Mnesia files move into ejtui-backups on its own host"
                for name in ghosts
            ),
            consequence="It was removed before and came back from its old disc. The cluster's "
            "own tables stay on the other members.",
            yes_label="Set it aside",
        )

    async def run(self, context: RepairContext) -> Evidence:
        first, second = context.pair.first, context.pair.second
        evidence = []
        for name in context.finding.subjects:
            if name == second.platform.node:
                await aside.set_second_aside(context)
            elif name in context.facts.first.running_db_nodes:
                done = await _retire_act(first, name, context.stamp).run(first)
                evidence.append(f"{name}: {done.files} files moved to {done.place}")
                context.say(evidence[-1])
            await forget(context, name)
            if name == second.platform.node:
                await service.start(context, second)
        return [
            *evidence,
            f"first: db nodes {in_words(context.facts.first.db_nodes)}",
            *await service.wait_together(context),
        ]


def _retire_act(at: At, name: str, stamp: str) -> Act[questions.Retired]:
    """What a node asks of a ghost, which ejtui has no connection to."""
    text = (
        f"by rpc on {quoting.atom(name)}: application:stop(ejabberd), mnesia:stop(), file:rename "
        f"Mnesia's files into ejtui-backups/{stamp}/database, init:stop()."
    )
    return asked(at, text, questions.retire, name, stamp, timeout=RETIRE_SECONDS)
