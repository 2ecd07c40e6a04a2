"""More sshds, each with its own settings and host key, beside the one with the users."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ejtui.config import HostConfig
from tests.lab.hosts.conftest import Sshd, free_port

_CONFIG = """\
{lines}
Port {port}
ListenAddress {address}
HostKey {key}
AuthorizedKeysFile {work}/id.pub
PidFile none
StrictModes no
UsePAM no
UseDNS no
LogLevel DEBUG
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
{last}
"""


@dataclass(frozen=True)
class Daemon:
    """A sshd; its users are the same as everywhere in these tests."""

    sshd: Sshd
    port: int
    address: str
    key: Path

    @property
    def name(self) -> str:
        """What known_hosts calls it."""
        return f"[{self.address}]:{self.port}"

    @property
    def known(self) -> str:
        """The line of known_hosts that knows it."""
        return f"{self.name} {public(self.key)}\n"

    @property
    def log(self) -> str:
        """What it has written down."""
        return Path(f"{self.key}.log").read_text()

    def config(self, known: Path | str, user: str = "opsh", **changes: Any) -> HostConfig:
        """The configuration of a host that is this sshd, with that known_hosts file."""
        own = {"address": self.address, "port": self.port, "known_hosts": str(known)}
        return self.sshd.config(user, **(own | changes))

    def trusting(self, directory: Path, *others: Daemon) -> Path:
        """A known_hosts file with this one's key and the others'."""
        file = directory / "known_hosts"
        file.write_text("".join(each.known for each in (self, *others)))
        return file


def daemon(
    sshd: Sshd,
    directory: Path,
    *lines: str,
    address: str = "127.0.0.1",
    sign: Callable[[Path], None] = lambda _: None,
    enter: Sequence[str] = (),
) -> Daemon:
    """Start a sshd with those lines in its settings; it ends with `sshd`.

    `enter` is the prefix of a command that runs where it must, beside the other one's users.

    Its host key is a new one, `host_key_PORT` in `directory`, which `sign` may make a certificate
    for; "{key}" in a line is that file.
    """
    port = free_port()
    key = directory / f"host_key_{port}"
    generate(key)
    sign(key)
    text = "\n".join(lines).replace("{key}", str(key))
    # The first value counts, and a Match block goes on to the end.
    before, last = ("", text) if text.startswith("Match") else (text, "")
    settings = directory / f"sshd_config_{port}"
    settings.write_text(
        _CONFIG.format(port=port, address=address, key=key, work=sshd.work, lines=before, last=last)
    )
    inside = tuple(enter) or sshd.inside
    argv = [*inside, "/usr/sbin/sshd", "-E", f"{key}.log", "-f", str(settings)]
    subprocess.run(argv, check=True, capture_output=True)
    started = Daemon(sshd, port, address, key)
    _until_it_listens(started)
    return started


def _until_it_listens(started: Daemon) -> None:
    for _ in range(600):
        if "Server listening on" in started.log:
            return
        time.sleep(0.05)
    raise AssertionError(f"sshd does not listen after 30 s: {started.log}")


def generate(path: Path, *more: str) -> None:
    """Make a key pair."""
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", *more, "-f", str(path)]
    subprocess.run(argv, check=True)


def public(key: Path) -> str:
    """A key pair's public half, as known_hosts writes it."""
    return " ".join(Path(f"{key}.pub").read_text().split()[:2])


def sign(authority: Path, key: Path, *words: str) -> None:
    """Make a certificate for a key, `KEY-cert.pub`, in place of one that is there."""
    argv = ["ssh-keygen", "-q", "-s", str(authority), *words, f"{key}.pub"]
    subprocess.run(argv, check=True)


def fingerprint(key: Path) -> str:
    """A key's fingerprint, as ssh-keygen shows it."""
    said = subprocess.run(["ssh-keygen", "-lf", str(key)], capture_output=True, check=True)
    return said.stdout.decode().split()[1]
