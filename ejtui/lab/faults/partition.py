"""Faults that leave healthy nodes unwilling to work together."""

from __future__ import annotations

from ejtui.lab import breakage
from ejtui.lab.faults.fault import Fault, Forms
from ejtui.lab.faults.node import atom, first, second
from ejtui.lab.lab import Lab

# Ends the distribution's connections at once, where ticks would need a minute to miss them.
_END_CONNECTIONS = (
    'ss -K -t state established "( sport = :$1 or dport = :$1 )" and not dst 127.0.0.1'
)


def _partitioned(lab: Lab) -> None:
    """A cut link that both notice, an account made on each side meanwhile, and the link again."""
    one, two = first(lab), second(lab)
    ports = [str(node.registered_port()) for node in (one, two)]
    breakage.cut_link(lab)
    for node in (one, two):
        for port in ports:
            node.script(_END_CONNECTIONS, port)
    for node in (one, two):
        node.until(f"mnesia:system_info(running_db_nodes) =:= [{atom(node.name)}]")
        node.register(f"while_apart_on_{node.host}")
    breakage.mend_link(lab)
    one.until(f"net_adm:ping({atom(two.name)}) =:= pong")


FAULTS = (
    Fault(
        "partitioned",
        "the link cut until both noticed, an account made on each side, the link mended",
        _partitioned,
        node="both",
        needs_joined=True,
        forms=Forms.OWN_HOSTS,
    ),
)
