"""Repairs of nodes that do not run, wait, or hang."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.acts import service_unit
from ejtui.cluster.acts.act import Command, commands, where
from ejtui.cluster.errors import ClusterError, StepFailed
from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations.vm import lifecycle, restarter
from ejtui.cluster.question import Question
from ejtui.cluster.repairs.members.start_first import StartFirst
from ejtui.cluster.repairs.repair import Repair, facts_of, side
from ejtui.cluster.repairs.tools import comparing, keep, service
from ejtui.cluster.repairs.tools.loading import load_act, load_own
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext


class StartNode(StartFirst):
    """Starts ejabberd where it does not run; restarts it where others cannot find it."""

    codes: ClassVar = ("not-connected",)
    title: ClassVar = "start ejabberd"
    cannot_undo: ClassVar = (
        "nothing is lost by it; if second keeps first from starting, you are asked before it is "
        "stopped"
    )
    amid_join: ClassVar = False

    def own_commands(self, plan: Plan, finding: Finding) -> list[Command]:
        return commands(service.restart_acts(side(plan, finding), facts_of(plan, finding)))

    async def own_run(self, context: RepairContext) -> Evidence:
        well = context.node_facts.ejabberd and context.facts.both_run
        if context.node_facts.vm != "down" and not well and not context.node_facts.starting:
            await service.stop(context, context.node)
        await service.start(context, context.node)
        return await service.wait_together(context)


class LoadTables(StartFirst):
    """The node that holds the newer copies is started; else, with consent, the old ones load."""

    codes: ClassVar = ("tables-waiting",)
    title: ClassVar = "start the node that the tables wait for, else load what is there"
    keeps: ClassVar = "both databases, before anything is loaded from older copies"
    cannot_undo: ClassVar = (
        "where that node cannot be started: what only it had is overwritten when it comes back"
    )

    def own_commands(self, plan: Plan, finding: Finding) -> list[Command]:
        peer = replace(finding, node="second" if finding.node == "first" else "first")
        stop = service.stop_acts(side(plan, peer), facts_of(plan, peer))
        acts = [*stop, load_act(side(plan, finding))]
        if _emptied(facts_of(plan, peer)):
            return commands(acts)
        start = commands(lifecycle.start_acts(side(plan, peer)))
        return [*start, *where(acts, "that node cannot be started, and with consent")]

    async def own_run(self, context: RepairContext) -> Evidence:
        evidence = []
        try:
            await _start_peer(context)
            evidence.append(f"ejabberd runs on {context.peer.name}")
        except (ClusterError, HostError, ProbeError) as error:
            context.say(f"{context.peer.name} cannot be started: {error}")
            evidence += await _force(context, str(error).splitlines()[0])
        await context.until(
            lambda _: not context.node_facts.waiting and context.node_facts.ejabberd,
            f"{context.node.name} to have all its tables",
            service.TOGETHER_SECONDS,
        )
        if context.peer_facts.ejabberd:
            evidence += await service.wait_together(context)
        return evidence


def _emptied(node: NodeFacts) -> bool:
    """Whether it does not run and has no database to start from, only to make a new one."""
    return node.vm == "down" and not node.spool.error and not node.spool.names


async def _start_peer(context: RepairContext) -> None:
    """Starts the other node. Raises StepFailed where its database is empty."""
    if _emptied(context.peer_facts):
        raise StepFailed(f"{context.peer.name} has no database any more")
    await service.start(context, context.peer)


async def _force(context: RepairContext, why: str) -> Evidence:
    """The repaired node loads its own copies, after both sides' databases were copied and read."""
    node, peer = context.node, context.peer
    await context.refresh()
    tables = context.node_facts.waiting
    if not tables:
        return [f"{node.name} has all its tables by now"]
    # Neither is written meanwhile: one is down, the other has loaded nothing yet.
    await service.stop(context, peer)
    first, second = await keep.databases(context)
    both = await comparing.on_disc(context, first, second)
    only = both.only_second if context.on_first else both.only_first
    listing = await comparing.listing(both.loser, only)
    path = await keep.text(context, peer, f"only-{both.loser}.json", listing)
    await context.ask(
        Question(
            title=f"Load {node.name}'s own, possibly older tables?",
            takes=(f"Mnesia waits for {peer.name}'s copies, and {why}", *both.lines()),
            consequence=(
                f"What only {peer.name} has is overwritten when it comes back. {first} on "
                f"{context.pair.first.name} and {second} on {context.pair.second.name} are copies "
                "of both databases, whole."
            ),
            yes_label="Load them",
        )
    )
    await load_own(node, tables)
    return [
        f"{len(tables)} tables loaded from {node.name}'s own disc",
        f"{path} lists the {len(only)} accounts that {peer.name} alone had",
    ]


class RestartStoppingUnit(Repair):
    """Restarts an ejabberd that its service manager believes to be stopping."""

    codes: ClassVar = ("unit-stopping",)
    title: ClassVar = "restart ejabberd in order, before systemd kills it"
    cannot_undo: ClassVar = "the sessions of its users end; they connect again automatically"
    amid_join: ClassVar = False

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        return commands(service.restart_acts(side(plan, finding), facts_of(plan, finding)))

    async def takes(self, context: RepairContext) -> Question | None:
        facts = context.node_facts
        return Question(
            title=f"Restart ejabberd on {facts.name}, before systemd kills it?",
            takes=_sessions(context),
            consequence=(
                "They connect again automatically. With a No systemd ends that VM at its time "
                "limit, and starts ejabberd again where its unit has that."
            ),
            yes_label="Restart it",
        )

    async def run(self, context: RepairContext) -> Evidence:
        await service.restart(context, context.node)
        return await service.wait_together(context)


class StartUnit(RestartStoppingUnit):
    """Ends an ejabberd that runs outside its unit of systemd, and starts the unit."""

    codes: ClassVar = ("outside-unit",)
    title: ClassVar = "end the ejabberd that runs outside its unit, then start the unit"

    async def takes(self, context: RepairContext) -> Question | None:
        facts = context.node_facts
        return Question(
            title=f"End the ejabberd on {facts.name} that runs outside its unit?",
            takes=_sessions(context),
            consequence=(
                f"ejabberd stops on {facts.name} and starts again as its unit. Users connect "
                "again automatically. Where a supervisor started it, stop that first."
            ),
            yes_label="Restart it as its unit",
        )

    async def run(self, context: RepairContext) -> Evidence:
        node = context.node
        await service.restart(context, node)
        evidence = await service.wait_together(context)
        unit = await service_unit.find(node, context.node_facts.os_pid)
        if unit is not None and not unit.holds_vm:
            await self._name_other(context)
        return [f"{node.name}: process {context.node_facts.os_pid} is the unit's", *evidence]

    async def _name_other(self, context: RepairContext) -> None:
        """Raises StepFailed with who starts ejabberd in the unit's place."""
        seen = await restarter.identify(context.node)
        who = "; ".join(restarter.who(context.node.name, seen))
        raise StepFailed(
            f"something else started ejabberd on {context.node.name} before the unit could: {who}. "
            "Stop that, then repair outside-unit again",
            (context.finding,),
        )


def _sessions(context: RepairContext) -> tuple[str, ...]:
    """What was found, and whose sessions a restart ends."""
    facts = context.node_facts
    ends = f"the sessions of {facts.name}'s users, {facts.accounts} accounts"
    return (*context.finding.evidence, ends)


class RestartSchemaHolder(Repair):
    """Restarts the node that holds the schema; the erl of a join is only ended."""

    codes: ClassVar = ("join-hangs",)
    title: ClassVar = "end what holds the schema"
    cannot_undo: ClassVar = "the sessions of its users end, where ejabberd runs there"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        facts = facts_of(plan, finding)
        acts = service.restart_acts if facts.started == "ejabberd" else service.stop_acts
        return commands(acts(side(plan, finding), facts))

    async def takes(self, context: RepairContext) -> Question | None:
        facts = context.node_facts
        if not facts.ejabberd:
            return None
        return Question(
            title=f"Restart ejabberd on {facts.name}?",
            takes=(f"the sessions of {facts.name}'s users, {facts.accounts} accounts",),
            consequence=(
                f"They connect again automatically; {facts.name} is away until it has started."
            ),
            yes_label="Restart it",
        )

    async def run(self, context: RepairContext) -> Evidence:
        # No online backup before it: that would wait for what hangs, and nothing is overwritten.
        again = context.node_facts.started == "ejabberd"
        await service.stop(context, context.node)
        if again:
            await service.start(context, context.node)
            return await service.wait_together(context)
        await context.refresh()
        return [f"{context.node.name}: VM {context.node_facts.vm}; `join` begins again from there"]
