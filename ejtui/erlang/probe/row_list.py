"""A long list that stays the text of a host's answer: each item is made when it is asked for.

A million accounts take a few bytes more than their names that way; as so many objects they would
take ten times as much.
"""

from __future__ import annotations

import bisect
import heapq
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar, overload

T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")

FIELD, ROW = "\x1f", "\x1e"
_ROW = re.compile(b"[^\x1e]+")
_FIELD, _END = FIELD.encode(), ROW.encode()

_SORTED_TOGETHER = 50_000
"""So many rows are sorted at once."""

_SAMPLED = 2_000
"""Of so many rows it is seen where they can be parted."""

MOST_ROWS = 2_000_000
"""So many rows are read of one text."""


class TooManyRows(Exception):
    """A text of more rows than are read."""


class RowList(Sequence[T_co]):
    """The rows of a text as items that `make` makes of their fields; equal to a list of the same.

    Rows are parted by the record separator, fields by the unit separator.
    """

    __slots__ = ("_make", "_starts", "_text")

    def __init__(
        self, text: bytes | bytearray, starts: array[int], make: Callable[[list[str]], T_co]
    ) -> None:
        self._text, self._starts, self._make = text, starts, make

    @classmethod
    def read(
        cls, text: bytes | bytearray, fields: int, make: Callable[[list[str]], T_co]
    ) -> RowList[T_co]:
        """The rows that have so many fields; others are passed over. Raises TooManyRows."""
        starts = array("I")
        for number, row in enumerate(_ROW.finditer(text)):
            if number == MOST_ROWS:
                raise TooManyRows(f"a list has more than {MOST_ROWS:,} rows")
            if text.count(_FIELD, row.start(), row.end()) == fields - 1:
                starts.append(row.start())
        return cls(text, starts, make)

    @classmethod
    def of(cls, rows: Iterable[Sequence[str]], make: Callable[[list[str]], T_co]) -> RowList[T_co]:
        """The same of rows that are there already, one after the other."""
        text, starts = bytearray(), array("I")
        for row in rows:
            starts.append(len(text))
            text += FIELD.join(row).encode("utf-8", "surrogateescape")
            text += _END
        return cls(text, starts, make)

    def viewed(self, make: Callable[[list[str]], U]) -> RowList[U]:
        """The same rows as other items."""
        return RowList(self._text, self._starts, make)

    def mapped(self, make: Callable[[T_co], U]) -> RowList[U]:
        """What `make` makes of each item."""
        inner = self._make
        return RowList(self._text, self._starts, lambda row: make(inner(row)))

    def where(self, wanted: Callable[[T_co], bool]) -> RowList[T_co]:
        """Those of them that are wanted."""
        kept = (start for start in self._starts if wanted(self._at(start)))
        return RowList(self._text, array("I", kept), self._make)

    def in_order(self, between: bytes) -> RowList[T_co]:
        """The same, sorted by the bytes of their fields with `between` these; no more than a part
        of them is made at a time."""

        def key(start: int) -> bytes:
            return bytes(self._row(start)).replace(_FIELD, between)

        found = array("I")
        buckets = self._buckets(key)
        while buckets:
            bucket = buckets.pop()
            parts = [
                array("I", sorted(bucket[at : at + _SORTED_TOGETHER], key=key))
                for at in range(0, len(bucket), _SORTED_TOGETHER)
            ]
            del bucket
            found.extend(heapq.merge(*parts, key=key))
        return RowList(self._text, found, self._make)

    def _buckets(self, key: Callable[[int], bytes]) -> list[array[int]]:
        """All rows, those of the last bucket before all others; most are so few as are sorted at
        once."""
        step = max(1, len(self._starts) // _SAMPLED)
        sample = sorted(map(key, self._starts[::step]))
        pivots = sample[:: max(1, _SORTED_TOGETHER // (2 * step))][1:]
        buckets = [array("I") for _ in range(len(pivots) + 1)]
        for start in self._starts:
            buckets[bisect.bisect_right(pivots, key(start))].append(start)
        return buckets[::-1]

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> T_co: ...

    @overload
    def __getitem__(self, index: slice) -> RowList[T_co]: ...

    def __getitem__(self, index: int | slice) -> T_co | RowList[T_co]:
        if isinstance(index, slice):
            return RowList(self._text, self._starts[index], self._make)
        return self._at(self._starts[index])

    def __iter__(self) -> Iterator[T_co]:
        return map(self._at, self._starts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, list | tuple | RowList):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"RowList of {len(self)}"

    def _at(self, start: int) -> T_co:
        return self._make(self._row(start).decode("utf-8", "surrogateescape").split(FIELD))

    def _row(self, start: int) -> bytes | bytearray:
        end = self._text.find(_END, start)
        return self._text[start : end if end >= 0 else len(self._text)]
