"""Ending and starting nodes in a repair, and waiting until they are together again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from ejtui.cluster.acts.act import Act, At
from ejtui.cluster.backups import folders, guarded_start, online
from ejtui.cluster.backups.move import database_move, half_moved
from ejtui.cluster.diagnosis.settings_syntax import refuse_broken
from ejtui.cluster.errors import ClusterError, StepFailed
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.operations import agreement
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.repairs.context import Ended
from ejtui.cluster.repairs.tools import keep
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.repairs.context import RepairContext

TOGETHER_SECONDS = 45.0
UNSEEN_SECONDS = 30.0


def stop_acts(at: At, facts: NodeFacts) -> list[Act]:
    """What stop() does, by what the node reports now."""
    there = facts.vm != "down" or bool(facts.os_pid)
    return lifecycle.stop_acts(at, facts) if there else []


def restart_acts(at: At, facts: NodeFacts) -> list[Act]:
    """What restart() does, by what the node reports now."""
    return [*stop_acts(at, facts), *lifecycle.start_acts(at)]


async def stop(context: RepairContext, node: Node) -> None:
    """Ends the node's VM, the live erl shell on second with it.

    Asks first where ejabberd is starting, and where starting it again would change the cluster's
    tables for good. Raises Refused, StepFailed where it could not start again.
    """
    await node.refresh()
    if runs(node.facts):
        await refuse_broken(node)
    if node.facts.ejabberd:
        await agreement.before_start(context, node, lambda: _kept(context, node))
    question = lifecycle.end_question(node.facts) if node.facts.starting else None
    if question is not None:
        await context.ask(question)
    ran, asked = runs(node.facts), node.facts.ejabberd
    # One that nobody reaches, not even from its own host, has a process all the same.
    if node.facts.vm != "down" or node.facts.os_pid:
        context.say(f"{node.name}: ended by {await lifecycle.stop(node, context.say)}")
    if node is context.pair.second:
        await context.pair.end_shell()
    if ran:
        names = frozenset(await database_move.mnesia_names(node))
        context.ended[node] = Ended(names, asked)


def runs(facts: NodeFacts) -> bool:
    """Whether ejabberd runs or is starting; where its VM cannot be asked, whether it was started as
    ejabberd.
    """
    unasked = facts.vm != "up" and bool(facts.os_pid)
    return facts.ejabberd or facts.starting or (unasked and facts.started == "ejabberd")


async def start(context: RepairContext, node: Node) -> None:
    """Starts ejabberd unless it runs. Raises StepFailed with the end of its log.

    What the start of a member would change in the cluster's tables for good is asked first.
    """
    await node.refresh()
    context.ended.pop(node, None)
    if not node.facts.ejabberd:
        await agreement.before_start(context, node, lambda: _kept(context, node))
        context.say(f"starting ejabberd on {node.name}")
        await guarded_start.start(node, context.say)


async def start_again(context: RepairContext, why: Exception) -> None:
    """Starts what a repair had ended before it failed, unless its database is no longer whole.

    Raises StepFailed with `why` and the reason where that fails too.
    """
    for node, ended in list(context.ended.items()):
        if not ended.names or not ended.names <= set(await database_move.mnesia_names(node)):
            continue
        context.say(f"{node.name}: ejabberd was ended for this repair, which failed")
        try:
            if ended.asked:
                await start(context, node)
            else:
                # Nobody would see it run: that it could not be asked, or did not come up, was what
                # to repair.
                await start_unseen(node)
        except (ClusterError, HostError, ProbeError) as error:
            raise StepFailed(f"{why}; ejabberd does not start again either: {error}") from why


async def start_unseen(node: Node) -> None:
    """Starts an ejabberd that cannot be asked whether it runs, or that may wait for tables.

    A service manager waits with it: it goes on when that is left. Raises StepFailed, HostError.
    """
    await half_moved.refuse_start(node)
    with suppress(TimeoutError):
        async with asyncio.timeout(UNSEEN_SECONDS):
            for act in lifecycle.start_acts(node):
                await act.run(node)


async def _kept(context: RepairContext, node: Node) -> list[str]:
    """The cluster's tables before a node of another release starts: where they are.

    Of the other node while it runs, else copies of both databases. Raises BackupError.
    """
    peer = context.pair.second if node is context.pair.first else context.pair.first
    if not peer.facts.mnesia_runs:
        return [f"both databases as they are: {', '.join(await keep.databases(context))}"]
    place = keep.place(context, peer)
    await folders.make(peer, place)
    made = await online.make(context, peer, f"{place}/tables.BUP")
    return [f"backed up: {made.path} on {peer.name}, {made.records} records"]


async def restart(context: RepairContext, node: Node) -> None:
    """Ends and starts it."""
    await stop(context, node)
    await start(context, node)


async def wait_together(context: RepairContext) -> list[str]:
    """Waits until nodes of one schema that are both up report that they run together.

    Nodes that are not of one cluster only have to run. Returns what each reports.
    """
    facts = await context.refresh()
    if of_one_cluster(facts):
        facts = await context.until(
            lambda now: now.both_run and now.first.ejabberd and now.second.ejabberd,
            "both nodes to run together again",
            TOGETHER_SECONDS,
        )
    return [
        f"{node.name}: VM {node.vm}, runs with {', '.join(node.running_db_nodes) or 'nobody'}"
        for node in (facts.first, facts.second)
    ]


def of_one_cluster(facts: PairFacts) -> bool:
    """Whether both nodes have the same schema, in memory or on disc."""
    cookie = facts.first.schema_cookie
    return bool(cookie) and cookie == facts.second.schema_cookie
