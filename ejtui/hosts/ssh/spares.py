"""Further connections to a host whose sshd refuses another session on the one there is.

One connection a host is enough where sshd allows ten sessions on it, as it does unless it is
configured otherwise. The probe, the erl shell and a command need three at once, and none of them
can wait for another's end; so where a host allows fewer (hardening guides recommend 1 or 2),
another connection is made when it is needed, with the same settings and the answers that are known,
and kept until the host is let go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncssh

from ejtui.hosts.ssh.connect import OpenConnection

Opened = TypeVar("Opened")
Opener = Callable[[Callable[[Exception], None]], Awaitable[OpenConnection]]

_MOST = 6
_FIRST_SECONDS = 1.0
_NEXT_SECONDS = 0.25


class Spares:
    """The connections beside a host's own one; none until they are needed."""

    def __init__(self, open_connection: Opener) -> None:
        self._open_one = open_connection
        self._open: list[OpenConnection] = []
        self._lock = asyncio.Lock()

    @property
    def connections(self) -> list[asyncssh.SSHClientConnection]:
        """Those that are open."""
        return [conn.connection for conn in self._open]

    @property
    def patience(self) -> float:
        """How long, in seconds, a session may wait for a place before another is opened."""
        return _NEXT_SECONDS if self._open else _FIRST_SECONDS

    async def open(
        self, start: Callable[[asyncssh.SSHClientConnection], Awaitable[Opened]]
    ) -> Opened | None:
        """Return what `start` makes of one more connection, None when there are enough.

        Raises asyncssh.ChannelOpenError when not even a new one takes a session, and what
        connecting raises.
        """
        async with self._lock:
            if len(self._open) >= _MOST:
                return None
            gone: list[Exception] = []
            conn = await self._open_one(gone.append)
            try:
                opened = await start(conn.connection)
            except BaseException:
                await conn.close()
                raise
            self._open = [each for each in self._open if not each.connection.is_closed()]
            self._open.append(conn)
            return opened

    def drop(self) -> None:
        """Let go of them at once: the host's own connection dropped."""
        conn, self._open = self._open, []
        for each in conn:
            each.connection.close()
            for under in each.under:
                under.close()

    async def close(self) -> None:
        """Close them all."""
        conn, self._open = self._open, []
        await asyncio.gather(*(each.close() for each in conn))
