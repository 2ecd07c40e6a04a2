"""Faults of a join that stopped halfway."""

from __future__ import annotations

from ejtui.lab.faults.fault import Fault
from ejtui.lab.faults.node import first, second
from ejtui.lab.lab import Lab

# A transaction that took the schema and never ends: every join waits for it.
HOLD_SCHEMA = """
Asking = self(),
Hold = fun() ->
    group_leader(whereis(init), self()),
    mnesia:transaction(fun() ->
        mnesia:lock({table, schema}, write),
        Asking ! held,
        receive never -> ok end
    end)
end,
spawn(Hold),
receive held -> held end
"""


def _app_down(lab: Lab) -> None:
    """What a join leaves that ended before it started ejabberd again."""
    second(lab).ask("ok = application:stop(ejabberd)")


def _hangs(lab: Lab) -> None:
    first(lab).ask(HOLD_SCHEMA)


FAULTS = (
    Fault(
        "vm-up-app-down",
        "second's ejabberd stopped, its virtual machine and Mnesia left running",
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
