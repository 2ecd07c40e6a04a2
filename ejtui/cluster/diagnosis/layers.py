"""How far a check looked: one line a layer, for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ejtui.cluster.diagnosis.declaration import LAYERS
from ejtui.cluster.diagnosis.report import LayerResult
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.facts.examination import MemberFacts
from ejtui.cluster.facts.node import REMOTE

_DIGITS = 6
"""So many digits of a schema's cookie are enough to know it again."""

Seen = tuple[bool, str]
"""Whether the layer could be looked at, and what was seen."""


def looks(case: Case, unwell: Mapping[str, Sequence[str]]) -> tuple[LayerResult, ...]:
    """Every layer: not well where a finding is of it, unknown where it was out of reach.

    `unwell` has the codes of the findings of each layer that is not well.
    """
    return tuple(_look(case, layer, unwell.get(layer, ())) for layer in LAYERS)


def _look(case: Case, layer: str, unwell: Sequence[str]) -> LayerResult:
    reached, seen = _SEEN[layer](case)
    if unwell and layer != "host":
        # What was seen may be well in itself: it is something else that is not.
        seen = f"{seen} ({', '.join(dict.fromkeys(unwell))})"
    return LayerResult(layer, False if unwell else (True if reached else None), seen)


def _host(case: Case) -> Seen:
    return True, _each(case, lambda side: "answers" if side.asked else _in_brief(side))


def _in_brief(side: Side) -> str:
    """Why it does not answer, without what to see to: the finding has that."""
    return side.facts.silence.partition(". ")[0].rstrip(".")


def _peers(case: Case, layer: str, seen: Callable[[Side, Side], str]) -> Seen:
    silent = [side.name for side in case.sides if not side.asked]
    if silent:
        return False, f"not tried: {' and '.join(silent)} cannot be asked"
    reached, lines = True, []
    for here, there in case.ways:
        peer = here.facts.peers.get(there.node)
        passed = peer is not None and peer.passed(layer)
        reached = reached and passed
        lines.append(seen(here, there) if passed else _not_passed(here, there, layer))
    return reached, "; ".join(lines)


def _not_passed(here: Side, there: Side, layer: str) -> str:
    """What keeps `here` from passing that layer on its way to `there`, and whose fault that is."""
    peer = here.facts.peers.get(there.node)
    if peer is None:
        return f"from {here.name}: not known"
    if there.facts.vm == "down" and not there.facts.os_pid and peer.broken in ("port", "tcp"):
        return f"from {here.name}: not tried, {there.name} is stopped"
    if peer.broken == layer:
        return f"from {here.name}: {_AIMS[layer].format(there=there.name)}: {peer.why}"
    return f"from {here.name}: not tried without {_NAMES.get(peer.broken, peer.broken)}"


_AIMS: dict[str, str] = {
    "resolve": "{there}'s address",
    "epmd": "{there}'s epmd",
    "port": "{there}'s port",
    "tcp": "{there}'s port",
}
"""What is tried in a layer between two nodes."""

_NAMES: dict[str, str] = {"resolve": "an address", "epmd": "an epmd", "port": "a port"}
"""What the layers above it need of a layer that is broken."""


def _resolve(case: Case) -> Seen:
    def seen(here: Side, there: Side) -> str:
        return f"{here.name} finds {there.node} at {here.facts.peers[there.node].address}"

    return _peers(case, "resolve", seen)


def _epmd(case: Case) -> Seen:
    return _peers(case, "epmd", lambda here, there: f"{there.name}'s answers {here.name}")


def _port(case: Case) -> Seen:
    def seen(here: Side, there: Side) -> str:
        return f"{there.node} at port {here.facts.peers[there.node].port}"

    return _peers(case, "port", seen)


def _distribution(case: Case) -> Seen:
    def seen(here: Side, there: Side) -> str:
        if here.facts.peers[there.node].passed("handshake"):
            return f"{here.name} connects to {there.name}"
        # Only the port was reached: whether the nodes would connect is the cookie's layer.
        return f"{there.name}'s port answers {here.name}"

    return _peers(case, "tcp", seen)


def _cookie(case: Case) -> Seen:
    digits = [side.facts.cookie.digits for side in case.sides]
    if not all(digits):
        return False, _each(case, lambda side: side.facts.cookie.digits or "not known")
    if digits[0] == digits[1]:
        return True, f"both {digits[0]}"
    differ = f"first's {digits[0]}, second's {digits[1]}"
    return True, differ if _meant_as_one(case) else f"{differ}; they are not joined"


def _meant_as_one(case: Case) -> bool:
    """Whether their databases show that the two are, or were, one cluster."""
    lists = case.second.node in case.first.schema_nodes and not case.facts.namesakes
    return case.same_schema or lists


def _schema(case: Case) -> Seen:
    known = [bool(side.facts.schema_cookie) for side in case.sides]
    if not all(known):
        return False, _each(case, _has_schema)
    if case.same_schema:
        return True, "; ".join(("one schema", _each(case, _running), *_beyond(case)))
    own = "each has its own"
    return True, own if _meant_as_one(case) else f"{own}; they are not joined"


def _has_schema(side: Side) -> str:
    if side.facts.schema_cookie:
        return f"has {side.facts.schema_cookie[:_DIGITS]}"
    return "no schema is seen there" if side.asked else "not known"


def _beyond(case: Case) -> list[str]:
    """The members that are not of the pair, each once."""
    members = {member.node: member for side in case.sides for member in side.exam.members}
    return [
        f"{node}, {member.name or 'not'} in the configuration, {_life(member)}"
        for node, member in members.items()
    ]


def _life(member: MemberFacts) -> str:
    if not member.answers:
        return "does not answer"
    return "runs" if member.ejabberd else "runs no ejabberd"


def _running(side: Side) -> str:
    if not side.facts.mnesia_runs:
        return "does not run"
    return f"runs with {', '.join(side.facts.running_db_nodes) or 'nobody'}"


def _tables(case: Case) -> Seen:
    runs = all(side.facts.mnesia_runs for side in case.sides)
    return runs, _each(case, _held)


def _held(side: Side) -> str:
    if side.facts.unknown:
        return side.facts.unknown
    own = [table for table in side.facts.tables if table.storage != REMOTE]
    elsewhere = len(side.facts.tables) - len(own)
    has = "has" if elsewhere == 1 else "have"
    without = f", {elsewhere} {has} no copy there" if elsewhere else ""
    return f"{sum(table.readable for table in own)} of {len(own)} can be read{without}"


def _ejabberd(case: Case) -> Seen:
    settled = all(side.exam.asked and not side.facts.starting for side in case.sides)
    runs = all(side.facts.ejabberd for side in case.sides)
    return case.both_asked and settled and runs, _each(case, _application)


def _application(side: Side) -> str:
    facts = side.facts
    if not facts.asked:
        return facts.unknown
    if facts.starting:
        return f"{facts.ejabberd_version} is starting, process {facts.os_pid}"
    if facts.silent_vm:
        return f"{facts.ejabberd_version} does not answer, process {facts.os_pid}"
    return f"{facts.ejabberd_version} {'runs' if facts.ejabberd else 'does not run'}".strip()


def _each(case: Case, seen: Callable[[Side], str]) -> str:
    return "; ".join(f"{side.name}: {seen(side)}" for side in case.sides)


_SEEN: dict[str, Callable[[Case], Seen]] = {
    "host": _host,
    "resolve": _resolve,
    "epmd": _epmd,
    "port": _port,
    "distribution": _distribution,
    "cookie": _cookie,
    "schema": _schema,
    "tables": _tables,
    "ejabberd": _ejabberd,
}
