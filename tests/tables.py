"""Tables whose rows are tests, printed when all have run.

A module with such a table has a function `markdown`, which makes the whole of it of its rows'
cells. A test gives its row with `record_property(row_of(module), cells)`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence

_ROW = "row of "


def row_of(module: str) -> str:
    """Under this name a test's report has its row's cells, for the table of that module."""
    return _ROW + module


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as Markdown."""
    return "\n".join(_line(words) for words in (head, ["---"] * len(head), *rows))


def tables(told: Iterable[tuple[str, object]]) -> list[str]:
    """Every table of which there is a row among the tests' properties, as Markdown."""
    rows: dict[str, list[object]] = {}
    for name, cells in told:
        if name.startswith(_ROW):
            rows.setdefault(name.removeprefix(_ROW), []).append(cells)
    return [importlib.import_module(module).markdown(found) for module, found in rows.items()]


def _line(words: Iterable[str]) -> str:
    return f"| {' | '.join(words)} |"
