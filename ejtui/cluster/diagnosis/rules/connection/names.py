"""The nodes' names: their style, whose they are, whether their hosts are found by them."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.diagnosis.declaration import Declaration, Kind, Rule
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.diagnosis.rules.start_log import WARNS, in_log
from ejtui.cluster.finding import Finding
from ejtui.erlang.terms.names import BadNodeName, NodeName


def name_style(case: Case) -> Iterator[Finding]:
    names = []
    for side in case.sides:
        if not side.node:
            return
        try:
            names.append(NodeName.parse(side.node))
        except BadNodeName as bad:
            yield _no_name(side, str(bad))
            return
    if names[0].style == names[1].style:
        return
    odd = case.second if names[1].style == "long" else case.first
    yield Finding(
        "name-style",
        "one node has a short name and the other a long one",
        "second",
        (
            *(f"{side.name}: {side.node}" for side in case.sides),
            f"{odd.name}'s has a dot in its host part: a long name",
        ),
        "Erlang nodes with short names and with long names do not talk to each other: neither "
        "even tries.",
        "use one style: ERLANG_NODE in ejabberdctl.cfg; ejabberdctl picks it by the dot",
        subjects=(case.second.node, case.first.node),
    )


def one_short_name(case: Case) -> Iterator[Finding]:
    """Two hosts that have one short name, and a node that is known by that alone."""
    first, second = case.sides
    known = all(NodeName.valid(side.node) and not _of_localhost(side) for side in case.sides)
    if not (known and _one_short_name(case)) or first.node == second.node:
        return
    short = [side for side in case.sides if NodeName.parse(side.node).style == "short"]
    if len(short) < len(case.sides):
        return  # of two styles
    yield Finding(
        "name-style",
        f"both hosts are called {first.facts.hostname}, and the nodes have short names",
        "second",
        tuple(f"{side.name}: {side.node}, on a host called {side.facts.hostname}"
              for side in case.sides),
        "A short name leads each host back to itself: neither node ever finds the other one.",
        "give both nodes the full names of their hosts, their databases included",
        subjects=(second.node, first.node),
        explains=("not-connected",),
    )  # fmt: skip


def _one_short_name(case: Case) -> bool:
    hostnames = {side.facts.hostname for side in case.sides}
    return not case.one_machine and len(hostnames) == 1 and hostnames != {""}


def _no_name(side: Side, why: str) -> Finding:
    return Finding(
        "name-style",
        f"{side.name}'s node name is none",
        side.role,
        (f"{side.name}: {why}",),
        "Erlang refuses to start under a name that is neither a short nor a long one.",
        "set ERLANG_NODE in ejabberdctl.cfg to NAME@HOST",
        subjects=(side.node,),
    )


def both_localhost(case: Case) -> Iterator[Finding]:
    """What two packages leave that nobody has given a node name."""
    if not _both_localhost(case):
        return
    yield Finding(
        "both-localhost",
        "both nodes are named after localhost",
        "both",
        tuple(f"{side.name}: {side.node}, on a host called {side.facts.hostname}"
              for side in case.sides),
        "Each host takes localhost for itself, so neither node can ever find the other one. "
        "Packages leave the name so: it is for a server that is alone.",
        "name each node after its host, its database included: second first, then first",
        subjects=tuple(side.node for side in case.sides),
    )  # fmt: skip


def _both_localhost(case: Case) -> bool:
    return not case.one_machine and all(_of_localhost(side) for side in case.sides)


def _of_localhost(side: Side) -> bool:
    return side.node.partition("@")[2].partition(".")[0] == "localhost"


def same_name(case: Case) -> Iterator[Finding]:
    if _both_localhost(case):
        return
    if case.facts.one_node:
        yield Finding(
            "name-in-use",
            "both addresses lead to one node",
            "second",
            tuple(f"{side.name}: {side.node}, on the host {side.facts.hostname}"
                  for side in case.sides),
            "The configuration gives one host twice: there is nothing to join.",
            "give the other host: `ejtui setup`",
            subjects=(case.second.node,),
        )  # fmt: skip
    elif case.first.node and case.first.node == case.second.node:
        yield Finding(
            "name-in-use",
            "both nodes have the same name",
            "second",
            tuple(f"{side.name}: {side.node}" for side in case.sides),
            "Two nodes of one name cannot be in one cluster, nor registered with one epmd.",
            "name second's node after its host, or both by their hosts' full names where the hosts "
            "have one short name; their databases included",
            subjects=(case.second.node,),
        )


def named_localhost(case: Case) -> Iterator[Finding]:
    if case.one_machine or _both_localhost(case):
        return
    for side in case.sides:
        if _of_localhost(side):
            yield Finding(
                "dist-loopback",
                f"{side.name}'s node is named after localhost",
                side.role,
                tuple(f"{each.name}: {each.node}" for each in case.sides),
                "Each host takes localhost for itself, so the other never finds this node.",
                "name the node after its host: ERLANG_NODE in ejabberdctl.cfg",
                subjects=(side.node,),
            )


def unresolvable(case: Case) -> Iterator[Finding]:
    for here, there in case.ways:
        peer = here.facts.peers.get(there.node)
        if peer is not None and peer.broken == "resolve":
            yield _unresolved(here, there.node, peer.code, peer.why)
    for side in case.sides:
        if side.facts.vm_code in ("unresolvable", "ipv6-only"):
            yield _unresolved(side, side.node, side.facts.vm_code, side.facts.vm_why)


def wrong_peer_address(case: Case) -> Iterator[Finding]:
    """A host that takes the other one's name for itself: what answers there is its own node."""
    if case.one_machine:
        return
    for here, there in case.ways:
        peer = here.facts.peers.get(there.node)
        if peer is None or not here.facts.has_address(peer.address):
            continue
        host = there.node.partition("@")[2]
        if _one_short_name(case) and host == here.facts.hostname:
            continue  # It is its name, too.
        yield Finding(
            "wrong-peer-address",
            f"{host} leads {here.name} back to itself",
            here.role,
            (f"on {here.name}: {host} is {peer.address}, an address of {here.name}'s own",),
            f"{here.name} never reaches {there.name}: whatever it asks {there.node}, its own host "
            "answers.",
            f"give {host} {there.name}'s address in {here.name}'s hosts file, and take it out of "
            "the line with the host's own",
            subjects=(host,),
        )


def stranger(case: Case) -> Iterator[Finding]:
    """A host to which the other node's name leads to a third host, where a node of it runs, too."""
    for here, there in case.ways:
        peer, facts = here.facts.peers.get(there.node), there.facts
        if peer is None or not facts.is_another_vm(peer.os_pid, peer.schema):
            continue
        host = there.node.partition("@")[2]
        yield Finding(
            "wrong-peer-address",
            f"{host} leads {here.name} to another host than {there.name}",
            here.role,
            (
                f"on {here.name}: {host} is {peer.address}; the {there.node} that answers there is "
                f"process {peer.os_pid}, with schema {peer.schema}",
                f"{there.name}: {there.node} is process {facts.os_pid}, with schema "
                f"{facts.schema_cookie}",
            ),
            f"Two nodes have the name {there.node}, as where a server was moved and its name still "
            f"leads to the old one: what {here.name} does goes to that one's cluster.",
            f"give {host} {there.name}'s address in {here.name}'s hosts file or DNS",
            subjects=(host,),
        )


def named_by_address(case: Case) -> Iterator[Finding]:
    """A node that is named after an address that its host no longer has."""
    for side in case.sides:
        if not side.facts.lost_address:
            continue
        host = side.node.partition("@")[2]
        yield Finding(
            "named-by-address",
            f"{side.name}'s node is named after an address that its host does not have",
            side.role,
            (
                f"{side.name}: {side.node}",
                f"on {side.name}: its addresses are {', '.join(side.facts.addresses)}",
            ),
            "Other nodes, and ejabberdctl on its own host, look for the node at that address and "
            "find nobody there.",
            f"name the node after its host, its database included, or give {side.name} the address "
            f"{host} again",
            subjects=(side.node,),
        )


def _unresolved(here: Side, node: str, code: str, why: str) -> Finding:
    host = node.partition("@")[2]
    if code == "ipv6-only":
        return Finding(
            "ipv6-only",
            f"{here.name} finds only an IPv6 address for {host}",
            here.role,
            (f"on {here.name}: {host}: {why}",),
            "Erlang's distribution asks for an IPv4 address unless it is configured otherwise.",
            f"give {host} an IPv4 address in {here.name}'s hosts file or DNS, "
            "or run both nodes with -proto_dist inet6_tcp",
            subjects=(host,),
        )
    by_ipv6 = "(inet6)" in why
    return Finding(
        "unresolvable",
        f"{host} does not resolve on {here.name}",
        here.role,
        (f"on {here.name}: {host}: {why}",),
        f"{here.name} cannot find {node}: its host name has no address there."
        if not by_ipv6
        else f"{here.name}'s node talks IPv6 (-proto_dist inet6_tcp) and asks for an IPv6 address "
        f"alone; {host} has none there. Both nodes need the same -proto_dist.",
        f"add {host} to {here.name}'s hosts file or DNS"
        if not by_ipv6
        else f"add an IPv6 address of {host}'s to {here.name}'s hosts file or DNS where both nodes "
        f"talk IPv6; else take -proto_dist out of {here.name}'s options and restart ejabberd",
        subjects=(host,),
    )


def name_in_use(case: Case) -> Iterator[Finding]:
    """Something else than ejabberd, or than the erl of a join, runs under a node's name."""
    for side in case.sides:
        facts = side.facts
        if not side.lives or facts.ejabberd or facts.started != "other":
            continue
        yield Finding(
            "name-in-use",
            f"another program has the name {side.node}",
            side.role,
            (
                f"{side.name}: {side.node} is registered, process {facts.os_pid or 'unknown'}",
                f"{side.name}: that VM was started neither as ejabberd nor with Mnesia",
            ),
            "An erl was started under ejabberd's own name while ejabberd was down. Now ejabberd "
            "cannot start: epmd knows the name already.",
            f"end process {facts.os_pid or 'of that name'} on {side.name}, then start ejabberd",
            subjects=(facts.os_pid,) if facts.os_pid else (),
        )


_UNRESOLVABLE = Rule("resolve", unresolvable, after=("dist-loopback", "name-in-use"))

FINDINGS = (
    Declaration(
        code="name-style",
        meaning="One node has a short name and the other a long one, a name is invalid, or two "
        "hosts have one short name.",
        rules=(Rule("resolve", name_style), Rule("resolve", one_short_name)),
        brings_about=(Kind.CONNECTION, Kind.SEPARATION, "cookie-mismatch", "renamed"),
        brings_about_there=(Kind.NOT_RUNNING,),
        messages=(
            r"Can't set (?:long|short) node name|fully qualified hostnames",
            r"Hostname \S+ is illegal",
        ),
    ),
    Declaration(
        code="wrong-peer-address",
        meaning="The other host's name has an address of the host's own, so that it asks itself, "
        "or of a third host with a node of the same name.",
        rules=(Rule("resolve", wrong_peer_address), Rule("resolve", stranger)),
        brings_about=(Kind.CONNECTION, Kind.SEPARATION),
        brings_about_there=(Kind.NOT_RUNNING, "cookie-mismatch"),
    ),
    Declaration(
        code="named-by-address",
        meaning="A node is named after an address that its host no longer has.",
        rules=(Rule("resolve", named_by_address),),
        brings_about=(Kind.CONNECTION, Kind.SEPARATION),
        brings_about_there=(Kind.NOT_RUNNING,),
        not_in_lab="the lab's nodes are named after their hosts",
    ),
    Declaration(
        code="both-localhost",
        meaning="Both nodes are named after localhost, as packages leave a server that is alone.",
        rules=(Rule("resolve", both_localhost, after=("name-style",)),),
        brings_about=(
            Kind.CONNECTION,
            Kind.SEPARATION,
            "name-in-use",
            "not-connected",
            "cookie-mismatch",
        ),
        not_in_lab="it takes hosts fresh from their packages, and the lab names its nodes",
    ),
    Declaration(
        code="name-in-use",
        meaning="Another program, or the other node, has this node's name.",
        warns=WARNS,
        rules=(
            Rule("resolve", same_name, after=("name-style",)),
            Rule("port", name_in_use, after=("epmd-stale",)),
            in_log("name-in-use"),
        ),
        brings_about_there=(
            Kind.NOT_RUNNING,
            "cookie-mismatch",
            "tables-waiting",
            "wrong-dir",
        ),
        messages=(r"seems to be in use by another Erlang node",),
    ),
    Declaration(
        code="unresolvable",
        meaning="A host does not find the other node's host by its name.",
        rules=(_UNRESOLVABLE,),
        kinds=frozenset({Kind.CONNECTION}),
        brings_about=(Kind.SEPARATION,),
        brings_about_there=(Kind.NOT_RUNNING,),
    ),
    Declaration(
        code="ipv6-only",
        meaning="A host finds only an IPv6 address for the other node's host.",
        rules=(_UNRESOLVABLE,),
        kinds=frozenset({Kind.CONNECTION}),
        brings_about=(Kind.SEPARATION,),
        brings_about_there=(Kind.NOT_RUNNING,),
    ),
    Declaration(
        code="already-running",
        meaning="ejabberd was started a second time under the same name.",
        not_in_lab="it is the answer to a second start, which changes nothing: no state to find",
    ),
)
