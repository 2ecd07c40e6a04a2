"""The port on which a node takes other nodes' connections."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.diagnosis.declaration import Declaration, Kind, Rule
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.diagnosis.rules.connection.connecting import blame, strange_address
from ejtui.cluster.diagnosis.rules.connection.names import named_localhost
from ejtui.cluster.facts.node import PeerFacts
from ejtui.cluster.finding import Finding

LOOPBACK = ("127.", "::1")


def dist_loopback(case: Case) -> Iterator[Finding]:
    for here, there in case.ways:
        peer = _closed(here, there)
        if peer is None or not _on_loopback(there):
            continue
        yield Finding(
            "dist-loopback",
            f"{there.name}'s node listens on its loopback address alone",
            there.role,
            (
                f"from {here.name}: {peer.address} port {peer.port}: {peer.why}",
                f"on {there.name}: {there.node} was started with inet_dist_use_interface "
                f"{there.facts.interface}",
            ),
            "epmd names the port, and nothing listens there for other hosts.",
            f"set INET_DIST_INTERFACE in {there.name}'s ejabberdctl.cfg (inet_dist_use_interface "
            f"where an option gives it) to an address that {here.name} reaches, or leave it out; "
            "then restart ejabberd",
            subjects=("INET_DIST_INTERFACE",),
        )


def dist_port_blocked(case: Case) -> Iterator[Finding]:
    for here, there in case.ways:
        peer = _closed(here, there)
        if peer is None or _on_loopback(there) or _gone(there):
            continue
        refused = peer.code == "dist-loopback"
        known, role = blame(here, there)
        strange, otherwise = strange_address(here, there)
        yield Finding(
            "dist-port-blocked",
            f"{there.name}'s distribution port {peer.port} is closed for {here.name}",
            role,
            (
                f"from {here.name}: {peer.address} port {peer.port}: {peer.why}",
                f"on {there.name}: {there.node} runs and is registered with that port",
                *strange,
            ),
            known.text
            if known
            else "epmd names the port, and the port does not answer: a firewall "
            + ("refuses it, or the node listens on another address." if refused else "filters it."),
            (
                known.look
                if known
                else f"open TCP port {peer.port} on {there.name} for {here.name}; set "
                "FIREWALL_WINDOW in ejabberdctl.cfg to keep the port in a range"
            )
            + otherwise,
            sure=not refused,
            settled_by=f"on {there.name}: which address the port listens on" if refused else "",
            subjects=(str(peer.port),),
        )


def _closed(here: Side, there: Side) -> PeerFacts | None:
    """How far `here` comes, when that ends at the port itself of a node that should listen."""
    peer = here.facts.peers.get(there.node)
    if peer is None or peer.broken != "tcp":
        return None
    if here.role == "first" and not there.lives:
        return None
    return peer


def _on_loopback(side: Side) -> bool:
    return side.facts.interface.startswith(LOOPBACK)


def _gone(side: Side) -> bool:
    """Its own host knows that nothing listens: that is another finding."""
    return side.asked and side.facts.vm == "down" and not side.facts.os_pid


FINDINGS = (
    Declaration(
        code="dist-loopback",
        meaning="A node listens on its loopback address alone, or is named after localhost.",
        rules=(
            Rule("resolve", named_localhost, after=("name-in-use",)),
            Rule("distribution", dist_loopback),
        ),
        kinds=frozenset({Kind.CONNECTION}),
        brings_about=(Kind.SEPARATION,),
        brings_about_there=(Kind.NOT_RUNNING,),
        passes=True,
    ),
    Declaration(
        code="dist-port-blocked",
        meaning="A node's distribution port does not accept the other node's connections.",
        rules=(Rule("distribution", dist_port_blocked),),
        kinds=frozenset({Kind.CONNECTION}),
        brings_about=(Kind.SEPARATION,),
        brings_about_there=(Kind.NOT_RUNNING,),
        passes=True,
    ),
)
