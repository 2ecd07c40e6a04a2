"""Opening an SSH connection: settings, jump hosts, host keys, and what can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import asyncssh

from ejtui.config import HostConfig
from ejtui.hosts.ssh_trouble import Trouble, config_trouble

CONNECT_SECONDS = 15.0
KEEPALIVE_SECONDS = 10.0
KEEPALIVES_MISSED = 3
_HOPS = 8

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
    """Remembers how far a connection came, so that its failure can be told exactly."""

    def __init__(self, lost: Callable[[Exception | None], None]) -> None:
        self._lost = lost
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


async def dial(config: HostConfig, lost: Callable[[Exception], None]) -> Dialed:
    """Connect to a host, through its jump hosts. Raises `Unreachable` or one of its kinds.

    `lost` is called with an `Unreachable` when an established connection drops.
    """
    return await _dial(config, lost, via=())


async def _dial(
    config: HostConfig, lost: Callable[[Exception], None], via: tuple[str, ...]
) -> Dialed:
    options = await _options(config)
    user = str(options.username)
    trouble = Trouble(config, user, str(options.host), int(options.port), via)
    known = _known_hosts(config, options.known_hosts)
    under = await _under(config, options, lost, trouble)
    established = False

    def dropped(exc: Exception | None) -> None:
        if established:
            lost(trouble.dropped(exc))

    call = _Call(config.address, options, under, known, Caller(dropped))
    try:
        connection = await call.connect()
    except (asyncssh.Error, OSError, TimeoutError, ValueError) as exc:
        if under is not None:
            await under.close()
        raise trouble.of(exc, call.caller, known) from None
    except BaseException:
        if under is not None:
            await under.close()
        raise
    established = True
    return Dialed(connection, user, (*under.under, under.connection) if under else ())


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
        return await asyncssh.connect(
            self.address,
            options=self.options,
            tunnel=self.under.connection if self.under else None,
            known_hosts=self.known or _NOBODY,
            client_factory=lambda: self.caller,
            **more,
        )


async def _under(
    config: HostConfig,
    options: asyncssh.SSHClientConnectionOptions,
    lost: Callable[[Exception], None],
    trouble: Trouble,
) -> Dialed | None:
    """Connect to the jump host that this connection goes through, if any."""
    jumps = [] if options.tunnel is None else [j for j in str(options.tunnel).split(",") if j]
    if not jumps or jumps == ["none"]:
        return None
    if len(trouble.via) >= _HOPS:
        raise trouble.too_many_hops()
    # The last one is the one to connect from; it is reached through those before it.
    hop = _hop(config, jumps[-1], ",".join(jumps[:-1]) or None)
    if hop.address in trouble.via:
        return None
    return await _dial(hop, lost, (*trouble.via, config.address))


def _hop(config: HostConfig, jump: str, before: str | None) -> HostConfig:
    user, _, place = jump.rpartition("@")
    address, colon, port = place.rpartition(":")
    if not colon or not port.isdigit():
        address, port = place, ""
    return replace(
        config,
        address=address.strip("[]"),
        user=user or None,
        port=int(port) if port else None,
        proxy_jump=before,
    )


async def _options(config: HostConfig) -> asyncssh.SSHClientConnectionOptions:
    chosen: dict[str, Any] = {}
    if config.user:
        chosen["username"] = config.user
    if config.port:
        chosen["port"] = config.port
    if config.identity_file:
        chosen["client_keys"] = [config.identity_file]
    if config.proxy_jump:
        chosen["tunnel"] = config.proxy_jump
    try:
        options = await asyncssh.SSHClientConnectionOptions.construct(
            host=config.address,
            config=_settings_files(config),
            connect_timeout=CONNECT_SECONDS,
            login_timeout=CONNECT_SECONDS,
            keepalive_interval=KEEPALIVE_SECONDS,
            keepalive_count_max=KEEPALIVES_MISSED,
            agent_forwarding=False,
            **chosen,
        )
    except (OSError, ValueError, asyncssh.Error) as exc:
        raise config_trouble(config, exc) from None
    return cast(asyncssh.SSHClientConnectionOptions, options)


def _settings_files(config: HostConfig) -> list[str] | None:
    if config.ssh_config:
        return [config.ssh_config]
    paths = [Path(file).expanduser() for file in ("~/.ssh/config", "/etc/ssh/ssh_config")]
    return [str(path) for path in paths if path.is_file()] or None


def _known_hosts(config: HostConfig, asked: object) -> list[str]:
    """Return the known_hosts files that exist; an empty list knows nobody.

    asyncssh would take "none" for "check nothing", and miss the system's own file.
    """
    if config.known_hosts:
        files = [config.known_hosts]
    else:
        files = [str(file) for file in asked] if isinstance(asked, list) else []
        files = files or ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"]
        files = [*files, "/etc/ssh/ssh_known_hosts"]
    paths = [Path(file).expanduser() for file in files]
    return [str(path) for path in paths if path.is_file()]
