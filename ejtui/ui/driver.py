"""Textual's driver for terminals, made for lines that drop.

Textual hands what it writes to a thread over a short queue. A terminal that is gone ends that
thread with an error, and the app then waits for ever for room in the queue, signals and all. Here
what cannot be written is dropped, so that the app can still be asked to end.
"""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock
from typing import TextIO

from textual import events
from textual._ansi_sequences import SYNC_START
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.constants import ESCAPE_DELAY
from textual.drivers.linux_driver import LinuxDriver

from ejtui.ui.background import QUESTION, BackgroundReply, BackgroundSeen, can_be_asked
from ejtui.ui.keyboard import Paused

_POLL = 0.105
"""Seconds that a look for more takes: a little more than what Escape alone is waited for."""
_PAUSE = 5
"""So many looks in a row without anything typed are a pause."""
_LAST = max(_PAUSE, int(ESCAPE_DELAY / _POLL) + 2)
"""After so many nothing is held back any more: the next key is waited for without a look."""
_MOST = 4096


class DroppingDriver(LinuxDriver):
    """Writes as long as there is a terminal."""

    exit_event: Ending

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        # Of a terminal that has no size (a serial line, a program between) Textual and Rich each
        # assume another, and the app would be resized from one to the other for ever.
        self._size = size or self._get_terminal_size()
        self._question = ""
        self.exit_event = Ending()
        if self._file is not None:
            self._file = Dropping(self._file)  # type: ignore[assignment]

    def start_application_mode(self) -> None:
        """Begin, and ask at once whether the background is light: the first paint comes later."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self.input_tty and can_be_asked(os.environ):
            self.write(QUESTION)

    def write(self, data: str) -> None:
        """Write to the terminal; a question that waits for a painting goes right behind it."""
        if self._question and data != SYNC_START:
            data, self._question = data + self._question, ""
        super().write(data)

    def ask_for_cursor(self, column: int, *, behind_painting: bool = False) -> None:
        """Have the terminal report its cursor, which is in that column of the first row for it.

        With `behind_painting` that goes out in one piece with what is painted next.
        """
        question = f"\x1b7\x1b[1;{column}H\x1b[6n\x1b8"
        if behind_painting:
            self._question = question
        else:
            self.write(question)

    def run_input_thread(self) -> None:
        """Read what is typed, until the app ends.

        Whether Escape was pressed alone is decided only when nothing more is there to be read:
        on a busy computer the rest of a key's sequence may have been there for long.
        """
        parser, background = XTermParser(self._debug), BackgroundReply()
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        quiet = 0
        with selectors.SelectSelector() as selector, self.exit_event.awaited() as ending:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(ending, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                # An app that nobody types into costs nothing.
                if ready := selector.select(_POLL if quiet < _LAST else None):
                    if all(key.fd == ending for key, _ in ready):
                        break
                    quiet = 0
                    read = os.read(self.fileno, _MOST)
                    if not read:
                        # The terminal is gone, and would be ready to read for ever.
                        break
                    typed, light = background.take(decode(read))
                    received = parser.feed(typed) if typed else ()
                    if light is not None:
                        self.process_message(BackgroundSeen(light=light))
                else:
                    quiet += 1
                    held = background.pause()
                    received = parser.feed(held) if held else parser.tick()
                for message in received:
                    if isinstance(message, events.CursorPosition):
                        background.stop()
                    self.process_message(message)
                if quiet == _PAUSE:
                    self.process_message(Paused())
        with suppress(EOFError, ParseError):
            list(parser.feed(""))


class Ending(Event):
    """The end of the reading thread: an event for which a selector can wait."""

    def __init__(self) -> None:
        super().__init__()
        self._waker: int | None = None
        self._lock = Lock()

    @contextmanager
    def awaited(self) -> Iterator[int]:
        """A descriptor that can be read from as soon as the event is set."""
        reader, writer = os.pipe()
        with self._lock:
            self._waker = writer
        if self.is_set():
            self._wake()
        try:
            yield reader
        finally:
            with self._lock:
                self._waker = None
                os.close(writer)
            os.close(reader)

    def set(self) -> None:
        super().set()
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            if self._waker is not None:
                os.write(self._waker, b"\0")


class Dropping:
    """The part of a file that the writing thread uses; what it cannot take is dropped."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._gone = False

    def write(self, text: str) -> None:
        if not self._gone:
            try:
                self._file.write(text)
            except OSError:
                self._gone = True

    def flush(self) -> None:
        if not self._gone:
            try:
                self._file.flush()
            except OSError:
                self._gone = True

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return self._file.isatty()
