"""What can go wrong with a host: one clear message each, with what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from ejtui.cleaning import clean

_SHOWN_OUTPUT = 2000


def printable(text: bytes | str, limit: int = _SHOWN_OUTPUT) -> str:
    """Return the last `limit` characters of a program's output, safe to show in a terminal."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    shown = "".join(c if c.isprintable() or c == "\n" else " " for c in text.strip())
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    return "\n".join(line for line in lines if line)[-limit:]


def command_text(argv: Sequence[str]) -> str:
    """Return `argv` as the line a person would type, with a whole script as its first words."""
    return " ".join(shlex.quote(_shortened(arg)) for arg in argv)


def _shortened(arg: str) -> str:
    first = (arg.strip().splitlines() or [""])[0]
    if len(first) > 100:
        return first[:90] + "…"
    return first + "…" if "\n" in arg.strip() else arg


class HostError(Exception):
    """Something on a host, or on the way to it, failed.

    `host` is the configuration's name, `where` how people know the host, `what` the one thing
    that is wrong, `next_action` what the operator can do about it. A host's output in them is
    made fit to print.
    """

    def __init__(self, host: str, where: str, what: str, next_action: str) -> None:
        super().__init__(host, where, what, next_action)
        self.host = host
        self.where = where
        self.what = clean(what, lines=True)
        self.next_action = clean(next_action, lines=True)

    def __str__(self) -> str:
        what = self.what if self.what.endswith((".", "!", "?")) else self.what + "."
        return f"{self.host} ({self.where}): {what} {self.next_action}"


SSH_LAYERS = ("settings", "resolves", "port", "ssh", "host key", "authentication")
"""What a connection is made of, from the bottom up."""


class Unreachable(HostError):
    """The host cannot be reached, refuses us, or the connection to it dropped.

    `layer` is the one of `SSH_LAYERS` that broke, "" where it is none of them.
    """

    layer = ""

    def at(self, layer: str) -> Self:
        """Record which layer failed; returns the error itself."""
        self.layer = layer
        return self


@dataclass(frozen=True)
class ShownKey:
    """The key that a host shows, as people compare it."""

    algorithm: str
    fingerprint: str


class HostKeyUnknown(Unreachable):
    """No known_hosts file has this host's key.

    `algorithm` and `fingerprint` are what a person compares; `known_hosts_line` is what
    `known_hosts.remember` appends to `known_hosts_file` once they have agreed.
    """

    layer = "host key"

    def __init__(
        self, host: str, where: str, shown: ShownKey, *, known_hosts_line: str, file: str
    ) -> None:
        super().__init__(
            host,
            where,
            f"its host key {shown.algorithm} {shown.fingerprint} is in no known_hosts file",
            "Compare the fingerprint with the one on that host (ssh-keygen -lf on its "
            f"/etc/ssh/ssh_host_*_key.pub); when they are the same, add the key to {file}.",
        )
        self.fingerprint, self.algorithm = shown.fingerprint, shown.algorithm
        self.known_hosts_line = known_hosts_line
        self.known_hosts_file = file


@dataclass(frozen=True)
class KnownKey:
    """A host's key as a known_hosts file has it, and on which line (from 1)."""

    fingerprint: str
    file: str
    line: int


class HostKeyChanged(Unreachable):
    """The host shows another key than the ones known_hosts holds: nothing is sent to it."""

    layer = "host key"

    def __init__(
        self, host: str, where: str, shown: ShownKey, *, known: Sequence[KnownKey]
    ) -> None:
        has = ", ".join(f"{key.file} line {key.line} has {key.fingerprint}" for key in known)
        lines = ", ".join(f"line {key.line} from {key.file}" for key in known)
        super().__init__(
            host,
            where,
            f"its host key changed: it shows {shown.algorithm} {shown.fingerprint}, {has}",
            "Someone may intercept the connection. Ask its administrators; only if they "
            f"changed the key, remove {lines}.",
        )
        self.fingerprint, self.algorithm = shown.fingerprint, shown.algorithm
        self.known = tuple(known)


class BecomeFailed(HostError):
    """The login user could not become root or the service user.

    `password` is true where a password, or a terminal to ask for one on, may be all it lacks.
    """

    def __init__(
        self, host: str, where: str, what: str, next_action: str, *, password: bool = False
    ) -> None:
        super().__init__(host, where, what, next_action)
        self.password = password


class NotInstalled(HostError):
    """ejabberd or Erlang is not on the host, or not where it was looked for."""


class CommandFailed(HostError):
    """A command ended with another code than 0; `stderr` is the end of what it complained."""

    def __init__(
        self, host: str, where: str, argv: Sequence[str], code: int, stderr: bytes
    ) -> None:
        self.command = command_text(argv)
        self.code = code
        self.stderr = printable(stderr)
        reported = self.stderr or "it printed nothing on standard error"
        super().__init__(
            host,
            where,
            f"`{self.command}` ended with code {code}: {reported}",
            "Run it there by hand to see more.",
        )


class CommandTimedOut(HostError):
    """A command did not end in its time, and was ended."""

    def __init__(
        self, host: str, where: str, argv: Sequence[str], seconds: float, said: bytes = b""
    ) -> None:
        self.command = command_text(argv)
        self.seconds = seconds
        last = printable(said, 300)
        super().__init__(
            host,
            where,
            f"`{self.command}` did not end within {seconds:g} s and was stopped"
            + (f"; its last output: {last}" if last else ""),
            "See whether the host is overloaded or a disk or name service hangs, then try again.",
        )
