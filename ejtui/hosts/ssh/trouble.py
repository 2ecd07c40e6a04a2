"""Every way an SSH connection can fail, as one clear message with the next action."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence
from typing import Protocol

import asyncssh

from ejtui.config import HostConfig
from ejtui.hosts.errors import Unreachable, printable
from ejtui.hosts.secrets import Declined
from ejtui.hosts.ssh.auth import refused
from ejtui.hosts.ssh.host_keys import refusal
from ejtui.hosts.ssh.socket import Unresolved


class Call(Protocol):
    """How far a connection came."""

    answered: bool
    key: asyncssh.SSHKey | None
    peer: tuple[str, str, int]


def place(config: HostConfig) -> str:
    """Return the address, with the port where the configuration has one."""
    if not config.port:
        return config.address
    address = f"[{config.address}]" if ":" in config.address else config.address
    return f"{address}:{config.port}"


def is_locked(exc: Exception) -> bool:
    """Whether a key cannot be used without its passphrase."""
    # For some files asyncssh takes a function that gives the passphrase for the passphrase.
    locked = isinstance(exc, (asyncssh.KeyEncryptionError, TypeError))
    return locked or "assphrase" in str(exc)


def config_trouble(config: HostConfig, exc: Exception) -> Unreachable:
    """Return the error for settings that cannot be used."""
    name = getattr(exc, "filename", None)
    if isinstance(exc, OSError) and name:
        what = f"cannot read {name}: {os.strerror(exc.errno or 0)}"
        action = "Correct the path in the configuration, or the file's permissions."
    elif is_locked(exc):
        what = f"the key {config.identity_file or ''} is protected by a passphrase"
        action = f"Add it to the agent first: ssh-add {config.identity_file or ''}".rstrip()
    elif isinstance(exc, asyncssh.KeyImportError):
        what = f"{config.identity_file} is not a private key: {printable(str(exc), 200)}"
        action = "Set identity_file to the private key (the one without .pub)."
    elif isinstance(exc, TimeoutError):
        what = "its SSH settings could not be read in time"
        action = "See whether a command of Match exec hangs, or a name server for canonical names."
    else:
        what = f"its SSH settings cannot be used: {printable(str(exc), 300)}"
        action = "Correct them in the configuration or in ssh_config."
    layer = "authentication" if is_locked(exc) else "settings"
    return Unreachable(config.name, config.address, what, action).at(layer)


class SshErrors:
    """Makes the errors of one connection."""

    def __init__(
        self,
        config: HostConfig,
        user: str,
        host: str,
        port: int,
        via: tuple[HostConfig, ...],
        *,
        hashes: bool = False,
    ) -> None:
        self._hashes = hashes
        self._config = config
        self._user = user
        self._host = host
        self._port = port
        self.where = f"{user}@{config.address}"
        if via:
            self.where = f"{user}@{place(config)}, the jump host to {place(via[-1])}"

    def _unreachable(self, layer: str, what: str, action: str) -> Unreachable:
        return Unreachable(self._config.name, self.where, what, action).at(layer)

    @property
    def _place(self) -> str:
        return f"{self._host} port {self._port}"

    def too_many_hops(self) -> Unreachable:
        """Return the error for jump hosts that lead nowhere."""
        return self._unreachable(
            "settings", "the jump hosts form a loop", "Correct ProxyJump in ssh_config."
        )

    def dropped(self, exc: Exception | None) -> Unreachable:
        """Return the error for an established connection that is gone."""
        why = printable(str(exc), 200) if exc is not None else ""
        return self._unreachable(
            "",
            "the connection dropped" + (f": {why}" if why else ""),
            "Connect again, and look at the nodes: what ran there may have gone on.",
        )

    def of(
        self, exc: BaseException, call: Call, files: Sequence[str], *, password: bool
    ) -> Unreachable:
        """Return the error for a connection that could not be opened.

        `files` are the known_hosts files; `password`: the server accepts one, and
        nobody could be asked for it.
        """
        if call.key is not None:
            return refusal(
                self._config, self.where, call.key, call.peer, files, hashes=self._hashes
            )
        if isinstance(exc, Unresolved):
            return self._unresolved()
        if isinstance(exc, TimeoutError):
            return self._silent(call)
        if isinstance(exc, asyncssh.Error):
            return self._ssh(exc, password)
        if isinstance(exc, OSError):
            return self._halfway() if call.answered else self._network(exc)
        if call.answered and isinstance(exc, ValueError):
            return self._no_ssh(exc)
        return config_trouble(self._config, exc if isinstance(exc, Exception) else Exception())

    def _silent(self, call: Call) -> Unreachable:
        if call.answered:
            return self._unreachable(
                "ssh",
                f"{self._place} takes the connection, but does not start an SSH session in time",
                "See whether sshd hangs or is overloaded there, and whether another service "
                "has that port.",
            )
        return self._unreachable(
            "port",
            f"{self._place} does not answer",
            "See whether the host is up and a firewall lets this port through.",
        )

    def _unresolved(self) -> Unreachable:
        return self._unreachable(
            "resolves",
            f"no name server replied in time for {self._host}",
            "See whether the name servers in /etc/resolv.conf answer, or set address to the "
            "host's IP address.",
        )

    def _network(self, exc: OSError) -> Unreachable:
        if isinstance(exc, socket.gaierror):
            return self._unreachable(
                "resolves",
                f"the name {self._host} does not resolve",
                "Correct address in the configuration, or the name in DNS or /etc/hosts.",
            )
        if isinstance(exc, ConnectionRefusedError) or exc.errno == errno.ECONNREFUSED:
            return self._unreachable(
                "port",
                f"{self._place} refuses the connection",
                "See whether sshd runs there and listens on this port (port in the configuration).",
            )
        text = printable(exc.strerror or str(exc), 200)
        if isinstance(exc, (FileNotFoundError, PermissionError)):
            return self._unreachable(
                "settings",
                f"its ProxyCommand cannot be run: {text}",
                "Correct ProxyCommand in ssh_config, or install its program.",
            )
        if exc.errno is not None and exc.errno > 0:
            # The event loop's own text has an address in place of the reason.
            text = os.strerror(exc.errno)
        return self._unreachable(
            "port",
            f"{self._place} cannot be reached: {text[:1].lower()}{text[1:]}",
            "See whether the host is up and that there is a route to it.",
        )

    def _halfway(self) -> Unreachable:
        return self._unreachable(
            "ssh",
            f"{self._place} closed the connection halfway",
            "See what its sshd logs: it may allow too few connections at once (MaxStartups), or "
            "not this address.",
        )

    def declined(self, declined: Declined) -> Unreachable:
        """Return the error for a connection that wanted a secret which nobody gave."""
        return self._unreachable(
            "authentication",
            f"it asks {self._user} for a password or a passphrase, and {declined.why}",
            "Connect again and give it, or load a key that it takes into the agent (ssh-add).",
        )

    def _ssh(self, exc: asyncssh.Error, password: bool) -> Unreachable:
        if isinstance(exc, asyncssh.PermissionDenied):
            nobody = "; it would take a password, and there is nobody to ask for it"
            return self._unreachable(
                "authentication",
                f"it lets {self._user} in with none of our keys" + (nobody if password else ""),
                "Set user and identity_file, load the key into the agent (ssh-add), or put "
                f"the public key there: ssh-copy-id {self._user}@{self._config.address}",
            )
        if refused(exc):
            return self._unreachable(
                "authentication",
                f"it ended the attempt to log in as {self._user}: {printable(str(exc), 200)}",
                "Set identity_file, or IdentitiesOnly in ssh_config, so that fewer keys are tried.",
            )
        if isinstance(exc, asyncssh.HostKeyNotVerifiable):
            return self._unreachable(
                "host key",
                f"its host key cannot be trusted: {printable(str(exc), 200)}",
                "Nothing was sent. Look at its certificate with ssh-keygen -Lf on the host "
                "(principals, validity), and at the lines with a mark (@) in known_hosts.",
            )
        if isinstance(exc, asyncssh.ChannelOpenError):
            return self._unreachable(
                "port",
                f"the jump host cannot connect to {self._place}: {printable(exc.reason, 200)}",
                "See whether that host is up, and reachable from the jump host.",
            )
        if isinstance(exc, asyncssh.ConnectionLost):
            return self._halfway()
        return self._no_ssh(exc)

    def _no_ssh(self, exc: Exception) -> Unreachable:
        return self._unreachable(
            "ssh",
            f"no SSH connection with {self._place}: {printable(str(exc), 200)}",
            "See whether that port is really sshd's, and look at its log.",
        )
