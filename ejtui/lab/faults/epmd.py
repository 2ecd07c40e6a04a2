"""Faults of epmd, the daemon that knows on which port a node listens."""

from __future__ import annotations

from ejtui import scripts
from ejtui.lab import breakage
from ejtui.lab.faults.fault import Fault, Forms
from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab

_HOLD = scripts.erlang(__file__, "hold_name.eval")

_KILL = scripts.shell(__file__, "kill_epmd.sh")

_SILENCE = scripts.erlang(__file__, "silence.eval")


def _down(lab: Lab) -> None:
    _kill_epmd(first(lab))


def _unreachable(lab: Lab) -> None:
    breakage.block_port(lab, "first", breakage.EPMD_PORT)


def _silent(lab: Lab) -> None:
    node = first(lab)
    _kill_epmd(node)
    node.plain_erl(_SILENCE)
    node.wait('ss -Hltn "sport = :$1" | grep -q .', str(breakage.EPMD_PORT))


def _stale(lab: Lab) -> None:
    node = second(lab)
    node.kill()
    alive = node.name.partition("@")[0]
    node.plain_erl(_HOLD, alive)
    node.wait('epmd -names | grep -q "^name $1 "', alive)


def _kill_epmd(node: LabNode) -> None:
    node.script(_KILL)
    node.wait("! epmd -names >/dev/null 2>&1")


FAULTS = (
    Fault("epmd-down", "first's epmd killed", _down, node="first", forms=Forms.OWN_HOSTS),
    Fault(
        "epmd-unreachable",
        "a firewall on first drops what comes for epmd",
        _unreachable,
        node="first",
        forms=Forms.OWN_HOSTS,
    ),
    Fault(
        "epmd-silent",
        "first's epmd killed, and a program that never answers put on its port",
        _silent,
        node="first",
        forms=Forms.OWN_HOSTS,
    ),
    Fault(
        "epmd-stale",
        "second's ejabberd killed, its name left with epmd",
        _stale,
        forms=Forms.OWN_HOSTS,
    ),
)
