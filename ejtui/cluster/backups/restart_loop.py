"""Something else starts ejabberd on second in the middle of a join: what is done about it.

Second is left with its own database, never with the empty one that such a start makes; and what
restarts it is named.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cluster.backups import guarded_start, listing, store
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.move import database_move
from ejtui.cluster.errors import BackupError, ClusterError, StepFailed
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.operations.vm import restarter
from ejtui.cluster.operations.vm.downtime import Intruder, keep_down
from ejtui.cluster.operations.vm.restarter import Restarter
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.run.context import StepContext


_OF_USERS = (
    "roster", "private_storage", "vcard", "offline_msg", "last_activity", "privacy", "archive_msg",
    "muc_room", "muc_registered", "sr_group", "sr_user", "pubsub_item", "pubsub_state",
)  # fmt: skip
"""Tables that have records where people have used an ejabberd with its accounts in SQL."""


def stray(facts: PairFacts) -> bool:
    """Whether second runs an ejabberd that is no member, where a join has emptied it. Pure."""
    second = facts.second
    lives = second.vm == "up" and second.started == "ejabberd"
    return lives and not facts.member and not facts.same_schema


def came_up_empty(facts: PairFacts) -> bool:
    """Whether such an ejabberd has no account of anybody's, or no data where accounts are in SQL.

    Pure.
    """
    return stray(facts) and (facts.second.starting or _is_empty(facts.second))


def _is_empty(second: NodeFacts) -> bool:
    if second.mnesia_runs and second.tables and second.table("passwd") is None:
        return not any(table.size for name in _OF_USERS if (table := second.table(name)))
    return second.accounts == 0


async def restore_own(context: StepContext) -> None:
    """Second gets its own database back where ejabberd came up empty before this run started.

    Once is no loop: a boot of the host does it, too. Does nothing elsewhere. Raises BackupError,
    and StepFailed where ejabberd is started once more meanwhile.
    """
    manifest = await _set_aside(context) if came_up_empty(context.facts) else None
    if manifest is None:
        return
    second = context.pair.second
    context.say(f"{second.name} came up without its own database, which is restored first")
    try:
        await put_back(context, manifest)
    except Intruder as intruder:
        raise await failure(context, manifest, str(intruder)) from intruder
    if manifest.was_running:
        await guarded_start.start(second, context.say)
    await context.refresh()


async def refuse_stray(context: StepContext) -> None:
    """Raises StepFailed where an ejabberd runs on second that this join did not start.

    That is one that came up after second's own database was set aside, and is not of first's
    cluster. Its database is set aside, too, and second gets its own back.
    """
    if stray(context.facts):
        manifest = await _set_aside(context)
        if manifest is not None:
            raise await failure(context, manifest)


async def refuse_empty(context: StepContext) -> None:
    """Raises StepFailed where second has come up empty although its whole database was moved.

    For the step that moves it. A move that was broken off is no reason to stop: the step goes on
    with it, and keeps what a boot of the host has changed.
    """
    manifest = await _set_aside(context) if came_up_empty(context.facts) else None
    if manifest is not None and manifest.stage == "moved":
        raise await failure(context, manifest)


async def _set_aside(context: StepContext) -> Manifest | None:
    """The backup that holds second's own database while the join goes on; None without one."""
    manifests = await listing.at_hand(context.pair)
    open_ones = (each for each in manifests if each.of_a_join and each.stage != "rolled-back")
    newest = next(open_ones, None)
    return newest if newest is not None and newest.stage in ("moving", "moved") else None


async def failure(
    context: StepContext, manifest: Manifest | None = None, why: str = ""
) -> StepFailed:
    """Names what restarts ejabberd, restores second's own database, and reports it.

    `manifest` is the backup that holds the database, None where it was not moved.
    """
    second = context.pair.second
    context.say(why or f"an ejabberd runs on {second.name} that ejtui did not start")
    seen = await restarter.identify(second)
    state = await _put_right(context, manifest) if manifest else ["its own database was not moved"]
    return await _named(context, seen, state)


async def name_restarter(context: StepContext, state: str, why: str) -> StepFailed:
    """Names what restarts ejabberd, where `state` is the state in which second is left."""
    context.say(why)
    return await _named(context, await restarter.identify(context.pair.second), [state])


async def _named(context: StepContext, seen: Restarter, state: list[str]) -> StepFailed:
    second = context.pair.second
    await context.refresh()
    found = restarter.finding(second.name, second.platform.node, seen, state)
    return StepFailed(f"{found.title}; {state[-1]}", (found,))


async def _put_right(context: StepContext, manifest: Manifest) -> list[str]:
    """In what state second is left."""
    kept = (
        f"its own database is in {manifest.place}, or in part in {manifest.directory}: "
        f"`ejtui rollback {manifest.stamp}` puts together what is in both"
    )
    try:
        await put_back(context, manifest)
    except (ClusterError, ProbeError, HostError) as error:
        return [f"its own database could not be restored: {error}", kept]
    lines = [f"its own database is in {manifest.directory} again, with the checksums of before"]
    if not manifest.was_running:
        return lines
    try:
        await guarded_start.start(context.pair.second, context.say)
    except (ClusterError, ProbeError, HostError) as error:
        return [*lines, f"it has its own database, and does not start: {error}"]
    return [*lines, "ejabberd runs on its own database, as before the join"]


async def put_back(context: StepContext, manifest: Manifest) -> None:
    """Moves second's own database from the backup into its directory, as before the move.

    What stands there is set aside in the backup. No ejabberd can start meanwhile. A move that an
    earlier run left half done is brought to its end first: there a file of second's own that
    ejabberd has changed since counts as second's own. Raises BackupError, Intruder, StepFailed.
    """
    second = context.pair.second
    async with keep_down(second, context.say) as held:
        if not held:
            raise BackupError("its node's name cannot be held while the files are moved")
        if manifest.stage == "moving":
            manifest = await database_move.set_database_aside(context, manifest)
        manifest = replace(manifest, stage="moving")
        await store.save(context.pair, manifest)
        manifest = await database_move.bring_back(context, manifest)
        await store.save(context.pair, replace(manifest, stage="begun", files=()))
    context.say(f"{len(manifest.files)} files of second's own database are in their place again")


__all__ = [
    "Intruder",
    "came_up_empty",
    "failure",
    "name_restarter",
    "put_back",
    "refuse_empty",
    "refuse_stray",
    "restore_own",
    "stray",
]
