"""Repairs of names: those of hosts that do not resolve, and those of nodes that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ejtui import scripts
from ejtui.cluster.acts.act import Command, commands, where
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations import lifecycle
from ejtui.cluster.repairs.renaming import host_name, rename, rename_commands, wanted_name
from ejtui.cluster.repairs.repair import Repair, facts_of, side
from ejtui.cluster.repairs.tools import erl, service, settings
from ejtui.erlang.terms.names import NodeName

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext

_OWN = scripts.erlang(__file__, "own_addresses.eval")

_REACHED = scripts.erlang(__file__, "reached_address.eval")
_RESOLVES = scripts.erlang(__file__, "resolves.eval")


OWN_ADDRESS = "127.0.1.1"
"""A host's own name stands for it in Debian's hosts file."""


class AddHostsEntry(Repair):
    """Gives the other host's name an address in this one's hosts file."""

    codes: ClassVar = ("unresolvable", "ipv6-only", "wrong-peer-address")
    title: ClassVar = "add the other host to the hosts file, with an address that was tried"
    keeps: ClassVar = "/etc/hosts"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        there = plan.second if finding.node == "first" else plan.first
        host = NodeName.parse(there.node).host
        entry = settings.host_command(side(plan, finding), "ADDRESS", host)
        apart = service.of_one_cluster(plan.facts) and not plan.facts.both_run
        again = apart and plan.facts.second.vm != "down"
        return [
            entry,
            *(commands(service.restart_acts(plan.at_second, plan.facts.second)) if again else []),
        ]

    async def run(self, context: RepairContext) -> Evidence:
        done = await _add_entry(context, context.node, context.peer)
        return [done, *await _together(context)]


async def _add_entry(context: RepairContext, node: Node, peer: Node) -> str:
    """The peer's host name with its address in the node's hosts file. Raises StepFailed."""
    host = NodeName.parse(peer.platform.node).host
    address = await _address_of_peer(node, peer)
    done = await settings.host_entry(context, node, address, host)
    await context.refresh()
    way = node.facts.peers.get(peer.platform.node)
    if way is None or not way.passed("resolve"):
        raise StepFailed(
            f"{host} still does not resolve on {node.name}: "
            f"{way.why if way else 'not asked'}; its resolver does not read {settings.HOSTS}"
        )
    return done


async def _address_of_peer(node: Node, peer: Node) -> str:
    """The peer's address at which this host finds the peer's node. Raises StepFailed."""
    alive = NodeName.parse(peer.platform.node).name
    port, *addresses = (await erl.evaluate(peer, _OWN, alive)).split()
    if port == "0":
        raise StepFailed(f"start ejabberd on {peer.name} first, so that its address can be tried")
    epmd = peer.platform.env.get("ERL_EPMD_PORT", "4369")
    found = await erl.evaluate(
        node, _REACHED, epmd, alive, port, *addresses, timeout=5 + 3 * len(addresses)
    )
    if not found:
        tried = ", ".join(addresses) or "no IPv4 address"
        raise StepFailed(
            f"{node.name} finds {peer.platform.node} at none of {peer.name}'s addresses "
            f"({tried}): give it one that it can reach, or run both nodes with "
            "-proto_dist inet6_tcp"
        )
    return found


async def _together(context: RepairContext) -> list[str]:
    """Members that were started while they could not find each other start again: second."""
    facts = await context.refresh()
    if service.of_one_cluster(facts) and not facts.both_run and facts.second.vm != "down":
        await service.restart(context, context.pair.second)
    return await service.wait_together(context)


class UseOneNameStyle(Repair):
    """Second gets a name of first's style, its database and accounts with it."""

    codes: ClassVar = ("name-style",)
    title: ClassVar = "rename second's node to first's style, its database included"
    keeps: ClassVar = "second's whole database, and ejabberdctl.cfg"
    cannot_undo: ClassVar = "ejabberd restarts on second: its sessions end"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        del finding
        new = host_name(plan.second, plan.first)
        return rename_commands(plan.at_second, plan.facts.second, new)

    async def run(self, context: RepairContext) -> Evidence:
        second = context.pair.second
        return await rename(context, second, await wanted_name(second, context.pair.first))


class NameNodesAfterHosts(Repair):
    """Both nodes get names after their hosts, with their databases, and find each other."""

    codes: ClassVar = ("both-localhost",)
    title: ClassVar = "name second's node, then first's, after their hosts, databases included"
    keeps: ClassVar = "each node's whole database, ejabberdctl.cfg, and /etc/hosts where it changes"
    cannot_undo: ClassVar = "ejabberd restarts on both nodes: their sessions end"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        del finding
        first, second = host_name(plan.first, plan.second), host_name(plan.second, plan.first)
        return [
            *rename_commands(plan.at_second, plan.facts.second, second),
            *rename_commands(plan.at_first, plan.facts.first, first),
            *where(
                [
                    settings.host_command(plan.at_second, "ADDRESS", NodeName.parse(first).host),
                    settings.host_command(plan.at_first, "ADDRESS", NodeName.parse(second).host),
                ],
                "the name does not resolve",
            ),
        ]

    async def run(self, context: RepairContext) -> Evidence:
        first, second = context.pair.first, context.pair.second
        new = {node.name: await _new_name(node, peer) for node, peer in
               ((second, first), (first, second))}  # fmt: skip
        evidence: list[str] = []
        for node in (second, first):
            if node.platform.node != new[node.name]:
                evidence += await rename(context, node, new[node.name])
        for node, peer in ((second, first), (first, second)):
            await context.refresh()
            way = node.facts.peers.get(peer.platform.node)
            if way is not None and not way.passed("resolve"):
                evidence.append(await _add_entry(context, node, peer))
        await context.refresh()
        return [*evidence, *await service.wait_together(context)]


async def _new_name(node: Node, peer: Node) -> str:
    """After its host; what was renamed already keeps its name."""
    if NodeName.parse(node.platform.node).of_localhost:
        return await wanted_name(node, peer)
    return node.platform.node


class RestoreNodeName(Repair):
    """The node gets the name back that its database has."""

    codes: ClassVar = ("renamed",)
    title: ClassVar = "give the node the name that its database has"
    keeps: ClassVar = "ejabberdctl.cfg, and /etc/hosts where it changes"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        at, owner = side(plan, finding), _owner_word(finding)
        return [
            *commands(service.stop_acts(at, facts_of(plan, finding))),
            settings.option_command(at, "ERLANG_NODE", owner),
            *where(
                [settings.host_command(at, OWN_ADDRESS, owner.rpartition("@")[2])],
                "the name does not resolve",
            ),
            *commands(lifecycle.start_acts(at)),
        ]

    async def run(self, context: RepairContext) -> Evidence:
        node = context.node
        owner = _owner(context)
        host = NodeName.parse(owner).host
        await service.stop(context, node)
        if node.platform.sources.get("node") == "configuration":
            raise StepFailed(f"ejtui's own configuration sets node: set it to {owner} there")
        done = await settings.option(context, node, "ERLANG_NODE", owner)
        if node.platform.node != owner:
            raise StepFailed(f"{node.name}'s node is still {node.platform.node}, not {owner}")
        evidence = [done]
        if not await _resolves(context, host):
            evidence.append(await settings.host_entry(context, node, OWN_ADDRESS, host))
        await service.start(context, node)
        return [*evidence, *await service.wait_together(context)]


def _owner(context: RepairContext) -> str:
    """Whose database lies on the node's disc. Raises StepFailed when that is not one name."""
    facts = context.node_facts
    disk = facts.disk_schema
    peer = context.peer.platform.node
    owners = list(context.finding.subjects) or [
        name for name in (disk.nodes if disk else ()) if name not in (peer, facts.node)
    ]
    if len(owners) != 1:
        said = ", ".join(disk.nodes if disk else ()) or "no schema can be read"
        raise StepFailed(f"it is unknown which node this database belongs to: {said}")
    return owners[0]


def _owner_word(finding: Finding) -> str:
    return finding.subjects[0] if len(finding.subjects) == 1 else "OWNER"


async def _resolves(context: RepairContext, host: str) -> bool:
    return await erl.evaluate(context.node, _RESOLVES, host) == "yes"


class EndNameHolder(Repair):
    """Ends what runs under ejabberd's name and is not ejabberd, and starts ejabberd."""

    codes: ClassVar = ("name-in-use", "vm-up-app-down", "already-running")
    title: ClassVar = "end the Erlang VM that has ejabberd's name, and start ejabberd"
    cannot_undo: ClassVar = "what was typed into an erl of that name ends with it"
    amid_join: ClassVar = False

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        return commands(service.restart_acts(side(plan, finding), facts_of(plan, finding)))

    async def run(self, context: RepairContext) -> Evidence:
        facts = context.facts
        if facts.first.node == facts.second.node:
            raise StepFailed(
                "both nodes have the same name: give second another (ERLANG_NODE in its "
                "ejabberdctl.cfg), with ejabberd there stopped"
            )
        if not context.node_facts.ejabberd:
            await service.restart(context, context.node)
        evidence = await service.wait_together(context)
        process = context.node.facts.os_pid
        return [f"{context.node.name}: ejabberd runs, process {process}", *evidence]
