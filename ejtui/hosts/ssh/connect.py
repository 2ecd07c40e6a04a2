"""Opening an SSH connection: settings, jump hosts, host keys, and what can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from ejtui.config import HostConfig
from ejtui.hosts.secrets import Declined, Secrets
from ejtui.hosts.ssh.agent import OtherKeys
from ejtui.hosts.ssh.attempt import Call, Caller
from ejtui.hosts.ssh.auth import Answers
from ejtui.hosts.ssh.host_keys import known_hosts_files
from ejtui.hosts.ssh.options import hop, options_for
from ejtui.hosts.ssh.socket import Unresolved
from ejtui.hosts.ssh.trouble import SshErrors, config_trouble, is_locked

_HOPS = 8
_SSH_PORT = 22


@dataclass(frozen=True)
class OpenConnection:
    """An open connection, the user it is for, and the jump hosts' connections under it."""

    connection: asyncssh.SSHClientConnection
    user: str
    under: tuple[asyncssh.SSHClientConnection, ...] = ()

    async def close(self) -> None:
        """Close it and what is under it."""
        for connection in (self.connection, *reversed(self.under)):
            connection.close()
            await connection.wait_closed()


async def open_connection(
    config: HostConfig, lost: Callable[[Exception], None], secrets: Secrets | None = None
) -> OpenConnection:
    """Connect to a host, through its jump hosts. Raises `Unreachable` or one of its kinds.

    `lost` is called with an `Unreachable` when an established connection drops; `secrets` has
    passphrases and passwords asked for where they are wanted.
    """
    return await _Connecting(config, lost, secrets or Secrets()).open_connection()


class _Connecting:
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

    async def open_connection(self) -> OpenConnection:
        """Connect. Raises `Unreachable` or one of its kinds."""
        config = self._config
        answers = Answers(self._secrets, config.name, config.address)
        options = await self._options(answers)
        user, host, port = str(options.username), str(options.host), int(options.port)
        hashes = bool(options.config.get("HashKnownHosts", False))
        trouble = SshErrors(config, user, host, port, self._via, hashes=hashes)
        answers.at(trouble.where, f"{user}@{host}" + (f":{port}" if port != _SSH_PORT else ""))
        under = await self._under(options, trouble)
        try:
            connection = await self._connect(options, under, trouble, answers)
        except BaseException:
            if under is not None:
                await under.close()
            raise
        return OpenConnection(connection, user, (*under.under, under.connection) if under else ())

    async def _options(self, answers: Answers) -> asyncssh.SSHClientConnectionOptions:
        config = self._config
        try:
            return await options_for(config, answers)
        except (OSError, ValueError, TypeError, asyncssh.Error) as exc:
            locked = answers.can_ask and config.identity_file and is_locked(exc)
            if not locked:
                raise config_trouble(config, exc) from None
        # An old kind of key file, of which nothing can be seen without its passphrase.
        trouble = SshErrors(config, config.user or "you", config.address, 0, self._via)
        try:
            key = await answers.key(config.identity_file or "")
            return await options_for(config, answers, key)
        except Declined as declined:
            raise trouble.declined(declined) from None
        except (OSError, ValueError, asyncssh.Error) as exc:
            raise config_trouble(config, exc) from None

    async def _connect(
        self,
        options: asyncssh.SSHClientConnectionOptions,
        under: OpenConnection | None,
        trouble: SshErrors,
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
            others = self._others(options)
            caller = Caller(dropped, answers, others)
            through = under.connection if under else None
            call = Call(self._config.address, options, through, known, caller)
            try:
                connection = await call.connect()
            except (asyncssh.Error, OSError, Unresolved, ValueError) as exc:
                failure = exc
            else:
                established = True
                answers.right()
                return connection
            finally:
                others.close()
            try:
                again = await answers.asked_after(failure)
            except Declined as declined:
                raise trouble.declined(declined) from None
            if not again:
                password = answers.could_ask and not answers.can_ask
                raise trouble.of(failure, caller, files, password=password)

    def _others(self, options: asyncssh.SSHClientConnectionOptions) -> OtherKeys:
        only = options.config.get("IdentitiesOnly", False) or not self._config.identity_file
        named = None if only else next(iter(options.agent_identities or ()), None)
        return OtherKeys(options.agent_path, named)

    async def _under(
        self, options: asyncssh.SSHClientConnectionOptions, trouble: SshErrors
    ) -> OpenConnection | None:
        """Connect to the jump host that this connection goes through, if any."""
        jumps = [] if options.tunnel is None else [j for j in str(options.tunnel).split(",") if j]
        if not jumps or jumps == ["none"]:
            return None
        if len(self._via) >= _HOPS:
            raise trouble.too_many_hops()
        # The last one is the one to connect from; it is reached through those before it.
        jump = hop(self._config, jumps[-1], ",".join(jumps[:-1]) or None)
        via = (*self._via, self._config)
        if any(_same(jump, other) for other in via):
            # A ProxyJump for all hosts holds for the jump host too, which needs none.
            return None
        return await _Connecting(jump, self._lost, self._secrets, via).open_connection()


def _there(files: Sequence[str]) -> list[str]:
    return [file for file in files if Path(file).is_file()]


def _same(one: HostConfig, other: HostConfig) -> bool:
    return (one.user, one.address, one.port) == (other.user, other.address, other.port)
