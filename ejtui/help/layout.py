"""A help page's Markdown as lines of a given width: the little of Markdown that these pages use.

Words are never broken. A table whose columns do not fit is laid out row by row, each row's first
cell above its others.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

_GAP = "  "
_INDENT = "    "
_LEAST = 20
"""Cells of a narrow screen that a text still gets."""


class Mark(Enum):
    """What a piece of text is."""

    TEXT = "text"
    HEADING = "heading"
    KEY = "key"
    CODE = "code"


class Piece(NamedTuple):
    """A piece of a line."""

    text: str
    mark: Mark = Mark.TEXT


Row = tuple[Piece, ...]


def laid_out(markdown: str, width: int) -> list[Row]:
    """The page's lines, each at most `width` cells wide but where one word or key is wider."""
    width = max(width, _LEAST)
    made: list[Row] = []
    for block in _blocks(markdown):
        made += [*_block(block, width), ()]
    return made[:-1]


def _blocks(markdown: str) -> Iterator[list[str]]:
    """Lines that belong together: what stands between blank lines, and whole code blocks."""
    block: list[str] = []
    fenced = False
    for row in markdown.splitlines():
        if row.startswith("```"):
            fenced = not fenced
            row = _INDENT if fenced else ""
        elif fenced:
            row = f"{_INDENT}{row}"
        if row or fenced:
            block.append(row)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _block(block: list[str], width: int) -> list[Row]:
    head = block[0]
    if head.startswith("#"):
        return [(Piece(_plain(head.lstrip("# ")), Mark.HEADING),)]
    if head.startswith(_INDENT):
        return [row for text in block if text.strip() for row in _code(text, width)]
    if head.startswith("|"):
        return _table([_cells(row) for row in (head, *block[2:])], width)
    if re.match(r"- |\d+\. ", head):
        items = re.split(r"\n(?=- |\d+\. )", "\n".join(block))
        return [row for item in items for row in _item(item, width)]
    return _text("\n".join(block), width)


def _text(text: str, width: int, first: str = "", rest: str = "") -> list[Row]:
    lines = textwrap.wrap(
        _plain(" ".join(text.split())),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [(Piece(line),) for line in lines]


def _item(item: str, width: int) -> list[Row]:
    sign, _, text = item.partition(" ")
    return _text(text, width, f"{sign} ", " " * (len(sign) + 1))


def _code(text: str, width: int) -> list[Row]:
    """A line of code as it is, in two after a blank where it is too wide."""
    if len(text) <= width:
        return [(Piece(text, Mark.CODE),)]
    indent = re.match(r" *", text)[0] + _INDENT  # type: ignore[index]
    lines = textwrap.wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return [(Piece(line, Mark.CODE),) for line in lines]


def _cells(row: str) -> list[str]:
    return [_plain(cell.strip()) for cell in row.strip().strip("|").split("|")]


def _table(rows: list[list[str]], width: int) -> list[Row]:
    widths = _widths(rows, width)
    if widths is None:
        return _records(rows, width)
    head, *body = rows
    made = [*_side_by_side(head, widths, Mark.HEADING)]
    tall = False
    for row in body:
        lines = _side_by_side(row, widths)
        # Rows of several lines stand apart, or nobody sees where one ends.
        if tall or len(lines) > 1:
            made.append(())
        tall = len(lines) > 1
        made += lines
    return made


def _widths(rows: list[list[str]], width: int) -> list[int] | None:
    """The columns' widths; None where the words alone are too wide to stand side by side."""
    columns = list(zip(*rows, strict=True))
    room = width - len(_GAP) * (len(columns) - 1)
    least = [max(_longest(cell) for cell in column) for column in columns]
    # The first column names the row: it stays whole.
    least[0] = max(len(cell) for cell in columns[0])
    most = [max(len(cell) for cell in column) for column in columns]
    if sum(most) <= room:
        return most
    if sum(least) > room:
        return None
    widths = least
    while (left := room - sum(widths)) > 0:
        wanting = [at for at, size in enumerate(widths) if size < most[at]]
        for at in wanting:
            widths[at] += min(most[at] - widths[at], max(1, left // len(wanting)))
            if sum(widths) >= room:
                break
    return widths


def _longest(cell: str) -> int:
    return max((len(word) for word in cell.split()), default=0)


def _side_by_side(cells: Sequence[str], widths: list[int], mark: Mark = Mark.TEXT) -> list[Row]:
    columns = [
        textwrap.wrap(cell, size, break_long_words=False, break_on_hyphens=False) if cell else []
        for cell, size in zip(cells, widths, strict=True)
    ]
    made: list[Row] = []
    for at in range(max(1, *map(len, columns))):
        texts = [
            (column[at] if at < len(column) else "").ljust(size)
            for column, size in zip(columns, widths, strict=True)
        ]
        first = Piece(texts[0], Mark.KEY if mark is Mark.TEXT else mark)
        made.append((first, Piece((_GAP + _GAP.join(texts[1:])).rstrip(), mark)))
    return made


def _records(rows: list[list[str]], width: int) -> list[Row]:
    """Each row by its first cell, and below it the others by their heads."""
    (_, *heads), *body = rows
    made: list[Row] = []
    for key, *cells in body:
        pairs = [
            f"{head}: {cell}" if head else cell
            for head, cell in zip(heads, cells, strict=True)
            if cell
        ]
        name = [(Piece(row[0].text, Mark.KEY),) for row in _text(key, width)]
        made += [*name, *_text("; ".join(pairs), width, _INDENT, _INDENT), ()]
    return made[:-1]


def _plain(text: str) -> str:
    """Without the marks of Markdown."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"[`*]", "", text)
