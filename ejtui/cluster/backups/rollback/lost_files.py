"""Files that a rollback was setting aside, and that are in neither place any more.

No command can bring them back, and they must not keep second from its own database for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cluster.backups import broken_rollback, database_move, listing
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.question import Question
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.run.context import StepContext

CONSENT = "files-not-there"

_NAMED = 10
"""So many files are named."""


async def ask(context: StepContext, manifest: Manifest) -> None:
    """Asks before a rollback to `manifest` goes on without them. Raises Refused, BackupError."""
    half = broken_rollback.half_aside(await listing.load(context.pair))
    if half is None or half.stamp == manifest.stamp:
        return
    second = context.pair.second
    left = {file.name for file in (await without(second, half)).files}
    lost = sorted(file.name for file in half.files if file.name not in left)
    if lost:
        await context.ask(question(second.name, manifest, half, lost))


async def without(second: Node, half: Manifest) -> Manifest:
    """What was being set aside, with the lost files among the changed ones. Raises BackupError."""
    here = set(await database_move.mnesia_names(second))
    try:
        moved = {each.name for each in await questions.entries(second.probe, half.database)}
    except ProbeError:
        moved = set()
    lost = [file.name for file in half.files if file.name not in here | moved]
    left = tuple(file for file in half.files if file.name not in lost)
    return replace(half, files=left, changed=tuple(dict.fromkeys([*half.changed, *lost])))


def question(second: str, manifest: Manifest, half: Manifest, lost: Sequence[str]) -> Question:
    """Asks before they are given up. Pure."""
    count = "1 file" if len(lost) == 1 else f"{len(lost)} files"
    more = f", and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    whose = "the database that second had" if half.own else "a copy of the cluster's database"
    return Question(
        title=f"Roll second back to {manifest.stamp}, without {count} of what it had?",
        takes=(
            f"an earlier rollback was setting aside {whose}; on {second}, neither {half.database} "
            f"nor {half.directory} has these files of it any more: "
            f"{', '.join(lost[:_NAMED])}{more}",
            "where you know where they are, move them there, and do this again: the manifest "
            "there has their SHA-256",
        ),
        consequence=f"The backup {half.stamp} stays without them; {manifest.stamp} comes back.",
        yes_label="Roll back without them",
        consent=CONSENT,
    )
