"""How far Mnesia is with the copy of one table."""

from __future__ import annotations

from dataclasses import dataclass

from ejtui.amounts import amount
from ejtui.cluster.facts.node import DISC_ONLY
from ejtui.cluster.pace import duration
from ejtui.cluster.tables.copies import Copy

_MOST = 0.99
"""A table counts as copied once Mnesia has reported it, however much of it is there."""


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


class CopyCount:
    """How many of all tables second has, from the `there` that it had before.

    The running copy counts as a part of a table, so that the count never goes back.
    """

    def __init__(self, there: int, total: int) -> None:
        self.done, self.total = there, total

    def within(self, now: CopyState) -> float:
        """The count while the next table is copied so far."""
        part = now.done / now.total if now.total else 0.0
        return self.done + min(part, _MOST)

    def made(self) -> None:
        """That copy is made."""
        self.done += 1


class Copying:
    """One running copy: each look at it becomes one standing, which never goes back.

    A table in memory is counted in records, one that is on disc only in bytes of its files.
    """

    def __init__(self, copy: Copy) -> None:
        on_disc = copy.wanted == DISC_ONLY
        self.unit = "bytes" if on_disc else "records"
        self._table = copy.table.name
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

    def described(self, now: CopyState) -> str:
        """That standing for people, without the time left."""
        done, total = map(self._counted, (now.done, now.total))
        # A rate of nothing is none.
        rate = f", {self._counted(round(now.rate))}/s" if now.rate else ""
        unit = "" if self.unit == "bytes" else f" {self.unit}"
        return f"{self._table}: {done} of {total}{unit}{rate}"

    def _counted(self, count: int) -> str:
        return amount(count) if self.unit == "bytes" else f"{count:,}"

    def _left(self) -> str:
        if self._done >= self.total:
            return "all copied; second writes it to its disc and makes its indexes"
        if not self._rate:
            return ""
        return f"about {duration((self.total - self._done) / self._rate)} left"

    def _standing(self, left: str) -> CopyState:
        return CopyState(self._done, self.total, self.unit, self._rate, left)
