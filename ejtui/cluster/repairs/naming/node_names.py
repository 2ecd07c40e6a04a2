"""Which names the two nodes need to find each other, and the renaming that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.cluster.acts.act import Command, where
from ejtui.cluster.diagnosis.rules.case import Role
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.repairs.naming.hosts_entry import add_entry
from ejtui.cluster.repairs.naming.renaming import FALLBACK, rename, rename_commands
from ejtui.cluster.repairs.tools import service, settings
from ejtui.erlang.terms.names import BadNodeName, NodeName
from ejtui.platforms import Platform

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext

FULL = "FULL.HOST.NAME"
"""Stands for what `hostname -f` answers, until the host is asked."""

READ_AGAIN_SECONDS = 20.0

_ORDER: tuple[Role, Role] = ("second", "first")


def new_names(first: Platform, second: Platform, unfit: Collection[str] = ()) -> dict[Role, str]:
    """The new name of each node that needs one, second's first, as far as hosts are known. Pure.

    A name is kept that is valid, not localhost's, not of the other style, and not one of the roles
    in `unfit`. Of two nodes with one name second gets another. Names are long where first's is
    (or second's, where first's is not kept), and where both hosts have one short name.
    """
    platforms: Mapping[Role, Platform] = {"first": first, "second": second}
    long = _are_long(platforms, unfit)
    new = {
        role: after_host(platforms[role], long=long)
        for role in _ORDER
        if role in unfit or not _fits(platforms[role].node, long=long)
    }
    if not new and first.node == second.node:
        new["second"] = after_host(second, long=long)
    if "first" not in new and new.get("second") == first.node:
        new["first"] = after_host(first, long=long)
    return new


def _are_long(platforms: Mapping[Role, Platform], unfit: Collection[str]) -> bool:
    if platforms["first"].hostname == platforms["second"].hostname:
        return True
    kept = [
        name
        for role in ("first", "second")
        if role not in unfit
        and (name := _parsed(platforms[role].node)) is not None
        and not name.of_localhost
    ]
    return bool(kept) and kept[0].style == "long"


def _fits(node: str, *, long: bool) -> bool:
    name = _parsed(node)
    return name is not None and not name.of_localhost and (name.style == "long") == long


def _parsed(node: str) -> NodeName | None:
    try:
        return NodeName.parse(node)
    except BadNodeName:
        return None


def after_host(platform: Platform, *, long: bool) -> str:
    """The node's name after its host: see FULL."""
    name = _parsed(platform.node)
    return f"{name.name if name else 'ejabberd'}@{FULL if long else platform.hostname}"


async def _known_name(node: Node, peer: Node, shown: str) -> str:
    """The name that `shown` stands for. Raises StepFailed for a host that has none that the other
    one could know it by.
    """
    alive, _, host = shown.partition("@")
    if host == "localhost":
        raise StepFailed(
            f"the host {node.name} is called localhost: give it another name first "
            "(hostnamectl set-hostname NAME)"
        )
    if host != FULL:
        return shown
    full = await _full_host_name(node)
    if not full and node.platform.hostname == peer.platform.hostname:
        raise StepFailed(
            f"both hosts are called {node.platform.hostname}, and {node.name} has no full host "
            "name (hostname -f). Give one another name first (hostnamectl set-hostname NAME), or "
            "each a full one, in DNS or in /etc/hosts"
        )
    if not full or full.partition(".")[0] == "localhost":
        raise StepFailed(
            f"{node.name} has no full host name (hostname -f), and {node.platform.hostname} alone "
            "does not do: give it one first, in DNS or in /etc/hosts"
        )
    if full == await _full_host_name(peer):
        raise StepFailed(
            f"both hosts are called {full} (hostname -f): give one another name first "
            "(hostnamectl set-hostname NAME)"
        )
    return f"{alive}@{full}"


async def _full_host_name(node: Node) -> str:
    """What `hostname -f` answers there, "" where that has no dot."""
    said = await node.host.run(["hostname", "-f"], check=False)
    full = said.stdout.decode("utf-8", "replace").strip()
    return full if said.code == 0 and "." in full else ""


def fit_commands(plan: Plan, unfit: Collection[str] = ()) -> list[Command]:
    """What fit() runs, for showing."""
    new = new_names(plan.first, plan.second, unfit)
    renaming = [
        command
        for role, name in new.items()
        for command in rename_commands(plan.at(role), plan.facts.of(role), name)
    ]
    return [*renaming, *entry_commands(plan, new)]


def entry_commands(plan: Plan, new: Mapping[Role, str]) -> list[Command]:
    """What find_each_other() runs once the nodes have these names, for showing."""
    hosts = {role: new.get(role, plan.at(role).platform.node).partition("@")[2] for role in _ORDER}
    entries = [
        settings.host_command(plan.at_second, "ADDRESS", hosts["first"]),
        settings.host_command(plan.at_first, "ADDRESS", hosts["second"]),
    ]
    return where(entries, "the name does not lead there")


async def fit(context: RepairContext, unfit: Collection[str] = ()) -> Evidence:
    """Both nodes have names under which they find each other, each with its database.

    Renames those that new_names() names, and gives a host the other one's address where it does
    not find it by the new name. Raises StepFailed.
    """
    nodes = _nodes(context)
    evidence: list[str] = []
    for role, name in (await known_names(context, unfit)).items():
        evidence += await rename(context, nodes[role], name)
    for role in _ORDER:
        if FALLBACK in nodes[role].facts.spool.names:
            # A renaming that was broken off before this start.
            await service.start(context, nodes[role])
    evidence += await find_each_other(context)
    return [*evidence, *await service.wait_together(context)]


async def known_names(context: RepairContext, unfit: Collection[str] = ()) -> dict[Role, str]:
    """What new_names() names, as the hosts know it. Raises StepFailed where one does not."""
    nodes = _nodes(context)
    new = new_names(nodes["first"].platform, nodes["second"].platform, unfit)
    for role, shown in new.items():
        peer = nodes["first" if role == "second" else "second"]
        new[role] = await _known_name(nodes[role], peer, shown)
    one, two = (new.get(role, nodes[role].platform.node) for role in _ORDER)
    if one == two:
        raise StepFailed(
            f"both nodes would be called {one}: give one host another name first "
            "(hostnamectl set-hostname NAME)"
        )
    return new


def _nodes(context: RepairContext) -> dict[Role, Node]:
    return {"first": context.pair.first, "second": context.pair.second}


async def find_each_other(context: RepairContext) -> Evidence:
    """Each host gets the other one's address where it lacks that, and the address can be tried."""
    first, second = context.pair.first, context.pair.second
    evidence: list[str] = []
    for node, peer in ((second, first), (first, second)):
        await context.refresh()
        if _is_lost(node, peer):
            evidence.append(await add_entry(context, node, peer))
            await _until_found(context, node, peer)
    await context.refresh()
    return evidence


async def _until_found(context: RepairContext, node: Node, peer: Node) -> None:
    """Waits until an Erlang there has read the hosts file again: it does so every few seconds."""
    await context.until(
        lambda _: not _is_lost(node, peer),
        f"{node.name} to find {peer.name} at the address in {settings.HOSTS}",
        READ_AGAIN_SECONDS,
    )


def _is_lost(node: Node, peer: Node) -> bool:
    """Whether the peer's host has no address on the node's host, or one of that host's own."""
    way = node.facts.peers.get(peer.platform.node)
    return way is not None and (not way.passed("resolve") or node.facts.has_address(way.address))
