"""Starting first beside a second that its schema names and that has another database.

So it is after a rollback in which first went away before it had forgotten second for good. First's
Mnesia asks second when it starts: it ends at once (Bad cookie in table definition), or waits for
ever for tables that second no longer has.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod

from ejtui.cluster.acts.act import Command, commands, where
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.question import Question
from ejtui.cluster.repairs.context import RepairContext
from ejtui.cluster.repairs.repair import Repair
from ejtui.cluster.repairs.tools import keep, service
from ejtui.cluster.repairs.tools.loading import load_act, load_own


def in_the_way(facts: PairFacts) -> bool:
    """Whether first does not run, and second, which it asks, is on another database."""
    first, second = facts.first, facts.second
    named = first.schema if first.schema.cookie else first.disk_schema
    return (
        not first.ejabberd
        and named is not None
        and second.node in named.nodes
        and bool(second.schema_cookie)
        and second.schema_cookie != named.cookie
    )


class StartFirst(Repair):
    """A repair that may have to start first: beside such a second, or else in its own way."""

    @abstractmethod
    def own_commands(self, plan: Plan, finding: Finding) -> list[Command]:
        """What own_run() will do, for showing."""

    @abstractmethod
    async def own_run(self, context: RepairContext) -> Evidence:
        """Repairs it where second is in nobody's way."""

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        if finding.node == "first" and in_the_way(plan.facts):
            return start_commands(plan)
        return self.own_commands(plan, finding)

    async def takes(self, context: RepairContext) -> Question | None:
        if context.on_first and in_the_way(context.facts):
            return start_question(context.facts)
        return None

    async def run(self, context: RepairContext) -> Evidence:
        if context.on_first and in_the_way(context.facts):
            return await start_first(context)
        return await self.own_run(context)


def start_commands(plan: Plan) -> list[Command]:
    first, second = plan.at_first, plan.at_second
    other = plan.facts.second
    before = [
        *service.stop_acts(second, other),
        *service.restart_acts(first, plan.facts.first),
    ]
    load = where([load_act(first)], "it would wait for second")
    after = commands(lifecycle.start_acts(second)) if other.vm != "down" else []
    return [*commands(before), *load, *after]


def start_question(facts: PairFacts) -> Question:
    first, second = facts.first, facts.second
    own = (
        f"tables that would wait for {second.name} are loaded from {first.name}'s own copies: "
        f"what {second.name} alone received for the cluster after {first.name} went away is not "
        "in them"
    )
    if second.vm == "down":
        return Question(
            title=f"Start {first.name} from its own tables?",
            takes=(own,),
            consequence=(
                f"{first.name}'s schema names {second.node}, which has another database by now: "
                f"{first.name} would wait for tables that are not there. {second.name} stays "
                "stopped."
            ),
            yes_label="Start it",
        )
    return Question(
        title=f"Stop ejabberd on {second.name} while {first.name} starts?",
        takes=(f"the sessions of {second.name}'s users, {second.accounts} accounts", own),
        consequence=(
            f"{first.name}'s schema names {second.node}, which runs on another database: "
            f"{first.name} cannot start beside it. {second.name} is started again on its own."
        ),
        yes_label="Stop it for that moment",
    )


async def start_first(context: RepairContext) -> Evidence:
    """Stops second, starts first from its own copies, starts a second that ran, also on failure.

    Copies of both databases are kept before anything is loaded. Raises StepFailed, BackupError.
    """
    first, second = context.pair.first, context.pair.second
    ran = context.facts.second.vm != "down"
    await service.stop(context, second)
    try:
        await service.stop(context, first)
        kept = await keep.databases(context)
        loaded = await _from_its_own(context)
    finally:
        if ran:
            await service.start(context, second)
    await context.refresh()
    return [
        f"both databases as they were: {kept[0]} on {first.name}, {kept[1]} on {second.name}",
        f"{first.name}: ejabberd runs; {len(loaded)} tables loaded from its own copies",
        f"{second.name}: {'ejabberd runs on its own database' if ran else 'as it was, stopped'}",
    ]


async def _from_its_own(context: RepairContext) -> list[str]:
    """Starts first; what it loads itself meanwhile, as ejabberd is not up before."""
    first = context.pair.first
    starting = asyncio.ensure_future(service.start(context, first))
    loaded: list[str] = []
    try:
        await context.until(
            lambda now: starting.done() or now.first.mnesia_runs, f"Mnesia on {first.name} to run"
        )
        if not starting.done():
            loaded = await _load(context)
        await starting
    finally:
        if not starting.done():
            starting.cancel()
            await asyncio.wait({starting})
    return loaded


async def _load(context: RepairContext) -> list[str]:
    """First loads what it would wait for second with; the names of these tables."""
    pair = {context.facts.first.node, context.facts.second.node}
    unread = set(context.facts.first.waiting)
    tables = [
        table.name
        for table in context.facts.first.tables
        if table.name in unread and set(table.holders) <= pair
    ]
    await load_own(context.pair.first, tables)
    return tables
