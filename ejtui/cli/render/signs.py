"""The few signs beyond ASCII, where the output's encoding has them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True)
class Signs:
    """One character each; `spinner` is a cycle of them."""

    differs: str
    done: str
    todo: str
    failed: str
    blocked: str
    spinner: str
    half: str = "~"

    def of(self, state: str) -> str:
        """The sign of a step's state."""
        named = {
            "done": self.done, "failed": self.failed, "blocked": self.blocked, "half": self.half,
        }  # fmt: skip
        return named.get(state, self.todo)


_FULL = Signs("≠", "✓", "○", "✗", "·", "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "◐")
_ASCII = Signs("!", "+", "o", "x", ".", "|/-\\")


def signs(stream: TextIO) -> Signs:
    """The signs that `stream` can show."""
    if stream.isatty() and os.environ.get("LC_ALL") in ("C", "POSIX"):
        # Python writes UTF-8 then, too; the terminal need not show it.
        return _ASCII
    every = "".join(
        [_FULL.differs, _FULL.done, _FULL.todo, _FULL.failed, _FULL.half, _FULL.spinner]
    )
    try:
        every.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return _ASCII
    return _FULL
