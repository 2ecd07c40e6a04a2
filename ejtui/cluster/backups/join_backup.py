"""Backing up both nodes before a join changes anything, and checking it before going on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.amounts import amount
from ejtui.cluster.acts.act import Act, At
from ejtui.cluster.backups import folders, former_first, listing, store
from ejtui.cluster.backups import online as online_backup
from ejtui.cluster.backups.manifest import (
    COOKIE,
    DATABASE,
    FirstBackup,
    Manifest,
    Stage,
)
from ejtui.cluster.backups.move import broken_rollback, database_move, half_moved
from ejtui.cluster.backups.online import LONG
from ejtui.cluster.errors import BackupError, ClusterError
from ejtui.cluster.operations.files import cookie_file
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.operations.vm.downtime import down_acts
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair
    from ejtui.cluster.run.context import StepContext


async def current(context: StepContext) -> Manifest:
    """The backup that this join writes to: the one it began, or a new one.

    An unfinished one is gone on with, however old it is. A database that is the cluster's own
    belongs to the backup of the join that made it so, also where a repair has set aside what
    second had of the cluster since. Backups that cannot be believed are named and left out.
    Raises StepFailed where a rollback must go on first.
    """
    there = await listing.read(context.pair.second)
    for line in listing.problem_lines(there.problems):
        context.say(line)
    half_moved.refuse_unreadable(context.pair.second, there)
    manifests = there.at_hand(context.pair)
    broken_rollback.refuse(manifests)
    former_first.refuse_join(context.pair, manifests)
    if context.facts.same_schema:
        manifests = [each for each in manifests if each.stage != "rolled-back"]
    newest = manifests[0] if manifests and manifests[0].stage != "rolled-back" else None
    if newest is not None and newest.stage == "restoring":
        return await _taken_up(context, newest)
    if newest is not None and (newest.is_open or context.facts.same_schema):
        return newest
    running = context.facts.second.ejabberd
    if newest is not None and newest.stage == "restored":
        # A rollback that was broken off before its start has left second stopped. What it has
        # restored goes into the new backup, and the old one has nothing left to do.
        running = newest.was_running
        await store.save(context.pair, replace(newest, stage="rolled-back"))
    manifest = await store.new(context.pair, was_running=running)
    context.say(f"backup {manifest.place} on {context.pair.second.name}")
    return manifest


async def _taken_up(context: StepContext, manifest: Manifest) -> Manifest:
    """The backup of a rollback that was broken off while it copied files back.

    All of second's own files are still in it; the copies are set aside, and the join goes on.
    """
    second = context.pair.second
    context.say(f"a rollback to {manifest.place} was broken off; the join goes on with that backup")
    # Before anything is moved: where it is damaged, a rollback goes on and not a join.
    await database_move.check(second, manifest)
    await lifecycle.stop(second, context.say)
    names = await database_move.mnesia_names(second)
    manifest = await database_move.set_joined_aside(context, manifest, names)
    manifest = _used_no_more(manifest)
    await store.save(context.pair, manifest)
    await context.refresh()
    return manifest if manifest.of_a_join else await current(context)


def _used_no_more(manifest: Manifest) -> Manifest:
    """The backup of a rollback that was given up: all it had is in it still."""
    return replace(manifest, stage=manifest.moved_stage)


async def settle(context: StepContext, manifest: Manifest) -> Manifest:
    """Ends what was broken off before a rollback to `manifest`: a move, or another rollback.

    What another rollback to it was setting aside stays as it is: see present.set_aside(). Second
    is stopped. The manifest as it is then. Raises BackupError, also where a backup that cannot be
    read may hold a part of what stands in second's directory.
    """
    there = await listing.read(context.pair.second)
    half_moved.refuse_unreadable(context.pair.second, there)
    for other in there.of(context.pair):
        mine = other.place == manifest.place
        if other.half_aside and not mine:
            continue
        if other.stage == "moving":
            # Second's directory is empty then: what was set aside comes back before any start.
            end: Stage | None = "restoring" if other.half_aside else None
            done = await database_move.set_database_aside(context, other, end)
            manifest = done if mine else manifest
        elif other.stage in ("restoring", "restored") and not mine:
            await store.save(context.pair, _given_up(other))
    return manifest


def _given_up(manifest: Manifest) -> Manifest:
    """The backup of a rollback that another one took the place of."""
    return replace(manifest, stage="rolled-back") if manifest.used else _used_no_more(manifest)


async def finish(context: StepContext) -> None:
    """Notes that the join which the newest backup belongs to has come to its end.

    Where that cannot be noted, the next check asks to go on with the join; nothing is lost.
    """
    try:
        for manifest in await listing.at_hand(context.pair):
            if manifest.stage == "moved" and not manifest.finished:
                await store.save(context.pair, replace(manifest, finished=True))
    except (ClusterError, HostError, ProbeError) as error:
        context.say(f"that the join has ended is not noted in its backup: {error}")


async def keep_cookie(context: StepContext) -> Manifest:
    """Keeps second's own cookie in this join's backup, if it has one that is not kept yet."""
    manifest = await current(context)
    second = context.pair.second
    digits = context.facts.second.cookie.digits
    if context.facts.second.cookie.mode is None or manifest.cookie == digits:
        return manifest
    if manifest.cookie and manifest.stage == "moved":
        folder, _ = await folders.new_folder(second, manifest.place, "cookie-")
        place = f"{manifest.place}/{folder}/{COOKIE}"
    else:
        place, manifest = manifest.cookie_file, replace(manifest, cookie=digits or "unreadable")
    await cookie_file.copy(second, cookie_file.path(second.platform), place)
    await store.save(context.pair, manifest)
    context.say(f"second's own cookie {digits} kept in {place}")
    return manifest


async def kept_cookie(pair: Pair) -> str | None:
    """The file with second's own cookie in the backup of the current join, None without one."""
    for manifest in await listing.at_hand(pair):
        if manifest.of_a_join and manifest.stage != "rolled-back":
            return manifest.cookie_file if manifest.cookie else None
    return None


async def back_up_first(context: StepContext, manifest: Manifest) -> Manifest:
    """First's online backup, read to its end; not made again when it is there already."""
    first = context.pair.first
    made = manifest.first_backup
    if made is not None and await _sums(first, [made.path]) == [made.sha256]:
        return manifest
    directory = f"{folders.root(first.platform)}/{manifest.stamp}"
    path = f"{directory}/first.BUP"
    await folders.make(first, directory)
    read = await online_backup.make(context, first, path)
    backup = FirstBackup(path, read.size, read.sha256, read.tables, read.records)
    context.say(
        f"first's online backup {path}: {backup.records} records of {backup.tables} tables read"
    )
    return replace(manifest, first_backup=backup)


async def refuse_without_room(node: Node, manifest: Manifest) -> None:
    """Raises BackupError where a rollback to this backup would not fit, before anything is done.

    Second's own files are copied back beside what is there; and what is there is set aside, by a
    copy where the backups are on another file system.
    """
    facts = await node.refresh()
    here = await questions.room(node.probe, manifest.directory)
    there = await questions.room(node.probe, manifest.place)
    wanted = {here.mount: sum(file.size for file in manifest.files)}
    if here.mount != there.mount:
        wanted[there.mount] = facts.spool.bytes
    for place, path in ((here, manifest.directory), (there, manifest.place)):
        needed = wanted.get(place.mount, 0)
        if place.free < needed:
            raise BackupError(
                f"a rollback needs {amount(needed)} on {node.name} at {path}; "
                f"{amount(place.free)} free. Make room there, then `ejtui rollback "
                f"{manifest.stamp}` goes on"
            )
        files = len(manifest.files) + len(facts.spool.names)
        if place.files is not None and place.files < files:
            raise BackupError(
                f"a rollback needs room for {files} files on {node.name} at {path}; {place.files} "
                f"free (`df -i`). Make room there, then `ejtui rollback {manifest.stamp}` goes on"
            )


async def _sums(node: Node, paths: list[str]) -> list[str] | None:
    listed = await node.host.run(
        ["test", "-f", *paths], user=node.platform.service_user, check=False
    )
    if listed.code != 0:
        return None
    return [each.sha256 for each in await questions.sums(node.probe, paths, LONG)]


def aside_acts(first: At, second: At) -> list[Act]:
    """How first is backed up and second's database set aside, while nothing can start there."""
    place = f"{folders.root(second.platform)}/STAMP/{DATABASE}"
    return [
        online_backup.backup_act(first, f"{folders.root(first.platform)}/STAMP/first.BUP"),
        *down_acts(second),
        database_move.move_act(second, second.platform.spool_dir, place),
    ]
