"""What a backup holds, as it is written beside it before anything is moved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from .errors import BackupError

Stage = Literal["begun", "moving", "moved", "restored", "rolled-back"]
STAGES: tuple[Stage, ...] = ("begun", "moving", "moved", "restored", "rolled-back")
"""How far a backup came: begun (a cookie at most), second's files being moved, all moved; by a
rollback restored but not yet started and looked at, and used up."""

FORMAT = 1

DATABASE = "database"
COOKIE = "erlang.cookie"
FILE = "manifest.json"


@dataclass(frozen=True)
class BackedFile:
    """One of second's Mnesia files as it was; `size` in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class FirstBackup:
    """First's online backup: where it lies on first, and what a reading of it found."""

    path: str
    size: int
    sha256: str
    tables: int
    records: int


@dataclass(frozen=True)
class Manifest:
    """One join's backup.

    `first` and `second` are Erlang node names. `directory` is second's database directory,
    `place` the backup's own. `was_running` is whether ejabberd ran on second; `cookie` holds
    the digits of second's own cookie when that is kept; `accounts` are second's
    ("user@server"), None when they could not be read; `joined` are the directories in `place`
    with databases of the cluster that were set aside later.
    """

    stamp: str
    first: str
    second: str
    stage: Stage
    directory: str
    place: str
    created: str
    by: str
    was_running: bool
    cookie: str = ""
    accounts: tuple[str, ...] | None = None
    files: tuple[BackedFile, ...] = ()
    first_backup: FirstBackup | None = None
    joined: tuple[str, ...] = ()

    @property
    def database(self) -> str:
        """Where second's own Mnesia files lie once they are moved."""
        return f"{self.place}/{DATABASE}"

    @property
    def cookie_file(self) -> str:
        return f"{self.place}/{COOKIE}"

    @property
    def is_open(self) -> bool:
        """Whether a join may still put something into it."""
        return self.stage in ("begun", "moving")

    def to_line(self) -> bytes:
        """One line of JSON."""
        return (json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_line(cls, line: bytes) -> Manifest:
        """Raises BackupError for what is no manifest of ours."""
        try:
            read = json.loads(line)
            if read.pop("format") != FORMAT or read["stage"] not in STAGES:
                raise ValueError("unknown format")
            return cls(**_typed(read))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupError(f"a manifest cannot be read: {error}") from None


def _typed(read: Mapping[str, Any]) -> dict[str, Any]:
    accounts, backup = read["accounts"], read["first_backup"]
    return {
        **read,
        "accounts": None if accounts is None else tuple(accounts),
        "files": tuple(BackedFile(**file) for file in read["files"]),
        "first_backup": None if backup is None else FirstBackup(**backup),
        "joined": tuple(read["joined"]),
    }
