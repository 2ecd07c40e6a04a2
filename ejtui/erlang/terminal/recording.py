"""Reads recordings (asciicast, version 2). A file may be torn, hostile, or no recording at all."""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MOST_BYTES = 64 << 20
"""So many bytes of a recording are read, from its beginning."""

_LARGEST = 1000
"""Columns and rows that no terminal has more of."""

_LONGEST_LINE = 1 << 22


class NotARecording(Exception):
    """The file cannot be played; the text has its path and why."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{why}: {path}")


@dataclass(frozen=True)
class Shown:
    """What the terminal did, `at` seconds after the beginning: `output`, or a new size."""

    at: float
    output: str = ""
    size: tuple[int, int] | None = None


@dataclass(frozen=True)
class Recording:
    """One recording: its size at first, what happened in it, and what of it could not be read."""

    path: Path
    columns: int
    rows: int
    title: str
    began: datetime | None
    events: tuple[Shown, ...]
    note: str = ""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.events[-1].at if self.events else 0.0


def read_recording(path: Path, most: int = MOST_BYTES) -> Recording:
    """The recording at `path`, as far as it can be read. Raises NotARecording."""
    data = _data(path, most)
    head, *lines = data.split(b"\n")
    header = _header(path, head)
    unread: list[bytes] = []
    events = tuple(_events(lines, unread))
    note = ""
    if len(data) == most:
        note = f"only its first {most >> 20} MB are played"
    elif unread:
        note = f"{len(unread)} of its lines cannot be read, and are left out"
    return Recording(
        path, header["width"], header["height"], header["title"], header["began"], events, note
    )


def _data(path: Path, most: int) -> bytes:
    try:
        # A pipe in its place would be waited for.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise NotARecording(path, "not a file")
            return file.read(most)
    except OSError as error:
        raise NotARecording(path, error.strerror or str(error)) from error
    except ValueError as error:  # A path with a null character.
        raise NotARecording(path, str(error)) from error


def _header(path: Path, line: bytes) -> dict[str, Any]:
    found = _parsed(line)
    if not isinstance(found, dict) or found.get("version") != 2:
        raise NotARecording(path, "not a recording (asciicast, version 2)")
    size = _size(found.get("width"), found.get("height"))
    if size is None:
        raise NotARecording(path, "no size of a terminal in its first line")
    title = found.get("title")
    return {
        "width": size[0],
        "height": size[1],
        "title": title if isinstance(title, str) else "",
        "began": _moment(found.get("timestamp")),
    }


def _events(lines: list[bytes], unread: list[bytes]) -> Iterator[Shown]:
    """Each line's event; time never runs back."""
    at = 0.0
    for line in lines:
        if not line:
            continue
        event = _event(_parsed(line))
        if event is None:
            unread.append(line)
            continue
        at = max(at, event.at)
        yield Shown(at, event.output, event.size)


def _event(found: Any) -> Shown | None:
    if not isinstance(found, list) or len(found) != 3:
        return None
    at, kind, what = found
    if isinstance(at, bool) or not isinstance(at, (int, float)) or not isinstance(what, str):
        return None
    if not (math.isfinite(at) and 0 <= at < 1e9):
        return None
    if kind == "r":
        columns, _, rows = what.partition("x")
        size = _size(_number(columns), _number(rows))
        return Shown(float(at), size=size) if size else None
    return Shown(float(at), what if kind == "o" else "")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else None


def _size(columns: object, rows: object) -> tuple[int, int] | None:
    if isinstance(columns, bool) or isinstance(rows, bool):
        return None
    if not isinstance(columns, int) or not isinstance(rows, int):
        return None
    return (columns, rows) if 1 < columns <= _LARGEST and 1 < rows <= _LARGEST else None


def _moment(stamp: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(stamp, UTC) if isinstance(stamp, (int, float)) else None
    except (ValueError, OverflowError, OSError):
        return None


def _parsed(line: bytes) -> Any:
    """The JSON value; None where it is none, or too deep or too long to be one of a recording."""
    if len(line) > _LONGEST_LINE:
        return None
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
