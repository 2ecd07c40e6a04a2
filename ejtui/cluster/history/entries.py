"""The journal's lines as entries. A line may be torn, hostile, or from another program."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ejtui.cluster.journal import are_others

MOST_BYTES = 32 << 20
"""So many bytes of a journal are read, the newest."""

LONGEST_LINE = 1 << 20
"""A longer line is no entry that ejtui has written."""


@dataclass(frozen=True)
class JournalLine:
    """One line: `at` is None where it has no moment, `process` 0 where an older ejtui wrote it."""

    at: datetime | None
    by: str
    event: str
    step: str
    process: int
    rest: Mapping[str, Any]

    @property
    def is_of_others(self) -> bool:
        """Whether other hosts have the addresses from here on."""
        return are_others({"event": self.event, **self.rest})

    def text(self, key: str) -> str:
        """The value of `key` as text, "" where there is none."""
        value = self.rest.get(key)
        return "" if value is None else value if isinstance(value, str) else str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """The list at `key` as texts; no other kind of value has any."""
        value = self.rest.get(key)
        return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()

    def table(self, key: str) -> Mapping[str, Any]:
        """The object at `key`; no other kind of value has anything in it."""
        value = self.rest.get(key)
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True)
class Journaled:
    """What a journal holds: `older` is how many bytes at its beginning were not read, `unread`
    how many lines are no entries, `trouble` why it could not be read ("" where it could)."""

    entries: tuple[JournalLine, ...] = ()
    older: int = 0
    unread: int = 0
    trouble: str = ""


def read(path: Path, most: int = MOST_BYTES) -> Journaled:
    """The entries of the journal at `path`; none where there is no file. Never raises."""
    try:
        # A pipe in a journal's place would be waited for.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(number, "rb") as file:
            size = os.fstat(number).st_size
            older = max(0, size - most)
            file.seek(older)
            data = file.read(most)
    except FileNotFoundError:
        return Journaled()
    except OSError as error:
        return Journaled(trouble=f"{path}: {error.strerror or error}")
    lines = data.split(b"\n")
    if older:
        del lines[0]  # It is cut.
    return _journaled(lines, older)


def _journaled(lines: Iterable[bytes], older: int) -> Journaled:
    entries: list[JournalLine] = []
    unread = 0
    for line in lines:
        if not line.strip():
            continue
        entry = parsed(line)
        if entry is None:
            unread += 1
        else:
            entries.append(entry)
    return Journaled(tuple(entries), older, unread)


def parsed(line: bytes) -> JournalLine | None:
    """The entry in a line; None where it is none."""
    if len(line) > LONGEST_LINE:
        return None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not isinstance(value.get("event"), str):
        return None
    return _entry(value)


def _entry(value: dict[str, Any]) -> JournalLine:
    known = ("at", "by", "event", "step", "process", "pair")
    process = value.get("process")
    return JournalLine(
        moment(value.get("at")),
        _text(value.get("by")),
        value["event"],
        _text(value.get("step")),
        process if isinstance(process, int) else 0,
        {key: each for key, each in value.items() if key not in known},
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def moment(value: object) -> datetime | None:
    """A moment as the journal writes it; one without a zone is UTC."""
    try:
        then = datetime.fromisoformat(value) if isinstance(value, str) else None
        if then is not None:
            then = then if then.tzinfo else then.replace(tzinfo=UTC)
            then.astimezone()
    except (ValueError, OverflowError, OSError):
        return None
    return then


def growing(path: Path, most: int) -> Iterator[list[JournalLine]]:
    """The entries written since the last turn, without end; at first of the last `most` bytes."""
    place, rest = 0, b""
    while True:
        data, place = _written(path, place, most)
        *whole, rest = (rest + data).split(b"\n")
        yield [entry for line in whole if (entry := parsed(line))]


def _written(path: Path, place: int, most: int) -> tuple[bytes, int]:
    """What stands behind `place`, and where that ends. A journal that cannot be read has none."""
    try:
        size = path.stat().st_size
        if size == place or not path.is_file():
            return b"", place
        if size < place or size - place > most:
            place = max(0, size - most)
        with path.open("rb") as journal:
            journal.seek(place)
            data = journal.read(size - place)
    except OSError:
        return b"", place
    return data, place + len(data)
