"""Many rows of names in one text: what a probe answers with where there may be hundred thousands.

One text takes a fraction of the memory that as many terms take. Fields end with the unit separator
and rows with the record separator, which no name of an account or a table may hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ejtui.erlang.probe.pieces import Pieces
from ejtui.erlang.probe.row_list import RowList

T = TypeVar("T")


def rows(text: object, fields: int, make: Callable[[list[str]], T]) -> RowList[T]:
    """The rows of a text, or of its `Pieces`, each of so many fields; others are passed over.

    Items are made when they are asked for. Raises TooManyRows.
    """
    if isinstance(text, Pieces):
        return RowList.read(text.data, fields, make)
    data = str(text or "").encode("utf-8", "surrogateescape")
    return RowList.read(data, fields, make)


def counts(field: str) -> dict[str, int]:
    """What stands in a field as name:number,name:number, by name."""
    pairs = (pair.rpartition(":") for pair in field.split(",") if pair)
    return {name: int(number) for name, _, number in sorted(pairs) if number.isdecimal()}
