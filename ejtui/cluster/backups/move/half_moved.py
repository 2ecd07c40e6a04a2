"""Nothing is started on a database of which a part lies in a backup."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cluster.backups import listing, store
from ejtui.cluster.backups.listing import Listing
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.move import broken_rollback
from ejtui.cluster.errors import BackupError, StepFailed
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError

if TYPE_CHECKING:
    from ejtui.cluster.facts.node import PairFacts
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair

_LONG = 24 * 3600.0


async def refuse_start(node: Node) -> None:
    """Raises StepFailed where a part of the node's database is in a backup.

    Every start of ejabberd goes through here. A backup whose last file has been moved, and whose
    manifest does not know yet, is completed. Raises ProbeError where the host cannot be asked.
    """
    there = await listing.read(node)
    refuse_unreadable(node, there)
    own = [each for each in there.backups if each.second == node.platform.node]
    for manifest in own:
        if manifest.half_aside:
            what = broken_rollback.why(manifest, len(there.lacks(manifest)))
            raise StepFailed(_why(node, manifest, what, broken_rollback.next_command(manifest)))
        if manifest.stage == "restoring":
            what = "a rollback was broken off before it had copied them all back"
            on = f"`ejtui rollback {manifest.stamp}` brings the database back"
            raise StepFailed(_why(node, manifest, what, on))
        if manifest.stage == "moving" and not await _complete(node, there, manifest):
            lacks, count = len(there.lacks(manifest)), len(manifest.files)
            what = f"{_made_by(manifest)} was broken off when {count - lacks} of {count} files had"
            raise StepFailed(_why(node, manifest, f"{what} been moved", _ways_on(manifest)))


async def why_no_join(pair: Pair, facts: PairFacts) -> str:
    """Why a join cannot go on before the rollback has; "" where none stands in its way.

    Raises ProbeError where second cannot be asked.
    """
    there = await listing.read(pair.second)
    manifests = there.of(pair)
    half = broken_rollback.half_aside(manifests)
    if half is not None:
        why = broken_rollback.why(half, len(there.lacks(half)))
        return f"{why}. {broken_rollback.next_command(half)}; after that, `ejtui join`"
    newest = next(iter(manifests), None)
    second = facts.second
    emptied = second.asked and not second.spool.error and not second.spool.names
    if newest is not None and newest.stage == "restoring" and emptied:
        return (
            f"a rollback to {newest.stamp} was broken off before it had copied the database back. "
            f"`ejtui rollback {newest.stamp}` goes on from there; after that, `ejtui join`"
        )
    return ""


def refuse_unreadable(node: Node, there: Listing) -> None:
    """Raises BackupError where a backup that cannot be read may hold a part of the database."""
    partial = [problem for problem in there.problems if problem.partial]
    if partial:
        raise BackupError(
            f"{partial[0]}; a part of {node.name}'s database may lie there, and without it nothing "
            "is started or moved: repair that manifest or the rights of its directory, or move "
            "the directory elsewhere if you know what it is"
        )


def _why(node: Node, manifest: Manifest, what: str, on: str) -> str:
    return (
        f"ejabberd is not started on {node.name}: a part of its database is in {manifest.place}, "
        f"for {what}; {on}"
    )


def _made_by(manifest: Manifest) -> str:
    return "a join" if manifest.of_a_join else f"a {manifest.reason}"


def _ways_on(manifest: Manifest) -> str:
    """What works now: a join with another first than the backup's own would refuse."""
    on = f"`ejtui join` with {manifest.first} as first goes on from there"
    back = f"`ejtui rollback {manifest.stamp}` brings the database back"
    return f"{on}, {back}" if manifest.own else on


async def _complete(node: Node, there: Listing, manifest: Manifest) -> bool:
    """Whether all files are in the backup and none of them is left in the directory.

    The manifest then gets the stage that it missed.
    """
    if there.lacks(manifest):
        return False
    names = [file.name for file in manifest.files]
    if await _sums(node, manifest.database, names) != [file.sha256 for file in manifest.files]:
        return False
    facts = await node.refresh()
    # The schema is moved last. Table files of a new database may have the very same bytes.
    left = [f for f in manifest.files if f.name == "schema.DAT" and f.name in facts.spool.names]
    sums = await _sums(node, manifest.directory, [file.name for file in left])
    if sums is None or any(sha == file.sha256 for sha, file in zip(sums, left, strict=True)):
        return False
    await store.write(node, replace(manifest, stage=manifest.moved_stage))
    return True


async def _sums(node: Node, directory: str, names: list[str]) -> list[str] | None:
    """The checksums of files in a directory, None where one cannot be read."""
    if not names:
        return []
    paths = [f"{directory}/{name}" for name in names]
    try:
        return [each.sha256 for each in await questions.sums(node.probe, paths, _LONG)]
    except ProbeError:
        return None
