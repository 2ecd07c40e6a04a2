"""Ejabberd's log as evidence: the first error of the last start, and what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass

MISLEADING = (
    r"node_not_running",
    r"Failed to start (?:ejabberd|Erlang) application",
    r"no_exists",
    r"application_master:init",
)
"""What ejabberd logs last when something else, logged before, was the cause."""

_AFTERMATH = tuple(re.compile(pattern) for pattern in MISLEADING)
_SHOWN, _BEFORE = 300, 60


@dataclass(frozen=True)
class LogEntry:
    """One message: the number of its first line, its level, its text in one line, its code.

    `at` is where in the text the words that show the code begin.
    """

    line: int
    level: str
    text: str
    code: str = ""
    at: int = 0

    @property
    def misleading(self) -> bool:
        """Whether it only reports what followed from something else."""
        return any(pattern.search(self.text) for pattern in _AFTERMATH)

    @property
    def shown(self) -> str:
        """Its text, around the words that are known."""
        if len(self.text) <= _SHOWN:
            return self.text
        begin = max(0, self.at - _BEFORE)
        return f"{'… ' if begin else ''}{self.text[begin : begin + _SHOWN]} …"


@dataclass(frozen=True)
class Core:
    """A dump of Mnesia's: where it lies and the reason in it."""

    path: str
    text: str
    code: str = ""


@dataclass(frozen=True)
class LogFacts:
    """The log since the last start: its errors, and those of its entries whose code is known.

    `error` is why it could not be read; `started` whether that start came to its end, so that no
    error before shows why it failed.
    """

    path: str = ""
    error: str = ""
    errors: tuple[LogEntry, ...] = ()
    known: tuple[LogEntry, ...] = ()
    core: Core | None = None
    started: bool = False

    @property
    def cause(self) -> LogEntry | None:
        """The most useful error of the last start: the first that is known and not a mere
        consequence, else the first of all.
        """
        causes = [entry for entry in self.errors if entry.code and not entry.misleading]
        return next(iter((*causes, *self.errors)), None)

    @property
    def last_misleads(self) -> bool:
        """Whether the last error only follows from an earlier one."""
        cause = self.cause
        return cause is not None and self.errors[-1] != cause and self.errors[-1].misleading

    def of(self, code: str) -> LogEntry | None:
        """The first entry about `code`."""
        return next((entry for entry in self.known if entry.code == code), None)
