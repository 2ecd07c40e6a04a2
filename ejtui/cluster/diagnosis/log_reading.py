"""Reads ejabberd's log: which of its messages are errors, and which code each one means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ejtui.cluster.administration.refusals import logged
from ejtui.cluster.diagnosis.catalogue import MESSAGES
from ejtui.cluster.facts.log import Core, LogEntry, LogFacts

_ENTRY = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S*\s+\[(?P<level>\w+)\]|^=(?P<report>[A-Z]+) REPORT====",
)
_BAD = {"error", "critical", "alert", "emergency", "ERROR", "CRASH"}
_STARTED = " is started in the node "
_OF_EJTUI = re.compile(r"Connection attempt from (?:disallowed )?node '?ejtui_")


def log_facts(
    path: str, error: str, pieces: Iterable[tuple[int, str]], core: Core | None = None
) -> LogFacts:
    """Reads the log's text; `pieces` are (number of the first line, text)."""
    pieces = list(pieces)
    found = [entry for line, text in pieces for entry in entries(line, text)]
    return LogFacts(
        path=path,
        error=error,
        errors=tuple(entry for entry in found if entry.level in _BAD),
        known=tuple(entry for entry in found if entry.code),
        core=core,
        started=any(_STARTED in text for _, text in pieces),
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
        yield _shown(number, level, text)


def journal_entries(lines: Iterable[str]) -> tuple[LogEntry, ...]:
    """A service's journal, which has no levels: each line an entry, the first is 1."""
    return tuple(_shown(at, "", line) for at, line in enumerate(lines, start=1))


def _shown(number: int, level: str, text: str) -> LogEntry:
    """An entry without values of ejabberd's file; its code is of the whole text."""
    code, at = _known(text)
    shown = logged(text)
    if shown != text:
        at = max(_known(shown)[1], 0)
    return LogEntry(number, level, shown, code, at)


def code_of(text: str) -> str:
    """The catalogue's code for a message, "" when it is not known."""
    return _known(text)[0]


def _known(text: str) -> tuple[str, int]:
    """The code of a message, and where the words that show it begin."""
    found = ((code, pattern.search(text)) for pattern, code in MESSAGES)
    return next(((code, match.start()) for code, match in found if match), ("", 0))
