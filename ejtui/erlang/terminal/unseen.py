"""What a flood of plain lines scrolls past before anybody sees it: history without drawing.

Drawing is by far the dearest part of a flood. Of many whole lines that come at once only the last
screenful is ever shown; where the terminal is in its plainest state, those before it are put into
the history as they are, which is where drawing them would have put them too.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from typing import Any

from ejtui.erlang.terminal.history import UNSTYLED, History

_BLANK = (UNSTYLED, " ")


def unseen(data: bytes, position: int, columns: int, rows: int) -> tuple[int, int] | None:
    """(begin, end) of the whole plain lines from `position` on that nobody will see.

    `begin` is the start of the first line that begins after `position`; a screenful of lines
    follows behind `end`. None where there are fewer than a screenful to leave out.
    """
    begin = data.find(b"\n", position) + 1
    # No line is shorter than its end: with fewer bytes there cannot be enough of them.
    if not begin or len(data) - begin < 4 * rows:
        return None
    lines = _plain_lines(columns).match(data, begin)
    if lines is None:
        return None
    end = lines.end()
    for _ in range(rows):
        end = data.rfind(b"\n", begin, end - 1) + 1
        if not end:
            return None
    return (begin, end) if data.count(b"\n", begin, end) > rows else None


@lru_cache(maxsize=8)
def _plain_lines(columns: int) -> re.Pattern[bytes]:
    return re.compile(rb"(?:[ -~]{0,%d}\r\n)+" % columns)


class Shortcut:
    """Puts unseen lines into the history of one terminal core, when its state allows it."""

    def __init__(self, board: Any, history: History) -> None:
        self._board = board
        self._history = history
        self._charset = board.charset.save()

    @property
    def plain(self) -> bool:
        """Whether a line would be drawn as it is: no style, full screen, nothing half-read."""
        board, blitter = self._board, self._board.blitter
        whole = (0, blitter.rows - 1, 0, board.width - 1)
        margins = (
            blitter.scroll_top, blitter.scroll_bottom, blitter.left_margin, blitter.right_margin,
        )  # fmt: skip
        return bool(
            board.style.current == UNSTYLED
            and board.charset.save() == self._charset
            and board.charset.single_shift is None
            and margins == whole
            and not blitter.in_alt_screen
            and not board.modes.insert_mode
            and not board.modes.origin_mode
            and not board.parser.buffer
        )

    def take(self, lines: bytes) -> bool:
        """Put whole plain lines into the history; returns whether it could.

        The cursor must be where a line begins, with nothing on the screen from there on. What is
        above goes to the history first, and the next line is drawn at the top.
        """
        cursor, page = self._board.cursor, self._board.blitter.current_page
        below = chain.from_iterable(page.grid[cursor.y :])
        if cursor.x or not self.plain or any(cell != _BLANK for cell in below):
            return False
        self._board.blitter.scroll(cursor.y)
        cursor.set_position(0, 0)
        self._history.add_plain(lines.decode("ascii").split("\r\n")[:-1])
        return True
