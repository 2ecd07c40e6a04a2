"""What a backup holds, as it is written beside it before anything is moved."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import Any, Literal

from ejtui import json_lines
from ejtui.cluster.errors import BackupError
from ejtui.cluster.facts.table_count import TableCount

Stage = Literal["begun", "moving", "moved", "restoring", "restored", "rolled-back"]
STAGES: tuple[Stage, ...] = ("begun", "moving", "moved", "restoring", "restored", "rolled-back")
"""How far a backup came: started (a cookie at most), second's files being moved, all moved; by a
rollback being copied back, restored but not yet started and looked at, and used up."""

UNFINISHED: tuple[Stage, ...] = ("begun", "restored", "restoring", "moving")
"""The stages in which something is still to do, the most urgent last."""

BETWEEN: tuple[Stage, ...] = ("moving", "restoring", "restored")
"""The stages in which no other backup may be started: second's database is not settled."""

FORMAT = 1

JOIN = "join"
CONFIG = "config"
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
    """One backup of a node's database: that of a join, or what was set aside later.

    `first` and `second` are Erlang node names. `directory` is second's database directory,
    `place` the backup's own. `was_running` is whether ejabberd ran on second; `cookie` holds
    the digits of second's own cookie when that is kept; `accounts` are second's
    ("user@server"), None when they could not be read; `joined` are the directories in `place`
    with databases of the cluster that were set aside later. `rooms`, `groups` (of shared rosters)
    and `pubsub_nodes` are second's by name ("name@host"), those that first did not have just so.
    `counts` are first's shared tables
    before ejabberd started on second as a member, until they were compared with those after it;
    `loss_named` is whether that named one with fewer records. `custom_schema` is the checksum of
    second's own `ejabberd.schema` that is kept here, `custom_given` whether second got first's.
    `config` is the checksum of second's own `ejabberd.yml` that is kept here, "" where none is;
    `certificates` are the files that were copied to second with it. `config_time` is when it was
    kept (ISO), "" in early ones; `config_written` the checksum of the file that was written in its
    place, and `config_edited` whether somebody had edited that before it was written again.

    `reason` is why it was made: "join", what set it aside ("rollback", "repair of CODE"), or
    "config" for second's `ejabberd.yml` alone, before a change that belongs to no join; only
    those of joins are rolled back to unless they are named. `own` is whether it is a database of
    the node's own, False for a copy of the cluster's. `used` is when it was rolled back to (ISO),
    "" when it never was. `folder` is the directory in `place` with the files, "" for `place`
    itself.
    `between` are directories with what a start in the middle of the move had made in second's
    directory, and `changed` the names of files that such a start had changed before they were
    moved, or that were lost or damaged since. `noted` are lost and damaged ones as they were when
    they were noted first: put there again, they are the backup's own again.

    `number` counts the backups on that host, so that their order rests on no clock. `finished` is
    False from the first change of a join until its last step is done. `schema_cookie` is Mnesia's
    cookie of the schema in `files`, "" where nobody knows it. `towards` is the stamp of the backup
    that second was rolled back to when a rollback set this one aside. `account_count` is how many
    accounts there are where they are too many to be listed here, -1 elsewhere.
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
    accounts: Sequence[str] | None = None
    files: tuple[BackedFile, ...] = ()
    first_backup: FirstBackup | None = None
    joined: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    pubsub_nodes: tuple[str, ...] = ()
    counts: tuple[TableCount, ...] = ()
    loss_named: bool = False
    custom_schema: str = ""
    custom_given: bool = False
    config: str = ""
    certificates: tuple[str, ...] = ()
    config_time: str = ""
    config_written: str = ""
    config_edited: bool = False
    reason: str = JOIN
    own: bool = True
    used: str = ""
    folder: str = DATABASE
    between: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    noted: tuple[BackedFile, ...] = ()
    number: int = 0
    finished: bool = True
    schema_cookie: str = ""
    towards: str = ""
    account_count: int = -1

    @property
    def order(self) -> tuple[int, int, str]:
        """What sorts backups, the one to go on with last: unfinished before all others."""
        urgent = UNFINISHED.index(self.stage) + 1 if self.stage in UNFINISHED else 0
        return urgent, self.number, self.stamp

    @property
    def known_count(self) -> int:
        """How many accounts it has, -1 where nobody knows."""
        return self.account_count if self.accounts is None else len(self.accounts)

    @property
    def database(self) -> str:
        """Where second's own Mnesia files lie once they are moved."""
        return f"{self.place}/{self.folder}" if self.folder else self.place

    @property
    def of_a_join(self) -> bool:
        """Whether a join made it."""
        return self.reason == JOIN

    @property
    def of_the_file(self) -> bool:
        """Whether it is of second's `ejabberd.yml` alone, and has no database."""
        return self.reason == CONFIG

    @property
    def moved_stage(self) -> Stage:
        """The stage that it has once all its files are in it: only a join's is gone on with."""
        return "moved" if self.of_a_join else "rolled-back"

    @property
    def half_aside(self) -> bool:
        """Whether a rollback is moving into it what second had, and has not moved it whole."""
        return self.stage == "moving" and bool(self.towards)

    @property
    def cookie_file(self) -> str:
        return f"{self.place}/{COOKIE}"

    @property
    def is_open(self) -> bool:
        """Whether a join may still put something into it."""
        return self.stage in ("begun", "moving")

    @property
    def is_between(self) -> bool:
        """Whether second's own database is between this backup and second's directory."""
        return self.stage in BETWEEN

    def to_line(self) -> bytes:
        """One line of JSON."""
        named = self.accounts and tuple(self.accounts)
        return json_lines.line({"format": FORMAT, **asdict(replace(self, accounts=named))})

    @classmethod
    def from_line(cls, line: bytes) -> Manifest:
        """The manifest that `line` holds.

        Keys that are not known are passed over, and fields that are not there have their
        defaults, so that what another release wrote can be read. Raises BackupError for what is
        no manifest of ours.
        """
        try:
            read = json.loads(line)
            if read["format"] != FORMAT or read["stage"] not in STAGES:
                raise ValueError("unknown format")
            return _alone(cls(**_fields(cls, read)), noted="finished" in read)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BackupError(f"a manifest cannot be read: {error}") from None


def _alone(manifest: Manifest, *, noted: bool) -> Manifest:
    """An early one of a file alone was made as that of a join which had changed nothing else."""
    begun = manifest.of_a_join and manifest.stage == "begun" and manifest.finished and noted
    if begun and manifest.config and not (manifest.cookie or manifest.files):
        return replace(manifest, reason=CONFIG, stage="rolled-back")
    return manifest


def _fields(kind: Any, read: Mapping[str, Any]) -> dict[str, Any]:
    """The values in `read` of the fields that the dataclass `kind` has, of the right type."""
    return {
        field.name: _value(field.name, field.default, read[field.name])
        for field in fields(kind)
        if field.name in read
    }


def _value(name: str, default: object, value: Any) -> Any:
    if name in _READERS:
        return _READERS[name](value)
    wanted = str if default is MISSING else type(default)
    if wanted is tuple:
        return tuple(_text(each) for each in value)
    if type(value) is not wanted:
        raise TypeError(f"{name} is no {wanted.__name__}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a name is no text")
    return value


def _files(files: Any) -> tuple[BackedFile, ...]:
    return tuple(BackedFile(**_fields(BackedFile, file)) for file in files)


def _first_backup(made: Mapping[str, Any]) -> FirstBackup:
    return FirstBackup(**_fields(FirstBackup, made))


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError("a size is no number")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("was_running is neither true nor false")
    return value


def _one_name(value: object) -> str:
    if not isinstance(value, str) or "/" in value or value in (".", ".."):
        raise TypeError("a folder is no plain name")
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "folder": _one_name,
    "was_running": _flag,
    "size": _number,
    "tables": _number,
    "records": _number,
    "accounts": lambda names: None if names is None else tuple(_text(name) for name in names),
    "counts": lambda rows: tuple(TableCount(**_fields(TableCount, row)) for row in rows),
    "files": _files,
    "noted": _files,
    "first_backup": lambda made: None if made is None else _first_backup(made),
}
"""How fields are read that are neither text nor as their default is; a field without an entry
here is text, or of its default's type: text, a number, true or false, or a tuple of texts. One
whose default is None needs an entry."""
