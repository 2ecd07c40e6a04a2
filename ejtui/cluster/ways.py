"""The ways between the nodes, layer by layer: which one is broken, and what mends it."""

from __future__ import annotations

from .facts import NodeFacts, PairFacts, PeerFacts
from .finding import Finding


def preflight_findings(facts: PairFacts) -> tuple[Finding, ...]:
    """What keeps the nodes from reaching each other, below the cookie."""
    return _way(facts.second, facts.first, whole=True) + _way(
        facts.first, facts.second, whole=facts.second.vm == "up"
    )


def _way(here: NodeFacts, there: NodeFacts, *, whole: bool) -> tuple[Finding, ...]:
    """`whole`: all layers up to TCP must work; else the name must resolve, no more."""
    peer = here.peers.get(there.node)
    if peer is None or peer.broken in ("", "handshake"):
        return ()
    if peer.broken != "resolve" and not whole:
        return ()
    return (_FINDINGS[peer.broken](here, there, peer),)


def _unresolvable(here: NodeFacts, there: NodeFacts, peer: PeerFacts) -> Finding:
    host = there.node.partition("@")[2]
    if peer.code == "ipv6-only":
        return Finding(
            "ipv6-only",
            f"{host} has only an IPv6 address on {here.name}",
            here.name,
            (f"on {here.name}: {peer.why}",),
            "Erlang's distribution asks for an IPv4 address unless it is told otherwise.",
            f"give {host} an IPv4 address in {here.name}'s hosts file or DNS, "
            "or run both nodes with -proto_dist inet6_tcp",
        )
    return Finding(
        "unresolvable",
        f"{host} does not resolve on {here.name}",
        here.name,
        (f"on {here.name}: {host}: {peer.why}",),
        f"{here.name} cannot find {there.node}: its host name has no address there.",
        f"add {host} to {here.name}'s hosts file or DNS",
    )


def _epmd(here: NodeFacts, there: NodeFacts, peer: PeerFacts) -> Finding:
    seen = (
        f"from {here.name}: epmd at {peer.address}: {peer.why}",
        f"on {there.name}: "
        + (there.epmd_error or f"epmd lists {', '.join(there.epmd or ()) or 'nothing'}"),
    )
    if there.epmd_error:
        return Finding(
            "epmd-down",
            f"no epmd runs on {there.name}",
            there.name,
            seen,
            "epmd tells other nodes on which port a node listens; without it none finds it.",
            f"start ejabberd on {there.name} again, which starts epmd with it",
        )
    if peer.code == "epmd-silent":
        return Finding(
            "epmd-silent",
            f"something else than epmd answers on {there.name}",
            there.name,
            seen,
            "Erlang nodes are found through epmd, and its port is taken by something else.",
            f"see which program owns epmd's port on {there.name}, end it, restart ejabberd",
        )
    return Finding(
        "epmd-unreachable",
        f"{there.name}'s epmd does not answer from {here.name}",
        there.name,
        seen,
        "epmd answers on its own host, so a firewall is between the two, or epmd listens on "
        "the loopback address alone.",
        f"open TCP port 4369 (epmd) on {there.name} for {here.name}; check ERL_EPMD_ADDRESS",
    )


def _port(here: NodeFacts, there: NodeFacts, peer: PeerFacts) -> Finding:
    return Finding(
        "not-connected",
        f"{there.name}'s epmd does not know {there.node}",
        there.name,
        (f"from {here.name}: {peer.why}", f"on {there.name}: the VM is {there.vm}"),
        f"{there.node} is not registered, so that no other node finds its port.",
        f"restart ejabberd on {there.name}, so that it registers with its epmd again",
    )


def _tcp(here: NodeFacts, there: NodeFacts, peer: PeerFacts) -> Finding:
    seen = (f"from {here.name}: {peer.address} port {peer.port}: {peer.why}",)
    if peer.code == "dist-loopback":
        return Finding(
            "dist-loopback",
            f"{there.name}'s distribution port {peer.port} refuses {here.name}",
            there.name,
            seen,
            "epmd names the port, and nothing listens there for other machines: the node listens "
            "on its loopback address alone, or a firewall refuses.",
            f"check INET_DIST_INTERFACE in {there.name}'s ejabberdctl.cfg, the address that "
            f"{there.node.partition('@')[2]} has on {here.name}, and the firewall",
        )
    return Finding(
        "dist-port-blocked",
        f"{there.name}'s distribution port {peer.port} is closed for {here.name}",
        there.name,
        seen,
        "epmd names the port, and the port does not answer: a firewall filters it.",
        f"open TCP port {peer.port} on {there.name} for {here.name}; set FIREWALL_WINDOW in "
        "ejabberdctl.cfg to keep the port in a range",
    )


_FINDINGS = {"resolve": _unresolvable, "epmd": _epmd, "port": _port, "tcp": _tcp}
