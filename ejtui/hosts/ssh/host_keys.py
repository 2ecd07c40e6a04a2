"""Host keys: what known_hosts has of one, line by line, and the line that adds a new one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import asyncssh
from asyncssh.public_key import get_default_certificate_algs, get_default_public_key_algs

from ejtui.config import HostConfig
from ejtui.hosts.errors import HostKeyChanged, HostKeyUnknown, KnownKey, ShownKey, Unreachable

_DEFAULT_PORT = 22
_AS_OPENSSH = ("ssh-ed25519", "ecdsa-sha2-", "sk-", "rsa-sha2-512", "rsa-sha2-256")
"""Beginnings of the kinds of host keys, in the order in which OpenSSH prefers them."""


def prefer_as_openssh() -> None:
    """Have an unknown host show the key that ssh would show, on all connections of this process.

    A fingerprint that was noted is most probably that key's. What is known of a host comes first.
    """
    for kinds in (get_default_public_key_algs(), get_default_certificate_algs()):
        kinds.sort(key=lambda kind: _preference(kind.decode("ascii")))


def _preference(kind: str) -> int:
    ranks = (rank for rank, begin in enumerate(_AS_OPENSSH) if kind.startswith(begin))
    return next(ranks, len(_AS_OPENSSH))


def known_hosts_files(config: HostConfig, asked: object) -> list[str]:
    """Return the known_hosts files there may be; the first is where a new key belongs.

    asyncssh would take "none" for "check nothing", and miss the system's own file.
    """
    if config.known_hosts:
        files = [config.known_hosts]
    else:
        files = [str(file) for file in asked] if isinstance(asked, list) else []
        files = files or ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"]
        files = [*files, "/etc/ssh/ssh_known_hosts"]
    return [str(Path(file).expanduser()) for file in files]


def refusal(
    config: HostConfig,
    where: str,
    key: asyncssh.SSHKey,
    peer: tuple[str, str, int],
    files: Sequence[str],
    *,
    hashes: bool,
) -> Unreachable:
    """Return the error for a host that shows a key which no file vouches for.

    `hashes`: hash the name in the line that would add the key.
    """
    host, address, port = peer
    shown = ShownKey(key.get_algorithm(), key.get_fingerprint())
    known = known_keys(files, host, address, port)
    if known:
        return HostKeyChanged(config.name, where, shown, known=known)
    name = host if port == _DEFAULT_PORT else f"[{host}]:{port}"
    if hashes:
        name = hashed(name)
    kind, data = key.export_public_key("openssh").decode("ascii").split()[:2]
    return HostKeyUnknown(
        config.name,
        where,
        shown,
        known_hosts_line=f"{name} {kind} {data}\n",
        file=files[0],
    )


def known_keys(files: Sequence[str], host: str, address: str, port: int) -> tuple[KnownKey, ...]:
    """Return each line of the files that knows a key of that host.

    A port other than 22 comes first; a host without one on any line is looked for by name alone.
    """
    names = [name for name in (host, address) if name]
    ways = [names]
    if port != _DEFAULT_PORT:
        ways.insert(0, [f"[{name}]:{port}" for name in names])
    lines = [line for file in files for line in _lines(file)]
    for way in ways:
        found = [
            KnownKey(key.get_fingerprint(), file, number)
            for file, number, known in lines
            for name in way
            for key in _keys(known, name)
        ]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def _keys(known: asyncssh.SSHKnownHosts, name: str) -> list[asyncssh.SSHKey]:
    hosts, _, revoked, *_ = known.match(name, "", None)
    return [*hosts, *revoked]


def _lines(file: str) -> Iterator[tuple[str, int, asyncssh.SSHKnownHosts]]:
    """Yield each line that can be read as one of known_hosts, with its number from 1."""
    try:
        lines = Path(file).read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for number, line in enumerate(lines, 1):
        try:
            yield file, number, asyncssh.import_known_hosts(line)
        except ValueError:
            continue


def hashed(name: str) -> str:
    """Return a host's name as ssh hashes it in known_hosts."""
    salt = os.urandom(20)
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return "|1|{}|{}".format(*(base64.b64encode(part).decode() for part in (salt, digest)))
