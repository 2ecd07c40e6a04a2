"""Faults of tables: copies that are missing, wait, or come too fast."""

from __future__ import annotations

from ejtui import scripts
from ejtui.lab.faults.fault import Fault
from ejtui.lab.faults.node import first, second
from ejtui.lab.lab import Lab

_DROPPED = ("passwd", "roster", "vcard", "offline_msg")

_WAITS = (
    "mnesia:system_info(is_running) =:= yes "
    "andalso mnesia:table_info(passwd, where_to_read) =:= nowhere"
)

_OVERLOAD = scripts.erlang(__file__, "overload.eval")


def _missing(lab: Lab) -> None:
    drops = (f"{{atomic, ok}} = mnesia:del_table_copy({table}, node())" for table in _DROPPED)
    second(lab).ask(", ".join(drops))


def _waiting(lab: Lab) -> None:
    """Second stopped before first, so that first may hold what second does not know."""
    one, two = first(lab), second(lab)
    two.stop()
    one.stop()
    two.begin()
    two.until(_WAITS)


def _overload(lab: Lab) -> None:
    node = second(lab)
    node.ask(_OVERLOAD)
    node.wait('grep -q "Mnesia is overloaded" "$1"', f"{node.logs}/ejabberd.log")


FAULTS = (
    Fault(
        "tables-missing",
        f"second's copies of {', '.join(_DROPPED)} dropped",
        _missing,
        needs_joined=True,
    ),
    Fault(
        "tables-waiting",
        "both stopped, second before first, and second alone started",
        _waiting,
        needs_joined=True,
    ),
    Fault("overload", "second's Mnesia given more to write than it can log", _overload),
)
