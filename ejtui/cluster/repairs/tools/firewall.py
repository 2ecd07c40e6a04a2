"""Letting one address through a host's own firewall (nftables) to one port."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

from ejtui import scripts
from ejtui.cluster.acts.act import Act, At, Command, plain, where
from ejtui.cluster.diagnosis.rules.connection.connecting import cause
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.repairs.repair import side
from ejtui.cluster.repairs.tools import keep, nft_rules
from ejtui.cluster.repairs.tools.settings import is_address
from ejtui.erlang.probe import questions

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext

COMMENT = "added by ejtui"

_LIST = ["sh", "-c", scripts.shell(__file__, "rules.sh"), "rules", COMMENT]

_MANAGERS = scripts.shell(__file__, "firewall_managers.sh")

LEGACY = "iptables-legacy"

MANAGERS: Mapping[str, str] = {
    "ufw": "ufw allow from {address} to any port {port} proto tcp",
    "firewalld": "firewall-cmd --permanent --add-rich-rule='rule family={family} source "
    "address={address} port port={port} protocol=tcp accept' && firewall-cmd --reload",
    LEGACY: "iptables-legacy -I INPUT -p tcp -s {address} --dport {port} -j ACCEPT",
}
"""What lets an address through to a port, by who keeps the rules."""


@dataclass(frozen=True)
class RulePlace:
    """Where a rule goes: before the rule `handle` of a chain, or at its end with None."""

    family: str
    table: str
    chain: str
    handle: int | str | None

    def rule(self, address: str, port: int) -> list[str]:
        """The argv that lets `address` through to `port`."""
        where = ["insert", "rule"] if self.handle is not None else ["add", "rule"]
        at = ["position", str(self.handle)] if self.handle is not None else []
        ip = "ip6" if ":" in address else "ip"
        match = [ip, "saddr", address, "tcp", "dport", str(port), "accept"]
        return ["nft", *where, self.family, self.table, self.chain, *at, *match,
                "comment", f'"{COMMENT}"']  # fmt: skip


def commands(plan: Plan, finding: Finding, port: int) -> list[Command]:
    """What open_port() will do, as far as it is known before the rules are read."""
    at = side(plan, finding)
    rule, end = (RulePlace("FAMILY", "TABLE", "CHAIN", handle) for handle in ("HANDLE", None))
    return [
        *where([_rule_act(at, rule, "ADDRESS", port)], "a rule stops that port"),
        *where([_rule_act(at, end, "ADDRESS", port)], "the policy of a chain does"),
    ]


def _rule_act(at: At, place: RulePlace, address: str, port: int) -> Act:
    return plain(at, place.rule(address, port), at.platform.root)


def _check_own_way(context: RepairContext) -> None:
    """Raises StepFailed where it is this host that does not let its own connections out."""
    name, peer = context.node.name, context.peer
    way = context.node_facts.peers.get(peer.platform.node)
    known = cause(way, name, peer.name) if way else None
    if known and known.own:
        raise StepFailed(f"{known.text} That is the operator's to change: {known.look}")


async def open_port(context: RepairContext, port: int, layers: tuple[str, ...]) -> list[str]:
    """Puts a rule for the other host's address before each rule of this host that stops it.

    All rules are kept first. `layers` are those of the other node's connection that were broken;
    when one of them still is, the rules are taken away again and StepFailed reports it.
    """
    node, peer = context.node, context.peer
    _check_own_way(context)
    listed = await node.host.run(_LIST, user=node.host.root, check=False)
    ruleset = _ruleset(listed.stdout) if listed.code == 0 else None
    if ruleset is None:
        await _refuse_managed(context, port, found=False)
        raise StepFailed(
            f"{node.name}'s own firewall cannot be read with nft: let {peer.name} through to TCP "
            f"port {port} in its rules by hand"
        )
    places = stopping(ruleset, port)
    await _refuse_managed(context, port, found=bool(places))
    unread = nft_rules.read(ruleset, port).unread
    if not places and unread:
        raise StepFailed(
            f"{node.name}'s own firewall cannot be read as a whole ({', '.join(unread[:3])}): "
            f"whether it stops port {port} is not known. Let {peer.name} through to TCP port "
            f"{port} in its rules by hand"
        )
    if not places:
        raise StepFailed(
            f"no rule of {node.name}'s own firewall (nftables) stops port {port}: what filters "
            f"it is between the hosts. Let {peer.name} through to TCP port {port} there"
        )
    await keep.roots(context, node, "ruleset.nft", ["nft", "-a", "list", "ruleset"])
    seen = []
    address = await _address(context)
    for place in places:
        act = _rule_act(node, place, address, port)
        await act.run(node)
        seen.append(f"{node.name}: {act.command.text}")
        context.say(seen[-1])
    await _refuse_unless_open(context, port, layers)
    return [*seen, "the rule lasts until the firewall is loaded again: put it into its file too"]


def _ruleset(text: bytes) -> dict[str, Any] | None:
    """What nft prints of its rules; None for anything else, such as nothing."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


async def _refuse_managed(context: RepairContext, port: int, *, found: bool) -> None:
    """Raises StepFailed where another program keeps the rules, with what lets the peer through.

    Rules of iptables-legacy count where nft shows none that stops the port (`found`).

    A rule of ejtui's would be gone, or against its order, as soon as that program loads its own.
    """
    node, peer = context.node, context.peer
    said = await node.host.run(
        ["sh", "-c", _MANAGERS, "managers"], user=node.host.root, check=False
    )
    way = context.node_facts.peers.get(peer.platform.node)
    address = way.address if way is not None and is_address(way.address) else "ADDRESS"
    for name in said.stdout.decode("utf-8", "replace").split():
        if name == LEGACY and found:
            continue
        lets = _letting(name, address, port)
        if lets:
            raise StepFailed(
                f"{node.name}'s firewall is kept by {name}, whose rules ejtui does not edit: "
                f"`{lets}` as root lets {peer.name} through; then check again"
            )


def _letting(manager: str, address: str, port: int) -> str:
    """The manager's command that lets the address through, "" for one that is not known."""
    family = "ipv6" if ":" in address else "ipv4"
    command = MANAGERS.get(manager, "").format(address=address, port=port, family=family)
    if family == "ipv6" and manager == LEGACY:
        return command.replace("iptables-", "ip6tables-", 1)
    return command


async def _refuse_unless_open(context: RepairContext, port: int, layers: tuple[str, ...]) -> None:
    way = await questions.way(context.peer.probe, context.node.platform.node)
    if way.broken not in layers:
        return
    await _take_away(context.node)
    raise StepFailed(
        f"{context.peer.name} still does not reach port {port} of {context.node.name} "
        f"({way.why}): it is filtered between the hosts too. The added rules are gone again"
    )


async def _take_away(node: Node) -> None:
    listed = await node.host.run(_LIST, user=node.host.root)
    for rule in nft_rules.entries(json.loads(listed.stdout), "rule"):
        if rule.get("comment") == COMMENT:
            argv = ["nft", "delete", "rule", rule["family"], rule["table"], rule["chain"],
                    "handle", str(rule["handle"])]  # fmt: skip
            await plain(node, argv, node.platform.root).run(node)


async def _address(context: RepairContext) -> str:
    """The address that the other host comes from, as this host knows it by name."""
    peer = context.node_facts.peers.get(context.peer.platform.node)
    # Root's nft takes it as a part of a rule, and the host that answered chose it.
    if peer is None or not is_address(peer.address):
        raise StepFailed(f"{context.node.name} does not know {context.peer.name}'s address")
    return peer.address


def stopping(ruleset: dict[str, Any], port: int) -> list[RulePlace]:
    """Where the rules stop new TCP connections to `port` that come in, a place a chain."""
    return [RulePlace(*astuple(place)) for place in nft_rules.read(ruleset, port).stops]
