"""What a shell needs of a host: a pseudo-terminal to run an erl on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import socket


class ShellTerminal(Protocol):
    """The pseudo-terminal that the erl runs on."""

    @property
    def socket(self) -> socket.socket:
        """Read what the terminal prints, write keys."""

    def resize(self, columns: int, rows: int) -> None:
        """Set the size of the program's terminal."""

    async def close(self) -> None:
        """End the program."""


class TerminalHost(Protocol):
    """Where a shell can be opened: of a host, the part that a shell needs."""

    async def open_terminal(
        self,
        argv: Sequence[str],
        *,
        user: str | None = None,
        env: Mapping[str, str] = ...,
        cwd: str | None = None,
        columns: int,
        rows: int,
    ) -> ShellTerminal:
        """Start `argv` on a pseudo-terminal."""
