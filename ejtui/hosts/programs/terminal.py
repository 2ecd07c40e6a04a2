"""A program on a pseudo-terminal, seen through a socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from typing import cast

from ejtui.hosts.programs.spawn import Ending, Spawned

_HIGH_WATER = 65536


class TerminalSink(asyncio.Protocol):
    """Carries bytes between a program's terminal and our end of a socket pair.

    When the reader at the other end does not keep up, the program has to wait: nothing is
    gathered beyond a few buffers, and the event loop never blocks.
    """

    def __init__(self) -> None:
        self.spawned: Spawned | None = None
        self.code: int | None = None
        self.over = asyncio.Event()
        self._transport: asyncio.Transport | None = None
        self._early = bytearray()
        self._full = False
        self._ending = Ending(lambda: self.closed(None))

    async def open(self) -> socket.socket:
        """Open the socket pair; return the end that the user of the terminal holds."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: self, sock=ours)
        except BaseException:
            ours.close()
            theirs.close()
            raise
        return theirs

    def attach(self, spawned: Spawned) -> None:
        """Let keys through to the program, from the first one on."""
        self.spawned = spawned
        if self._full:
            spawned.pause_reading()
        if self._early:
            spawned.write(bytes(self._early))
            self._early.clear()

    # The socket's side: keys come, and it may be slow to take what is printed.
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=_HIGH_WATER)

    def data_received(self, data: bytes) -> None:
        """Pass keys on."""
        if self.spawned is None:
            self._early += data
        else:
            self.spawned.write(data)

    def connection_lost(self, _exc: Exception | None) -> None:
        """Hang up when the user of the terminal let go of the socket."""
        self._transport = None
        if self.spawned is not None:
            self.spawned.close()

    def pause_writing(self) -> None:
        """The user does not keep up: make the program wait."""
        self._full = True
        self._ending.listening(False)
        if self.spawned is not None:
            self.spawned.pause_reading()

    def resume_writing(self) -> None:
        """The user has caught up."""
        self._full = False
        if self.spawned is not None:
            self.spawned.resume_reading()
        self._ending.listening(True)

    # The program's side.
    def received(self, data: bytes, *, error: bool) -> None:  # noqa: ARG002 - one stream
        """Pass on what the program prints."""
        self._ending.heard()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def exited(self, code: int) -> None:
        """Remember the code; the end comes with the last output, or soon."""
        self.code = code
        self._ending.exited()

    def closed(self, _error: Exception | None) -> None:
        """Give the user the end of the file, after all that was printed."""
        self._ending.cancel()
        self.over.set()
        if self._transport is not None:
            self._transport.close()

    def drop(self) -> None:
        """Forget what the user has not read."""
        self._ending.cancel()
        self.over.set()
        if self._transport is not None:
            self._transport.abort()

    def slow(self) -> None:
        """Make the user wait: the program does not take more keys."""
        if self._transport is not None:
            self._transport.pause_reading()

    def fast(self) -> None:
        """Take keys again."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()


class TerminalEar:
    """The sink of a terminal's program; apart, since both sides have flow of the same name."""

    def __init__(self, sink: TerminalSink) -> None:
        self._sink = sink
        self.received = sink.received
        self.exited = sink.exited
        self.closed = sink.closed

    def pause_writing(self) -> None:
        """The program does not keep up with the keys."""
        self._sink.slow()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._sink.fast()


class Terminal:
    """A program on a real pseudo-terminal on the host.

    `socket` is this side's end of a socket pair: read what the terminal prints, write keys. Its
    end of file means that the program ended or the line dropped. The socket is the caller's to
    close (pexpect's SocketSpawn does).
    """

    def __init__(
        self,
        sock: socket.socket,
        spawned: Spawned,
        sink: TerminalSink,
        end: Callable[[str], Awaitable[None]],
    ) -> None:
        self.socket = sock
        self._spawned = spawned
        self._sink = sink
        self._end = end

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal exactly this size; the program hears of it. Event loop only."""
        if not self._sink.over.is_set():
            self._spawned.resize(columns, rows)

    async def wait(self) -> int | None:
        """Wait for the program's end; return its exit code, None when the line dropped."""
        await self._sink.over.wait()
        return self._sink.code

    async def close(self) -> None:
        """Hang up: the program is ended if it still runs; the socket is closed."""
        if not self._sink.over.is_set():
            await self._end("HUP")
        self._spawned.close()
        self._sink.drop()
        with contextlib.suppress(OSError):
            self.socket.close()
