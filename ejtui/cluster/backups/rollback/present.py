"""The database that second has when a rollback begins: what it is, and its move into a backup."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ejtui.cluster.acts.act import At, Command, where
from ejtui.cluster.backups import folders, listing, online, store
from ejtui.cluster.backups.manifest import COOKIE, DATABASE, BackedFile, Manifest
from ejtui.cluster.backups.move import broken_rollback, database_move
from ejtui.cluster.backups.rollback import lost_files
from ejtui.cluster.errors import ClusterError
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.operations import accounts
from ejtui.cluster.operations.files import cookie_file
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.run.context import StepContext

REASON = "rollback"
"""Why what a rollback takes off second is kept, in its manifest."""

Kind = Literal["none", "clusters", "own", "rest"]


@dataclass(frozen=True)
class Present:
    """What second has now.

    `kind` is "clusters" for a copy of the database that first serves, "own" for any other, "none"
    without files, and "rest" for what a rollback left that was broken off while it set a database
    aside. `accounts` are those in it, for "rest" those of that database when it was whole. `alone`
    are those of them that are neither in the backup nor on first; None where they could not be
    read.
    """

    kind: Kind
    files: int = 0
    accounts: Sequence[str] | None = None
    alone: Sequence[str] | None = ()


def is_clusters(facts: PairFacts, first: str) -> bool:
    """Whether second has the database that first (an Erlang node's name) serves, or served."""
    second = facts.second
    if facts.same_schema:
        return True
    named = second.schema if second.mnesia_runs else second.disk_schema
    return named is not None and first in named.nodes


async def look(context: StepContext, manifest: Manifest) -> Present:
    """What second has, before `manifest` is rolled back to; changes nothing. Raises ProbeError."""
    facts = context.facts
    half = broken_rollback.half_aside(await listing.load(context.pair))
    if half is not None:
        return await _rest(context, manifest, half)
    names = facts.second.spool.names
    if not names:
        return Present("none")
    kind: Kind = "clusters" if is_clusters(facts, manifest.first) else "own"
    if kind == "clusters" and facts.both_run:
        # What second has is what first has.
        return Present(kind, len(names), None, ())
    now = await _accounts_now(context)
    if now is None:
        return Present(kind, len(names), None, None)
    kept = await _accounts_kept(context, manifest)
    return Present(kind, len(names), now, await _alone(context, now, kept))


async def _rest(context: StepContext, manifest: Manifest, half: Manifest) -> Present:
    """What an earlier rollback had started to set aside."""
    files = len(context.facts.second.spool.names)
    if half.accounts is None:
        return Present("rest", files, None, None)
    kept = await _accounts_kept(context, manifest)
    return Present("rest", files, half.accounts, await _alone(context, half.accounts, kept))


async def _accounts_now(context: StepContext) -> Sequence[str] | None:
    second = context.pair.second
    try:
        if context.facts.second.ejabberd:
            return await accounts.sorted_names(await accounts.list_own(second))
        if context.facts.second.vm == "down":
            return await content(context, second.platform.spool_dir)
    except (ProbeError, HostError, ClusterError):
        pass
    return None


async def _accounts_kept(context: StepContext, manifest: Manifest) -> Sequence[str]:
    """The accounts in the backup; none where nobody can read them, so that more are named."""
    if manifest.accounts is not None:
        return manifest.accounts
    try:
        return await content(context, manifest.database) if manifest.files else ()
    except (ProbeError, HostError):
        return ()


async def content(context: StepContext, directory: str) -> Sequence[str]:
    """The accounts in a directory of Mnesia's files on second. Raises ProbeError."""
    source = questions.directory(directory)
    held = await questions.kept_content(context.pair.second.probe, source, online.LONG)
    return await accounts.sorted_names(held.accounts)


async def _alone(
    context: StepContext, now: Sequence[str], kept: Sequence[str]
) -> Sequence[str] | None:
    missing = await asyncio.to_thread(accounts.without, now, kept)
    if not missing or not context.facts.first.mnesia_runs:
        return missing
    try:
        return await accounts.sorted_names(
            await accounts.find_only_on_second(context.pair, accounts.parse(missing))
        )
    except (ProbeError, HostError, ClusterError):
        return missing


def aside_commands(second: At, manifest: Manifest) -> list[Command]:
    """How what second has goes out of the way, for showing."""
    new = f"{folders.root(second.platform)}/STAMP"
    places = [f"{new}/{DATABASE}", f"{manifest.place}/joined-STAMP"]
    if manifest.stage == "moving":
        places = [manifest.database, f"{manifest.place}/between-STAMP", *places]
    kept = cookie_file.copy_act(second, cookie_file.path(second.platform), f"{new}/{COOKIE}")
    moves = [database_move.move_act(second, manifest.directory, place) for place in places]
    return where([kept, *moves], "another database is there")


async def set_aside(
    context: StepContext, manifest: Manifest, present: Present, was_running: bool
) -> Manifest | None:
    """Moves what second has, and `manifest` does not, into a separate backup with a manifest.

    Goes on where an earlier rollback was ended, also where ejabberd was started since. Until all
    is set aside and checked, the new backup is in the stage "moving"; from before the first
    move until the database is back, `manifest` is in the stage "restoring": nothing is started
    in between. Second must be down. None where nothing was in the way. Raises BackupError,
    ProbeError.
    """
    unfinished = await _unfinished(context)
    if unfinished is not None:
        unfinished = await lost_files.as_it_is(context, unfinished)
        unfinished = replace(unfinished, stage="moving", towards=manifest.stamp)
        await store.save(context.pair, unfinished)
        await _restoring(context, manifest)
        return await database_move.set_database_aside(context, unfinished)
    names = await database_move.mnesia_names(context.pair.second)
    there = await database_move.checksums(context.pair.second, manifest.directory, names)
    files = _in_the_way(manifest, present, there)
    if not files:
        return None
    aside = await _new(context, manifest, present, was_running, files)
    await _restoring(context, manifest)
    return await database_move.move_whole(context, aside, [file.name for file in files])


async def _restoring(context: StepContext, manifest: Manifest) -> None:
    """Notes that second's directory will lack what lies in this backup."""
    if manifest.files:
        await store.save(context.pair, replace(manifest, stage="restoring"))


def _in_the_way(
    manifest: Manifest, present: Present, there: Sequence[BackedFile]
) -> list[BackedFile]:
    """The files that must go before the manifest's come back.

    A database that is not the manifest's goes whole, also those files of it that are alike: it is
    of no use without them. One that was restored in part stays.
    """
    if manifest.stage == "begun" and present.kind != "clusters":
        return []
    wanted = {file.name: file for file in manifest.files}
    others = [file for file in there if wanted.get(file.name) != file]
    return others if manifest.stage == "moving" or not others else list(there)


async def _new(
    context: StepContext,
    manifest: Manifest,
    present: Present,
    was_running: bool,
    files: Sequence[BackedFile],
) -> Manifest:
    """The new backup's directory and manifest, before anything is moved."""
    second = context.pair.second
    new = await store.new_place(second)
    aside = Manifest(
        stamp=new.name,
        first=manifest.first,
        second=manifest.second,
        stage="moving",
        towards=manifest.stamp,
        directory=manifest.directory,
        place=new.path,
        created=new.created,
        by=store.operator(),
        was_running=was_running,
        accounts=present.accounts,
        files=tuple(files),
        reason=REASON,
        own=present.kind == "own" and manifest.stage != "moving",
        number=new.number,
        schema_cookie=context.facts.second.schema_cookie,
    )
    if aside.own and context.facts.second.cookie.digits:
        await cookie_file.copy(second, cookie_file.path(second.platform), aside.cookie_file)
        aside = replace(aside, cookie=context.facts.second.cookie.digits)
    await store.save(context.pair, aside)
    return aside


async def _unfinished(context: StepContext) -> Manifest | None:
    """What an earlier rollback began to set aside, and did not move whole."""
    there = await listing.load(context.pair)
    half = broken_rollback.half_aside(there)
    if half is not None:
        return half
    # Earlier releases noted the last stage before the move.
    kept = [each for each in there if each.reason == REASON and not each.towards]
    if not kept:
        return None
    newest, second = kept[0], context.pair.second
    moved = await _names(context, newest.database)
    left = [file for file in newest.files if file.name not in moved]
    here = set(await database_move.mnesia_names(second))
    if not left or any(file.name not in here for file in left):
        return None
    found = await database_move.checksums(second, newest.directory, [file.name for file in left])
    return newest if found == left else None


async def _names(context: StepContext, directory: str) -> set[str]:
    try:
        listed = await questions.entries(context.pair.second.probe, directory)
        return {each.name for each in listed}
    except ProbeError:
        return set()
