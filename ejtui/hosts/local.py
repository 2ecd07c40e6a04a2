"""This computer."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pwd
import struct
import sys
import termios
from collections.abc import Callable, Sequence
from typing import IO, Any, cast

from ejtui.hosts.base import BaseHost
from ejtui.hosts.programs.programs import Size
from ejtui.hosts.programs.spawn import Sink, Spawned
from ejtui.hosts.programs.wire import WIDER_PATH
from ejtui.hosts.secrets import Secrets

_START = ["/bin/sh", "-c", WIDER_PATH + 'exec "$@"', "ejtui"]

# Makes the terminal the controlling one, in a fresh process: doing it between fork and exec of
# this one is unsafe while other threads run, and no system's shell can do it.
_ON_TERMINAL = [
    *(sys.executable, "-I", "-S", "-c"),
    "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])",
]


class LocalHost(BaseHost):
    """This computer, which ejtui runs on."""

    def __init__(self, name: str, become: str, secrets: Secrets | None = None) -> None:
        super().__init__(name, "this computer", _login(), become, secrets)

    async def connect(self) -> None:
        """There is no line to open."""

    async def _disconnect(self) -> None:
        """There is no line to close."""

    async def _spawn(self, argv: Sequence[str], sink: Sink, size: Size | None) -> Spawned:
        try:
            if size is None:
                return await _spawn_plain([*_START, *argv], sink)
            return await _spawn_on_terminal([*_ON_TERMINAL, *_START, *argv], sink, size)
        except OSError as exc:
            raise self._error(
                f"no program can be started here: {exc.strerror}",
                "See whether this computer has room for more processes and open files.",
            ) from None


def _login() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _code(returncode: int | None) -> int:
    code = 0 if returncode is None else returncode
    return 128 - code if code < 0 else code


class _Plain(asyncio.SubprocessProtocol):
    """A program on pipes."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._transport: asyncio.SubprocessTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._sink.received(data, error=fd == 2)

    def process_exited(self) -> None:
        if self._transport is not None:
            self._sink.exited(_code(self._transport.get_returncode()))

    def connection_lost(self, _exc: Exception | None) -> None:
        self._sink.closed(None)

    def pause_writing(self) -> None:
        self._sink.pause_writing()

    def resume_writing(self) -> None:
        self._sink.resume_writing()

    def _pipe(self, fd: int) -> Any:
        return self._transport.get_pipe_transport(fd) if self._transport else None

    def write(self, data: bytes) -> None:
        pipe = self._pipe(0)
        if data and pipe is not None and not pipe.is_closing():
            pipe.write(data)

    def write_eof(self) -> None:
        pipe = self._pipe(0)
        if pipe is not None and not pipe.is_closing():
            pipe.close()

    def pause_reading(self) -> None:
        for fd in (1, 2):
            pipe = self._pipe(fd)
            if pipe is not None and pipe.is_reading():
                pipe.pause_reading()

    def resume_reading(self) -> None:
        for fd in (1, 2):
            pipe = self._pipe(fd)
            if pipe is not None and not pipe.is_closing():
                pipe.resume_reading()

    def resize(self, columns: int, rows: int) -> None:
        """Pipes have no size."""

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def _spawn_plain(argv: Sequence[str], sink: Sink) -> Spawned:
    loop = asyncio.get_running_loop()
    _, protocol = await loop.subprocess_exec(lambda: _Plain(sink), *argv, start_new_session=True)
    return protocol


class _Keys(asyncio.BaseProtocol):
    """The writing side of a pseudo-terminal: only its flow matters."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def pause_writing(self) -> None:
        self._sink.pause_writing()

    def resume_writing(self) -> None:
        self._sink.resume_writing()


class _Screen(asyncio.Protocol):
    """The reading side of a pseudo-terminal; its end is an error of the kernel's, and normal."""

    def __init__(self, sink: Sink, ended: Callable[[], None]) -> None:
        self._sink = sink
        self._ended = ended

    def data_received(self, data: bytes) -> None:
        self._sink.received(data, error=False)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._ended()


class _Watch(asyncio.SubprocessProtocol):
    """Hears only of a program's exit."""

    def __init__(self, sink: Sink, ended: Callable[[], None]) -> None:
        self._sink = sink
        self._ended = ended
        self.transport: asyncio.SubprocessTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.SubprocessTransport, transport)

    def process_exited(self) -> None:
        if self.transport is not None:
            self._sink.exited(_code(self.transport.get_returncode()))
        self._ended()


class _OnTerminal:
    """A program on a pseudo-terminal of this computer."""

    def __init__(self, master: IO[bytes], sink: Sink) -> None:
        self._master = master
        self._sink = sink
        self._read: asyncio.ReadTransport | None = None
        self._write: asyncio.WriteTransport | None = None
        self._watch = _Watch(sink, self._half_ended)
        self._halves = 2

    async def start(self, argv: Sequence[str], slave: int) -> None:
        """Start the program and listen to it."""
        loop = asyncio.get_running_loop()
        await loop.subprocess_exec(
            lambda: self._watch, *argv, stdin=slave, stdout=slave, stderr=slave
        )
        keys = os.fdopen(os.dup(self._master.fileno()), "wb", buffering=0)
        self._write, _ = await loop.connect_write_pipe(lambda: _Keys(self._sink), keys)
        self._read, _ = await loop.connect_read_pipe(
            lambda: _Screen(self._sink, self._half_ended), self._master
        )

    def _half_ended(self) -> None:
        # The screen's end and the exit come in any order; it is over with both.
        self._halves -= 1
        if self._halves == 0:
            self._sink.closed(None)

    def write(self, data: bytes) -> None:
        if self._write is not None and not self._write.is_closing():
            self._write.write(data)

    def write_eof(self) -> None:
        """A terminal's input has no end but a key."""

    def pause_reading(self) -> None:
        if self._read is not None and self._read.is_reading():
            self._read.pause_reading()

    def resume_reading(self) -> None:
        if self._read is not None and not self._read.is_closing():
            self._read.resume_reading()

    def resize(self, columns: int, rows: int) -> None:
        if not self._master.closed:
            set_size(self._master.fileno(), columns, rows)

    def close(self) -> None:
        if self._write is not None and not self._write.is_closing():
            self._write.abort()
        if self._read is not None:
            self._read.close()
        if self._watch.transport is not None:
            self._watch.transport.close()


def set_size(fd: int, columns: int, rows: int) -> None:
    """Give the terminal `fd` this size."""
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


async def _spawn_on_terminal(argv: Sequence[str], sink: Sink, size: Size) -> Spawned:
    master, slave = os.openpty()
    try:
        set_size(master, *size)
        program = _OnTerminal(os.fdopen(master, "rb", buffering=0), sink)
        await program.start(argv, slave)
    finally:
        os.close(slave)
    return program
