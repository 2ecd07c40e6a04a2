"""Hosts: this computer and those behind SSH; becoming root; files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.hosts.errors import (
    BecomeFailed,
    CommandFailed,
    CommandTimedOut,
    HostError,
    HostKeyChanged,
    HostKeyUnknown,
    NotInstalled,
    Unreachable,
)
from ejtui.hosts.host import Host, Output
from ejtui.hosts.programs.process import Process
from ejtui.hosts.programs.terminal import Terminal
from ejtui.hosts.secrets import AskSecret, SecretQuestion, Secrets

if TYPE_CHECKING:
    from ejtui.config import HostConfig

__all__ = [
    "AskSecret",
    "BecomeFailed",
    "CommandFailed",
    "CommandTimedOut",
    "Host",
    "HostError",
    "HostKeyChanged",
    "HostKeyUnknown",
    "NotInstalled",
    "Output",
    "Process",
    "SecretQuestion",
    "Secrets",
    "Terminal",
    "Unreachable",
    "open_host",
]


def open_host(config: HostConfig, secrets: Secrets | None = None) -> Host:
    """Return the host that `config` describes, not connected yet (see `Host.connect`).

    `secrets` asks for passwords and keeps them; without it nobody can be asked.
    """
    # Imported here: this computer alone needs no SSH, and start-up pays for nothing unused.
    if config.address == "local":
        from ejtui.hosts.local import LocalHost

        return LocalHost(config.name, config.become, secrets)
    from ejtui.hosts.ssh.host import SshHost

    return SshHost(config, secrets)
