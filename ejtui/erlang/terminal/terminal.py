"""The terminal that a shell's output is drawn on: a screen, its cursor, its scrollback.

The emulation is bittty's, cut down to what a shell needs: whatever asks the outer world for
something (titles, clipboard, links, bells, printers, resizes, notifications) has no handler.
Of the answers a terminal gives automatically, only the harmless reports of status, position and
kind go back to the program, so that text printed by it can never type anything into it.

Reading is lock-free: the thread that feeds the screen publishes immutable frames, and the view
takes the latest one.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from bittty import Board, KeyEvent, KeyModifiers, Model
from bittty import mode_profiles as modes
from bittty.options import EDITING, XTERM_PASTE

from ejtui.erlang.terminal.cells import Row, row_of
from ejtui.erlang.terminal.history import History
from ejtui.erlang.terminal.unseen import Shortcut, unseen

HISTORY_CELLS = 800_000
"""Room of the scrollback: 10,000 full lines of 80 columns, about 8 MB."""

_SLICE = 1024
"""Bytes parsed at a time: under a millisecond, then others get the lock and the interpreter."""

_BREATH = 0.00005
"""Seconds slept between slices. Without it every system call of the event loop would wait for
the interpreter's switch interval, 5 ms each, for as long as a flood lasts."""

_LONGEST_SEQUENCE = 8192
"""Characters an unfinished control sequence may have before it is given up."""

_MODEL = Model(
    name="xterm",
    terminfo="xterm-256color",
    da1_response="\x1b[?62;22c",
    da2_response="\x1b[>1;10;0c",
    da3_response=None,
    charsets=frozenset({"B", "0"}),
    control_capabilities=EDITING | {XTERM_PASTE},
    mode_capabilities=frozenset(
        {
            modes.ANSI_INSERT,
            modes.DEC_CURSOR_APPLICATION,
            modes.DEC_ORIGIN,
            modes.DEC_AUTOWRAP,
            modes.DEC_CURSOR_VISIBLE,
            modes.XTERM_ALT_SCREEN_47,
            modes.XTERM_ALT_SCREEN_1047,
            modes.XTERM_SAVE_CURSOR_1048,
            modes.XTERM_ALT_SCREEN_1049,
            modes.XTERM_BRACKETED_PASTE,
        }
    ),
    reflows=True,
)

_OPERATIONS = (
    "PRINT REP C0_BS C0_CR C0_CRLF C0_FF C0_HT C0_LF C0_SI C0_SO C0_VT IND NEL RI "
    "CUU CUD CUF CUB CNL CPL CHA CUP HVP HPA HPR VPA VPR CBT CHT HTS TBC SAVE RESTORE "
    "ED EL ECH ICH DCH IL DL SU SD DECSTBM SGR SCS_G0 SCS_G1 "
    "SM RM DECSET DECRST DECKPAM DECKPNM DECSTR RIS DA1 DA2 DSR CPR"
)
"""The control functions that have a handler, by the terminal core's names."""

_REPORT = re.compile(r"\x1b\[[?>]?[0-9;]*[cnR]")

_MODIFIERS = {
    "ctrl": KeyModifiers.CTRL,
    "alt": KeyModifiers.ALT,
    "meta": KeyModifiers.ALT,
    "shift": KeyModifiers.SHIFT,
}

_CONTROL_NAMES = {
    "at": "\x00",
    "space": "\x00",
    "left_square_bracket": "\x1b",
    "backslash": "\x1c",
    "right_square_bracket": "\x1d",
    "circumflex_accent": "\x1e",
    "underscore": "\x1f",
    "slash": "\x1f",
}


class TurnLock:
    """A lock that a waiting thread gets before the one that held it last."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._held = threading.Lock()

    def __enter__(self) -> None:
        with self._turn:
            self._held.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._held.release()


@dataclass(frozen=True, slots=True)
class Frame:
    """The screen at one moment. A row that did not change is the same object as before."""

    rows: tuple[Row, ...]
    columns: int
    cursor: tuple[int, int]
    """Column and row, from 0."""
    cursor_visible: bool
    history: int
    """Rows of scrollback above the screen, at this width."""
    line: str
    """The whole line the cursor is on, joined over automatic wraps, blanks at its end dropped."""
    offset: int
    """The cursor's place in `line`, in columns; it may lie behind the line's end."""
    line_number: int
    """That line's number, counted from the first line ever printed; stable when resized."""

    @property
    def lines(self) -> list[str]:
        """The screen's rows as text, blanks at their ends dropped."""
        return [row.text.rstrip() for row in self.rows]

    @property
    def above(self) -> list[str]:
        """The screen's lines above the cursor's, each joined over automatic wraps."""
        lines = [""]
        for row in self.rows[: self.cursor[1] + 1]:
            lines[-1] += row.text
            if not row.wrapped:
                lines.append("")
        ends_here = not self.rows[self.cursor[1]].wrapped
        return [line.rstrip() for line in lines[: -2 if ends_here else -1]]


class _Link:
    """What the terminal core writes goes here: reports to the program, or a key's encoding."""

    closed = False

    def __init__(self) -> None:
        self._written: list[str] = []

    def write(self, data: str) -> int:
        self._written.append(data)
        return len(data)

    def write_bytes(self, data: bytes) -> int:
        return self.write(data.decode("utf-8", "replace"))

    def flush(self) -> None:
        """Nothing is buffered."""

    def configure_line(self, line: object) -> None:
        """There is no serial line."""

    def resize(self, rows: int, cols: int) -> None:
        """Does nothing: the owner of the pseudo-terminal sets its size."""

    def take(self) -> list[str]:
        written, self._written = self._written, []
        return written


class TerminalScreen:
    """A terminal's screen. Feed it from one thread; everything else may be called from any."""

    def __init__(self, columns: int, rows: int, history_cells: int = HISTORY_CELLS) -> None:
        self._board: Any = Board(width=columns, height=rows, model=_MODEL)
        handlers = self._board.registry  # The parser holds this very dictionary.
        for name in set(handlers) - set(_OPERATIONS.split()):
            del handlers[name]
        self._erase = handlers["ED"]
        handlers["ED"] = self._keep_erased
        self._link = _Link()
        self._board.host.attach(self._link)
        self._history = History(history_cells)
        self._board.attach_display(self._history)
        self._shortcut = Shortcut(self._board, self._history)
        self._lock = TurnLock()
        self._shown_page: Any = None
        self._seen = -1
        self._rows: list[Row] = []
        self._frame = self._draw()

    @property
    def frame(self) -> Frame:
        """The latest published frame."""
        return self._frame

    @property
    def columns(self) -> int:
        """The screen's width."""
        return int(self._board.width)

    @property
    def rows(self) -> int:
        """The screen's height."""
        return int(self._board.height)

    def feed(self, data: bytes) -> bytes:
        """Draw what the program printed; returns the reports to send back to the program."""
        position = 0
        while position < len(data):
            with self._lock:
                position = self._draw_some(data, position)
                if len(self._board.parser.buffer) > _LONGEST_SEQUENCE:
                    self._board.parser.reset()
            if position < len(data):
                time.sleep(_BREATH)
        reports = [report for report in self._link.take() if _REPORT.fullmatch(report)]
        return "".join(reports).encode()

    def _draw_some(self, data: bytes, position: int) -> int:
        """Draw the next slice, or what leads to lines that nobody will see; answers where it is."""
        skip = unseen(data, position, self.columns, self.rows) if self._shortcut.plain else None
        if skip is None:
            self._board.feed_host_data(data[position : position + _SLICE])
            return position + _SLICE
        begin, end = skip
        self._board.feed_host_data(data[position:begin])
        return end if self._shortcut.take(data[begin:end]) else begin

    def publish(self) -> bool:
        """Make what was fed the latest frame; returns whether it differs from the one before."""
        with self._lock:
            frame = self._draw()
        changed = frame != self._frame
        self._frame = frame
        return changed

    def resize(self, columns: int, rows: int) -> None:
        """Wrap the lines again; rows that no longer fit above the cursor go to the history."""
        if (columns, rows) == (self.columns, self.rows):
            return
        with self._lock:
            self._make_room(rows)
            self._board.resize(columns, rows)
            self._frame = self._draw()

    def history_rows(self, first: int, count: int) -> list[Row]:
        """Up to `count` rows of the scrollback from row `first` (0 is the oldest kept)."""
        with self._lock:
            view = self._history.store.width(self.columns)
            last = min(first + count, len(view))
            return [row_of(view[row], wrapped=False) for row in range(max(first, 0), last)]

    def text_between(self, first: int, last: int) -> list[str]:
        """The lines numbered `first` <= n < `last` that are still kept, without trailing blanks."""
        with self._lock:
            store, starts = self._history.store, self._history.screen_starts
            older = [
                _cleaned(store.line(number))
                for number in range(max(first, store.first), min(last, starts))
            ]
            lines = self._screen_lines()
            if self._history.unfinished:
                lines[0] = _cleaned(store.line(starts)) + lines[0]
            newer = lines[max(first - starts, 0) : max(last - starts, 0)]
        return [line.rstrip() for line in older + newer]

    def encode_key(self, key: str, text: str | None = None) -> bytes:
        """What the terminal sends for a key.

        `key` is a name with its modifiers, such as "a", "ctrl+c", "shift+tab", "alt+f" or
        "home"; `text` is what the key produces when it is a printable one.
        """
        *prefixes, base = key.split("+") if key != "+" else ["+"]
        modifiers = KeyModifiers.NONE
        for prefix in prefixes:
            modifiers |= _MODIFIERS.get(prefix, KeyModifiers.NONE)
        if modifiers & KeyModifiers.ALT:
            plain = "+".join(p for p in prefixes if p not in ("alt", "meta")) + "+" + base
            return b"\x1b" + self.encode_key(plain.lstrip("+") or "+", text)
        if modifiers & KeyModifiers.CTRL and base in _CONTROL_NAMES:
            return _CONTROL_NAMES[base].encode()
        if modifiers & KeyModifiers.CTRL and len(base) == 1 and base.isascii() and base.isalpha():
            return bytes([ord(base.upper()) & 0x1F])
        if text and text.isprintable():
            return text.encode()
        return self._encoded(lambda: self._board.input_key_event(KeyEvent(base, modifiers)))

    def encode_paste(self, text: str) -> bytes:
        """What the terminal sends for pasted text: bracketed when the program asked for it."""
        text = text.replace("\r\n", "\n")
        text = "".join(char for char in text if char in "\n\t" or char.isprintable())
        return self._encoded(lambda: self._board.input_paste(text))

    def _encoded(self, act: Callable[[], object]) -> bytes:
        with self._lock:
            pending = self._link.take()
            act()
            encoded = self._link.take()
            for report in pending:
                self._link.write(report)
        return "".join(encoded).encode("utf-8", "replace")

    def _keep_erased(self, operation: Any) -> None:
        """Erase in the display, but a whole screen erased goes to the history first."""
        blitter = self._board.blitter
        if operation.args[0] == 2 and not blitter.in_alt_screen:
            used = [y for y, row in enumerate(blitter.primary_page.grid) if _has_text(row)]
            blitter.set_scroll_region(0, self.rows - 1)
            blitter.scroll(used[-1] + 1 if used else 0)
        self._erase(operation)

    def _make_room(self, rows: int) -> None:
        """Scroll up before the screen loses its last rows, so that the cursor's row stays."""
        cursor = self._board.cursor
        excess = cursor.y - rows + 1
        if excess > 0 and not self._board.blitter.in_alt_screen:
            column = cursor.display_x
            row = cursor.y - excess
            self._board.blitter.set_scroll_region(0, self.rows - 1)
            self._board.blitter.scroll(excess)
            cursor.set_position(column, row)

    def _draw(self) -> Frame:
        page: Any = self._board.display.page
        if page is not self._shown_page or len(self._rows) != page.height:
            self._rows = [Row(())] * page.height
            dirty = range(page.height)
        else:
            dirty = page.dirty_rows(self._seen)
        self._shown_page, self._seen = page, page.observe()
        for y in dirty:
            row = row_of(page.grid[y], page.is_line_wrapped(y))
            if row != self._rows[y]:
                self._rows[y] = row
        cursor = self._board.cursor
        top, bottom = self._line_around(cursor.y)
        return Frame(
            rows=tuple(self._rows),
            columns=self.columns,
            cursor=(min(cursor.display_x, self.columns - 1), cursor.y),
            cursor_visible=bool(self._board.modes.cursor_visible),
            history=len(self._history.store.width(self.columns)),
            line="".join(row.text for row in self._rows[top : bottom + 1]).rstrip(),
            offset=(cursor.y - top) * self.columns + cursor.x,
            line_number=self._line_number(cursor.y),
        )

    def _line_around(self, y: int) -> tuple[int, int]:
        """The first and last row of the line that row `y` belongs to."""
        top = bottom = y
        while top > 0 and self._rows[top - 1].wrapped:
            top -= 1
        while bottom + 1 < len(self._rows) and self._rows[bottom].wrapped:
            bottom += 1
        return top, bottom

    def _line_number(self, y: int) -> int:
        breaks = sum(not row.wrapped for row in self._rows[:y])
        return self._history.screen_starts + breaks

    def _screen_lines(self) -> list[str]:
        page = self._board.display.page
        lines: list[str] = []
        joined = ""
        for y in range(page.height):
            joined += row_of(page.grid[y], wrapped=False).text
            if not page.is_line_wrapped(y):
                lines.append(joined)
                joined = ""
        return [*lines, joined] if joined else lines


def _cleaned(line: Any) -> str:
    text: str = line.text
    if text.isascii() and text.isprintable():
        return text
    return row_of(line.cells(0, len(line)), wrapped=False).text


def _has_text(cells: Any) -> bool:
    return any(char != " " for _, char in cells)
