"""The small protocol of every host, wherever it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from ejtui.hosts.programs.process import Process
from ejtui.hosts.programs.terminal import Terminal

NO_ENV: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Output:
    """How a command ended: its exit code (128 + n for signal n) and all it wrote."""

    code: int
    stdout: bytes
    stderr: bytes


class Host(Protocol):
    """A computer: this computer, or a host behind SSH.

    Wherever a `user` can be given, None is the login user; to become any other user, the program in
    the configuration is used (sudo, doas, su). Arguments arrive byte for byte, whatever the login
    shell is and whatever its profile prints. Every call may raise `HostError` or one of its kinds.
    """

    name: str
    where: str
    login: str
    lost: Exception | None
    identity: str
    """What no other host has: behind SSH, once connected, its host key's fingerprint; "" where
    it showed none."""

    @property
    def root(self) -> str | None:
        """Return "root" where ejtui can become root, None where only the login user exists."""

    async def connect(self) -> None:
        """Connect to the host; does nothing while connected. Raises `Unreachable`."""

    async def run(
        self,
        argv: Sequence[str],
        *,
        user: str | None = None,
        env: Mapping[str, str] = NO_ENV,
        cwd: str | None = None,
        stdin: bytes = b"",
        timeout: float = 30.0,
        check: bool = True,
    ) -> Output:
        """Run a command to its end, within `timeout` seconds.

        Raises `CommandFailed` for another code than 0 (unless `check` is false),
        `CommandTimedOut`, `BecomeFailed`, `Unreachable`. Cancelling ends the remote process.
        """

    async def open_process(
        self,
        argv: Sequence[str],
        *,
        user: str | None = None,
        env: Mapping[str, str] = NO_ENV,
        cwd: str | None = None,
    ) -> Process:
        """Start a long-lived process and return once it runs."""

    async def open_terminal(
        self,
        argv: Sequence[str],
        *,
        user: str | None = None,
        env: Mapping[str, str] = NO_ENV,
        cwd: str | None = None,
        columns: int,
        rows: int,
    ) -> Terminal:
        """Start a program on a pseudo-terminal of exactly that size; return once it runs."""

    async def read(self, path: str, *, user: str | None = None) -> bytes:
        """Return a file's bytes. Raises `CommandFailed` when it cannot be read."""

    async def write(
        self, path: str, data: bytes, *, owner: str | None, mode: int, user: str | None
    ) -> None:
        """Replace a file atomically: written beside it, synced, owned, then renamed.

        `owner` is "user" (with that user's own group) or "user:group". The data never shows on
        a command line. Root writes only where nobody else may make files, and refuses elsewhere
        (see `guard.reason`): what lies below another user's directory, that user writes.
        """

    def on_lost(self, callback: Callable[[Exception], None]) -> None:
        """Call back once, in the event loop, when the connection to the host drops."""

    async def close(self) -> None:
        """End everything started here and close the line."""
