"""One attempt to connect: what is known is given to the server, what it shows is remembered."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncssh
from asyncssh.public_key import get_default_public_key_algs

from ejtui.hosts.ssh.agent import OtherKeys
from ejtui.hosts.ssh.auth import Answers
from ejtui.hosts.ssh.options import CONNECT_SECONDS
from ejtui.hosts.ssh.socket import connected

# For asyncssh an empty list of files means its own default, and None no check at all.
_NOBODY = b"#"

_PAUSES = (0.2, 0.5, 1.0)


class Caller(asyncssh.SSHClient):
    """Gives what is known of secrets; remembers how far a connection came."""

    def __init__(
        self, lost: Callable[[Exception | None], None], answers: Answers, others: OtherKeys
    ) -> None:
        self._lost = lost
        self._answers = answers
        self._others = others
        self.answered = False
        self._connection: asyncssh.SSHClientConnection | None = None
        self.key: asyncssh.SSHKey | None = None
        self.stranger = False
        """Whether it showed a certificate of an authority that known_hosts does not know."""
        self.peer = ("", "", 0)

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        """The network connection stands."""
        self.answered = True
        self._connection = conn

    @property
    def spoke(self) -> bool:
        """Whether the server has sent its SSH version."""
        made = self._connection
        return made is not None and made.get_extra_info("server_version") is not None

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._lost(exc)

    def validate_host_public_key(
        self, host: str, addr: str, port: int, key: asyncssh.SSHKey
    ) -> bool:
        """Remember a key that known_hosts does not vouch for; never accept it.

        It must stay a plain method: asyncssh takes a coroutine for a yes.
        """
        self.key = key
        self.peer = (host, addr, port)
        return False

    def validate_host_ca_key(
        self, _host: str, _addr: str, _port: int, _key: asyncssh.SSHKey
    ) -> bool:
        """Remember a certificate that known_hosts does not vouch for; never accept it."""
        self.stranger = True
        return False

    async def public_key_auth_requested(self) -> list[asyncssh.SSHKeyPair]:
        """Give the agent's other keys, once all that come first have been tried."""
        return await self._others.take()

    def password_auth_requested(self) -> str | None:
        """Give the password, once a connection."""
        return self._answers.password()

    def kbdint_auth_requested(self) -> str | None:
        """Begin keyboard-interactive authentication where somebody can be asked."""
        return self._answers.method()

    def kbdint_challenge_received(
        self, _name: str, _instructions: str, _lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str] | None:
        """Give what is known."""
        return self._answers.challenge(prompts)


@dataclass(frozen=True)
class Call:
    """All it takes to make one connection."""

    address: str
    options: asyncssh.SSHClientConnectionOptions
    under: asyncssh.SSHClientConnection | None
    known: list[str]
    caller: Caller

    async def connect(self) -> asyncssh.SSHClientConnection:
        """Connect. Raises what asyncssh raises.

        A server that hangs up before its first word has too many who log in just now
        (MaxStartups), our other connections perhaps: it is tried again a few times.
        """
        for pause in _PAUSES:
            try:
                return await self._once()
            except (asyncssh.ConnectionLost, ConnectionError):
                if not self.caller.answered or self.caller.spoke:
                    raise
            await asyncio.sleep(pause)
        return await self._once()

    async def _once(self) -> asyncssh.SSHClientConnection:
        try:
            return await self._connect()
        except asyncssh.HostKeyNotVerifiable:
            # A certificate that nobody here knows the authority of: as for ssh, what counts
            # then is the key itself.
            if not self.caller.stranger:
                raise
            algorithms = [name.decode("ascii") for name in get_default_public_key_algs()]
            return await self._connect(server_host_key_algs=algorithms)
        except (asyncssh.KeyExchangeFailed, asyncssh.ConnectionLost, ConnectionError):
            # asyncssh asks for keys of the kinds that are known alone. When the host has none
            # of these any more, some servers just hang up: see the key it does have.
            if not (self.known and self.caller.spoke) or self.caller.key is not None:
                raise
            return await self._connect(server_host_key_algs="default")

    async def _connect(self, **more: Any) -> asyncssh.SSHClientConnection:
        sock = await self._socket()
        try:
            return await asyncssh.connect(
                self.address,
                config=None,
                options=self.options,
                sock=sock,
                tunnel=self.under,
                known_hosts=self.known or _NOBODY,
                client_factory=lambda: self.caller,
                **more,
            )
        except BaseException:
            if sock is not None:
                sock.close()
            raise

    async def _socket(self) -> socket.socket | None:
        options = self.options
        if self.under or options.proxy_command:
            return None
        return await connected(
            str(options.host),
            int(options.port),
            family=options.family,
            local=options.local_addr,
            seconds=options.connect_timeout or CONNECT_SECONDS,
        )
