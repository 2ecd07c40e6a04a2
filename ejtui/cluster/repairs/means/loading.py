"""Tables that wait for another node's copies, and loading a node's own in their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ejtui.erlang.terms import Atom

from ...errors import StepFailed
from ...facts import REMOTE, NodeFacts

if TYPE_CHECKING:
    from ...node import Node

LOAD_SECONDS = 600.0


def waiting(node: NodeFacts) -> tuple[str, ...]:
    """The tables that the node has a copy of and cannot read yet."""
    return tuple(
        table.name for table in node.tables if table.storage != REMOTE and not table.readable
    )


async def load_own(node: Node, tables: Sequence[str]) -> None:
    """The node loads its own copies, whoever may hold newer ones. Raises StepFailed."""
    for name in tables:
        said = await node.probe.ask(
            "change", Atom("force_load_table"), [Atom(name)], timeout=LOAD_SECONDS
        )
        if said["result"] != "done":
            raise StepFailed(f"mnesia:force_load_table({name}): {said['reason']}")
