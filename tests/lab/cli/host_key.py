"""A host of the lab whose sshd runs with another host key, and writes down what it is sent."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ejtui.lab.lab import Lab

_KEY = "/etc/ssh/ssh_host_ed25519_key"
_LOG = "/run/sshd-replaced.log"

# Ends the sshd that listens, moves the key out of or back to its place, and starts another sshd.
_STOP = 'kill "$(cat /run/sshd.pid)"; while [ -e /run/sshd.pid ]; do sleep 0.02; done; cd /etc/ssh'
_START = "while [ ! -s /run/sshd.pid ]; do sleep 0.02; done"
_REPLACE = f"""
set -e
{_STOP}
mkdir before
mv ssh_host_ed25519_key* before
ssh-keygen -q -t ed25519 -N '' -f {_KEY}
/usr/sbin/sshd -o LogLevel=DEBUG -E {_LOG}
{_START}
"""
_RESTORE = f"""
set -e
[ -d /etc/ssh/before ] || exit 0
{_STOP}
rm {_KEY} {_KEY}.pub
mv before/* .
rmdir before
/usr/sbin/sshd
{_START}
rm -f {_LOG}
"""


@dataclass(frozen=True)
class Replaced:
    """The sshd with the other key."""

    lab: Lab
    host: str

    @property
    def log(self) -> str:
        """All that it has written down."""
        return self.lab.run(self.host, ["cat", _LOG]).stdout.decode()

    @property
    def public(self) -> str:
        """The other key, as known_hosts writes it."""
        return self.lab.run(self.host, ["cat", f"{_KEY}.pub"]).stdout.decode().strip()


def fingerprint(lab: Lab, host: str) -> str:
    """The host key's fingerprint, as ssh-keygen on the host itself shows it."""
    return lab.run(host, ["ssh-keygen", "-lf", _KEY]).stdout.decode().split()[1]


def recorded(lab: Lab, host: str) -> str:
    """The fingerprint of the key that the lab's known_hosts has for a host."""
    argv = ["ssh-keygen", "-l", "-F", host, "-f", str(lab.place.known_hosts)]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    return said.splitlines()[-1].split()[2]


@contextmanager
def replaced(lab: Lab, host: str) -> Iterator[Replaced]:
    """Give a host's sshd another key; its own one again at the end."""
    lab.run(host, ["sh", "-c", _REPLACE])
    try:
        yield Replaced(lab, host)
    finally:
        restore(lab, host)


def restore(lab: Lab, host: str) -> None:
    """Give a host's sshd its own key again, unless it has it."""
    lab.run(host, ["sh", "-c", _RESTORE])
