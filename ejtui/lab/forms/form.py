"""What both forms of the lab offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Form(Protocol):
    """Two hosts on this computer, however they are made."""

    @property
    def name(self) -> str:
        """One word for the state file and for people."""

    @property
    def needs_namespaces(self) -> bool:
        """Whether the packages of the full form are needed."""

    @property
    def shortcomings(self) -> tuple[str, ...]:
        """What cannot be shown in this form."""

    def is_up(self) -> bool:
        """Whether both hosts are there; ejabberd need not run."""

    def boot(self) -> None:
        """Make both hosts, without a database, ejabberd stopped. Raises LabError."""

    def end(self) -> None:
        """End all processes on the hosts, and remove what only the hosts needed."""

    def enter(self, host: str, argv: Sequence[str], *, service: bool = False) -> list[str]:
        """What runs `argv` on a host, as its root or its service's user. Raises LabError."""

    def starting(self, host: str) -> Sequence[str]:
        """The command that an operator types on a host to start ejabberd."""

    def ejabberdctl(self, host: str) -> str:
        """Where ejabberdctl is."""

    def home(self, host: str) -> str:
        """The service user's home, which is the spool directory too."""

    def seeding(self, host: str) -> str:
        """The directory with the seeding's files."""

    def node(self, host: str) -> str:
        """The Erlang node's name."""

    def admin_pages(self) -> Mapping[str, str]:
        """The address of each node's web admin."""

    def reach(self) -> Mapping[str, str]:
        """How a person gets onto each host: a command line."""
