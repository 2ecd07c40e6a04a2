"""Epmd, which other nodes ask for the port of a node."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ejtui.cluster.diagnosis.declaration import Declaration, Kind, Rule
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.diagnosis.rules.connection.connecting import blame, strange_address
from ejtui.cluster.facts.examination import SocketUnit
from ejtui.cluster.finding import Finding

_PID = re.compile(r"pid=(\d+)")


def dist_port_differs(case: Case) -> Iterator[Finding]:
    ports = [side.facts.dist_port for side in case.sides]
    if not case.both_asked or ports[0] == ports[1] or case.one_machine:
        return
    odd = next(side for side in reversed(case.sides) if side.facts.dist_port)
    yield Finding(
        "dist-port-differs",
        "the nodes do not look for each other on the same port",
        odd.role,
        tuple(
            f"{side.name}: "
            + (f"ERL_DIST_PORT={port}, without epmd" if port else "asks epmd for the port")
            for side, port in zip(case.sides, ports, strict=True)
        ),
        "A node with ERL_DIST_PORT expects every other node on that same port and asks no epmd; "
        "one without it finds no node that is not registered with epmd.",
        "set the same ERL_DIST_PORT on both, or on neither",
        subjects=("ERL_DIST_PORT",),
    )


def epmd_down(case: Case) -> Iterator[Finding]:
    """A node that lives, and an epmd that is gone or does not know it."""
    reported = False
    for side in case.sides:
        facts = side.facts
        if facts.dist_port or not side.lives or (reported and case.one_machine):
            continue
        if facts.epmd_error and facts.epmd_error != "silent":
            reported = True
            yield _epmd_down(side, "no epmd runs", f"no epmd answers there: {facts.epmd_error}")
        elif facts.epmd is not None and side.node.partition("@")[0] not in facts.epmd:
            reported = True
            known = ", ".join(facts.epmd) or "no node"
            yield _epmd_down(side, "epmd has forgotten the node", f"epmd knows {known}")


def _epmd_down(side: Side, what: str, seen: str) -> Finding:
    return Finding(
        "epmd-down",
        f"{what} on {side.name}",
        side.role,
        (
            f"on {side.name}: {seen}",
            f"on {side.name}: {side.node} runs all the same, process "
            f"{side.facts.os_pid or 'unknown'}",
        ),
        "Other nodes ask epmd on which port a node listens; without it none finds this one, "
        "however well it runs. Connections that stand are not touched.",
        f"start epmd on {side.name}; ejabberd registers again, at the latest when it restarts",
    )


def epmd_silent(case: Case) -> Iterator[Finding]:
    for here, there in case.ways:
        peer = here.facts.peers.get(there.node)
        seen = []
        if there.facts.epmd_error == "silent":
            seen.append(f"on {there.name}: what has epmd's port gives no answer of epmd's")
        if peer is not None and peer.broken == "epmd" and peer.code == "epmd-silent":
            seen.append(f"from {here.name}: {peer.why}")
        if not seen:
            continue
        owner = there.exam.port_owner
        if owner:
            seen.append(f"on {there.name}: the port belongs to: {owner}")
        yield Finding(
            "epmd-silent",
            f"something else than epmd answers on {there.name}",
            there.role,
            tuple(seen),
            "Erlang nodes are found through epmd, and its port is taken by something else.",
            f"end what owns epmd's port on {there.name}, then start epmd",
            subjects=tuple(_PID.findall(owner)),
        )


def epmd_unreachable(case: Case) -> Iterator[Finding]:
    for here, there in case.ways:
        peer = here.facts.peers.get(there.node)
        if peer is None or peer.broken != "epmd" or peer.code == "epmd-silent":
            continue
        if there.facts.epmd_error or here.facts.dist_port or _not_needed(here, there):
            continue
        if _held(there) is not None:
            continue
        known, role = blame(here, there)
        strange, otherwise = strange_address(here, there)
        yield Finding(
            "epmd-unreachable",
            f"{there.name}'s epmd does not answer from {here.name}",
            role,
            (
                f"from {here.name}: epmd at {peer.address}: {peer.why}",
                f"on {there.name}: epmd lists {', '.join(there.facts.epmd or ()) or 'nothing'}",
                *strange,
            ),
            known.text
            if known
            else "epmd answers on its own host, so a firewall is between the two (one of the "
            "hosts' own, too, for packets that go out), or epmd listens on the loopback address "
            "alone.",
            (
                known.look
                if known
                else f"open TCP port 4369 (epmd) on {there.name} for {here.name}; check "
                "ERL_EPMD_ADDRESS"
            )
            + otherwise,
            sure=there.asked,
            settled_by="" if there.asked else f"an answer of {there.name} itself",
        )


def epmd_socket(case: Case) -> Iterator[Finding]:
    """A unit of systemd holds epmd's port, on loopback alone."""
    for here, there in case.ways:
        peer, unit = here.facts.peers.get(there.node), _held(there)
        if peer is not None and peer.broken == "epmd" and unit is not None:
            yield _on_loopback(here, there, unit)


def _held(side: Side) -> SocketUnit | None:
    unit = side.exam.epmd_socket
    return unit if unit is not None and unit.loopback_only else None


def _on_loopback(here: Side, there: Side, unit: SocketUnit) -> Finding:
    peer = here.facts.peers[there.node]
    return Finding(
        "epmd-socket",
        f"systemd's {unit.name} on {there.name} listens for its own host alone",
        there.role,
        (
            f"from {here.name}: epmd at {peer.address}: {peer.why}",
            f"on {there.name}: {unit.name}: ListenStream={', '.join(unit.addresses)}",
        ),
        "systemd holds epmd's port and hands it to epmd: that unit decides where epmd listens, and "
        "ERL_EPMD_ADDRESS has no effect.",
        f"give {unit.name} on {there.name} a drop-in with the port alone (systemctl edit "
        f"{unit.name})",
        subjects=(unit.name,),
    )


def _not_needed(here: Side, there: Side) -> bool:
    """From first to a second that is down nothing needs to be open yet."""
    return here.role == "first" and there.facts.vm == "down" and not there.lives


def epmd_stale(case: Case) -> Iterator[Finding]:
    for side in case.sides:
        facts = side.facts
        if facts.vm_code != "epmd-stale" or facts.vm != "down" or facts.os_pid:
            continue
        yield Finding(
            "epmd-stale",
            f"epmd on {side.name} still lists a node that is gone",
            side.role,
            (
                f"on {side.name}: epmd lists {', '.join(facts.epmd or ())}",
                f"on {side.name}: nothing listens on the port that it names for {side.node}",
                f"on {side.name}: no process of that name runs",
            ),
            "The VM of that name has ended and its name stayed registered, so that a new "
            "start is refused: the name seems to be in use.",
            f"restart epmd on {side.name} if no other node there is registered with it",
            subjects=tuple(facts.epmd or ()),
        )


_CONNECTION = frozenset({Kind.CONNECTION})

FINDINGS = (
    Declaration(
        code="dist-port-differs",
        meaning="One node has a fixed distribution port and the other asks epmd for it.",
        rules=(Rule("epmd", dist_port_differs),),
        brings_about=(Kind.CONNECTION, Kind.SEPARATION),
        brings_about_there=(Kind.NOT_RUNNING,),
    ),
    Declaration(
        code="epmd-down",
        meaning="epmd does not run, or does not know a node that runs, so no other node finds it.",
        rules=(Rule("epmd", epmd_down),),
        kinds=_CONNECTION,
        brings_about=(Kind.SEPARATION,),
        brings_about_there=(Kind.NOT_RUNNING,),
        messages=(r"register/listen error: .?econnrefused",),
        passes=True,
    ),
    Declaration(
        code="epmd-silent",
        meaning="Another program has epmd's port.",
        rules=(Rule("epmd", epmd_silent),),
        kinds=_CONNECTION,
        brings_about=(Kind.SEPARATION,),
        brings_about_there=(Kind.NOT_RUNNING,),
        messages=(r"no_reg_reply_from_epmd|epmd_close",),
    ),
    Declaration(
        code="epmd-unreachable",
        meaning="epmd runs, and the other host does not reach it.",
        rules=(Rule("epmd", epmd_unreachable),),
        kinds=_CONNECTION,
        brings_about=(Kind.SEPARATION,),
        brings_about_there=(Kind.NOT_RUNNING,),
    ),
    Declaration(
        code="epmd-socket",
        meaning="systemd holds epmd's port for its own host alone, so no other host reaches epmd.",
        rules=(Rule("epmd", epmd_socket),),
        kinds=_CONNECTION,
        brings_about=(Kind.SEPARATION,),
        brings_about_there=(Kind.NOT_RUNNING,),
        not_in_lab="it takes a systemd that holds epmd's port, and the lab's hosts boot none",
    ),
    Declaration(
        code="epmd-stale",
        meaning="epmd still lists a node that is gone, so that a new start is refused.",
        rules=(Rule("port", epmd_stale),),
        kinds=_CONNECTION,
        brings_about=(Kind.SEPARATION,),
        brings_about_there=(Kind.NOT_RUNNING,),
        passes=True,
    ),
)
