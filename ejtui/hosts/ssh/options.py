"""What a connection is made with: ssh's settings, and the configuration's own over them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import asyncssh

from ejtui.config import HostConfig
from ejtui.hosts.programs.background import run_in_thread
from ejtui.hosts.ssh.agent import named_key
from ejtui.hosts.ssh.auth import Answers
from ejtui.hosts.ssh.host_keys import prefer_as_openssh
from ejtui.hosts.ssh.settings import Settings, read_settings
from ejtui.hosts.ssh.texts import DECODE_ERRORS, accept_any_text

CONNECT_SECONDS = 15.0
KEEPALIVE_SECONDS = 10.0
KEEPALIVES_MISSED = 3


accept_any_text()
prefer_as_openssh()


class _Options(asyncssh.SSHClientConnectionOptions):
    """All options of one host's connections, from settings that have been read."""

    def __init__(self, settings: Settings, **chosen: Any) -> None:
        self._settings = settings
        super().__init__(**chosen)

    def prepare(self, **chosen: Any) -> None:  # type: ignore[override]
        """Begin with the settings."""
        super().prepare(**(chosen | {"last_config": self._settings}))


async def options_for(
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
    if named := named_key(config):
        chosen["agent_identities"] = [named]
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
            utf8_decode_errors=DECODE_ERRORS,
            **chosen,
        )

    async with asyncio.timeout(CONNECT_SECONDS):
        return await run_in_thread(read)


def hop(config: HostConfig, jump: str, before: str | None) -> HostConfig:
    """Return the jump host's configuration; `before` are the jump hosts on the way to it."""
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
