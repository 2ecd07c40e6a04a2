"""Further connections to a host whose sshd refuses another session on the one there is.

One connection a host is enough where sshd allows ten sessions on it, as it does unless it is told
otherwise. The probe, the erl shell and a command need three at once, and none of them can wait
for another's end; so where a host allows fewer (hardening guides say 1 or 2), another connection
is made when it is needed, with the same settings and the answers that are known, and kept until
the host is let go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncssh

from ejtui.hosts.ssh.connect import Dialed

Opened = TypeVar("Opened")
Dial = Callable[[Callable[[Exception], None]], Awaitable[Dialed]]

_MOST = 6
_FIRST_SECONDS = 1.0
_NEXT_SECONDS = 0.25


class Spares:
    """The connections beside a host's own one; none until they are needed."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self._dialed: list[Dialed] = []
        self._lock = asyncio.Lock()

    @property
    def connections(self) -> list[asyncssh.SSHClientConnection]:
        """Those that are open."""
        return [dialed.connection for dialed in self._dialed]

    @property
    def patience(self) -> float:
        """How long, in seconds, a session may wait for a place before another is opened."""
        return _NEXT_SECONDS if self._dialed else _FIRST_SECONDS

    async def open(
        self, start: Callable[[asyncssh.SSHClientConnection], Awaitable[Opened]]
    ) -> Opened | None:
        """Return what `start` makes of one more connection, None when there are enough.

        Raises asyncssh.ChannelOpenError when not even a new one takes a session, and what
        connecting raises.
        """
        async with self._lock:
            if len(self._dialed) >= _MOST:
                return None
            gone: list[Exception] = []
            dialed = await self._dial(gone.append)
            try:
                opened = await start(dialed.connection)
            except BaseException:
                await dialed.close()
                raise
            self._dialed = [each for each in self._dialed if not each.connection.is_closed()]
            self._dialed.append(dialed)
            return opened

    def hang_up(self) -> None:
        """Let go of them at once: the host's own connection dropped."""
        dialed, self._dialed = self._dialed, []
        for each in dialed:
            each.connection.close()
            for under in each.under:
                under.close()

    async def close(self) -> None:
        """Close them all."""
        dialed, self._dialed = self._dialed, []
        await asyncio.gather(*(each.close() for each in dialed))
