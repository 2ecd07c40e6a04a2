"""Files of a backup that are nowhere any more: the rest of it comes back if a person agrees.

No command can bring them back, and they must not keep second from its own database for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ejtui.cluster.backups import listing
from ejtui.cluster.backups.manifest import FILE, Manifest
from ejtui.cluster.backups.move import broken_rollback, database_move, standing_database
from ejtui.cluster.backups.rollback import damaged_files
from ejtui.cluster.question import Question
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError

if TYPE_CHECKING:
    from ejtui.cluster.run.context import StepContext

CONSENT = database_move.NOT_THERE

_NAMED = 10
"""So many files are named."""


async def ask(context: StepContext, manifest: Manifest) -> None:
    """Asks before a rollback to `manifest` goes on without them, or with others than were listed.

    Raises Refused, BackupError, ProbeError.
    """
    half = broken_rollback.half_aside(await listing.load(context.pair))
    if half is None or half.stamp == manifest.stamp:
        return
    second = context.pair.second
    rest = await without(context, half)
    left = {file.name for file in rest.files}
    lost = sorted(file.name for file in half.files if file.name not in left)
    if lost:
        await context.ask(question(second.name, manifest, half, lost))
    if damaged := await damaged_files.look(second, rest):
        await context.ask(damaged_files.half_question(second.name, manifest, half, damaged))


async def as_it_is(context: StepContext, half: Manifest) -> Manifest:
    """The backup with its files as they are now, those that are lost among the changed ones.

    Raises BackupError, ProbeError.
    """
    rest = await without(context, half)
    damaged = await damaged_files.look(context.pair.second, rest)
    return damaged_files.accepted(rest, damaged, all=True)


async def left(context: StepContext, manifest: Manifest) -> tuple[Manifest, tuple[str, ...]]:
    """The backup without its lost files, and their names. Raises BackupError.

    Those of a backup into which second's database was being moved may be in its directory still.
    """
    if not manifest.files:
        return manifest, ()
    whole = manifest.stage != "moving"
    rest = await without(context, manifest, whole=whole)
    there = {file.name for file in rest.files}
    lost = tuple(file.name for file in manifest.files if file.name not in there)
    return (rest if lost else manifest), lost


async def without(context: StepContext, half: Manifest, *, whole: bool = False) -> Manifest:
    """The backup with its lost files among the changed ones; of a `whole` one none is elsewhere.

    Raises BackupError.
    """
    second = context.pair.second
    here = set() if whole else await _still_there(context, half)
    try:
        moved = {each.name for each in await questions.entries(second.probe, half.database)}
    except ProbeError:
        moved = set()
    lost = [file for file in half.files if file.name not in here | moved]
    left = [file for file in half.files if file not in lost]
    return damaged_files.noting(half, left, lost)


async def _still_there(context: StepContext, half: Manifest) -> set[str]:
    """Those of its files that still stand in second's directory; in another database none does
    that has only the name."""
    second = context.pair.second
    names = {file.name for file in half.files} & set(await database_move.mnesia_names(second))
    if not await standing_database.is_another(context, half):
        return names
    found = await database_move.checksums(second, half.directory, sorted(names))
    return {file.name for file in found if file in half.files}


def own_question(
    second: str, manifest: Manifest, lost: Sequence[str], instead: str, found: str = ""
) -> Question:
    """Asks before second gets a database of which files are lost. Pure.

    `found` is which other backups have some of them.
    """
    copies = [f"of these files, {found}: copy them into {manifest.database} first"] if found else []
    return Question(
        title=f"Roll second back to {manifest.stamp}, without {_count(lost)} of that database?",
        takes=(
            f"on {second}, {manifest.database} does not have these files of it any more: "
            f"{_names(lost)}",
            *copies,
            "what was in these tables is not on second after it; where there is another copy of "
            f"them, copy it there first ({manifest.place}/{FILE} has their SHA-256)",
            instead,
        ),
        consequence="Second gets all that is left of its own database.",
        yes_label="Roll back without them",
        consent=CONSENT,
    )


def _count(lost: Sequence[str]) -> str:
    return "1 file" if len(lost) == 1 else f"{len(lost)} files"


def _names(lost: Sequence[str]) -> str:
    more = f", and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    return f"{', '.join(lost[:_NAMED])}{more}"


def question(second: str, manifest: Manifest, half: Manifest, lost: Sequence[str]) -> Question:
    """Asks before they are given up. Pure."""
    whose = "the database that second had" if half.own else "a copy of the cluster's database"
    return Question(
        title=f"Roll second back to {manifest.stamp}, without {_count(lost)} of what it had?",
        takes=(
            f"an earlier rollback was setting aside {whose}; on {second}, neither {half.database} "
            f"nor {half.directory} has these files of it any more: "
            f"{_names(lost)}",
            "where you know where they are, move them there, and do this again: the manifest "
            "there has their SHA-256",
        ),
        consequence=f"The backup {half.stamp} stays without them; {manifest.stamp} comes back.",
        yes_label="Roll back without them",
        consent=CONSENT,
    )
