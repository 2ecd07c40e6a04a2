"""How long second is out of service in a join: estimated before, measured after."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ejtui.cluster.facts.node import REMOTE
from ejtui.cluster.journal import Entry, now
from ejtui.cluster.pace import duration

if TYPE_CHECKING:
    from ejtui.cluster.facts.node import PairFacts
    from ejtui.cluster.journal import Journal
    from ejtui.cluster.run.context import StepContext

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
    return f"second's users are out for about {about}; first's are not."


def _rounded(seconds: float) -> float:
    """A number that claims no more than is known."""
    step = 10 if seconds < 100 else 60
    return max(step, round(seconds / step) * step)


def begin(context: StepContext) -> None:
    """Second stops now; called right before."""
    if context.facts.second.ejabberd:
        context.journal.write(Entry.OUT)


def end_line(context: StepContext) -> str:
    """Second runs again: how long it was out, "" where that was not seen; counted once."""
    seconds = _measured(context.journal)
    if seconds is None:
        return ""
    context.journal.write(Entry.BACK, seconds=round(seconds, 1))
    return f"second was out of service for {duration(seconds)}"


def _measured(journal: Journal) -> float | None:
    began = None
    for entry in journal.last():
        if entry.get("event") == Entry.OUT and began is None:
            began = entry.get("at")
        elif entry.get("event") == Entry.BACK:
            began = None
    try:
        since = datetime.fromisoformat(str(began))
        return max(0.0, (datetime.fromisoformat(now()) - since).total_seconds())
    except (ValueError, TypeError):
        return None
