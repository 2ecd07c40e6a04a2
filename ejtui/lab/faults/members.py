"""Faults of who belongs to first's cluster."""

from __future__ import annotations

from ejtui.lab.faults.fault import Fault
from ejtui.lab.faults.node import atom
from ejtui.lab.faults.visitor import Visitor
from ejtui.lab.lab import Lab

# A member of before, and another joiner.
_FORMER = "former"
JOINER = "third"


def _stale(lab: Lab) -> None:
    former = Visitor(lab, _FORMER)
    former.join()
    former.settle()
    former.stop()
    former.remove_files()


def _ghost(lab: Lab) -> None:
    former = Visitor(lab, _FORMER)
    former.join()
    former.settle()
    former.stop()
    removal = f"{{atomic, ok}} = mnesia:del_table_copy(schema, {atom(former.name)})"
    former.host.ask(removal)
    former.start_again()


def _concurrent(lab: Lab) -> None:
    Visitor(lab, JOINER).join()


FAULTS = (
    Fault(
        "stale-member",
        "a third member's host removed, but not from the cluster",
        _stale,
        node="first",
    ),
    Fault(
        "ghost-member",
        "a third member removed while it was down, and started again from its old disk",
        _ghost,
        node="first",
    ),
    Fault(
        "concurrent-join",
        "a third node in the middle of joining first",
        _concurrent,
        node="first",
        needs_joined=False,
    ),
)
