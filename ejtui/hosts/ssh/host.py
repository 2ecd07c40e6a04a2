"""A host behind SSH: one connection for everything, as long as its sshd allows it."""

from __future__ import annotations

import asyncio
import getpass
import signal
import time
from collections.abc import Callable, Sequence

import asyncssh

from ejtui.config import HostConfig
from ejtui.hosts.base import BaseHost
from ejtui.hosts.errors import Unreachable
from ejtui.hosts.programs.programs import Size
from ejtui.hosts.programs.spawn import Sink, Spawned
from ejtui.hosts.programs.wire import login_line
from ejtui.hosts.secrets import Secrets
from ejtui.hosts.ssh.connect import OpenConnection, open_connection
from ejtui.hosts.ssh.spares import Spares

# How much may be on its way to us on one terminal: small, so that Ctrl-C is felt in a flood.
_TERMINAL_WINDOW = 128 * 1024
_WINDOW = 2 * 1024 * 1024
_OPEN_SECONDS = 20.0
_SLOT_SECONDS = 5.0
_CLOSE_SECONDS = 3.0


class SshHost(BaseHost):
    """A host behind SSH."""

    def __init__(self, config: HostConfig, secrets: Secrets | None = None) -> None:
        login = config.user or getpass.getuser()
        where = f"{config.user}@{config.address}" if config.user else config.address
        super().__init__(config.name, where, login, config.become, secrets)
        self._config = config
        self._opened: OpenConnection | None = None
        self._dialing = asyncio.Lock()
        self._spares = Spares(lambda lost: open_connection(config, lost, self._authority.secrets))

    async def connect(self) -> None:
        """Open the connection; does nothing while it is open."""
        async with self._dialing:
            if self._opened is None or self.lost is not None:
                conn = await open_connection(
                    self._config, self._connection_lost, self._authority.secrets
                )
                self._opened = conn
                self.lost = None
                self.login = conn.user
                self.where = f"{conn.user}@{self._config.address}"
                key = conn.connection.get_server_host_key()
                self.identity = key.get_fingerprint() if key else ""

    def _connection_lost(self, error: Exception) -> None:
        if self._opened is not None:
            self._opened = None
            self._spares.drop()
            self._lose(error)

    async def _disconnect(self) -> None:
        conn, self._opened = self._opened, None
        await self._bounded(self._spares.close(), _CLOSE_SECONDS)
        if conn is not None:
            await self._bounded(conn.close(), _CLOSE_SECONDS)

    async def _spawn(self, argv: Sequence[str], sink: Sink, size: Size | None) -> Spawned:
        if self._opened is None and self.lost is None:
            await self.connect()
        conn = self._opened
        if conn is None:
            raise self._dropped(self.lost)
        try:
            return await self._session(conn, argv, sink, size)
        except TimeoutError:
            raise Unreachable(
                self.name,
                self.where,
                f"the connection is open, but no command could be started within "
                f"{_OPEN_SECONDS:g} s",
                "See whether the host is overloaded, then connect again.",
            ) from None
        except (asyncssh.Error, OSError) as exc:
            raise self._not_opened(exc) from None

    async def _session(
        self, conn: OpenConnection, argv: Sequence[str], sink: Sink, size: Size | None
    ) -> Spawned:
        line = login_line(argv)

        async def start(connection: asyncssh.SSHClientConnection) -> _Session:
            async with asyncio.timeout(_OPEN_SECONDS):
                session = _Session(sink, self._dropped)
                return await _open_session(connection, session, line, size)

        began = time.monotonic()
        while True:
            for connection in (conn.connection, *self._spares.connections):
                try:
                    return await start(connection)
                except asyncssh.ChannelOpenError as exc:
                    refused = exc
            waited = time.monotonic() - began
            if self._opened is None or waited > _SLOT_SECONDS:
                raise refused
            if waited > self._spares.patience:
                opened = await self._spares.open(start)
                if opened is not None:
                    return opened
            # sshd counts a session for a moment after its end: one may be free soon.
            await asyncio.sleep(0.02)

    def _not_opened(self, exc: Exception) -> Exception:
        # A connection that closed meanwhile shows here as a channel that cannot be opened.
        if self._opened is None or not isinstance(exc, asyncssh.ChannelOpenError):
            return self._dropped(None)
        return self._error(
            f"sshd there refuses to start a command ({exc.reason})",
            "It may allow this user no commands (MaxSessions 0 in its sshd_config): ejtui needs "
            "MaxSessions 1 at least, and 10, sshd's own value, to get by with one connection.",
        )


class _Session(asyncssh.SSHClientSession[bytes]):
    """One program on the connection."""

    def __init__(self, sink: Sink, dropped: Callable[[Exception | None], Exception]) -> None:
        self._sink = sink
        self._dropped = dropped
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._closing = False

    # What comes from the program.
    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self._channel = chan

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self._sink.received(data, error=datatype == asyncssh.EXTENDED_DATA_STDERR)

    def eof_received(self) -> bool:
        return True  # it may still read; the channel closes when it ends

    def exit_status_received(self, status: int) -> None:
        self._sink.exited(status)

    def exit_signal_received(self, signal: str, _core_dumped: bool, _msg: str, _lang: str) -> None:
        self._sink.exited(128 + _number(signal))

    def connection_lost(self, exc: Exception | None) -> None:
        dropped = exc is not None and not self._closing
        self._sink.closed(self._dropped(exc) if dropped else None)

    def pause_writing(self) -> None:
        self._sink.pause_writing()

    def resume_writing(self) -> None:
        self._sink.resume_writing()

    # What goes to it.
    @property
    def _open(self) -> asyncssh.SSHClientChannel[bytes] | None:
        channel = self._channel
        return None if channel is None or channel.is_closing() else channel

    def write(self, data: bytes) -> None:
        if data and self._open is not None:
            self._open.write(data)

    def write_eof(self) -> None:
        if self._open is not None and self._open.can_write_eof():
            self._open.write_eof()

    def pause_reading(self) -> None:
        if self._open is not None:
            self._open.pause_reading()

    def resume_reading(self) -> None:
        if self._channel is not None:
            self._channel.resume_reading()

    def resize(self, columns: int, rows: int) -> None:
        if self._open is not None:
            self._open.change_terminal_size(columns, rows)

    def close(self) -> None:
        self._closing = True
        if self._open is not None:
            self._open.close()


async def _open_session(
    connection: asyncssh.SSHClientConnection, session: _Session, line: str, size: Size | None
) -> _Session:
    await connection.create_session(
        lambda: session,
        line,
        env=(),
        send_env=(),
        request_pty="force" if size else False,
        term_type="xterm-256color" if size else None,
        term_size=size,
        x11_forwarding=False,
        encoding=None,
        window=_TERMINAL_WINDOW if size else _WINDOW,
    )
    return session


def _number(name: str) -> int:
    try:
        return int(signal.Signals[f"SIG{name}"])
    except KeyError:
        return 0
