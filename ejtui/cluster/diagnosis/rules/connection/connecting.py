"""Why a connection failed, by the operating system's word: the likely cause, and whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ejtui.cluster.diagnosis.rules.case import Role, Side
from ejtui.cluster.facts.node import PeerFacts


@dataclass(frozen=True)
class Cause:
    """The likely cause of a connection that failed.

    `text` is that cause and `look` what to do about it, both with places for {here}, {there} and
    {address}; `own`: the host which connects forbids it itself.
    """

    text: str
    look: str
    own: bool = True


_ROUTE = "on {here}: ip route get {address}; then change that route"
_FIREWALL = "on {here}: look at the firewall's rules for outgoing packets (nft list ruleset)"
_BETWEEN = "look at the firewalls between {here} and {there}"

_CAUSES: Mapping[str, Cause] = {
    "einval": Cause("A blackhole route on {here} drops what is sent to {address}.", _ROUTE),
    "eacces": Cause(
        "A route on {here} prohibits {address}, or a firewall's rule there does.", _ROUTE
    ),
    "eperm": Cause(
        "A rule of {here}'s own firewall for outgoing packets stops what is sent to {address}.",
        _FIREWALL,
    ),
    "enetunreach": Cause(
        "{here} has no route to {address}, or a router or firewall on the way reports none.",
        _ROUTE,
    ),
    "ehostunreach": Cause(
        "No host answers at {address} on {here}'s network, a route calls it unreachable, or a "
        "firewall on the way or on {there} rejects it with ICMP.",
        "on {here}: ip route get {address} and ping {address}; then the firewalls in between",
        own=False,
    ),
    "eaddrnotavail": Cause(
        "{here} has no address from which it can reach {address}, or no free port.",
        "on {here}: ip address, and ss -s for ports that are used up",
    ),
    "eafnosupport": Cause(
        "{here}'s system does not support the kind of address that {address} is.",
        "on {here}: see whether IPv6 is disabled",
    ),
    "emfile": Cause("{here}'s limit of open files is reached.", "on {here}: raise the limit"),
    "enfile": Cause("{here}'s limit of open files is reached.", "on {here}: raise the limit"),
    "enobufs": Cause(
        "{here}'s system has no memory for another connection.", "on {here}: free some memory"
    ),
    "econnreset": Cause(
        "A firewall on the way or on {there} takes the connection and resets it.",
        _BETWEEN,
        own=False,
    ),
}


_ONE_WAY = Cause(
    "A route on {here} calls {address} unreachable: nor do its answers to {there} get through.",
    _ROUTE,
)
_NO_ANSWER = "etimedout"


def cause(peer: PeerFacts, here: str, there: str) -> Cause | None:
    """The likely cause of a connection that failed between the hosts of these names.

    None for what the other side does itself, which the rules of each layer know.
    """
    return _named(_CAUSES.get(peer.posix), peer, here, there)


def blame(here: Side, there: Side) -> tuple[Cause | None, Role]:
    """Why `here` cannot connect to `there`, and the node on which that is.

    A host that does not let its own packets out does not answer either: where one direction ends in
    silence, the other may show why.
    """
    peer, back = here.facts.peers[there.node], there.facts.peers.get(here.node)
    known = cause(peer, here.name, there.name)
    if known and known.own:
        return known, here.role
    if back is None:
        return known, there.role
    if peer.posix == "ehostunreach" and back.posix == _NO_ANSWER:
        return _named(_ONE_WAY, peer, here.name, there.name), here.role
    if peer.posix == _NO_ANSWER and back.posix == "ehostunreach":
        return _named(_ONE_WAY, back, there.name, here.name), there.role
    other = cause(back, there.name, here.name) if peer.posix == _NO_ANSWER else None
    return (other if other and other.own else known), there.role


def strange_address(here: Side, there: Side) -> tuple[tuple[str, ...], str]:
    """Evidence that the peer is looked for at an address that its host does not have, and what to
    do then; empty where it has it. It does not have one that a router hands on.
    """
    peer, own = here.facts.peers[there.node], there.facts.addresses
    if not (there.asked and own and peer.address) or there.facts.has_address(peer.address):
        return (), ""
    host = there.node.partition("@")[2]
    seen = f"on {there.name}: its addresses are {', '.join(own)}; {peer.address} is none of them"
    return (seen,), (
        f"; where no router hands {peer.address} on to {there.name}, give {host} its address in "
        f"{here.name}'s hosts file or DNS"
    )


def _named(cause: Cause | None, peer: PeerFacts, here: str, there: str) -> Cause | None:
    if cause is None:
        return None
    words = {"here": here, "there": there, "address": peer.address}
    return Cause(cause.text.format(**words), cause.look.format(**words), cause.own)
