"""Many rows of names in one text: what a probe answers with where there may be hundred thousands.

One text takes a fraction of the memory that as many terms take. Fields end with the unit separator
and rows with the record separator, which no name of an account or a table may hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ejtui.erlang.probe.pieces import Pieces

_FIELD, _ROW = "\x1f", re.compile("[^\x1e]+")

MOST_ROWS = 2_000_000
"""So many rows are read of one text: each becomes objects, which take more than the text does."""


class TooManyRows(Exception):
    """A text of more rows than are read."""


def rows(text: object, fields: int) -> Iterator[list[str]]:
    """The rows of a text, or of its `Pieces`, each of so many fields; others are passed over.

    No more than one row is taken apart at a time. Raises TooManyRows.
    """
    number = 0
    for piece in text if isinstance(text, Pieces) else (str(text or ""),):
        for found in _ROW.finditer(piece):
            row = found[0]
            number += 1
            if number > MOST_ROWS:
                raise TooManyRows(f"a list has more than {MOST_ROWS:,} rows")
            if row.count(_FIELD) == fields - 1:
                yield row.split(_FIELD)


def counts(field: str) -> dict[str, int]:
    """What stands in a field as name:number,name:number, by name."""
    pairs = (pair.rpartition(":") for pair in field.split(",") if pair)
    return {name: int(number) for name, _, number in sorted(pairs) if number.isdecimal()}
