"""Repairs of epmd, which other nodes ask where one listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.acts import declared, epmd_service, epmd_socket
from ejtui.cluster.acts.act import Act, At, Command, commands, plain, where
from ejtui.cluster.errors import StepFailed, WaitedTooLong
from ejtui.cluster.facts.examination import SocketUnit
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.pair.plan import Target
from ejtui.cluster.polling import until
from ejtui.cluster.question import Question
from ejtui.cluster.repairs.repair import Repair, facts_of, side
from ejtui.cluster.repairs.tools import firewall, keep, listeners, service, settings
from ejtui.erlang.terms.names import NodeName
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext
    from ejtui.platforms import Platform

DEFAULT_PORT = 4369

REGISTER_SECONDS = 8.0
"""Newer Erlangs register again automatically after a moment; older ones never do."""


def port(platform: Platform) -> int:
    return int(platform.env.get("ERL_EPMD_PORT", DEFAULT_PORT))


class StartEpmd(Repair):
    """Starts epmd; ejabberd restarts where it does not register again."""

    codes: ClassVar = ("epmd-down",)
    title: ClassVar = "start epmd, and have the node register with it"
    cannot_undo: ClassVar = (
        "ejabberd restarts where its Erlang does not register again: its sessions end"
    )

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        at = side(plan, finding)
        again = where(lifecycle.restart_acts(at), "the node does not register again")
        return [epmd_act(at).command, *again]

    async def run(self, context: RepairContext) -> Evidence:
        await _begin(context, context.node)
        await _registered(context, context.node)
        return [*_known(context), *await service.wait_together(context)]


class FreeEpmdPort(Repair):
    """Ends what has taken epmd's port, then as for an epmd that is down."""

    codes: ClassVar = ("epmd-silent",)
    title: ClassVar = "end the program that has epmd's port, and start epmd"
    cannot_undo: ClassVar = "the program that is ended is not started again"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        at = side(plan, finding)
        end = listeners.end_act(at, port(at.platform))
        again = where(lifecycle.restart_acts(at), "the node does not register again")
        return [*commands([end, epmd_act(at)]), *again]

    async def takes(self, context: RepairContext) -> Question | None:
        node = context.node
        owners = await listeners.list_holders(node, port(node.platform))
        if not owners:
            return None
        return Question(
            title=f"End what listens on epmd's port on {node.name}?",
            takes=tuple([await listeners.described(node, each) for each in owners]),
            consequence="It is sent SIGTERM and not started again; epmd takes its place.",
            yes_label="End it",
        )

    async def run(self, context: RepairContext) -> Evidence:
        node = context.node
        at = port(node.platform)
        seen = []
        for owner in await listeners.list_holders(node, at):
            seen.append(f"{node.name}: ended {await listeners.described(node, owner)}")
            context.say(seen[-1])
            await listeners.end(node, owner, at)
        await _begin(context, node)
        await _registered(context, node)
        return [*seen, *_known(context), *await service.wait_together(context)]


class EndStaleEpmd(Repair):
    """Ends an epmd that knows nothing but a dead node's name, and starts ejabberd."""

    codes: ClassVar = ("epmd-stale",)
    title: ClassVar = "end the epmd that holds the dead name, and start ejabberd"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        at = side(plan, finding)
        return commands([listeners.end_act(at, port(at.platform)), *lifecycle.start_acts(at)])

    async def run(self, context: RepairContext) -> Evidence:
        node = context.node
        own = NodeName.parse(node.platform.node).name
        others = [name for name in context.node_facts.epmd or () if name != own]
        if others:
            raise StepFailed(
                f"epmd on {node.name} also serves {', '.join(others)}: ending it would cut them "
                f"off. Stop them, or end the program that holds {own}'s connection to epmd"
            )
        if context.node_facts.vm != "up":
            at = port(node.platform)
            for owner in await listeners.list_holders(node, at):
                await listeners.end(node, owner, at)
                context.say(f"{node.name}: epmd, process {owner.pid}, ended")
        await service.start(context, node)
        return [*_known(context), *await service.wait_together(context)]


class OpenEpmdPort(Repair):
    """Lets the other node through to epmd: its listening address, or a rule of the firewall."""

    codes: ClassVar = ("epmd-unreachable",)
    title: ClassVar = "let the other node reach epmd"
    keeps: ClassVar = "ejabberdctl.cfg, or the firewall's rules of before"
    cannot_undo: ClassVar = (
        "a rule that is added lasts until the firewall is loaded again; ejabberd restarts where "
        "epmd has to listen on another address"
    )

    def kept_in(self, at: Target) -> str:
        return f"{super().kept_in(at)}, or {keep.ROOTS}"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        at = side(plan, finding)
        at_port = port(at.platform)
        again = [
            *lifecycle.stop_acts(at),
            listeners.end_act(at, at_port),
            *lifecycle.start_acts(at),
        ]
        return [
            *firewall.commands(plan, finding, at_port),
            *where(
                [settings.option_command(at, epmd_service.VARIABLE, None), *again],
                "epmd listens on the loopback address alone",
            ),
            *_unit_commands(at),
        ]

    async def run(self, context: RepairContext) -> Evidence:
        node = context.node
        at = port(node.platform)
        owners = await listeners.list_listeners(node, at)
        unit = await _service_of_epmd(node, owners)
        if owners and all(owner.loopback_only for owner in owners) and unit:
            seen = [await _widen_service(context, unit, at)]
        elif owners and all(owner.loopback_only for owner in owners):
            seen = [await settings.option(context, node, epmd_service.VARIABLE, None)]
            await service.stop(context, node)
            for owner in owners:
                await listeners.end(node, owner, at)
            await service.start(context, node)
        else:
            seen = await firewall.open_port(context, at, ("epmd",))
        return [*seen, *await service.wait_together(context)]


def _unit_commands(at: At) -> list[Command]:
    """What is done where epmd is a service of systemd's that no socket starts."""
    unit = at.platform.epmd_unit
    if not unit.endswith(".service"):
        return []
    acts = [*lifecycle.stop_acts(at), epmd_service.widen_act(at, unit), *lifecycle.start_acts(at)]
    return where(commands(acts), f"{unit} has it listen there alone")


async def _service_of_epmd(node: Node, owners: list[listeners.Listener]) -> str:
    """The service of systemd's that runs epmd; "" where none does, or it is ejabberd's own."""
    units = {await listeners.unit_of(node, owner) for owner in owners}
    others = [unit for unit in units if unit.endswith(".service") and unit != node.platform.unit]
    return others[0] if len(others) == 1 else ""


async def _widen_service(context: RepairContext, unit: str, at: int) -> str:
    """The service listens on every address, or the drop-in is removed again. Raises StepFailed."""
    node = context.node
    if node.host.root is None:
        place = epmd_service.dropin(unit)
        raise StepFailed(f"{place} on {node.name} needs root: ejtui cannot become it")
    await epmd_service.refuse_fixed(node, unit)
    await service.stop(context, node)
    try:
        await epmd_service.widen_act(node, unit).run(node)
        found = await until(
            lambda: listeners.list_listeners(node, at),
            bool,
            what=f"{unit} on {node.name} to listen",
            seconds=REGISTER_SECONDS,
            poll=0.1,
        )
        if all(owner.loopback_only for owner in found):
            raise StepFailed(
                f"{unit} on {node.name} listens on loopback still: its command line has that "
                f"address (systemctl cat {unit}): change it there"
            )
    except (StepFailed, HostError):
        await epmd_service.narrow_act(node, unit).run(node)
        raise
    context.say(f"{node.name}: {epmd_service.dropin(unit)}")
    await service.start(context, node)
    return f"to undo: {epmd_service.narrow_act(node, unit).command.text}"


def epmd_act(at: At) -> Act:
    """How epmd is started: by systemd where it has a unit for it, else as the service user's."""
    platform = at.platform
    if platform.epmd_unit and platform.root:
        return plain(at, ["systemctl", "start", platform.epmd_unit], platform.root)
    argv = [platform.epmd, "-daemon"]
    return plain(at, argv, platform.service_user, env=platform.env, cwd="/")


class ListenOnAllInterfaces(Repair):
    """The socket unit that holds epmd's port gets a drop-in; what systemd runs is not signalled."""

    codes: ClassVar = ("epmd-socket",)
    title: ClassVar = "let systemd's unit for epmd's port listen on every address"
    cannot_undo: ClassVar = (
        "ejabberd restarts on that node: its sessions end. Every host that the firewall lets "
        "through can then ask epmd for the nodes' names and ports"
    )

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        at = side(plan, finding)
        unit = SocketUnit(next(iter(finding.subjects), "epmd.socket"))
        return [
            *commands(service.stop_acts(at, facts_of(plan, finding))),
            epmd_socket.widen_act(at, unit).command,
            *commands(lifecycle.start_acts(at)),
        ]

    async def run(self, context: RepairContext) -> Evidence:
        node = context.node
        declared.refuse_edit(node, "epmd.socket", "write `[::]:4369`")
        unit = await epmd_socket.find(node)
        if unit is None:
            raise StepFailed(f"no socket unit of systemd holds epmd's port on {node.name} now")
        seen = [f"{node.name}: {unit.dropin}"]
        if unit.loopback_only:
            await epmd_socket.refuse_fixed(node, unit)
            await service.stop(context, node)
            seen.append(await epmd_socket.widen(node, unit))
            context.say(seen[-1])
        await service.start(context, node)
        return [*seen, *_known(context), *await service.wait_together(context)]


async def _begin(context: RepairContext, node: Node) -> None:
    """Starts epmd as the service user, and waits until it answers."""
    if (await node.refresh()).epmd is None:
        await epmd_act(node).run(node)
        context.say(f"epmd started on {node.name}")
    await until(
        node.refresh,
        lambda facts: facts.epmd is not None,
        what=f"epmd on {node.name} to answer",
        seconds=REGISTER_SECONDS,
        instead=lambda facts: facts.epmd_error,
        poll=0.1,
    )


async def _registered(context: RepairContext, node: Node) -> None:
    """Waits until the node is known to epmd, and restarts ejabberd when it is not."""
    own = NodeName.parse(node.platform.node).name
    try:
        await until(
            node.refresh,
            lambda facts: own in (facts.epmd or ()),
            what=f"{own} to register with epmd",
            seconds=REGISTER_SECONDS,
            instead=lambda facts: f"epmd knows {', '.join(facts.epmd or ()) or 'nobody'}",
            poll=0.2,
        )
    except WaitedTooLong:
        context.say(f"{node.name} does not register again: ejabberd restarts")
        await service.restart(context, node)
    await context.refresh()


def _known(context: RepairContext) -> list[str]:
    facts = context.node.facts
    return [f"{facts.name}: epmd knows {', '.join(facts.epmd or ()) or 'nobody'}"]
