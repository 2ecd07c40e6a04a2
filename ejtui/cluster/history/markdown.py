"""Markdown of values that come from hosts and people: nothing in them acts as Markdown or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ejtui.cleaning import clean

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~&#@])")
# A line's beginning, and what a viewer makes a link of without any sign around it.
_LEADING = re.compile(r"^(\s*)([-+=]|\d+(?=[.)]))")
_LINKS = re.compile(r"(?i)(https?|ftp|mailto|www)([:.])")


def escape(text: str) -> str:
    """The text as it is read, whatever is in it, on one line."""
    made = _SPECIAL.sub(r"\\\1", clean(text))
    made = _LEADING.sub(lambda found: f"{found[1]}\\{found[2]}", made)
    return _LINKS.sub(r"\1\\\2", made)


def code(text: str, *, in_table: bool = False) -> str:
    """The text as code in a line; "-" where there is none."""
    shown = clean(text).strip()
    if not shown:
        return "-"
    fence = "`" * (_longest_run(shown) + 1)
    gap = " " if "`" in (shown[0], shown[-1]) else ""
    if in_table:
        shown = shown.replace("|", "\\|")
    return f"{fence}{gap}{shown}{gap}{fence}"


def block(lines: Iterable[str]) -> list[str]:
    """The lines as a block of code, each cleaned; no block where there are none."""
    shown = [clean(part) for line in lines for part in line.replace("\r\n", "\n").split("\n")]
    if not shown:
        return []
    fence = "`" * max(3, max(map(_longest_run, shown)) + 1)
    return [f"{fence}text", *shown, fence]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of cells that are Markdown already."""
    return [_row(heads), _row(["---"] * len(heads)), *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
