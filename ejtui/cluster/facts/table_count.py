"""How much a table holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TableCount:
    """A table of first's before the join: its records, and Mnesia's cookie of its making.

    `in_memory`: first has no copy of it on disk.
    """

    name: str
    records: int
    cookie: str = ""
    in_memory: bool = False
