"""Setting second's database aside where it is a copy of the cluster's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cluster.acts.act import Act, At
from ejtui.cluster.backups import folders, join_backup, listing, online, store
from ejtui.cluster.backups.manifest import DATABASE
from ejtui.cluster.backups.move import broken_rollback, database_move, half_moved
from ejtui.cluster.repairs.tools import service

if TYPE_CHECKING:
    from ejtui.cluster.facts.node import NodeFacts
    from ejtui.cluster.repairs.context import RepairContext


def acts(first: At, second: At, facts: NodeFacts) -> list[Act]:
    """What set_second_aside() does, by what second reports now."""
    place = f"{folders.root(second.platform)}/STAMP/{DATABASE}"
    return [
        online.backup_act(first, f"{folders.root(first.platform)}/STAMP/first.BUP"),
        *service.stop_acts(second, facts),
        database_move.move_act(second, second.platform.spool_dir, place),
    ]


async def set_second_aside(context: RepairContext) -> None:
    """Second's copy of the cluster's database goes into a separate backup, checked.

    It is no join's backup: there is nothing before the join in it to roll back to. Raises
    BackupError, also where a backup that cannot be read may hold a part of second's database.
    """
    there = await listing.read(context.pair.second)
    half_moved.refuse_unreadable(context.pair.second, there)
    manifests = there.of(context.pair)
    broken_rollback.refuse(manifests)
    newest = next(iter(manifests), None)
    if newest is not None and newest.stage == "moving":
        manifest = newest
    else:
        made = await store.new(context.pair, was_running=context.facts.second.ejabberd)
        manifest = replace(made, reason=f"repair of {context.finding.code}", own=False)
    manifest = await join_backup.back_up_first(context, manifest)
    await service.stop(context, context.pair.second)
    manifest = await database_move.set_database_aside(context, manifest)
    await store.save(context.pair, replace(manifest, stage="rolled-back"))
    await context.refresh()
