"""The lab's hosts with passwords, where nobody becomes root without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ejtui.lab.lab import Lab

HOSTS = ("first", "second")
OPS = "op's s3cret wörd"
ROOTS = "r00t's s3cret"

# Rules that want op's password.
RULES = {
    "/etc/sudoers": "root ALL=(ALL:ALL) ALL\nop ALL=(ALL:ALL) ALL\n",
    "/etc/doas.conf": "permit op\npermit nopass root\n",
}


@contextmanager
def asking(lab: Lab) -> Iterator[None]:
    """Hosts on which nobody becomes root without a password."""
    swap = 'for f in /etc/sudoers /etc/doas.conf; do cp -p "$f$1" "$f$2"; done'
    for host in HOSTS:
        passwords = f"op:{OPS}\nroot:{ROOTS}\n".encode()
        lab.run(host, ["chpasswd", "-c", "SHA256", "-s", "1000"], stdin=passwords)
        lab.run(host, ["sh", "-c", swap, "sh", "", ".before"])
        for file, rules in RULES.items():
            lab.run(host, ["sh", "-c", 'cat > "$1"', "sh", file], stdin=rules.encode())
    try:
        yield
    finally:
        for host in HOSTS:
            lab.run(host, ["sh", "-c", swap, "sh", ".before", ""])
