"""Textual's driver for terminals, made for lines that drop.

Textual hands what it writes to a thread over a short queue. A terminal that is gone ends that
thread with an error, and the app then waits for ever for room in the queue, signals and all. Here
what cannot be written is dropped, so that the app can still be asked to end.
"""

from __future__ import annotations

from typing import TextIO

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver


class DroppingDriver(LinuxDriver):
    """Writes as long as there is a terminal."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        if self._file is not None:
            self._file = Dropping(self._file)  # type: ignore[assignment]


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
