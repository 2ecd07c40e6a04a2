"""The sink of a command that runs to its end: keeps all its output."""

from __future__ import annotations

import asyncio

from ejtui.hosts.programs.spawn import Ending

LIMIT = 24 * 1024 * 1024
"""Bytes a command may write; with the copies that are made of them it stays below 64 MB."""


class Gather:
    """Keeps a command's output, up to `limit` bytes in all.

    `done` is set when nothing more will come, or when it printed more than the limit
    (`overflow`).
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.code: int | None = None
        self.error: Exception | None = None
        self.overflow = False
        self.done = asyncio.Event()
        self._ending = Ending(lambda: self.closed(None))

    def received(self, data: bytes, *, error: bool) -> None:
        """Keep it."""
        self._ending.heard()
        if self.overflow:
            return
        (self.stderr if error else self.stdout).extend(data)
        if len(self.stdout) + len(self.stderr) > self.limit:
            self.overflow = True
            self.stdout.clear()
            self.done.set()

    def exited(self, code: int) -> None:
        """Remember the code."""
        self.code = code
        self._ending.exited()

    def closed(self, error: Exception | None) -> None:
        """Nothing more will come."""
        self._ending.cancel()
        self.error = error
        self.done.set()

    def pause_writing(self) -> None:
        """All its input was handed over at once: there is nobody to hold back."""

    def resume_writing(self) -> None:
        """See pause_writing."""
