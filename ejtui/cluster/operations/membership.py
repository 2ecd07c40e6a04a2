"""Having first forget a member: the one way out of a cluster, for a member that is stopped."""

from __future__ import annotations

from collections.abc import Sequence

from ejtui.cluster.acts.act import Act, At, asked
from ejtui.cluster.errors import StepFailed, WaitedTooLong
from ejtui.cluster.facts.node import RAM, NodeFacts, PairFacts, TableFacts
from ejtui.cluster.operations.vm.pending_start import wait_for_starts
from ejtui.cluster.polling import until
from ejtui.cluster.run.context import StepContext
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import nodes
from ejtui.erlang.terms import quoting
from ejtui.erlang.terms.etf import Atom

FORGET_SECONDS = 60.0

FORGET_WAITING_SECONDS = 5.0
"""For a first whose tables still wait for a node that is away, after it was waited for."""

COPY_SECONDS = 24 * 3600.0
"""Seconds that a copy of a large table may take."""


def forget_act(at: At, name: str) -> Act[questions.Change]:
    """How a node forgets a member: what forget() does on first."""
    text = f"mnesia:del_table_copy(schema, {quoting.atom(name)})."
    arguments = [Atom("schema"), *nodes([name])]
    return asked(at, text, questions.change, "del_table_copy", arguments)


async def forget(context: StepContext, name: str) -> None:
    """First forgets the node of that name, whose Mnesia must be down; well when it has already.

    One that is starting is waited for. Raises WaitedTooLong with Mnesia's answer, StepFailed where
    first does not run or another repair must come first.
    """
    first = context.pair.first
    facts = (await wait_for_starts(context, "first")).first
    if not facts.mnesia_runs:
        why = facts.error or f"VM {facts.vm}, Mnesia {facts.mnesia}"
        raise StepFailed(
            f"{first.name} cannot forget {name}, as it does not run ({why}): "
            "`ejtui repair not-connected --node first` starts it, and then this again"
        )
    if name not in facts.db_nodes:
        return
    act = forget_act(first, name)
    in_vain = facts.starting and facts.awaited
    try:
        await until(
            lambda: act.run(first),
            _is_done,
            what=f"first to forget {name}",
            seconds=FORGET_WAITING_SECONDS if in_vain else FORGET_SECONDS,
            instead=_why,
            poll=0.1,
        )
    except WaitedTooLong as error:
        if (await context.refresh()).first.waiting:
            raise StepFailed(
                f"{error}. Tables on first wait for another node's copies: "
                "`ejtui repair tables-waiting --node first`, and then this again"
            ) from None
        raise
    await context.until(
        lambda now: name not in now.first.db_nodes, f"first to list {name} no longer"
    )
    context.say(f"first has forgotten {name}")


def _is_done(end: questions.Change) -> bool:
    return end.result == "done"


def _why(end: questions.Change) -> str:
    return end.reason


def copy_act(at: At, table: str, storage: str) -> Act[questions.Change]:
    """How a node gets a copy of a table of another's."""
    text = f"mnesia:add_table_copy({quoting.atom(table)}, node(), {storage})."
    arguments = [Atom(table), Atom(at.platform.node), Atom(storage)]
    return asked(at, text, questions.change, "add_table_copy", arguments, timeout=COPY_SECONDS)


def bare_on_second(facts: PairFacts) -> tuple[TableFacts, ...]:
    """Tables that second alone holds, empty or in memory, as its running Mnesia reports them. Pure.

    An ejabberd makes such a table for what the other one keeps in SQL. What is in memory alone does
    not outlive its node.
    """
    first, second = facts.first, facts.second
    return tuple(
        table
        for table in second.tables
        if second.mnesia_runs
        and (table.size == 0 or table.storage == RAM)
        and table.name in _alone(first, (second.node,))
    )


def _alone(first: NodeFacts, gone: tuple[str, ...]) -> list[str]:
    """The tables that only these hold, of those that first knows."""
    return [
        table.name
        for table in first.tables
        if table.holders and set(table.holders) <= set(gone) and not table.local_content
    ]


async def keep_bare(context: StepContext) -> None:
    """First gets a copy of the tables of bare_on_second(): their definition would go with second.

    Raises StepFailed, ProbeError.
    """
    for table in bare_on_second(context.facts):
        end = await copy_act(context.pair.first, table.name, table.storage).run(context.pair.first)
        if not end.made:
            raise StepFailed(f"mnesia:add_table_copy({table.name}) on first: {end.reason}")
        context.say(f"{table.name}, which second alone holds: first has a copy now")


def refuse_last_copies(
    first: NodeFacts, gone: tuple[str, ...], but: Sequence[TableFacts] = ()
) -> None:
    """Raises StepFailed when a table would be lost with these members, other than `but`."""
    kept = {table.name for table in but}
    alone = [name for name in _alone(first, gone) if name not in kept]
    if alone:
        raise StepFailed(
            f"these tables live on {', '.join(gone)} alone: {', '.join(alone)}; give first a copy "
            "of each, or delete them, before it is forgotten"
        )
