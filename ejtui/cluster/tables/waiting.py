"""How long writers to a table on first wait while it is copied: an estimate, from its size.

Mnesia holds a table's writers off until second has all of it. Readers go on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui.amounts import amount
from ejtui.cluster.facts.node import REMOTE
from ejtui.cluster.pace import duration

if TYPE_CHECKING:
    from ejtui.cluster.facts.node import PairFacts, TableFacts

_RECORDS = 90_000
"""Records a second that Mnesia copies, as measured on two cores."""

_BYTES = 15e6
"""Bytes a second."""

_LEAST = 0.05
"""Seconds for a copy of a table that holds nothing."""

NAMED_FROM = 0.5
"""Seconds of a wait that is named beforehand: nobody notices a shorter one."""


@dataclass(frozen=True)
class Wait:
    """The longest wait of a join: the table, and about how many seconds."""

    table: TableFacts
    seconds: float

    @property
    def line(self) -> str:
        """For people, in one line."""
        held = f"{self.table.size:,} records, {amount(self.table.memory)}"
        return (
            f"who writes to {self.table.name} on first waits for about {_short(self.seconds)} "
            f"while it is copied ({held})"
        )


def estimate(table: TableFacts) -> float:
    """Seconds that writers to the table wait: a guess, within a factor of two or three."""
    return max(_LEAST, table.size / _RECORDS, table.memory / _BYTES)


def longest(tables: Iterable[TableFacts]) -> Wait | None:
    """The longest wait while these tables are copied; None where nobody would notice any."""
    waits = [Wait(table, estimate(table)) for table in tables]
    most = max(waits, key=lambda wait: wait.seconds, default=None)
    return most if most is not None and most.seconds >= NAMED_FROM else None


def of_join(facts: PairFacts) -> Wait | None:
    """The longest wait of a join that copies all of first's tables."""
    return longest(
        table for table in facts.first.tables if table.storage != REMOTE and not table.local_content
    )


def _short(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else duration(seconds)
