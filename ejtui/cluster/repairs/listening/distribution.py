"""Repairs of the distribution: the port on which a node takes the others' connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.acts.act import Command, commands
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.pair.plan import Target
from ejtui.cluster.repairs.naming import node_names
from ejtui.cluster.repairs.repair import Repair, facts_of, side
from ejtui.cluster.repairs.tools import firewall, keep, service, settings
from ejtui.erlang.terms.names import NodeName
from ejtui.platforms.platform import INTERFACE as OPTION

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext

PORT, INTERFACE = "ERL_DIST_PORT", "INET_DIST_INTERFACE"


class OpenDistributionPort(Repair):
    """Lets the other node through to the port on which the node listens now."""

    codes: ClassVar = ("dist-port-blocked",)
    title: ClassVar = "let the other node through to the distribution port"
    keeps: ClassVar = "the firewall's rules of before"
    cannot_undo: ClassVar = "the rule that is added lasts until the firewall is loaded again"

    def kept_in(self, at: Target) -> str:
        del at
        return keep.ROOTS

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        here, there = (
            (plan.facts.second, plan.first)
            if finding.node == "first"
            else (plan.facts.first, plan.second)
        )
        peer = here.peers.get(there.node)
        return firewall.commands(plan, finding, (peer.port if peer else None) or 0)

    async def run(self, context: RepairContext) -> Evidence:
        peer = context.peer_facts.peers.get(context.node.platform.node)
        if peer is None or peer.port is None:
            raise StepFailed(f"{context.peer.name} does not know {context.node.name}'s port")
        seen = await firewall.open_port(context, peer.port, ("tcp",))
        fixed = "FIREWALL_WINDOW" in context.node.platform.sources or (
            "inet_dist_listen_min" in context.node.platform.dist_options
        )
        if not fixed:
            seen.append(
                "the port is another one after each start: set FIREWALL_WINDOW in "
                f"{context.node.platform.ejabberdctl_cfg} and open that range"
            )
        return [*seen, *await service.wait_together(context)]


class ListenOnAllAddresses(Repair):
    """The node listens on every address again, or is named after its host."""

    codes: ClassVar = ("dist-loopback",)
    changes: ClassVar = ("settings",)
    title: ClassVar = "let the node listen for other hosts, or name it after its host; restart it"
    keeps: ClassVar = "ejabberdctl.cfg, and the whole database where the node is renamed"
    cannot_undo: ClassVar = "ejabberd restarts on that node: its sessions end"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        at = side(plan, finding)
        if NodeName.parse(at.platform.node).of_localhost:
            return node_names.fit_commands(plan)
        return [
            *commands(service.stop_acts(at, facts_of(plan, finding))),
            settings.option_command(at, INTERFACE, None),
            *commands(lifecycle.start_acts(at)),
        ]

    async def run(self, context: RepairContext) -> Evidence:
        node = context.node
        if NodeName.parse(node.platform.node).of_localhost:
            return await node_names.fit(context)
        settings.refuse_option(node, INTERFACE, None)
        if places := node.platform.sources.get(OPTION):
            raise StepFailed(
                f"{node.name}'s {places} has inet_dist_use_interface: take it out there, and "
                "restart ejabberd. Nothing was changed"
            )
        await service.stop(context, node)
        done = await settings.option(context, node, INTERFACE, None)
        if "inet_dist_use_interface" in node.platform.dist_options:
            raise StepFailed(
                f"{node.name} still sets its interface, in "
                f"{node.platform.sources.get('dist_options')}: take it out there"
            )
        await service.start(context, node)
        return [done, *await service.wait_together(context)]


class UseSamePorts(Repair):
    """Second is configured as first is: the same fixed port, or epmd on both."""

    codes: ClassVar = ("dist-port-differs",)
    changes: ClassVar = ("settings",)
    title: ClassVar = "give second first's setting of the distribution port"
    keeps: ClassVar = "ejabberdctl.cfg"
    cannot_undo: ClassVar = "ejabberd restarts on second: its sessions end"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        del finding
        second = plan.at_second
        return [
            *commands(service.stop_acts(second, plan.facts.second)),
            settings.option_command(second, PORT, plan.first.env.get(PORT)),
            *commands(lifecycle.start_acts(second)),
        ]

    async def run(self, context: RepairContext) -> Evidence:
        first, second = context.pair.first, context.pair.second
        settings.refuse_option(second, PORT, first.platform.env.get(PORT))
        await service.stop(context, second)
        value = first.platform.env.get(PORT)
        done = await settings.option(context, second, PORT, value)
        if second.platform.env.get(PORT) != value:
            raise StepFailed(
                f"second still has {PORT}={second.platform.env.get(PORT)}, from "
                f"{second.platform.sources.get(f'env.{PORT}')}: change it there"
            )
        await service.start(context, second)
        return [done, *await service.wait_together(context)]
