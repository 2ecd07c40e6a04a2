"""Faults that leave healthy nodes unwilling to work together."""

from __future__ import annotations

from ejtui import scripts
from ejtui.lab import breakage
from ejtui.lab.faults.fault import Fault, Forms
from ejtui.lab.faults.node import LabNode, atom, first, second
from ejtui.lab.forms import links
from ejtui.lab.forms.tree import OPERATOR
from ejtui.lab.lab import Lab

# Ends the distribution's connections at once, where ticks would need a minute to miss them.
_END_CONNECTIONS = (
    'ss -K -t state established "( sport = :$1 or dport = :$1 )" and not dst 127.0.0.1'
)

_THIRD = "third"

_WATCH = scripts.shell(__file__, "watch.sh")
_CALL = "F = fun F() -> lists:foreach(fun net_adm:ping/1, [%s]), timer:sleep(1000), F() end, F()."

# Nothing of that user's comes through to the other host.
_NO_WAY_OUT = f"""
add table {breakage.TABLE}
add chain {breakage.TABLE} output {{ type filter hook output priority 0; }}
add rule {breakage.TABLE} output meta skuid "{OPERATOR}" oifname "{links.PEER_LINK}" drop
"""

_OWN_PORT = scripts.shell(__file__, "own_port.sh")


def _partitioned(lab: Lab) -> None:
    """A cut link that both notice, an account made on each side meanwhile, and the link again."""
    one, two = first(lab), second(lab)
    breakage.cut_link(lab)
    for port in (one.registered_port(), two.registered_port()):
        _end_connections(lab, str(port))
    for node in (one, two):
        node.until(_alone(node))
        node.register(f"while_apart_on_{node.host}")
    breakage.repair_link(lab)
    one.until(f"net_adm:ping({atom(two.name)}) =:= pong")


def _overlapping(lab: Lab) -> None:
    """A third node that first cannot reach: first gives second up, to which that one is joined."""
    one, two = first(lab), second(lab)
    calls = _CALL % f"{atom(one.name)}, {atom(two.name)}"
    cookie = breakage.read_cookie(lab, "first")
    two.script(_WATCH, OPERATOR, _THIRD, calls, stdin=cookie)
    third = f"{_THIRD}@{two.name.partition('@')[2]}"
    for node in (one, two):
        node.until(f"lists:member({atom(third)}, nodes())")
    ports = [one.registered_port(), two.registered_port(_THIRD)]
    breakage.block_port(lab, "second", ports[1])
    two.run("nft", "-f", "-", stdin=_NO_WAY_OUT.encode())
    # Either node may have opened the connection.
    mine = two.script(_OWN_PORT, OPERATOR, str(ports[0])).strip()
    _end_connections(lab, mine or str(ports[1]))
    for node in (one, two):
        node.until(_alone(node))


def _end_connections(lab: Lab, port: str) -> None:
    for node in (second(lab), first(lab)):
        node.script(_END_CONNECTIONS, port)


def _alone(node: LabNode) -> str:
    return f"mnesia:system_info(running_db_nodes) =:= [{atom(node.name)}]"


FAULTS = (
    Fault(
        "partitioned",
        "the link cut until both noticed, an account made on each side, the link repaired",
        _partitioned,
        node="both",
        needs_joined=True,
        forms=Forms.OWN_HOSTS,
    ),
    Fault(
        "overlapping",
        "a third node, of somebody's on second's host, that first cannot reach any more",
        _overlapping,
        node="both",
        needs_joined=True,
        forms=Forms.OWN_HOSTS,
    ),
)
