"""Loading a node's own copies of tables in place of others that are waited for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ejtui.cluster.acts.act import Act, At, asked
from ejtui.cluster.errors import StepFailed
from ejtui.erlang.probe import questions
from ejtui.erlang.terms import quoting
from ejtui.erlang.terms.etf import Atom

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

LOAD_SECONDS = 600.0


def load_act(at: At, table: str = "TABLE") -> Act[questions.Change]:
    """What load_own() does for each table."""
    name = quoting.atom(table) if table != "TABLE" else table
    text = f"mnesia:force_load_table({name})."
    names = [Atom(table)]
    return asked(at, text, questions.change, "force_load_table", names, timeout=LOAD_SECONDS)


async def load_own(node: Node, tables: Sequence[str]) -> None:
    """The node loads its own copies, even where others hold newer ones. Raises StepFailed."""
    for name in tables:
        end = await load_act(node, name).run(node)
        if end.result != "done":
            raise StepFailed(f"mnesia:force_load_table({name}): {end.reason}")
