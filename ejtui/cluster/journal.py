"""The journal: what ejtui did to a pair, one JSON object a line, only ever appended to."""

from __future__ import annotations

import errno
import getpass
import json
import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ejtui import json_lines, own_files

READ_BACK = 1 << 18
"""So many bytes of it are read again."""

_MOST_BACK = 32 << 20
"""So many are searched for the hosts that it is of."""

_HOSTS_LINE = b'"event": "hosts"'

ROLES = ("first", "second")


class Entry(StrEnum):
    """What a line of the journal is about: every word that ejtui writes there."""

    HOSTS = "hosts"
    RUN = "run"
    RUN_ENDED = "run ended"
    RUN_BROKEN_OFF = "run broken off"
    NODES = "nodes"
    STARTED = "started"
    SAID = "said"
    ASKED = "asked"
    RAN = "ran"
    RECORDING = "recording"
    OWN_SHELL = "shell"
    STOOD_ASIDE = "stood aside"
    HANDED_BACK = "handed back"
    SHELL_ENDED = "shell ended"
    ENDED = "ended"
    REPAIRING = "mending"
    BRINGING = "bringing"
    STORAGE = "storage"
    BROKE = "broke"


class Journal:
    """Appends to `path` (mode 0600). What is given to write() must never hold a secret.

    A line is written by one system call in append mode, so that two writers do not mix and a
    kill leaves whole lines. A full disk stops no join: it is reported once (see `own_files`), and
    the join goes on without the journal.
    """

    def __init__(self, path: Path, pair: str) -> None:
        self.path = path
        self.commands = 0
        """How many commands were noted in it by this object."""
        self._pair = pair
        self._by = f"{getpass.getuser()}@{socket.gethostname()}"

    def write(self, event: str, **what: object) -> None:
        """Appends one line: time, pair, who, the process, event and `what`."""
        self.commands += event == Entry.RAN
        said = {
            "at": now(), "pair": self._pair, "by": self._by, "process": os.getpid(),
            "event": event, **what,
        }  # fmt: skip
        data = json_lines.line(said, default=str)
        try:
            _append(self.path, data)
        except OSError as error:
            own_files.failed("the journal", self.path, error)

    def last(self) -> list[dict[str, Any]]:
        """Its last lines (of `READ_BACK` bytes), the newest last.

        Those that cannot be read are left out, and what was done on former hosts: see are_others.
        """
        found: list[dict[str, Any]] = []
        for line in filter(None, map(_parsed, self._back(READ_BACK))):
            if are_others(line):
                found.clear()
            found.append(line)
        return found

    def host_keys(self) -> dict[str, str]:
        """The fingerprint of each host's key by its role, as last noted."""
        keys: dict[str, str] = {}
        for line in self._back(_MOST_BACK):
            if _HOSTS_LINE in line:
                keys |= {role: str(each.get("key")) for role, each in _hosts_of(_parsed(line))}
        return keys

    def _back(self, most: int) -> list[bytes]:
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, self.path.stat().st_size - most))
                return file.read().splitlines()
        except OSError:
            return []


def are_others(line: Mapping[str, Any]) -> bool:
    """Whether the line notes that hosts have others' addresses: what is before it is of those."""
    return any(each.get("former") for _, each in _hosts_of(line))


def _hosts_of(line: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Each host that the line notes, by its role."""
    if line.get("event") != Entry.HOSTS:
        return []
    found = [(role, line.get(role)) for role in ROLES]
    return [(role, each) for role, each in found if isinstance(each, dict)]


def _append(path: Path, data: bytes) -> None:
    """Raises OSError, also where the disk took but a part of the line."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.write(file, data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(file)


def _parsed(line: bytes) -> dict[str, Any]:
    """What write() wrote; nothing of a line that is torn."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def now() -> str:
    """The moment in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def stamp() -> str:
    """The moment in UTC as it stands in a file name."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
