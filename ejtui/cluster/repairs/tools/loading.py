"""Loading a node's own copies of tables in place of others that are waited for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ejtui.cluster.errors import StepFailed
from ejtui.erlang.terms.etf import Atom

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

LOAD_SECONDS = 600.0


async def load_own(node: Node, tables: Sequence[str]) -> None:
    """The node loads its own copies, whoever may hold newer ones. Raises StepFailed."""
    for name in tables:
        said = await node.probe.ask(
            "change", Atom("force_load_table"), [Atom(name)], timeout=LOAD_SECONDS
        )
        if said["result"] != "done":
            raise StepFailed(f"mnesia:force_load_table({name}): {said['reason']}")
