"""Second back to what it was before the join: its own database and its own cookie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ejtui import paths
from ejtui.cluster.acts import act, unit_mask
from ejtui.cluster.acts.act import At, Command
from ejtui.cluster.backups import (
    choice,
    folders,
    guarded_start,
    join_backup,
    listing,
    restart_loop,
    store,
)
from ejtui.cluster.backups.choice import chosen
from ejtui.cluster.backups.files import config_copy, copied_files, custom_file
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.move import standing_database
from ejtui.cluster.backups.rollback import (
    account_list,
    damaged_files,
    file_alone,
    file_return,
    kept_files,
    lost_files,
    present,
    restore,
    returned,
)
from ejtui.cluster.backups.rollback.present import Present
from ejtui.cluster.backups.rollback.returned import AccountsMissing
from ejtui.cluster.backups.rollback.rollback_question import question
from ejtui.cluster.backups.tables import table_return
from ejtui.cluster.diagnosis.settings_syntax import refuse_broken
from ejtui.cluster.errors import BackupError, StepFailed
from ejtui.cluster.facts import account_names
from ejtui.cluster.facts.node import PairFacts, in_words
from ejtui.cluster.journal import Journal, now
from ejtui.cluster.operations.files import config_file, cookie_file, no_room
from ejtui.cluster.operations.membership import (
    bare_on_second,
    copy_act,
    forget,
    forget_act,
    keep_bare,
    refuse_last_copies,
)
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.operations.vm.downtime import Intruder, down_acts, keep_down
from ejtui.cluster.operations.vm.pending_start import wait_for_starts
from ejtui.cluster.operations.without_first import WITHOUT_FIRST, way_out
from ejtui.cluster.pair import fixed_files
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import AskOperator
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Emit
from ejtui.cluster.run.locked_run import finish, locked
from ejtui.cluster.run.operation import ROLLBACK

_GONE = way_out("rollback")


@dataclass(frozen=True)
class RolledBack:
    """The result of a rollback: the backup, what was taken off second for it, what was seen."""

    backup: Manifest
    set_aside: Manifest | None
    alone: Sequence[str]
    evidence: tuple[str, ...]

    def lines(self, second: str) -> tuple[str, ...]:
        """For people: what is so now, and where what second had until then lies."""
        made = [f"{second} is back to its own database, from {self.backup.place}."]
        if self.set_aside is None:
            return tuple(made)
        place, stamp = self.set_aside.place, self.set_aside.stamp
        made.append(f"What {second} had until then lies in {place} on {second}.")
        if self.alone:
            made.append(f"First does not have: {account_names.listed(self.alone)}.")
            made.append(f"To bring that over: ejtui bring-over {stamp}")
        return tuple(made)

    def to_json(self) -> dict[str, object]:
        """The part of `--json` about a rollback that was done."""
        aside = self.set_aside
        return {
            "backup": self.backup.stamp,
            "set_aside": {
                "backup": aside.stamp if aside else None,
                "path": aside.place if aside else None,
                "accounts": list(self.alone),
            },
            "evidence": list(self.evidence),
        }


async def rollback(
    pair: Pair,
    wanted: str | None,
    asks: AskOperator,
    emit: Emit,
    lock: PairLock | None = None,
    *,
    without_first: bool = False,
) -> RolledBack:
    """Brings second back from a backup (its stamp or path; None: the newest not used up).

    Goes on where an earlier rollback was ended, also from the middle of a join. `lock` is the
    runner's own, when it holds it. `without_first` is for a first that is gone for ever: it is
    neither asked nor locked, and lists second when it comes back. Raises BackupError, LockHeld,
    Refused, StepFailed.
    """
    journal = Journal(paths.journal_file(pair.name), pair.name)
    context = StepContext(ROLLBACK, pair, await pair.refresh(), asks, emit, journal)
    _refuse_unreached(context.facts, without_first)
    if without_first:
        lock = PairLock(pair, without_first=True)
    async with locked(context, lock or PairLock(pair)):
        again = choice.command(wanted or "", without_first=without_first)
        async with no_room.explained(context, " ".join(again.split())):
            done = await _locked(context, wanted, without_first)
    what = "its ejabberd.yml" if done.backup.of_the_file else "second"
    finish(context, f"{what} is back to what it was", done.evidence)
    return done


async def _locked(context: StepContext, wanted: str | None, without_first: bool) -> RolledBack:
    facts = await wait_for_starts(context)
    if alone := await choice.of_the_file(context.pair, wanted):
        manifest, evidence = await file_alone.roll_back(context, alone)
        return RolledBack(manifest, None, (), tuple(evidence))
    _refuse_without(facts, without_first)
    manifest = await chosen(context.pair, wanted, without_first=without_first)
    if not manifest.own:
        raise BackupError(_of_the_cluster(context.facts, manifest))
    if not without_first:
        gone = (context.pair.second.platform.node,)
        refuse_last_copies(context.facts.first, gone, bare_on_second(context.facts))
    elif not context.pair.first.opened:
        context.say("first is not reached: the lock is on second alone")
    manifest, less = await _as_it_is(context, manifest, without_first)
    if context.facts.second.ejabberd:
        await refuse_broken(context.pair.second)
    await kept_files.refuse_changed(context.pair.second, manifest)
    await join_backup.refuse_without_room(context.pair.second, manifest)
    await fixed_files.refuse(context.pair.second, _changed(context.pair.second, manifest))
    await lost_files.ask(context, manifest)
    manifest = await account_list.with_those_there(context, manifest, without_first=without_first)
    seen = await present.look(context, manifest)
    file = await file_return.look(context, manifest)
    asked = question(context.facts, manifest, seen, file, without_first=without_first)
    first = None if without_first else context.pair.first
    shown = commands(first, context.pair.second, manifest)
    if first is not None:
        bare = bare_on_second(context.facts)
        copies = [copy_act(first, table.name, table.storage) for table in bare]
        shown = [*act.commands(copies), *shown]
    await context.ask(replace(asked, commands=tuple(shown)))
    if first is not None:
        await keep_bare(context)
    if less:
        await store.save(context.pair, manifest)
    manifest, aside, evidence = await _roll_back(context, manifest, seen, without_first)
    evidence += [] if file.kept else file.lines
    return RolledBack(manifest, aside, seen.alone or (), tuple(evidence))


async def _as_it_is(
    context: StepContext, manifest: Manifest, without_first: bool
) -> tuple[Manifest, bool]:
    """The manifest of what is left of the backup, if the person agrees, and whether that is less.

    Raises BackupError with what works instead, where the rest is no database; Refused.
    """
    pair, second = context.pair, context.pair.second
    manifest = await damaged_files.take_again(second, manifest)
    left, lost = await lost_files.left(context, manifest)
    settled = manifest.stage in ("restoring", "restored")
    damaged = await damaged_files.look(second, left, manifest.directory if settled else "")
    if not (lost or damaged):
        return manifest, False
    instead = await choice.instead_of(pair, manifest, without_first=without_first)
    found = standing_database.found_in(manifest, lost, await listing.load(pair))
    damaged_files.refuse_no_database(second.name, manifest, lost, damaged, instead, found)
    if lost:
        await context.ask(lost_files.own_question(second.name, manifest, lost, instead, found))
    if damaged:
        await context.ask(damaged_files.question(second.name, manifest, damaged, instead))
    return damaged_files.accepted(left, damaged), True


def _changed(second: At, manifest: Manifest) -> list[str]:
    """What a rollback to this backup changes on second's host: directories end with "/". Pure."""
    cookie = [cookie_file.path(second.platform)] if manifest.cookie else []
    config = [config_file.path(second.platform)] if manifest.config else []
    held = unit_mask.places(second.platform)
    kept = [f"{folders.root(second.platform)}/", f"{manifest.place}/"]
    return [*cookie, *config, *held, f"{manifest.directory}/", *kept]


def commands(first: At | None, second: At, manifest: Manifest) -> list[Command]:
    """What a rollback to this backup runs, for showing; without a first nothing is run there."""
    member = [forget_act(first, second.platform.node)] if first is not None else []
    shown: list[Command] = []
    if manifest.stage != "restored":
        shown += act.commands(down_acts(second))
        shown += act.where(member, "first lists second")
        shown += present.aside_commands(second, manifest)
        shown += act.where([restore.restore_act(second, manifest)], "they are not there")
        if manifest.cookie:
            path = cookie_file.path(second.platform)
            kept = cookie_file.copy_act(second, manifest.cookie_file, path)
            shown += act.where([kept], "second has another cookie")
        shown += custom_file.put_back_commands(second, manifest)
        shown += config_copy.put_back_commands(second, manifest)
        shown += copied_files.remove_commands(second, manifest)
    if manifest.was_running:
        shown += act.commands(lifecycle.start_acts(second))
        shown += act.where(member, "first lists second again")
    return list(dict.fromkeys(shown))


def _of_the_cluster(facts: PairFacts, manifest: Manifest) -> str:
    """Why second does not go back to a copy of the cluster's, and the command that works. Pure."""
    why = f"{manifest.stamp} is a copy of the cluster's database, not one of second's own"
    if facts.first.mnesia_runs:
        return f"{why}: `ejtui bring-over {manifest.stamp}` brings accounts of it into the cluster"
    return (
        f"{why}, and second would wait for first on it. Where first is gone for ever, "
        f"`ejtui bring-over {manifest.stamp} {WITHOUT_FIRST}` brings accounts of it into the "
        "database that second runs on alone"
    )


async def _roll_back(
    context: StepContext, manifest: Manifest, seen: Present, without_first: bool
) -> tuple[Manifest, Manifest | None, list[str]]:
    """Every part looks first at what is so already."""
    evidence: list[str] = []
    aside = None
    if manifest.stage != "restored":
        ran = context.facts.second.ejabberd
        try:
            async with keep_down(context.pair.second, context.say):
                manifest, aside, evidence = await _restored(
                    context, manifest, seen, ran, without_first
                )
        except Intruder as intruder:
            on = choice.command(manifest.stamp, without_first=without_first)
            state = f"its own database is in {manifest.place}: `{on}` goes on from there"
            raise await restart_loop.name_restarter(context, state, str(intruder)) from intruder
    try:
        evidence += await _start(context, manifest, without_first)
    except AccountsMissing:
        # All else is done: the next rollback to it restores it whole.
        await _used_up(context, manifest, without_first)
        raise
    manifest = await _used_up(context, manifest, without_first)
    if aside is not None:
        evidence.append(f"set aside as backup {aside.stamp}: {aside.place}")
    if not without_first:
        evidence += await table_return.offer(context, manifest)
    return manifest, aside, evidence


async def _used_up(context: StepContext, manifest: Manifest, without_first: bool) -> Manifest:
    """First has forgotten second, and the backup has nothing left to do."""
    if not without_first:
        await forget(context, context.pair.second.platform.node)
    manifest = replace(manifest, stage="rolled-back", used=now())
    await store.save(context.pair, manifest)
    return manifest


async def _restored(
    context: StepContext, manifest: Manifest, seen: Present, ran: bool, without_first: bool
) -> tuple[Manifest, Manifest | None, list[str]]:
    """What needs second down: out of the cluster, what it has set aside, its own files back."""
    await context.pair.end_shell()
    await context.refresh()
    manifest = await join_backup.settle(context, manifest)
    if not without_first:
        await forget(context, context.pair.second.platform.node)
    aside = await present.set_aside(context, manifest, seen, ran)
    manifest, evidence = await restore.database(context, manifest)
    evidence += await restore.cookie(context, manifest)
    evidence += await custom_file.put_back(context, manifest)
    evidence += await config_copy.put_back(context, manifest)
    evidence += await copied_files.remove(context, manifest)
    manifest = replace(manifest, stage="restored")
    await store.save(context.pair, manifest)
    return manifest, aside, evidence


def _refuse_unreached(facts: PairFacts, without_first: bool) -> None:
    first, second = facts.first, facts.second
    if not second.asked:
        raise StepFailed(f"{second.name} must be reached to roll back: {second.error}")
    if not (without_first or first.asked):
        raise StepFailed(f"{first.name} must be reached to roll back: {first.error}. {_GONE}")


def _refuse_without(facts: PairFacts, without_first: bool) -> None:
    """Raises StepFailed where first does not run, and where it runs although it is gone."""
    _refuse_unreached(facts, without_first)
    first, second = facts.first, facts.second
    if without_first and first.mnesia_runs:
        raise StepFailed(
            f"ejabberd runs on {first.name}: leave out {WITHOUT_FIRST}, so that "
            f"{first.name} forgets {second.name}"
        )
    if not (without_first or first.mnesia_runs):
        raise StepFailed(
            "ejabberd must run on first, or first cannot forget second; where it does not start, "
            f"`ejtui repair not-connected --node first` starts it. {_GONE}"
        )


async def _start(context: StepContext, manifest: Manifest, without_first: bool) -> list[str]:
    second = context.pair.second
    if not manifest.was_running:
        return ["second was stopped before the join, and is left stopped"]
    if not (await context.refresh()).second.ejabberd:
        context.say("ejabberd starts on second, with its own database")
        await _started(context, manifest, without_first)
    own = second.platform.node
    await context.until(
        lambda now: _runs_apart(now, own, manifest.first), "second to run without first"
    )
    if not without_first:
        # A first that was killed soon after it had forgotten second may know it again.
        await forget(context, own)
    facts = context.facts
    others = sorted({*facts.second.db_nodes} - {own, manifest.first})
    seen = [f"second: running db nodes {in_words(facts.second.running_db_nodes)}"]
    if others:
        seen.append(f"second is a member of its own cluster again, with {', '.join(others)}")
    if without_first:
        seen.append(
            f"first will still list {own} when it comes back: `ejtui check` names it then, and "
            "`ejtui repair stale-member` has first forget it"
        )
    else:
        seen.append(f"first: db nodes {in_words(facts.first.db_nodes)}")
    again = choice.command(manifest.stamp, without_first=without_first)
    back = await returned.accounts_seen(context, manifest, in_a_cluster=bool(others), again=again)
    return [*seen, *back]


async def _started(context: StepContext, manifest: Manifest, without_first: bool) -> None:
    """Starts ejabberd; where it fails on files that are not as they were, all can be copied again.

    Raises StepFailed.
    """
    try:
        await guarded_start.start(context.pair.second)
    except StepFailed as failed:
        if not manifest.changed:
            raise
        await store.save(context.pair, replace(manifest, stage="restoring"))
        again = choice.command(manifest.stamp, without_first=without_first)
        text = f"{failed}\n{damaged_files.not_started(manifest, again)}"
        raise StepFailed(text, failed.findings) from failed


def _runs_apart(facts: PairFacts, own: str, first: str) -> bool:
    """Whether second runs on its own database, alone or with the members of its cluster."""
    second = facts.second
    return (
        second.ejabberd and own in second.running_db_nodes and first not in second.running_db_nodes
    )
