"""How far Mnesia is with the copy of one table."""

from __future__ import annotations

from dataclasses import dataclass

from ejtui.cluster.facts.node import DISC_ONLY
from ejtui.cluster.pace import duration
from ejtui.cluster.tables.copies import Copy


@dataclass(frozen=True)
class CopySample:
    """What second holds of the table, `seconds` after the copy began.

    `records` is None where only its files can be seen.
    """

    records: int | None
    bytes: int
    seconds: float


@dataclass(frozen=True)
class CopyState:
    """`done` of `total` in `unit`, `rate` a second; `left` is for people."""

    done: int
    total: int
    unit: str
    rate: float
    left: str


class Copying:
    """One running copy: each look at it becomes one standing, which never goes back.

    A table in memory is counted in records, one that is on disc only in bytes of its files.
    """

    def __init__(self, copy: Copy) -> None:
        on_disc = copy.wanted == DISC_ONLY
        self.unit = "bytes" if on_disc else "records"
        self.total = copy.table.memory if on_disc else copy.table.size
        self._done = 0
        self._rate = 0.0

    def seen(self, look: CopySample) -> CopyState:
        """The standing after a look."""
        now = look.bytes if self.unit == "bytes" else look.records or 0
        now = min(now, self.total)
        if now > self._done:
            self._done = now
            self._rate = now / look.seconds if look.seconds else 0.0
        return self._standing(self._left())

    def ended(self) -> CopyState:
        """The standing when Mnesia has reported that the copy is made."""
        self._done = self.total
        return self._standing("")

    def _left(self) -> str:
        if self._done >= self.total:
            return "all copied; second writes it to its disc and makes its indexes"
        if not self._rate:
            return ""
        return f"about {duration((self.total - self._done) / self._rate)} left"

    def _standing(self, left: str) -> CopyState:
        return CopyState(self._done, self.total, self.unit, self._rate, left)
