"""Repairs of names: those of hosts that do not resolve, and those of nodes that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ejtui import scripts
from ejtui.cluster.acts.act import Command, commands, where
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.repairs.naming import node_names
from ejtui.cluster.repairs.naming.hosts_entry import add_entry
from ejtui.cluster.repairs.repair import Repair, facts_of, side
from ejtui.cluster.repairs.tools import erl, service, settings
from ejtui.erlang.terms.names import NodeName

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext

_RESOLVES = scripts.erlang(__file__, "resolves.eval")


OWN_ADDRESS = "127.0.1.1"
"""A host's own name stands for it in Debian's hosts file."""


class AddHostsEntry(Repair):
    """Gives the other host's name an address in this one's hosts file."""

    codes: ClassVar = ("unresolvable", "ipv6-only", "wrong-peer-address")
    changes: ClassVar = ("hosts",)
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
        done = await add_entry(context, context.node, context.peer)
        return [done, *await _together(context)]


async def _together(context: RepairContext) -> list[str]:
    """Members that were started while they could not find each other start again: second."""
    facts = await context.refresh()
    if service.of_one_cluster(facts) and not facts.both_run and facts.second.vm != "down":
        await service.restart(context, context.pair.second)
    return await service.wait_together(context)


class NameNodesAfterHosts(Repair):
    """The nodes get names after their hosts, with their databases, and find each other."""

    codes: ClassVar = ("both-localhost", "name-style", "named-by-address")
    changes: ClassVar = ("settings", "database")
    title: ClassVar = "name the node, or both, after their hosts, databases included"
    keeps: ClassVar = "the whole database of each, ejabberdctl.cfg, and /etc/hosts where it changes"
    cannot_undo: ClassVar = "ejabberd restarts on each node that is renamed: its sessions end"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        return node_names.fit_commands(plan, _unfit(finding))

    async def run(self, context: RepairContext) -> Evidence:
        return await node_names.fit(context, _unfit(context.finding))


def _unfit(finding: Finding) -> tuple[str, ...]:
    """The node whose name does not do although it looks well."""
    return (finding.node,) if finding.code == "named-by-address" else ()


class RestoreNodeName(Repair):
    """The node gets the name back that its database has."""

    codes: ClassVar = ("renamed",)
    changes: ClassVar = ("settings",)
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
        settings.refuse_option(node, "ERLANG_NODE", owner)
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

    codes: ClassVar[tuple[str, ...]] = ("name-in-use",)
    title: ClassVar = (
        "end the Erlang VM that has ejabberd's name, and start ejabberd; where both nodes have one "
        "name, rename second's"
    )
    keeps: ClassVar = "the whole database of a node that is renamed, and ejabberdctl.cfg"
    cannot_undo: ClassVar = "an erl shell that somebody has open under that name ends"
    amid_join: ClassVar = False

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        if plan.first.node == plan.second.node:
            return node_names.fit_commands(plan)
        return commands(service.restart_acts(side(plan, finding), facts_of(plan, finding)))

    async def run(self, context: RepairContext) -> Evidence:
        if context.pair.first.platform.node == context.pair.second.platform.node:
            return await node_names.fit(context)
        if not context.node_facts.ejabberd:
            await service.restart(context, context.node)
        evidence = await service.wait_together(context)
        process = context.node.facts.os_pid
        return [f"{context.node.name}: ejabberd runs, process {process}", *evidence]


class EndVm(EndNameHolder):
    """The same where the two nodes have two names: nothing is renamed."""

    codes: ClassVar = ("vm-up-app-down", "already-running")
    title: ClassVar = "end the Erlang VM that has ejabberd's name, and start ejabberd"
    keeps: ClassVar = ""

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        return [] if plan.first.node == plan.second.node else super().commands(plan, finding)

    async def run(self, context: RepairContext) -> Evidence:
        if context.pair.first.platform.node == context.pair.second.platform.node:
            raise StepFailed(
                "both nodes have one name: nothing was changed. `ejtui repair name-in-use` gives "
                "second its own"
            )
        return await super().run(context)
