"""Repairs of the list of members: one that is gone for good, one that came back by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ejtui.erlang.probe import nodes
from ejtui.erlang.terms import Atom

from .. import backup
from ..errors import StepFailed
from ..facts import NodeFacts, PairFacts
from ..finding import Finding
from ..question import Question
from ..steps.step import Command, Evidence
from ..waiting import until
from .means import comparing, keep, service
from .repair import Repair, restart_commands

if TYPE_CHECKING:
    from ..plan import Plan
    from .context import RepairContext

FORGET_SECONDS = 30.0


class ForgetMember(Repair):
    """First forgets members that are stopped and are none of the pair that runs."""

    codes: ClassVar = ("stale-member",)
    title: ClassVar = "have first forget the member that is gone"
    cannot_undo: ClassVar = "a member that is forgotten must be cleaned and joined to come back"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        del finding
        return [
            Command(
                plan.first_name,
                plan.first.service_user,
                "erl",
                f"mnesia:del_table_copy(schema, '{name}').",
            )
            for name in stale(plan.facts)
        ]

    async def takes(self, context: RepairContext) -> Question | None:
        gone = stale(context.facts)
        if not gone:
            return None
        alone = last_copies(context.facts.first, gone)
        if alone:
            raise StepFailed(
                f"these tables live on {', '.join(gone)} alone: {', '.join(alone)}; start it, or "
                "delete them, before it is forgotten"
            )
        return Question(
            title=f"Have the cluster forget {', '.join(gone)}?",
            takes=tuple(
                f"{name} is no member any more; its own disc is not touched" for name in gone
            ),
            consequence=(
                "No table is lost: first has a copy of each. Should that node start again from "
                "its old disc, it must be cleaned first."
            ),
            yes_label="Forget it",
        )

    async def run(self, context: RepairContext) -> Evidence:
        gone = stale(context.facts)
        for name in gone:
            await forget(context, name)
        return [
            f"first has forgotten {', '.join(gone) or 'nobody'}",
            f"first: db nodes {list(context.facts.first.db_nodes)}",
            *await service.together(context),
        ]


class CleanGhost(Repair):
    """A removed node that booted from its old disc is stopped, its database set aside."""

    codes: ClassVar = ("ghost-member",)
    title: ClassVar = "set second's old database aside, and start it as a node of its own"
    cannot_undo: ClassVar = (
        "second leaves the cluster and has no accounts until it joins; its database is kept"
    )
    takes_from_first: ClassVar = True

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        del finding
        name, user = plan.second_name, plan.second.service_user
        stop, start = restart_commands(name, plan.second)
        gone = f"mnesia:del_table_copy(schema, '{plan.second.node}')."
        move = f"mv Mnesia's files in {plan.second.spool_dir} into the backup"
        return [
            stop,
            Command(name, user, "shell", move),
            Command(plan.first_name, plan.first.service_user, "erl", gone),
            start,
        ]

    async def takes(self, context: RepairContext) -> Question | None:
        both = await comparing.sides(context)
        alone = last_copies(context.facts.first, (context.pair.second.platform.node,))
        if alone:
            raise StepFailed(f"these tables live on second alone: {', '.join(alone)}")
        return Question(
            title="Set second's old database aside?",
            takes=both.lines(),
            consequence=(
                f"second starts empty, as a node of its own; {keep.place(context, context.node)} "
                "on second keeps its files. `ejtui join` makes it a member again."
            ),
            yes_label="Set it aside",
        )

    async def run(self, context: RepairContext) -> Evidence:
        second = context.pair.second
        own = second.platform.node
        evidence = []
        if service.of_one_cluster(context.facts) or own in context.facts.first.db_nodes:
            await service.stop(context, second)
            place = f"{await keep.files(context, second)}/database"
            names = sorted(await backup.mnesia_names(second), key=backup.goes_last)
            spool = second.platform.spool_dir
            await second.probe.ask("move_files", spool, place, names, timeout=backup.LONG)
            evidence.append(f"{len(names)} files of second's old database are in {place}")
            await context.refresh()
            if own in context.facts.first.db_nodes:
                await forget(context, own)
        await service.start(context, second)
        facts = await context.refresh()
        return [*evidence, f"first: db nodes {list(facts.first.db_nodes)}",
                f"second: db nodes {list(facts.second.db_nodes)}"]  # fmt: skip


async def forget(context: RepairContext, name: str) -> None:
    """First forgets a member whose Mnesia is stopped. Raises WaitedTooLong with what it said."""
    first = context.pair.first
    arguments = [Atom("schema"), *nodes([name])]
    await until(
        lambda: first.probe.ask("change", Atom("del_table_copy"), arguments),
        lambda said: said["result"] == "done",
        what=f"first to forget {name}",
        seconds=FORGET_SECONDS,
        instead=lambda said: str(said["reason"]),
        poll=0.2,
    )
    await context.until(
        lambda now: name not in now.first.db_nodes, f"first to list {name} no longer"
    )
    context.say(f"first has forgotten {name}")


def stale(facts: PairFacts) -> tuple[str, ...]:
    """The stopped members that first lists; second only when its database is another one."""
    first, second = facts.first, facts.second
    stopped = set(first.db_nodes) - set(first.running_db_nodes)
    if second.schema_cookie in ("", first.schema.cookie) and second.schema_cookie:
        stopped.discard(second.node)
    return tuple(sorted(stopped - {first.node}))


def last_copies(first: NodeFacts, gone: tuple[str, ...]) -> list[str]:
    """The tables that would be lost with these members."""
    return [
        table.name
        for table in first.tables
        if table.holders and set(table.holders) <= set(gone) and not table.local_content
    ]
