"""A long-lived process: lines and bytes both ways."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ejtui.hosts.errors import printable
from ejtui.hosts.programs.spawn import Ending, Spawned

LINE_LIMIT = 1024 * 1024
_TAIL = 8192
_GOODBYE = 2.0


class ProcessSink:
    """Collects the output of a long-lived process, with back-pressure.

    `room` is how many bytes more are kept, None for all: a process whose input has ended may print
    on, and a connection that has sent its end can no longer be paused.
    """

    def __init__(self) -> None:
        self.reader = asyncio.StreamReader(limit=LINE_LIMIT)
        self.tail = bytearray()
        self.room: int | None = None
        self.code: int | None = None
        self.over = asyncio.Event()
        self.writable = asyncio.Event()
        self.writable.set()
        self.ending = Ending(lambda: self.closed(None))

    def received(self, data: bytes, *, error: bool) -> None:
        """Keep output for the reader, and the end of standard error."""
        self.ending.heard()
        if error:
            self.tail += data
            del self.tail[:-_TAIL]
        elif self.room is None or self.room >= len(data):
            self.room = None if self.room is None else self.room - len(data)
            self.reader.feed_data(data)

    def exited(self, code: int) -> None:
        """Remember the code; the end comes with the last output, or soon."""
        self.code = code
        self.ending.exited()

    def closed(self, error: Exception | None) -> None:
        """End the reader."""
        if self.over.is_set():
            return
        self.ending.cancel()
        self.over.set()
        self.writable.set()
        if error is None:
            self.reader.feed_eof()
        else:
            self.reader.set_exception(error)

    def pause_writing(self) -> None:
        """Make writers wait."""
        self.writable.clear()

    def resume_writing(self) -> None:
        """Let writers go on."""
        self.writable.set()


class _Flow(asyncio.ReadTransport):
    """What a StreamReader needs of a transport: to be able to stop the flow."""

    def __init__(self, spawned: Spawned, ending: Ending) -> None:
        super().__init__()
        self._spawned = spawned
        self._ending = ending

    def pause_reading(self) -> None:
        self._ending.listening(False)
        self._spawned.pause_reading()

    def resume_reading(self) -> None:
        self._spawned.resume_reading()
        self._ending.listening(True)


class Process:
    """A process that was started and runs until it ends or is closed."""

    def __init__(
        self, spawned: Spawned, sink: ProcessSink, end: Callable[[str], Awaitable[None]]
    ) -> None:
        self._spawned = spawned
        self._sink = sink
        self._end = end
        sink.reader.set_transport(_Flow(spawned, sink.ending))

    async def write(self, data: bytes) -> None:
        """Send bytes to its standard input, waiting while it does not keep up.

        Raises BrokenPipeError when it has ended.
        """
        await self._sink.writable.wait()
        if self._sink.over.is_set():
            raise BrokenPipeError("the process has ended")
        self._spawned.write(data)

    async def readline(self) -> bytes:
        """Return the next line with its newline; b"" at the end.

        Raises ValueError for a line of more than `LINE_LIMIT` bytes, `Unreachable` when the
        connection to the host dropped.
        """
        return await self._sink.reader.readline()

    async def read(self, n: int = -1) -> bytes:
        """Return up to `n` bytes as soon as there are some (-1: all until the end)."""
        return await self._sink.reader.read(n)

    def stderr_tail(self) -> str:
        """Return the end of what it wrote to standard error, safe to show."""
        return printable(bytes(self._sink.tail), _TAIL)

    @property
    def code(self) -> int | None:
        """Return its exit code, None while it runs or when the line dropped."""
        return self._sink.code

    async def wait(self) -> int | None:
        """Wait for its end; return its exit code, None when the line dropped."""
        await self._sink.over.wait()
        return self._sink.code

    async def close(self) -> None:
        """End its input, give it a moment to exit, then end it."""
        if not self._sink.over.is_set():
            self._sink.room = LINE_LIMIT
            self._spawned.write_eof()
            try:
                async with asyncio.timeout(_GOODBYE):
                    await self._sink.over.wait()
            except TimeoutError:
                await self._end("TERM")
        self._spawned.close()
