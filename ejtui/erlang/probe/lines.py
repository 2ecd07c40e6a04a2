"""Many rows of names in one text: what a probe answers with where there may be hundred thousands.

One text takes a fraction of the memory that as many terms take. Fields end with the unit separator
and rows with the record separator, which no name of an account or a table may hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.erlang.probe.pieces import Pieces

_FIELD, _ROW = "\x1f", "\x1e"


def rows(text: object, fields: int) -> Iterator[list[str]]:
    """The rows of a text, or of its `Pieces`, each of so many fields; others are passed over."""
    for piece in text if isinstance(text, Pieces) else (str(text or ""),):
        for row in piece.split(_ROW):
            found = row.split(_FIELD)
            if len(found) == fields:
                yield found


def counts(field: str) -> dict[str, int]:
    """What stands in a field as name:number,name:number, by name."""
    pairs = (pair.rpartition(":") for pair in field.split(",") if pair)
    return {name: int(number) for name, _, number in sorted(pairs) if number.isdecimal()}
