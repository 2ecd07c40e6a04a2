"""Reading a host's nftables rules: what stops a new TCP connection to a port. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]

CHAIN_DEPTH = 16
"""So deep chains may jump to each other, as in the kernel."""


@dataclass(frozen=True)
class Place:
    """A rule by its handle in a chain, or the chain's end with None."""

    family: str
    table: str
    chain: str
    handle: int | None


@dataclass
class Reading:
    """What was found: `stops` by chain with a hook, and rules that could not be read.

    `unread` are rules that may decide about the port, in words.
    """

    stops: list[Place] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Verdict:
    word: str
    at: Place | None = None


_NONE = _Verdict("")


def read(ruleset: Json, port: int) -> Reading:
    """Where the rules stop new TCP connections to `port` that come in."""
    rules = _Rules(ruleset, port)
    for chain in entries(ruleset, "chain"):
        if chain.get("hook") not in ("input", "prerouting"):
            continue
        at = (chain["family"], chain["table"], chain["name"])
        end = rules.verdict(at)
        if end.word == "stop" and end.at is not None:
            rules.reading.stops.append(end.at)
        elif not end.word and chain.get("policy") == "drop":
            rules.reading.stops.append(Place(*at, None))
    return rules.reading


def entries(ruleset: Json, kind: str) -> Iterator[dict[str, Any]]:
    """The parts of one kind of what `nft -j list ruleset` prints."""
    return (entry[kind] for entry in ruleset.get("nftables", ()) if kind in entry)


class _Rules:
    """The rules, as a packet to the port meets them."""

    def __init__(self, ruleset: Json, port: int) -> None:
        self.reading = Reading()
        self._port = port
        self._inside: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        for rule in entries(ruleset, "rule"):
            at = (rule["family"], rule["table"], rule["chain"])
            self._inside.setdefault(at, []).append(rule)
        self._sets = {
            (each["family"], each["table"], each["name"]): each.get("elem", [])
            for kind in ("set", "map")
            for each in entries(ruleset, kind)
        }

    def verdict(self, chain: tuple[str, str, str], depth: int = 0) -> _Verdict:
        """What the chain decides; nothing where a packet comes to its end."""
        for rule in self._inside.get(chain, ()) if depth < CHAIN_DEPTH else ():
            said = self._of_rule(rule, depth)
            if said.word == "return":
                return _NONE
            if said.word:
                return said
        return _NONE

    def _of_rule(self, rule: dict[str, Any], depth: int) -> _Verdict:
        parts = rule.get("expr", ())
        if not all(self._may_match(rule, part["match"]) for part in parts if "match" in part):
            return _NONE
        word, target = self._statement(rule)
        at = Place(rule["family"], rule["table"], rule["chain"], rule["handle"])
        if any("xt" in part for part in parts) and word:
            self.reading.unread.append(f"rule {at.handle} of {at.table} {at.chain}")
            return _NONE
        if word in ("jump", "goto"):
            inner = self.verdict((at.family, at.table, target), depth + 1)
            return inner if inner.word or word == "jump" else _Verdict("return")
        # An accept is believed only where it is for this port: others are for what goes on already.
        if word == "accept" and not self._names_port(rule):
            return _NONE
        return _Verdict(word, at)

    def _statement(self, rule: dict[str, Any]) -> tuple[str, str]:
        for part in rule.get("expr", ()):
            if "vmap" in part:
                return self._of_map(rule, part["vmap"])
            found = _statement(part)
            if found[0]:
                return found
        return "", ""

    def _of_map(self, rule: dict[str, Any], vmap: dict[str, Any]) -> tuple[str, str]:
        """What a map of verdicts has for the port, or for a new connection."""
        for key, verdict in self._elements(rule, vmap.get("data")):
            if self._may_match(rule, {"left": vmap.get("key"), "right": key, "op": "=="}):
                return _statement(verdict)
        return "", ""

    def _elements(self, rule: dict[str, Any], data: Any) -> list[Any]:
        if isinstance(data, str) and data.startswith("@"):
            key = (rule["family"], rule["table"], data[1:])
            return list(self._sets.get(key, ()))
        return list(data.get("set", ())) if isinstance(data, dict) else []

    def _may_match(self, rule: dict[str, Any], match: dict[str, Any]) -> bool:
        left, right = match.get("left"), match.get("right")
        left = left if isinstance(left, dict) else {}
        payload, meta = left.get("payload", {}), left.get("meta", {})
        negated = match.get("op") == "!="
        if payload.get("field") == "dport":
            held = payload.get("protocol") in ("tcp", "th") and self._holds(rule, right)
            return held != negated
        if payload.get("protocol") in ("udp", "icmp", "icmpv6"):
            return False
        if meta.get("key") == "iifname":
            return (right != "lo") != negated
        if meta.get("key") == "l4proto":
            return ("tcp" in str(right)) != negated
        return "ct" not in left or ("new" in str(right)) != negated

    def _holds(self, rule: dict[str, Any], right: Any) -> bool:
        """Whether a port, a range or a set of them holds the port."""
        if isinstance(right, str) and right.startswith("@"):
            return any(self._holds(rule, each) for each in self._elements(rule, right))
        if isinstance(right, dict) and "set" in right:
            return any(self._holds(rule, each) for each in right["set"])
        if isinstance(right, dict) and "elem" in right:
            return self._holds(rule, right["elem"].get("val"))
        if isinstance(right, dict) and "range" in right:
            low, high = right["range"]
            return bool(low <= self._port <= high)
        return bool(right == self._port)

    def _names_port(self, rule: dict[str, Any]) -> bool:
        keys = [
            part["match"].get("left") if "match" in part else part["vmap"].get("key")
            for part in rule.get("expr", ())
            if {"match", "vmap"} & set(part)
        ]
        return any(
            isinstance(key, dict) and key.get("payload", {}).get("field") == "dport" for key in keys
        )


def _statement(part: Any) -> tuple[str, str]:
    """The verdict in a part of a rule, and the chain that it leads to."""
    if not isinstance(part, dict):
        return "", ""
    if {"drop", "reject"} & set(part):
        return "stop", ""
    for word in ("accept", "return"):
        if word in part:
            return word, ""
    for word in ("jump", "goto"):
        if word in part:
            return word, str(part[word]["target"])
    return "", ""
