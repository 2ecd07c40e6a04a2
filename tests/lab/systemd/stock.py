"""Hosts as `apt install ejabberd` leaves them: the package's own files, and a new database.

Both nodes are `ejabberd@localhost`, each with the cookie that its Erlang made, and neither host
knows the other's name.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping, Sequence

from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS
from tests.lab.releases import roots
from tests.lab.systemd.booted import PACKAGES, SUITE

ACCOUNTS: Mapping[str, Sequence[str]] = {"first": ("alice", "bob"), "second": ("carol",)}
"""Who has an account, by host; all on the package's own host, localhost."""

_AGAIN = """
systemctl stop ejabberd
find /var/lib/ejabberd -mindepth 1 -delete
rm -rf /etc/ejabberd
tar -x -p --same-owner --numeric-owner -C /
printf '127.0.0.1 localhost\\n127.0.1.1 %s\\n' "$1" >/etc/hosts
host=$1
shift
systemctl start ejabberd
for user; do ejabberdctl register "$user" localhost secret-of-"$user"; done
"""


def install(lab: Lab, suite: str = SUITE) -> None:
    """Makes both hosts of a lab so."""
    files = _package(suite)
    for host in HOSTS:
        argv = ["sh", "-euc", _AGAIN, "sh", host, *ACCOUNTS[host]]
        lab.run(host, argv, stdin=files, timeout=120)


def _package(suite: str) -> bytes:
    """What the package has below /etc, as a tar."""
    root = roots.root(suite, PACKAGES)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in ("etc/ejabberd", "etc/default/ejabberd"):
            tar.add(root / path, arcname=path)
    return buffer.getvalue()
