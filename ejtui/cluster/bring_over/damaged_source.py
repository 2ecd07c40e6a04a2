"""A backup with files that are lost or changed: what can be read comes if a person agrees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ejtui.cluster.backups.manifest import DATABASE, FILE, Manifest
from ejtui.cluster.backups.move.database_move import CHANGED, NOT_THERE
from ejtui.cluster.backups.rollback import damaged_files, lost_files
from ejtui.cluster.backups.rollback.damaged_files import SCHEMA, Damaged
from ejtui.cluster.bring_over import source as bringover_source
from ejtui.cluster.bring_over.source import Source, SourceDamaged
from ejtui.cluster.errors import BackupError
from ejtui.cluster.operations.without_first import worded
from ejtui.cluster.question import Question

if TYPE_CHECKING:
    from ejtui.cluster.run.context import StepContext

_NAMED = 6
"""So many files are named."""


async def verified(context: StepContext, source: Source, *, without_first: bool = False) -> str:
    """Reads all of the backup; how it was found to be, where somebody agreed to what is damaged.

    `without_first` is for a command that works without first. Raises BackupError, ProbeError,
    Refused.
    """
    try:
        return await bringover_source.verify(context.pair, source)
    except SourceDamaged as error:
        manifest = source.manifest
        if manifest is None:
            raise
        again = worded(f"bring-over {manifest.stamp}", without_first=without_first)
        return await _agreed(context, manifest, error, again)


async def _agreed(
    context: StepContext, manifest: Manifest, error: SourceDamaged, again: str
) -> str:
    second = context.pair.second
    rest, lost = await lost_files.left(context, manifest)
    damaged = await damaged_files.look(second, rest)
    closed = [each for each in damaged if not each.comes_back]
    if SCHEMA in (*lost, *(each.name for each in closed)):
        raise _no_database(second.name, manifest) from error
    if lost:
        await context.ask(_without(second.name, manifest, lost))
    if closed:
        raise _unreadable(second.name, manifest, closed, again) from error
    if damaged:
        await context.ask(_with(second.name, manifest, damaged))
    count = len(manifest.files)
    return (
        f"{count - len(lost) - len(damaged)} of {count} files of {manifest.place}/{DATABASE} match "
        f"its manifest; lost: {len(lost)}, read as they are: {len(damaged)}"
    )


def _without(second: str, manifest: Manifest, lost: Sequence[str]) -> Question:
    return Question(
        title=f"Bring over from {manifest.stamp}, of which files are lost?",
        takes=(
            f"on {second}, {manifest.database} does not have these files any more: "
            f"{_listed(lost)}. What was in these tables is not brought over",
            f"if there is another copy of them, put it there first ({manifest.place}/{FILE} has "
            "their SHA-256)",
        ),
        consequence="What is left is read; before it is brought over you are asked again.",
        yes_label="Read what is left",
        consent=NOT_THERE,
    )


def _with(second: str, manifest: Manifest, damaged: Sequence[Damaged]) -> Question:
    return Question(
        title=f"Bring over from {manifest.stamp}, of which files are not as listed?",
        takes=(
            f"on {second}, files in {manifest.database} are not as {manifest.place}/{FILE} lists "
            "them: the disk or somebody has changed them",
            *(line for each in damaged[:_NAMED] for line in (each.lines[0], _now(each))),
            *([f"and {len(damaged) - _NAMED} more files"] if len(damaged) > _NAMED else []),
            f"if there is another copy of them, put it into {manifest.database} first",
        ),
        consequence=(
            "What can be read of them is brought over as it is; before that you are asked again."
        ),
        yes_label="Read them as they are",
        consent=CHANGED,
    )


def _now(damaged: Damaged) -> str:
    content = damaged.content
    read = "" if content is None else f": {content.records} entries can be read"
    rest = f", {content.unread} bytes cannot" if content is not None and content.unread else ""
    return f"{damaged.name} has {damaged.size} bytes now, SHA-256 {damaged.sha256}{read}{rest}"


def _unreadable(
    second: str, manifest: Manifest, closed: Sequence[Damaged], again: str
) -> BackupError:
    """One file that nothing can open must not keep the rest from coming."""
    names = _listed([each.name for each in closed])
    return BackupError(
        f"on {second}, nothing can open {names} in {manifest.database} any more; nothing was "
        "brought over. Put the right files there if there is another copy of them, and do this "
        f"again; or move them into {manifest.place} as ejabberd's user, and "
        f"`{again} --accept {NOT_THERE}` brings over the rest"
    )


def _no_database(second: str, manifest: Manifest) -> BackupError:
    return BackupError(
        f"on {second}, {manifest.database} has no {SCHEMA} that anything can open, and without it "
        "nothing else is a database; nothing was brought over. Put the right file there if there "
        f"is another copy of it ({manifest.place}/{FILE} has its SHA-256), and do this again; "
        "`ejtui backups` lists other backups"
    )


def _listed(names: Sequence[str]) -> str:
    more = f", and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
