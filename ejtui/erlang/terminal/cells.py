"""What a row of the emulated screen is made of, cleaned for showing.

A cell of the terminal core may hold anything that the far side printed. Here every cell becomes
text that takes exactly its columns and is never a control, direction or invisible character.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from wcwidth import wcwidth

Colour = int | tuple[int, int, int] | None
"""A palette index 0..255, red-green-blue, or None for the terminal's own."""

UNSHOWABLE = "\N{REPLACEMENT CHARACTER}"
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class CellStyle:
    """Colours and attributes of some text."""

    foreground: Colour = None
    background: Colour = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one row in one look, `columns` wide."""

    text: str
    look: CellStyle
    columns: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the screen or of the history; `wrapped`: its line continues in the next row."""

    runs: tuple[Run, ...]
    wrapped: bool = False

    @property
    def text(self) -> str:
        """The row's characters, trailing blanks included."""
        return "".join(run.text for run in self.runs)


def row_of(cells: Iterable[tuple[Any, str]], wrapped: bool) -> Row:
    """The cleaned row of the terminal core's `cells`, pairs of style and character."""
    runs = []
    for style, group in groupby(cells, key=itemgetter(0)):
        chars = [char for _, char in group]
        text = "".join(chars)
        if not (text.isascii() and text.isprintable()):
            text = _clean_all(chars)
        if style.conceal:
            text = " " * len(chars)
        runs.append(Run(text, look_of(style), len(chars)))
    return Row(tuple(runs), wrapped)


def _clean_all(chars: list[str]) -> str:
    """The characters of some cells; an empty one is the second column of the one before."""
    shown = []
    for index, char in enumerate(chars):
        if char:
            wide = index + 1 < len(chars) and not chars[index + 1]
            shown.append(clean(char, 2 if wide else 1))
        elif index == 0:
            shown.append(" ")
    return "".join(shown)


@lru_cache(maxsize=4096)
def clean(char: str, columns: int) -> str:
    """One cell's character as it may be shown in `columns` (1 or 2) columns."""
    if (
        len(char) == 1
        and unicodedata.category(char) not in _HIDDEN_CATEGORIES
        and wcwidth(char) == columns
    ):
        return char
    return UNSHOWABLE.ljust(columns)


@lru_cache(maxsize=1024)
def look_of(style: Any) -> CellStyle:
    """The look of a style of the terminal core; links and blinking are left out."""
    return CellStyle(
        foreground=_colour(style.fg),
        background=_colour(style.bg),
        bold=bool(style.bold),
        dim=bool(style.dim),
        italic=bool(style.italic),
        underline=bool(style.underline),
        reverse=bool(style.reverse),
        strike=bool(style.strike),
    )


def _colour(colour: Any) -> Colour:
    if colour is None or colour.mode == "default":
        return None
    value: Colour = colour.value
    return value


def fitted(row: Row, columns: int) -> Row:
    """`row` padded or cut to exactly `columns`."""
    runs: list[Run] = []
    room = columns
    for run in row.runs:
        if run.columns > room:
            run = _cut(run, room)
        if run.columns:
            runs.append(run)
        room -= run.columns
    if room:
        runs.append(Run(" " * room, CellStyle(), room))
    return replace(row, runs=tuple(runs))


def _cut(run: Run, columns: int) -> Run:
    """The first `columns` columns of `run`, half a wide character blanked."""
    text, used = "", 0
    for char in run.text:
        width = wcwidth(char)
        if used + width > columns:
            break
        text, used = text + char, used + width
    return Run(text.ljust(len(text) + columns - used), run.look, columns)
