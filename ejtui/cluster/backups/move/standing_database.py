"""Whose database stands in second's directory while its own is half moved into a backup."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.errors import BackupError
from ejtui.cluster.facts.node import NodeFacts, PairFacts

if TYPE_CHECKING:
    from ejtui.cluster.run.context import StepContext

NAMED = 5


async def is_another(context: StepContext, manifest: Manifest) -> bool:
    """Whether what stands there now has another schema than the manifest's database."""
    second = await context.pair.second.refresh()
    return differs(PairFacts(context.facts.first, second), manifest)


def differs(facts: PairFacts, manifest: Manifest) -> bool:
    """The same of these facts. Pure.

    By the schema's cookie where the manifest has it. Without it, a schema that is first's, or
    that names first, is the cluster's. Without a schema nobody knows.
    """
    there = facts.second.schema_cookie
    if there and manifest.schema_cookie:
        return there != manifest.schema_cookie
    if not manifest.own:
        return False
    return facts.same_schema or bool(_firsts(facts.first, manifest) & _nodes(facts.second))


def _firsts(first: NodeFacts, manifest: Manifest) -> set[str]:
    return {first.node, manifest.first} - {""}


def _nodes(second: NodeFacts) -> set[str]:
    named = second.known_schema
    return set(named.nodes) if named else set()


def refuse_missing(
    manifest: Manifest, missing: Collection[str], backups: Sequence[Manifest]
) -> None:
    """Raises BackupError where files of second's own are in neither place, and names the backups
    that have files of those names and checksums."""
    if not missing:
        return
    names = ", ".join(sorted(missing)[:NAMED])
    more = ", and more" if len(missing) > NAMED else ""
    where = found_in(manifest, missing, backups) or "no backup that is found here has them"
    back = f"`ejtui rollback {manifest.stamp} --accept files-not-there`"
    rest = "" if "schema.DAT" in missing else f"; or {back} restores what is left"
    raise BackupError(
        f"{len(missing)} of {len(manifest.files)} files of second's own database are not in "
        f"{manifest.database} ({names}{more}), and what stands in {manifest.directory} is another "
        f"database. Nothing was moved. Of these files, {where}: copy them into "
        f"{manifest.database}, and do this again{rest}"
    )


def found_in(manifest: Manifest, missing: Collection[str], backups: Sequence[Manifest]) -> str:
    """Which other backups have missing files of this one, by their checksums. Pure."""
    lost = {file for file in manifest.files if file.name in missing}
    return "; ".join(
        f"{each.database} has {len(lost & set(each.files))}"
        for each in backups
        if each.place != manifest.place and lost & set(each.files)
    )
