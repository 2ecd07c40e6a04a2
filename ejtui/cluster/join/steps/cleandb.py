"""Second's own database goes into a backup, whole; first gets an online backup."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from ejtui.cluster.acts import unit_mask
from ejtui.cluster.acts.act import Command, commands
from ejtui.cluster.backups import (
    folders,
    guarded_start,
    join_backup,
    listing,
    online,
    restart_loop,
    store,
)
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.move import database_move
from ejtui.cluster.backups.tables import table_counts
from ejtui.cluster.errors import ClusterError, LockHeld, LockLost, StepFailed
from ejtui.cluster.facts import account_names
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.facts.set_aside import SetAside
from ejtui.cluster.join.steps.step import Evidence, Step, StepState, done, todo
from ejtui.cluster.operations import accounts, agreement, set_aside
from ejtui.cluster.operations.files import no_room
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.operations.vm.downtime import Intruder, keep_down
from ejtui.cluster.pair import fixed_files
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.question import Question
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Aside
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import CommandFailed, HostError

SECOND_STOPS = "first's online backup, while second stops"
SECOND_STOPS_ALONE = "second stops"
"""What the step reports when second begins to serve nobody: the measure of its downtime."""

BACKED_UP_MEANWHILE = 20_000
"""Records of first's that are backed up in no more time than second takes to stop."""


_NO_COPY = "second's schema.DAT cannot be read, as neither /tmp nor /var/tmp takes a copy of it"
_MAKE_ROOM = "Nothing is lost. Make room there, then `ejtui join` goes on"


class CleanDb(Step):
    """Stops second, backs both nodes up, and moves second's Mnesia files aside."""

    id = "cleandb"
    after = "nodes"
    title = "Clean database"
    does = "backs up both nodes and moves second's own database into its backup"
    reference = "Second: Clean Database"
    where = "second"
    why = (
        "second takes its database from first, so its own must be out of the way. Nothing is "
        "deleted: the files are moved into a dated backup with a manifest of their checksums, "
        "after first's online backup was read to its end."
    )

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        del choices
        second = facts.second
        if facts.member or (second.mnesia_runs and facts.same_schema):
            return done("second's schema is first's")
        if not second.asked or second.spool.error:
            return todo(f"second does not report what it has: {second.error or second.spool.error}")
        if not second.spool.files:
            return done("second has no own database")
        if facts.same_schema:
            return todo("second's files are of a membership that first no longer knows")
        if no_room.is_full(second.disk_schema_error):
            # Whose database that is, is unknown: it may be the one that the join has just made.
            return StepState("failed", f"{_NO_COPY}: {second.disk_schema_error}. {_MAKE_ROOM}")
        # True also where a part of it, or all of it, is in the backup already.
        return todo(f"to set aside: {_owned(second)}")

    def commands(self, plan: Plan) -> list[Command]:
        second, facts = plan.at_second, plan.facts.second
        ends = lifecycle.stop_acts(second, facts) if facts.vm != "down" else []
        to_read = [*ends, *lifecycle.start_acts(second)]
        return commands(
            [
                *(to_read if not facts.ejabberd else []),
                *join_backup.aside_acts(plan.at_first, second),
            ]
        )

    def takes(self, facts: PairFacts) -> Sequence[Question]:
        return self.asked(facts, ["all that lives on second alone, named before it is done"])

    def asked(self, facts: PairFacts, aside: Sequence[str]) -> Sequence[Question]:
        """The questions before second's own database goes, as far as the facts go; the lines of
        `aside` name what goes. Pure."""
        if not facts.second.spool.files or facts.same_schema:
            return ()
        own = set_aside.question(facts, aside, _owned(facts.second), "a dated backup on second")
        doubt = set_aside.doubt(facts)
        return (doubt, own) if doubt else (own,)

    async def run(self, context: StepContext) -> Evidence:
        facts = await context.refresh()
        if self.state(facts, context.choices).done:
            return ["second has no own database"]
        await restart_loop.refuse_empty(context)
        await fixed_files.refuse(
            context.pair.first, [f"{folders.root(context.pair.first.platform)}/"]
        )
        await fixed_files.refuse(context.pair.second, fixed_paths(context.pair.second))
        manifest = await join_backup.current(context)
        facts = context.facts
        if self.state(facts, context.choices).done:
            return _evidence(manifest)
        if facts.same_schema and manifest.stage != "moving":
            manifest = await _joined_aside(context, manifest)
        else:
            manifest = await self._set_own_aside(context, manifest)
        facts = await context.refresh()
        if not self.state(facts, context.choices).done:
            raise StepFailed(f"second still has {', '.join(facts.second.spool.names[:5])}")
        return _evidence(manifest)

    async def _set_own_aside(self, context: StepContext, manifest: Manifest) -> Manifest:
        found = context.facts.second
        try:
            return await _moved(context, await _agreed(context, manifest))
        except Intruder as intruder:
            raise await restart_loop.failure(
                context, await _stored(context, manifest), str(intruder)
            ) from intruder
        except (LockHeld, LockLost):
            raise  # Another ejtui may be changing second now.
        except BaseException:
            await _leave_as_found(context, manifest, found.ejabberd or found.starting)
            raise


def fixed_paths(second: Node) -> list[str]:
    """What must not be fixed on second when its database is moved into a backup. Pure."""
    held = unit_mask.places(second.platform)
    return [f"{second.platform.spool_dir}/", f"{folders.root(second.platform)}/", *held]


async def _agreed(context: StepContext, manifest: Manifest) -> Manifest:
    """The manifest with all that is set aside, to which the operator agreed."""
    await agreement.before_join(context)
    manifest = await _with_accounts(context, manifest)
    aside = await _compared(context, manifest)
    if manifest.stage != "moving":
        manifest = replace(
            manifest, rooms=aside.rooms, groups=aside.groups, pubsub_nodes=aside.nodes
        )
    await _ask(context, manifest, aside)
    await store.save(context.pair, manifest)
    return manifest


async def _ask(context: StepContext, manifest: Manifest, aside: SetAside) -> None:
    """Names all that is set aside before anything is taken."""
    facts = context.facts
    count = None if manifest.accounts is None else len(manifest.accounts)
    context.emit(Aside(aside, manifest.place))
    doubt = set_aside.doubt(facts, count)
    if manifest.accounts is None and manifest.stage != "moving":
        doubt = set_aside.unknown(facts)
    if doubt is not None:
        await agreement.ask_once(context, doubt)
    if set_aside.agreed(aside) in context.pair.agreed:
        context.pair.agreed.discard(set_aside.agreed(aside))
        context.say("what is set aside is what was agreed to at the start of the join")
        return
    owned = _owned(facts.second)
    await context.ask(set_aside.question(facts, aside.lines(), owned, manifest.place))


async def _compared(context: StepContext, manifest: Manifest) -> SetAside:
    """What second has that first has not; never fails: what could not be compared is listed."""
    if manifest.accounts is None:
        return SetAside(alone=None, unread=("second does not run",))
    if manifest.stage != "moving":
        context.say("comparing second's database with first's")
        try:
            return await set_aside.compare(
                context.pair, lambda p: context.progress(p[0], p[1], "accounts and tables' keys")
            )
        except ProbeError as error:
            return await _by_accounts(context, manifest, str(error))
    return await _by_accounts(context, manifest, "an earlier run has moved a part of it")


async def _by_accounts(context: StepContext, manifest: Manifest, why: str) -> SetAside:
    """Where both databases cannot be read side by side: what the manifest names."""
    known = accounts.parse(manifest.accounts or ())
    try:
        alone = await accounts.sorted_names(await accounts.find_only_on_second(context.pair, known))
    except ProbeError as error:
        alone, why = manifest.accounts or (), f"{why}; which of them first has: {error}"
    return SetAside(alone, (), manifest.rooms, manifest.groups, manifest.pubsub_nodes, {}, (why,))


async def _joined_aside(context: StepContext, manifest: Manifest) -> Manifest:
    """What second had of the cluster goes out of its directory; accounts that it alone has are
    named first. It is never started: it would come back as a member that first has forgotten.

    Raises Refused, StepFailed.
    """
    known = await _accounts_of_files(context)
    if known:
        alone = await accounts.find_only_on_second(context.pair, accounts.parse(known))
        if alone:
            held = (
                account_names.describe_set_aside(await accounts.sorted_names(alone)),
                _owned(context.facts.second),
            )
            await context.ask(set_aside.former_copy(context.facts, held, manifest.place))
    try:
        async with keep_down(context.pair.second, context.say):
            names = await database_move.mnesia_names(context.pair.second)
            return await database_move.set_joined_aside(context, manifest, names)
    except Intruder as intruder:
        raise await restart_loop.failure(context, None, str(intruder)) from intruder


async def _moved(context: StepContext, manifest: Manifest) -> Manifest:
    """Both backups: first's while second stops, then second's files, while nothing can start.

    Second still serves its users while a large database of first's is backed up. Raises Intruder
    where something starts ejabberd on second all the same.
    """
    backing = asyncio.ensure_future(join_backup.back_up_first(context, manifest))
    try:
        if online.records_of(context.facts.first) > BACKED_UP_MEANWHILE:
            context.say("first's online backup, while second still runs")
            await backing
        context.say(SECOND_STOPS_ALONE if backing.done() else SECOND_STOPS)
        async with keep_down(context.pair.second, context.say):
            manifest = table_counts.noted(await backing, context.facts.first)
            return await database_move.set_database_aside(context, manifest)
    finally:
        # A backup that failed as well is not what ended this.
        backing.cancel()
        await asyncio.gather(backing, return_exceptions=True)


async def _stored(context: StepContext, manifest: Manifest) -> Manifest | None:
    """The backup as it is written by now, None while second's files are in their place."""
    manifests = await listing.load(context.pair)
    now = next((each for each in manifests if each.stamp == manifest.stamp), None)
    return now if now is not None and now.stage != "begun" else None


async def _leave_as_found(context: StepContext, manifest: Manifest, ran: bool) -> None:
    """Where nothing of second's database was moved yet, ejabberd runs there if it ran before."""
    with suppress(ClusterError, ProbeError, HostError):
        if await _stored(context, manifest) is not None:
            return
        second = (await context.refresh()).second
        if ran and second.vm == "down":
            context.say("second's database was not moved: starting ejabberd there again")
            await guarded_start.start(context.pair.second, context.say)
        elif not ran and second.ejabberd:
            context.say("second was stopped before: stopping it again")
            await lifecycle.stop(context.pair.second, context.say)


async def _with_accounts(context: StepContext, manifest: Manifest) -> Manifest:
    """Second's accounts, by starting it on its own database where it is down; of one that does
    not start, those in its files.

    What an earlier run has moved a part of cannot be started: its accounts are in the manifest.
    """
    if manifest.stage == "moving":
        return manifest
    second = context.pair.second
    try:
        if not context.facts.second.ejabberd:
            await _end_what_is_there(context)
            context.say("starting second on its own database, to read its accounts")
            await guarded_start.start(second, context.say)
            await context.refresh()
        own = await accounts.list_own(second)
        return replace(manifest, accounts=await accounts.sorted_names(own))
    except (StepFailed, ProbeError, CommandFailed) as error:
        context.say(f"second could not be asked for its accounts: {error}")
    return replace(manifest, accounts=await _accounts_of_files(context))


async def _accounts_of_files(context: StepContext) -> Sequence[str] | None:
    """The accounts in second's files, while nothing writes them; None where nobody can read them.

    One that runs is not stopped for it. Raises Intruder where something starts ejabberd there
    meanwhile, and Refused.
    """
    second = context.pair.second
    try:
        facts = (await context.refresh()).second
        if facts.ejabberd or facts.starting or not facts.asked:
            return None
        await _end_what_is_there(context)
        context.say("reading second's accounts from its files")
        async with keep_down(second, context.say):
            kept = await accounts.list_kept(second, second.platform.spool_dir)
            return await accounts.sorted_names(kept)
    except (StepFailed, ProbeError) as error:
        context.say(f"second's accounts could not be read from its files: {error}")
        return None


async def _end_what_is_there(context: StepContext) -> None:
    """Second's node name is free, or ejabberd is starting under it. Raises Refused, StepFailed."""
    facts = context.facts.second
    if facts.vm == "down" or facts.starting:
        return
    question = lifecycle.end_question(facts)
    if question is not None:
        await context.ask(question)
    await lifecycle.stop(context.pair.second, context.say)


def _owned(second: NodeFacts) -> str:
    """What second's own database is, in a few words."""
    held = f"{len(second.spool.files)} files, {second.spool.bytes // 1024} kB"
    if second.mnesia_runs and second.accounts and second.table("passwd") is None:
        return f"{held}; its accounts are kept outside it"
    if second.accounts is None:
        return f"{held}, accounts not known while it is stopped"
    return f"{held}, {second.accounts} account{'' if second.accounts == 1 else 's'}"


def _evidence(manifest: Manifest) -> Evidence:
    first = manifest.first_backup
    seen = [f"second: {len(manifest.files)} files in {manifest.database}, checksums as noted"]
    if first is not None:
        seen.append(f"first: {first.path}, {first.records} records of {first.tables} tables read")
    return [*seen, "second: no Mnesia file is left in its database directory"]
