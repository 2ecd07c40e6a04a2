"""Faults of the distribution: the port on which a node takes others' connections."""

from __future__ import annotations

from ejtui.lab import breakage
from ejtui.lab.faults.fault import Fault, Forms
from ejtui.lab.faults.node import first, second
from ejtui.lab.lab import Lab

_FIXED_PORT = "5210"


def _blocked(lab: Lab) -> None:
    port = first(lab).registered_port()
    breakage.block_port(lab, "first", port, only_new=True)


def _loopback(lab: Lab) -> None:
    node = first(lab)
    node.stop()
    node.configure(INET_DIST_INTERFACE="127.0.0.1")
    # Its host's name stands for its other address, so that not even its own host reaches it.
    node.start_unseen()


def _port_differs(lab: Lab) -> None:
    node = second(lab)
    node.stop()
    # Nothing else of Erlang is left on this host, so that nothing needs epmd any more.
    node.run("epmd", "-kill")
    node.configure(ERL_DIST_PORT=_FIXED_PORT)
    node.begin()
    node.wait('ss -Hltn "sport = :$1" | grep -q .', _FIXED_PORT)


FAULTS = (
    Fault(
        "dist-port-blocked",
        "a firewall on first drops new connections to its distribution port",
        _blocked,
        node="first",
        forms=Forms.OWN_HOSTS,
    ),
    Fault(
        "dist-loopback",
        "first started again with INET_DIST_INTERFACE=127.0.0.1",
        _loopback,
        node="first",
        needs_joined=False,
        forms=Forms.OWN_HOSTS,
    ),
    Fault(
        "dist-port-differs",
        f"second started again with ERL_DIST_PORT={_FIXED_PORT} and without epmd",
        _port_differs,
        needs_joined=False,
        forms=Forms.OWN_HOSTS,
    ),
)
