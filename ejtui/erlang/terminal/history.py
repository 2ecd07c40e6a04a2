"""The rows that scrolled off the top of the shell's screen."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from bittty.present import RowsScrolledOff
from bittty.style import Style
from bittty.terminals.scrollback import MemoryScrollback, ScrollbackLine

UNSTYLED = Style()


class History:
    """Takes the rows that scroll off the top of the screen, `cells` of them at most."""

    keeps_scrollback = True

    def __init__(self, cells: int) -> None:
        self.store = MemoryScrollback(cells)
        self.unfinished = False
        """Whether the newest line goes on in the screen's first row."""

    def present(self, event: object) -> None:
        """What the terminal core calls with all that it shows."""
        if not isinstance(event, RowsScrolledOff):
            return
        for line in event.lines:
            row = ScrollbackLine.of(line.cells, not line.wrapped, line.attribute)
            self.store.append(row, line.wrapped)
            self.unfinished = line.wrapped

    def add_plain(self, lines: Iterable[str]) -> None:
        """Take whole lines of printable ASCII in no style, each no wider than the screen."""
        for line in lines:
            text = line.rstrip(" ")
            self.store.append(ScrollbackLine(text, _unstyled(len(text))))

    @property
    def screen_starts(self) -> int:
        """The number of the line in the screen's first row."""
        end: int = self.store.end
        return end - 1 if self.unfinished else end


@lru_cache(maxsize=512)
def _unstyled(cells: int) -> tuple[Style, ...]:
    return (UNSTYLED,) * cells
