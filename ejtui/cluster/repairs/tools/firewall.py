"""Letting one address through a host's own firewall (nftables) to one port."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ejtui import scripts
from ejtui.cluster.acts.act import Act, At, Command, plain, where
from ejtui.cluster.diagnosis.rules.connection.connecting import cause
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.repairs.repair import side
from ejtui.cluster.repairs.tools import keep
from ejtui.cluster.repairs.tools.settings import is_address
from ejtui.erlang.probe import questions

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext

COMMENT = "added by ejtui"

_LIST = ["sh", "-c", scripts.shell(__file__, "rules.sh"), "rules", COMMENT]

CONNECT_LAYERS = ("resolve", "epmd", "port", "tcp", "handshake", "mnesia", "")
"""In the order in which a way is tried; "" is a whole way."""


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
    if listed.code != 0:
        raise StepFailed(
            f"{node.name}'s own firewall cannot be read with nft: let {peer.name} through to TCP "
            f"port {port} in its rules by hand"
        )
    places = stopping(json.loads(listed.stdout), port)
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
    for rule in _rules(json.loads(listed.stdout)):
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
    rules = list(_rules(ruleset))
    places = []
    for chain in _entries(ruleset, "chain"):
        if chain.get("hook") not in ("input", "prerouting"):
            continue
        at = (chain["family"], chain["table"], chain["name"])
        inside = [r for r in rules if (r["family"], r["table"], r["chain"]) == at]
        verdicts = [(rule, _verdict(rule, port)) for rule in inside]
        final = next(((rule, said) for rule, said in verdicts if said), None)
        if final is None and chain.get("policy") == "drop":
            places.append(RulePlace(*at, None))
        elif final is not None and final[1] == "stop":
            places.append(RulePlace(*at, final[0]["handle"]))
    return places


def _verdict(rule: dict[str, Any], port: int) -> str:
    """ "stop" or "accept" where the rule decides about the port's new connections, else ""."""
    verdict, matches = "", True
    for part in rule.get("expr", ()):
        if "match" in part:
            matches = matches and _may_match(part["match"], port)
        elif {"drop", "reject"} & set(part):
            verdict = "stop"
        elif "accept" in part:
            verdict = "accept"
    if not matches:
        return ""
    # An accept is believed only where it is for this port: others are for what goes on already.
    if verdict == "accept" and not _names_port(rule, port):
        return ""
    return verdict


def _may_match(match: dict[str, Any], port: int) -> bool:
    left = match.get("left")
    payload = left.get("payload", {}) if isinstance(left, dict) else {}
    if payload.get("field") == "dport":
        return payload.get("protocol") in ("tcp", "th") and _holds(match.get("right"), port)
    if payload.get("protocol") in ("udp", "icmp", "icmpv6"):
        return False
    meta = left.get("meta", {}) if isinstance(left, dict) else {}
    if meta.get("key") == "iifname":
        return match.get("right") != "lo"
    return "ct" not in (left if isinstance(left, dict) else {}) or "new" in str(match.get("right"))


def _names_port(rule: dict[str, Any], port: int) -> bool:
    for part in rule.get("expr", ()):
        left = part.get("match", {}).get("left", {})
        if isinstance(left, dict) and left.get("payload", {}).get("field") == "dport":
            return _holds(part["match"].get("right"), port)
    return False


def _holds(right: Any, port: int) -> bool:
    """Whether a port, a range or a set of them holds the port."""
    if isinstance(right, dict) and "set" in right:
        return any(_holds(each, port) for each in right["set"])
    if isinstance(right, dict) and "range" in right:
        low, high = right["range"]
        return bool(low <= port <= high)
    return bool(right == port)


def _rules(ruleset: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return _entries(ruleset, "rule")


def _entries(ruleset: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    return (entry[kind] for entry in ruleset.get("nftables", ()) if kind in entry)
