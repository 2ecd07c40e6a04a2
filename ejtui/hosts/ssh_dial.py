"""Opening an SSH connection: settings, jump hosts, host keys, and what can go wrong."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncssh

from ejtui.config import HostConfig
from ejtui.hosts.aside import aside
from ejtui.hosts.secrets import Declined, Secrets
from ejtui.hosts.ssh_auth import Answers
from ejtui.hosts.ssh_host_keys import known_hosts_files
from ejtui.hosts.ssh_settings import Settings, read_settings
from ejtui.hosts.ssh_socket import Unresolved, connected
from ejtui.hosts.ssh_trouble import Trouble, config_trouble, is_locked

CONNECT_SECONDS = 15.0
KEEPALIVE_SECONDS = 10.0
KEEPALIVES_MISSED = 3
_HOPS = 8
_SSH_PORT = 22

# For asyncssh an empty list of files means its own default, and None no check at all.
_NOBODY = b"#"


@dataclass(frozen=True)
class Dialed:
    """An open connection, the user it is for, and the jump hosts' connections under it."""

    connection: asyncssh.SSHClientConnection
    user: str
    under: tuple[asyncssh.SSHClientConnection, ...] = ()

    async def close(self) -> None:
        """Close it and what is under it."""
        for connection in (self.connection, *reversed(self.under)):
            connection.close()
            await connection.wait_closed()


class Caller(asyncssh.SSHClient):
    """Gives what is known of secrets; remembers how far a connection came."""

    def __init__(self, lost: Callable[[Exception | None], None], answers: Answers) -> None:
        self._lost = lost
        self._answers = answers
        self.answered = False
        self.key: asyncssh.SSHKey | None = None
        self.peer = ("", "", 0)

    def connection_made(self, _conn: asyncssh.SSHClientConnection) -> None:
        """The network connection stands."""
        self.answered = True

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


async def dial(
    config: HostConfig, lost: Callable[[Exception], None], secrets: Secrets | None = None
) -> Dialed:
    """Connect to a host, through its jump hosts. Raises `Unreachable` or one of its kinds.

    `lost` is called with an `Unreachable` when an established connection drops; `secrets` has
    passphrases and passwords asked for where they are wanted.
    """
    return await _Dialling(config, lost, secrets or Secrets()).dial()


class _Dialling:
    """One connection in the making, and those under it."""

    def __init__(
        self,
        config: HostConfig,
        lost: Callable[[Exception], None],
        secrets: Secrets,
        via: tuple[HostConfig, ...] = (),
    ) -> None:
        self._config = config
        self._lost = lost
        self._secrets = secrets
        self._via = via

    async def dial(self) -> Dialed:
        """Connect. Raises `Unreachable` or one of its kinds."""
        config = self._config
        answers = Answers(self._secrets, config.name, config.address)
        options = await self._options(answers)
        user, host, port = str(options.username), str(options.host), int(options.port)
        hashes = bool(options.config.get("HashKnownHosts", False))
        trouble = Trouble(config, user, host, port, self._via, hashes=hashes)
        answers.at(trouble.where, f"{user}@{host}" + (f":{port}" if port != _SSH_PORT else ""))
        under = await self._under(options, trouble)
        try:
            connection = await self._connect(options, under, trouble, answers)
        except BaseException:
            if under is not None:
                await under.close()
            raise
        return Dialed(connection, user, (*under.under, under.connection) if under else ())

    async def _options(self, answers: Answers) -> asyncssh.SSHClientConnectionOptions:
        config = self._config
        try:
            return await _options(config, answers)
        except (OSError, ValueError, TypeError, asyncssh.Error) as exc:
            locked = answers.can_ask and config.identity_file and is_locked(exc)
            if not locked:
                raise config_trouble(config, exc) from None
        # An old kind of key file, of which nothing can be seen without its passphrase.
        trouble = Trouble(config, config.user or "you", config.address, 0, self._via)
        try:
            key = await answers.key(config.identity_file or "")
            return await _options(config, answers, key)
        except Declined as declined:
            raise trouble.declined(declined) from None
        except (OSError, ValueError, asyncssh.Error) as exc:
            raise config_trouble(config, exc) from None

    async def _connect(
        self,
        options: asyncssh.SSHClientConnectionOptions,
        under: Dialed | None,
        trouble: Trouble,
        answers: Answers,
    ) -> asyncssh.SSHClientConnection:
        """Connect, again after each question that is answered."""
        established = False

        def dropped(exc: Exception | None) -> None:
            if established:
                self._lost(trouble.dropped(exc))

        files = known_hosts_files(self._config, options.known_hosts)
        known = _there(files)
        while True:
            call = _Call(self._config.address, options, under, known, Caller(dropped, answers))
            try:
                connection = await call.connect()
            except (asyncssh.Error, OSError, Unresolved, ValueError) as exc:
                failure = exc
            else:
                established = True
                answers.right()
                return connection
            try:
                again = await answers.asked_after(failure)
            except Declined as declined:
                raise trouble.declined(declined) from None
            if not again:
                password = answers.could_ask and not answers.can_ask
                raise trouble.of(failure, call.caller, files, password=password)

    async def _under(
        self, options: asyncssh.SSHClientConnectionOptions, trouble: Trouble
    ) -> Dialed | None:
        """Connect to the jump host that this connection goes through, if any."""
        jumps = [] if options.tunnel is None else [j for j in str(options.tunnel).split(",") if j]
        if not jumps or jumps == ["none"]:
            return None
        if len(self._via) >= _HOPS:
            raise trouble.too_many_hops()
        # The last one is the one to connect from; it is reached through those before it.
        hop = _hop(self._config, jumps[-1], ",".join(jumps[:-1]) or None)
        via = (*self._via, self._config)
        if any(_same(hop, other) for other in via):
            # A ProxyJump for all hosts holds for the jump host too, which needs none.
            return None
        return await _Dialling(hop, self._lost, self._secrets, via).dial()


@dataclass(frozen=True)
class _Call:
    """All it takes to make one connection."""

    address: str
    options: asyncssh.SSHClientConnectionOptions
    under: Dialed | None
    known: list[str]
    caller: Caller

    async def connect(self) -> asyncssh.SSHClientConnection:
        """Connect. Raises what asyncssh raises."""
        try:
            return await self._connect()
        except (asyncssh.KeyExchangeFailed, asyncssh.ConnectionLost, ConnectionError):
            # asyncssh asks for keys of the kinds that are known alone. When the host has none
            # of these any more, some servers just hang up: see the key it does have.
            if not (self.known and self.caller.answered) or self.caller.key is not None:
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
                tunnel=self.under.connection if self.under else None,
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
            seconds=CONNECT_SECONDS,
        )


def _there(files: Sequence[str]) -> list[str]:
    return [file for file in files if Path(file).is_file()]


def _same(one: HostConfig, other: HostConfig) -> bool:
    return (one.user, one.address, one.port) == (other.user, other.address, other.port)


def _hop(config: HostConfig, jump: str, before: str | None) -> HostConfig:
    user, _, place = jump.rpartition("@")
    address, colon, port = place.rpartition(":")
    bare = ":" in address and not address.endswith("]")  # IPv6, without a port
    if bare or not colon or not port.isdigit():
        address, port = place, ""
    return replace(
        config,
        address=address.strip("[]"),
        user=user or None,
        port=int(port) if port else None,
        proxy_jump=before,
    )


class _Options(asyncssh.SSHClientConnectionOptions):
    """All options of one host's connections, from settings that have been read."""

    def __init__(self, settings: Settings, **chosen: Any) -> None:
        self._settings = settings
        super().__init__(**chosen)

    def prepare(self, **chosen: Any) -> None:  # type: ignore[override]
        """Begin with the settings."""
        super().prepare(**(chosen | {"last_config": self._settings}))


async def _options(
    config: HostConfig, answers: Answers, key: asyncssh.SSHKey | None = None
) -> asyncssh.SSHClientConnectionOptions:
    """Return all settings; `key` stands for identity_file. Raises what asyncssh raises."""
    chosen: dict[str, Any] = {}
    if config.user:
        chosen["username"] = config.user
    if config.port:
        chosen["port"] = config.port
    if config.identity_file:
        chosen["client_keys"] = [key or config.identity_file]
    if config.proxy_jump:
        chosen["tunnel"] = config.proxy_jump
    if answers.can_ask:
        chosen["passphrase"] = answers.passphrase
    loop = asyncio.get_running_loop()

    def read() -> asyncssh.SSHClientConnectionOptions:
        return _Options(
            read_settings(config),
            loop=loop,
            host=config.address,
            config=None,
            connect_timeout=CONNECT_SECONDS,
            login_timeout=CONNECT_SECONDS,
            keepalive_interval=KEEPALIVE_SECONDS,
            keepalive_count_max=KEEPALIVES_MISSED,
            agent_forwarding=False,
            canonicalize_hostname=False,
            **chosen,
        )

    async with asyncio.timeout(CONNECT_SECONDS):
        return await aside(read)
