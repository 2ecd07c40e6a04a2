"""How long second will be out of service in a join: an estimate, from the sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.cluster.facts.node import REMOTE
from ejtui.cluster.pace import duration
from ejtui.cluster.tables import waiting

if TYPE_CHECKING:
    from ejtui.cluster.facts.node import PairFacts

_STOP_AND_START = 20.0
"""Seconds that an ejabberd takes to stop and to start, and an erl shell beside it."""
_FOR_A_TABLE = 0.3
"""Seconds for a copy of a table that holds nothing."""
_COPIED = 15e6
"""Bytes a second that Mnesia copies, and writes into an online backup."""
_SUMMED = 200e6
"""Bytes a second of which checksums are made."""


def estimate(facts: PairFacts) -> float:
    """Seconds, from the sizes of both databases: a guess, within a factor of two or three."""
    tables = [table for table in facts.first.tables if table.storage != REMOTE]
    copied = sum(table.memory for table in tables)
    moved = facts.second.spool.bytes
    work = 2 * copied / _COPIED + 2 * moved / _SUMMED + _FOR_A_TABLE * len(tables)
    return _STOP_AND_START + work


def estimate_line(facts: PairFacts) -> str:
    """How a question names it."""
    if not facts.second.ejabberd:
        return ""
    about = duration(_rounded(estimate(facts)))
    wait = waiting.of_join(facts)
    first = f"first's are not, but {wait.line}" if wait else "first's are not"
    return f"second's users are out for about {about}; {first}."


def _rounded(seconds: float) -> float:
    """A number that claims no more than is known."""
    step = 10 if seconds < 100 else 60
    return max(step, round(seconds / step) * step)
