"""Text in lines that a terminal of 80 columns shows without breaking a word.

A word that is wider (a path, an account) has a line that the terminal itself carries on: it can be
copied whole.
"""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import TextIO

from ejtui.wrapping import joined, parted

WIDTH = 80

Worded = Callable[[Sequence[str]], Iterable[str]]
"""Gives the commands in these lines as they reach this pair: before they are wrapped."""

_COMMAND = re.compile(r"\s*(\$ |> |on \S+ as \S+(, [^:]+)?: |[\d:-]{8}  \$ )")
"""How a line begins that has a command: as questions and the history show it."""


def wrapped(text: str, first: str = "", rest: str | None = None, width: int = WIDTH) -> list[str]:
    """The text's lines: `first` stands before the first one, `rest` (blanks) before the others.

    A command in `backquotes` is not broken: one that is wider has a line alone, to be copied.
    """
    rest = " " * len(first) if rest is None else rest
    lines = textwrap.wrap(
        joined(text),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [parted(each) for each in lines]


def flowed(text: str, stream: TextIO) -> str:
    """The text as `stream` gets it: a terminal in lines that fit, each below its indentation.

    A command that has the line alone is left to the terminal, as it can be copied then. Anything
    else gets the text as it is, one line for each text.
    """
    if not stream.isatty():
        return text
    columns = shutil.get_terminal_size().columns
    return "\n".join(row for line in text.split("\n") for row in _fitted(line, columns))


def _fitted(line: str, columns: int) -> list[str]:
    if len(line) <= columns or _COMMAND.match(line):
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    return wrapped(line.strip(), indent, f"{indent}  ", columns)


def cut(text: str, columns: int) -> str:
    """As much of the text as has room in so many columns: some characters take two."""
    if text.isascii():
        return text[:columns]
    # Imported late: most of what is shown is ASCII, or short.
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= columns else set_cell_size(text, columns)
