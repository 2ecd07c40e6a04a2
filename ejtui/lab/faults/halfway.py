"""Faults of a join that stopped halfway."""

from __future__ import annotations

from ejtui import scripts
from ejtui.lab.faults.fault import Fault
from ejtui.lab.faults.node import first, second
from ejtui.lab.lab import Lab

HOLD_SCHEMA = scripts.erlang(__file__, "hold_schema.eval")


def _app_down(lab: Lab) -> None:
    """What a join leaves that ended before it started ejabberd again."""
    second(lab).ask("ok = application:stop(ejabberd)")


def _hangs(lab: Lab) -> None:
    first(lab).ask(HOLD_SCHEMA)


FAULTS = (
    Fault(
        "vm-up-app-down",
        "second's ejabberd stopped, its Erlang node and Mnesia left running",
        _app_down,
    ),
    Fault(
        "join-hangs",
        "a transaction on first that holds the schema and never ends",
        _hangs,
        node="first",
        needs_joined=False,
    ),
)
