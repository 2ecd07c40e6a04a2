"""A help page's Markdown as lines: the little of Markdown that these pages use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from ejtui.help import page
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import BLANK, Line, Part, Tone, line, pad, wrap, wrap_code

_NARROW = 24
"""Cells that the first column of a table takes at most."""


def topic_lines(topic: str, _state: ViewState, width: int, _glyphs: Glyphs) -> list[Line]:
    """The page of a topic, wrapped to `width` cells."""
    made: list[Line] = []
    for block in _blocks(page(topic)):
        made += [*_painted(block, width), BLANK]
    return made


def topic_page(topic: str) -> partial[list[Line]]:
    """The painter of a topic's page."""
    return partial(topic_lines, topic)


def _blocks(markdown: str) -> Iterator[list[str]]:
    """Lines that belong together: what stands between blank lines, and whole code blocks."""
    block: list[str] = []
    fenced = False
    for row in markdown.splitlines():
        if row.startswith("```"):
            fenced = not fenced
            row = "    " if fenced else ""
        elif fenced:
            row = f"    {row}"
        if row or fenced:
            block.append(row)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _painted(block: list[str], width: int) -> list[Line]:
    head = block[0]
    if head.startswith("#"):
        return [line(Part(_plain(head.lstrip("# ")), Tone.STRONG))]
    if head.startswith("    "):
        return [row for text in block if text.strip() for row in wrap_code(text[2:], width)]
    if head.startswith("|"):
        return [row for text in [head, *block[2:]] for row in _row(text, width)]
    if head.startswith("- "):
        items = re.split(r"\n- ", "\n".join(block).removeprefix("- "))
        return [row for item in items for row in wrap(_flowed(item), width, first="- ")]
    return wrap(_flowed("\n".join(block)), width)


def _row(text: str, width: int) -> list[Line]:
    """A row of a table: its first cell, and beside it the others."""
    key, *rest = (_plain(cell.strip()) for cell in text.strip().strip("|").split("|"))
    rows = wrap("  ".join(cell for cell in rest if cell), width - _NARROW)
    if len(key) >= _NARROW:
        rows.insert(0, BLANK)
        first = line(Part(key, Tone.KEY))
    else:
        first = line(Part(pad(key, _NARROW), Tone.KEY), *rows[0])
    return [first, *(line(" " * _NARROW, *row) for row in rows[1:])]


def _flowed(text: str) -> str:
    return _plain(" ".join(text.split()))


def _plain(text: str) -> str:
    """Without the marks of Markdown."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"[`*]", "", text)
