"""Files of a backup that are not as its manifest lists them: they come back if a person agrees.

What Mnesia can still open comes back as it is; what it cannot open would keep ejabberd from
starting, and stays in the backup. Nothing in the backup itself changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ejtui.cluster.backups.manifest import FILE, BackedFile, Manifest
from ejtui.cluster.backups.move import database_move
from ejtui.cluster.backups.online import LONG
from ejtui.cluster.errors import BackupError
from ejtui.cluster.facts.set_aside import HELD
from ejtui.cluster.question import Question
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.probe.questions import Entry

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

CONSENT = database_move.CHANGED

SCHEMA = "schema.DAT"

_NAMED = 6
"""So many files are named, so that the command line shows what follows them, too."""

_LONGER = 64 * 1024 * 1024
"""Bytes that a file may have more than its manifest lists, and is still read to its end."""

_UNASKED = ("lost", "timeout")
"""Codes of a host that does not answer."""

_WHAT = {
    SCHEMA: "the schema: which tables there are",
    "LATEST.LOG": "the last changes of all tables",
    "PREVIOUS.LOG": "the last changes of all tables",
    "DECISION_TAB.LOG": "which changes on several nodes were decided",
}
_TABLES = {**HELD, "passwd": "accounts and passwords", "muc_room": "rooms"}


@dataclass(frozen=True)
class Damaged:
    """A file as the manifest lists it, and as it is there: `sha256` is "" where nobody read it.

    `content` is what can be read of it, None where Mnesia could not open it.
    """

    listed: BackedFile
    size: int
    sha256: str = ""
    content: questions.FileContent | None = None

    @property
    def name(self) -> str:
        return self.listed.name

    @property
    def comes_back(self) -> bool:
        """Whether Mnesia can open it, so that second can get it as it is."""
        return bool(self.sha256) and self.content is not None

    @property
    def there(self) -> BackedFile:
        """The file as it is now."""
        return BackedFile(self.name, self.size, self.sha256)

    @property
    def lines(self) -> tuple[str, ...]:
        """What it is, how it differs, and what becomes of it."""
        size, sha256 = self.listed.size, self.listed.sha256
        now = f"SHA-256 {self.sha256}" if self.sha256 else "not read"
        return (
            f"{self.name} ({_what(self.name)}): it had {size} bytes, SHA-256 {sha256}",
            f"{self.name} has {self.size} bytes now, {now}; {self._effect}",
        )

    @property
    def _effect(self) -> str:
        if not self.comes_back or self.content is None:
            return f"Mnesia cannot open it, so it stays in the backup, and {_without(self.name)}"
        records, unread = self.content.records, self.content.unread
        read = f"{records} {_unit(self.name)}{'' if records == 1 else 's'} can be read"
        rest = f", {unread} bytes cannot" if unread else ""
        return f"it comes back as it is: {read}{rest}"


async def look(second: Node, manifest: Manifest, directory: str = "") -> tuple[Damaged, ...]:
    """Those of the manifest's files in the backup that are not as it lists them.

    One of which the right file stands in `directory` already is none of them. Raises BackupError,
    ProbeError.
    """
    listed = await _entries(second, manifest.database)
    there = [(file, listed[file.name]) for file in manifest.files if file.name in listed]
    fit = [file for file, entry in there if _may_be_read(file, entry)]
    sums = await database_move.kept_checksums(second, manifest, [file.name for file in fit])
    found = {each.name: each for each in sums}
    right = await _right(second, directory, [f for f, _ in there if found.get(f.name) != f])
    return tuple(
        [
            await _damaged(second, manifest, file, found.get(file.name), entry.size)
            for file, entry in there
            if found.get(file.name) != file and file not in right
        ]
    )


async def _entries(second: Node, directory: str) -> dict[str, Entry]:
    try:
        return {each.name: each for each in await questions.entries(second.probe, directory)}
    except ProbeError as error:
        if error.code in _UNASKED:
            raise
        return {}


def _may_be_read(file: BackedFile, entry: Entry) -> bool:
    return entry.is_file and entry.size <= file.size + _LONGER


async def _right(second: Node, directory: str, files: Sequence[BackedFile]) -> set[BackedFile]:
    if not (directory and files):
        return set()
    listed = await _entries(second, directory)
    names = [f.name for f in files if f.name in listed and listed[f.name].size == f.size]
    return set(await database_move.checksums(second, directory, names))


async def _damaged(
    second: Node, manifest: Manifest, file: BackedFile, found: BackedFile | None, size: int
) -> Damaged:
    if found is None:
        return Damaged(file, size)
    try:
        content: questions.FileContent | None = await questions.kept_file(
            second.probe, manifest.database, file.name, LONG
        )
    except ProbeError as error:
        if error.code in _UNASKED:
            raise
        content = None
    return Damaged(file, found.size, found.sha256, content)


def refuse_no_database(
    second: str,
    manifest: Manifest,
    lost: Sequence[str],
    damaged: Sequence[Damaged],
    instead: str,
    found: str = "",
) -> None:
    """Raises BackupError where the schema is lost, or is not the one that it was. Pure.

    Without it no other file is of a database. `found` is which other backups have lost ones.
    """
    schema = next((each for each in damaged if each.name == SCHEMA), None)
    known = manifest.schema_cookie
    other = schema and schema.content and known and schema.content.cookie != known
    if SCHEMA not in lost and not (schema and (not schema.comes_back or other)):
        return
    names = [*lost, *(each.name for each in damaged)]
    how = "not there, or not as they were" if lost and damaged else "not there"
    error = database_move.damage(second, manifest, how if lost else "not as in the manifest", names)
    copies = f"of these files, {found}: copy them into {manifest.database}, and do this again"
    ways = "; ".join([*([copies] if found else []), *other_ways(manifest, instead)])
    raise BackupError(
        f"{error}. Without {SCHEMA} nothing else is a database. Nothing was changed; {ways}"
    )


def accepted(manifest: Manifest, damaged: Sequence[Damaged], *, all: bool = False) -> Manifest:
    """The manifest with those of these files that come back as they are, or with `all` that were
    read; it keeps how they were noted first. Pure."""
    kept = [each for each in damaged if each.comes_back or (all and each.sha256)]
    now = {each.name: each.there for each in kept}
    gone = {each.name for each in damaged} - now.keys()
    files = tuple(now.get(f.name, f) for f in manifest.files if f.name not in gone)
    return noting(manifest, files, [each.listed for each in damaged])


def lacks_passwords(manifest: Manifest) -> bool:
    """Whether the file of the accounts is one that does not come back. Pure."""
    there = {file.name for file in manifest.files}
    return any(
        file.name.startswith("passwd.") and file.name not in there for file in manifest.noted
    )


def noting(
    manifest: Manifest, files: Sequence[BackedFile], listed: Sequence[BackedFile]
) -> Manifest:
    """The manifest with other files, which keeps those that it had `listed` before. Pure."""
    names = [file.name for file in listed]
    known = {file.name for file in manifest.noted}
    return replace(
        manifest,
        files=tuple(files),
        changed=tuple(dict.fromkeys([*manifest.changed, *names])),
        noted=(*manifest.noted, *(file for file in listed if file.name not in known)),
    )


async def take_again(second: Node, manifest: Manifest) -> Manifest:
    """The manifest with those files that somebody has put there again, as they were noted first.

    Raises ProbeError.
    """
    if not manifest.noted:
        return manifest
    right = await _right(second, manifest.database, manifest.noted)
    again = {file.name: file for file in manifest.noted if file in right}
    rest = [file for file in manifest.files if file.name not in again]
    return replace(
        manifest,
        files=tuple(sorted([*rest, *again.values()], key=lambda file: file.name)),
        changed=tuple(name for name in manifest.changed if name not in again),
        noted=tuple(file for file in manifest.noted if file.name not in again),
    )


def question(second: str, manifest: Manifest, damaged: Sequence[Damaged], instead: str) -> Question:
    """Asks before second gets a database of which files are not as they were. Pure."""
    return Question(
        title=f"Roll second back to {manifest.stamp}, with {_count(damaged)} not as listed?",
        takes=(
            f"on {second}, files in {manifest.database} are not as {manifest.place}/{FILE} lists "
            "them: the disk or somebody has changed them",
            *_lines(damaged),
            *_other_ways(manifest, instead),
            "the backup stays as it is, and what second has now is set aside as a backup first: "
            f"once the right files are in {manifest.database}, `ejtui rollback {manifest.stamp}` "
            "restores them",
        ),
        consequence="Second gets its own database with what can be read of these files.",
        yes_label="Roll back with them",
        consent=CONSENT,
    )


def half_question(
    second: str, manifest: Manifest, half: Manifest, damaged: Sequence[Damaged]
) -> Question:
    """Asks before a backup is completed of which files are not as they were. Pure."""
    whose = "the database that second had" if half.own else "a copy of the cluster's database"
    changed = [line for each in damaged[:_NAMED] for line in each.lines[:1]]
    now = [
        f"{each.name} has {each.size} bytes now, SHA-256 {each.sha256 or 'not read'}"
        for each in damaged[:_NAMED]
    ]
    return Question(
        title=f"Roll second back to {manifest.stamp}, with {_count(damaged)} of what it had not "
        "as listed?",
        takes=(
            f"an earlier rollback was setting aside {whose}; on {second}, files in "
            f"{half.database} have changed since",
            *(line for both in zip(changed, now, strict=True) for line in both),
            *_more(damaged),
            "where there is another copy of them, put it there first, and do this again",
        ),
        consequence=f"The backup {half.stamp} keeps them as they are; {manifest.stamp} comes back.",
        yes_label="Roll back all the same",
        consent=CONSENT,
    )


def not_started(manifest: Manifest, again: str) -> str:
    """What to do where ejabberd does not start on such a database. Pure.

    `again` is the command that rolls second back to it.
    """
    names = ", ".join(manifest.changed[:_NAMED])
    return (
        f"That database has files that are not as they were ({names}). Where ejabberd's log names "
        f"one of them, move it out of {manifest.database} into {manifest.place} as ejabberd's "
        f"user, and `{again} --accept {database_move.NOT_THERE}` restores the rest"
    )


def other_ways(manifest: Manifest, instead: str) -> tuple[str, ...]:
    """What there is beside the damaged files of a backup. Pure."""
    online = manifest.first_backup
    first = (
        f"first's own records are in first's online backup {online.path} (`ejtui backups "
        f"restore-table {manifest.stamp}/first.BUP`); it has none of second's"
        if online
        else ""
    )
    return tuple(filter(None, (instead, first)))


def _other_ways(manifest: Manifest, instead: str) -> tuple[str, ...]:
    copy = f"if there is another copy of them, put it into {manifest.database} first"
    return (copy, *other_ways(manifest, instead))


def _lines(damaged: Sequence[Damaged]) -> list[str]:
    return [line for each in damaged[:_NAMED] for line in each.lines] + _more(damaged)


def _more(damaged: Sequence[Damaged]) -> list[str]:
    return [f"and {len(damaged) - _NAMED} more files"] if len(damaged) > _NAMED else []


def _count(damaged: Sequence[Damaged]) -> str:
    return "1 file" if len(damaged) == 1 else f"{len(damaged)} files"


def _what(name: str) -> str:
    if name in _WHAT:
        return _WHAT[name]
    table, _, end = name.rpartition(".")
    if end not in ("DAT", "DCD", "DCL", "DAL") or not table:
        return "a file that Mnesia works with"
    held = f": {_TABLES[table]}" if table in _TABLES else ""
    part = "the last changes of table" if end == "DCL" else "table"
    return f"{part} {table}{held}"


def _unit(name: str) -> str:
    return "change" if name.endswith((".LOG", ".DCL", ".DAL")) else "record"


def _without(name: str) -> str:
    if name.endswith((".LOG", ".DCL", ".DAL")):
        return "what only it holds is not on second after it"
    return f"{_what(name)} is empty on second after it"
