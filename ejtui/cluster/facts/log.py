"""Ejabberd's log as evidence: the first error of the last start, and what it means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MESSAGES: tuple[tuple[str, str], ...] = (
    (r"Incompatible schema storage types", "schema-definitions"),
    (r"Cannot merge (?:storage type|definitions)", "schema-definitions"),
    (r"Incompatible schema cookies", "schema-split"),
    (r"Bad cookie in table definition", "table-cookie"),
    (r"Not allowed to write in Mnesia dir", "dir-not-writable"),
    (r"could not write core file: eacces", "dir-not-writable"),
    (r"Mnesia dir\S* .{0,80}eacces|cannot create.{0,80}eacces", "dir-not-writable"),
    (r"(?:Cannot (?:read|open)|file_error|not_readable|badarg).{0,300}eacces", "dir-root-owned"),
    (r"Node name mismatch", "renamed"),
    (r"in order to prevent overlapping partitions", "overlapping"),
    (r"running_partitioned_network|starting_partitioned_network", "partitioned"),
    (r"Connection attempt from node (?!'?ejtui_)\S+ rejected", "cookie-mismatch"),
    (r"Connection attempt from disallowed node (?!'?ejtui_)", "cookie-mismatch"),
    (r"Cookie file .{0,200}must be accessible by owner only", "cookie-mode"),
    (r"Error when reading .{0,200}\.erlang\.cookie: eacces", "cookie-owner"),
    (r"Too short cookie string|Bad characters in cookie", "cookie-malformed"),
    (r"Can't set (?:long|short) node name|fully qualified hostnames", "name-style"),
    (r"Hostname \S+ is illegal", "name-style"),
    (r"seems to be in use by another Erlang node", "name-in-use"),
    (r"register/listen error: .?econnrefused", "epmd-down"),
    (r"no_reg_reply_from_epmd|epmd_close", "epmd-silent"),
    (r"is overloaded|mnesia_overload", "overload"),
    (r"no_exists", "tables-missing"),
)
"""What is known of messages: a pattern, and the catalogue's code for it; the first that fits."""

MISLEADING = (
    r"node_not_running",
    r"Failed to start (?:ejabberd|Erlang) application",
    r"no_exists",
    r"application_master:init",
)
"""What ejabberd says last when something else, said before, was the cause."""

_ENTRY = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S*\s+\[(?P<level>\w+)\]|^=(?P<report>[A-Z]+) REPORT====",
)
_BAD = {"error", "critical", "alert", "emergency", "ERROR", "CRASH"}
_OF_EJTUI = re.compile(r"Connection attempt from (?:disallowed )?node '?ejtui_")
_SHOWN, _BEFORE = 300, 60
_KNOWN = tuple((re.compile(pattern, re.S), code) for pattern, code in MESSAGES)
_AFTERMATH = tuple(re.compile(pattern) for pattern in MISLEADING)


@dataclass(frozen=True)
class LogEntry:
    """One message: the number of its first line, its level, its text in one line, its code."""

    line: int
    level: str
    text: str
    code: str = ""

    @property
    def misleading(self) -> bool:
        """Whether it only says what followed from something else."""
        return any(pattern.search(self.text) for pattern in _AFTERMATH)

    @property
    def shown(self) -> str:
        """What it says, around the words that are known."""
        if len(self.text) <= _SHOWN:
            return self.text
        match = next((m for pattern, _ in _KNOWN if (m := pattern.search(self.text))), None)
        begin = max(0, match.start() - _BEFORE) if match else 0
        return f"{'… ' if begin else ''}{self.text[begin : begin + _SHOWN]} …"


@dataclass(frozen=True)
class Core:
    """A dump of Mnesia's: where it lies and what it says was the reason."""

    path: str
    text: str
    code: str = ""


@dataclass(frozen=True)
class LogFacts:
    """The log since the last start: its errors, and those of its entries whose code is known.

    `error` says why it could not be read.
    """

    path: str = ""
    error: str = ""
    errors: tuple[LogEntry, ...] = ()
    known: tuple[LogEntry, ...] = ()
    core: Core | None = None

    @property
    def cause(self) -> LogEntry | None:
        """The error of the last start that says most: the first that is known and not a mere
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
        """The first entry that tells of `code`."""
        return next((entry for entry in self.known if entry.code == code), None)


def log_facts(
    path: str, error: str, pieces: Iterable[tuple[int, str]], core: Core | None = None
) -> LogFacts:
    """Reads the log's text; `pieces` are (number of the first line, text)."""
    found = [entry for line, text in pieces for entry in entries(line, text)]
    return LogFacts(
        path=path,
        error=error,
        errors=tuple(entry for entry in found if entry.level in _BAD),
        known=tuple(entry for entry in found if entry.code),
        core=core,
    )


def entries(first_line: int, text: str) -> Iterator[LogEntry]:
    """The messages of a piece of log that are more than information, in order."""
    number, level, lines = first_line, "", list[str]()
    for offset, line in enumerate(text.splitlines()):
        begin = _ENTRY.match(line)
        if begin:
            yield from _entry(number, level, lines)
            number, lines = first_line + offset, []
            level = begin["level"] or begin["report"]
        lines.append(line)
    yield from _entry(number, level, lines)


def _entry(number: int, level: str, lines: Sequence[str]) -> Iterator[LogEntry]:
    if level in ("", "info", "debug", "notice", "INFO", "PROGRESS"):
        return
    text = " ".join(" ".join(lines).split())
    if not _OF_EJTUI.search(text):
        yield LogEntry(number, level, text, code_of(text))


def code_of(text: str) -> str:
    """The catalogue's code for a message, "" when it is not known."""
    return next((code for pattern, code in _KNOWN if pattern.search(text)), "")
