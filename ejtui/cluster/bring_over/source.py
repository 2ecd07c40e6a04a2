"""Where accounts can be brought over from: backups on second that hold a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui import scripts
from ejtui.cluster.backups import folders, listing, online
from ejtui.cluster.backups.inventory import ONLINE, inventory
from ejtui.cluster.backups.manifest import DATABASE, Manifest
from ejtui.cluster.backups.move import database_move
from ejtui.cluster.backups.move.database_move import BackupDamaged
from ejtui.cluster.errors import BackupError
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError

if TYPE_CHECKING:
    from ejtui.cluster.pair.pair import Pair

_ONLINE = scripts.shell(__file__, "online.sh")


class SourceDamaged(BackupError):
    """Files of the backup are lost, or not as its manifest lists them."""


@dataclass(frozen=True)
class Source:
    """One backup with a database in it.

    `name` is what people call it, `path` the directory of Mnesia's files on second or the file of
    an online backup. What nobody noted the checksums of has no `manifest`.
    """

    name: str
    path: str
    manifest: Manifest | None = None

    @property
    def term(self) -> questions.Source:
        """How the probe's questions name it."""
        return (questions.file if self.is_online else questions.directory)(self.path)

    @property
    def is_online(self) -> bool:
        """Whether it is one file of mnesia:backup."""
        return self.path.endswith(ONLINE)

    @property
    def named(self) -> tuple[str, ...]:
        """What a person may write for it."""
        if self.manifest is None and not self.is_online:
            return (self.name, self.path)
        folder, _, file = self.path.rpartition("/")
        stamped = folder.rpartition("/")[2]
        return (self.name, self.path, folder, stamped, f"{stamped}/{file}")


async def sources(pair: Pair) -> list[Source]:
    """All of this pair's backups that hold a database of second's, the newest first.

    They are those that a join made, what rollbacks and repairs set aside, and the online backups
    that a repair made of second.
    """
    kept = [
        Source(manifest.stamp, manifest.database, manifest)
        for manifest in await listing.load(pair)
        if manifest.files and not manifest.is_open
    ]
    second = pair.second
    root = folders.root(second.platform)
    listed = await second.host.run(
        ["sh", "-c", _ONLINE, "sh", root, f"{second.name}.BUP"], user=second.platform.service_user
    )
    paths = [path.decode("utf-8", "surrogateescape") for path in listed.stdout.split(b"\0") if path]
    online = [Source(path.removeprefix(f"{root}/").partition("/")[0], path) for path in paths]
    known = {source.path for source in (*kept, *online)}
    loose = [
        Source(found.name, found.path)
        for found in await inventory(pair)
        if found.on_second and "bring-over" in found.uses and not found.manifest
        if found.path not in known
    ]
    return sorted([*kept, *online, *loose], key=lambda source: source.name, reverse=True)


async def find(pair: Pair, wanted: str) -> Source:
    """The backup called `wanted`: its stamp or its path. Raises BackupError."""
    known = await sources(pair)
    for source in known:
        if wanted.rstrip("/") in source.named:
            return source
    names = ", ".join(source.name for source in known) or "none"
    raise BackupError(f"there is no backup {wanted} with a database on second; known: {names}")


_OF_THE_DATABASE = ("backup", "crashed", "no_passwd", "strange", "unreadable")
"""Codes of what a probe refuses to read."""


@contextmanager
def read_from(pair: Pair, source: Source) -> Iterator[None]:
    """Inside, the backup is read: what its files hold wrong is named with where they lie.

    Raises BackupError; SourceDamaged where files are not as they were noted.
    """
    try:
        yield
    except BackupDamaged as error:
        raise SourceDamaged(
            f"{error}. Nothing was brought over; `ejtui bring-over {source.name} --accept "
            f"{error.word}` brings over what can be read, `ejtui backups` lists other backups"
        ) from error
    except ProbeError as error:
        if error.code not in _OF_THE_DATABASE:
            raise
        raise BackupError(
            f"nothing is brought over of {source.path} on {pair.second.name}: {error.text}. "
            "`ejtui backups` lists the others"
        ) from error


async def verify(pair: Pair, source: Source) -> str:
    """Reads all of the backup; how it was found to be whole.

    Raises BackupError, ProbeError; SourceDamaged where files are not as they were noted.
    """
    with read_from(pair, source):
        return await _verified(pair, source)


async def _verified(pair: Pair, source: Source) -> str:
    if source.manifest is not None:
        await database_move.check(pair.second, source.manifest)
        count = len(source.manifest.files)
        return f"{count} files of {source.manifest.place}/{DATABASE} match its manifest"
    if not source.is_online:
        held = await questions.kept_content(pair.second.probe, source.term, online.LONG)
        records = sum(held.tables.values())
        return f"{source.path}: {records} records read; no checksums were noted"
    read = await questions.read_backup(pair.second.probe, source.path, online.LONG)
    return f"{source.path}: {read.records} records read to the end"
