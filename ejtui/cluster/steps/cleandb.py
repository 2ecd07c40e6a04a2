"""Step 4: second's own database goes into a backup, whole; first gets an online backup."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from ejtui.erlang.probe import ProbeError
from ejtui.hosts import HostError

from .. import accounts, backup, set_aside, store, vm
from ..backups import table_counts
from ..choices import Choices
from ..context import StepContext
from ..errors import ClusterError, StepFailed
from ..events import Aside
from ..facts import NodeFacts, PairFacts
from ..manifest import Manifest
from ..operations import agreement
from ..plan import Plan
from ..question import Question
from ..set_aside import SetAside
from .step import Command, Evidence, Step, StepState, done, todo


class CleanDb(Step):
    """Stops second, backs both nodes up, and moves second's Mnesia files aside."""

    id = "cleandb"
    number = 4
    title = "Clean database"
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
            return todo(f"second does not say what it has: {second.error or second.spool.error}")
        if not second.spool.files:
            return done("second has no database of its own")
        if facts.same_schema:
            return todo("second's files are of a membership that first no longer knows")
        return todo(f"second has a database of its own: {_owned(second)}")

    def commands(self, plan: Plan) -> list[Command]:
        second, user = plan.second_name, plan.second.service_user
        files = f"{plan.second.spool_dir}/{{{','.join(backup.PATTERNS.split())}}}"
        place = store.root(plan.second)
        first_backup = f'mnesia:backup("{store.root(plan.first)}/STAMP/first.BUP").'
        digest = "sha256" if plan.second.is_bsd else "sha256sum"
        return [
            Command(plan.first_name, plan.first.service_user, "erl", first_backup),
            *vm.stop_commands(second, plan.second),
            Command(second, user, "shell", f"{digest} {files} > {place}/STAMP/manifest.json"),
            Command(second, user, "shell", f"mv {files} {place}/STAMP/database/"),
        ]

    def takes(self, facts: PairFacts) -> Sequence[Question]:
        if not facts.second.spool.files or facts.same_schema:
            return ()
        swapped = set_aside.swapped(facts)
        own = set_aside.question(
            facts,
            ["all that lives on second alone, named before it is done"],
            _owned(facts.second),
            "a dated backup on second",
        )
        return (swapped, own) if swapped else (own,)

    async def run(self, context: StepContext) -> Evidence:
        facts = await context.refresh()
        if self.state(facts, context.choices).done:
            return ["second has no database of its own"]
        manifest = await backup.current(context)
        facts = context.facts
        if self.state(facts, context.choices).done:
            return _evidence(manifest)
        if facts.same_schema and not manifest.is_open:
            await vm.stop(context.pair.second)
            manifest = await backup.set_joined_aside(context, manifest, facts.second.spool.names)
        else:
            manifest = await self._set_own_aside(context, manifest)
        facts = await context.refresh()
        if not self.state(facts, context.choices).done:
            raise StepFailed(f"second still has {', '.join(facts.second.spool.names[:5])}")
        return _evidence(manifest)

    async def _set_own_aside(self, context: StepContext, manifest: Manifest) -> Manifest:
        await agreement.before_join(context)
        manifest = await _with_accounts(context, manifest)
        aside = await _compared(context, manifest)
        if manifest.stage != "moving":
            manifest = replace(
                manifest, rooms=aside.rooms, groups=aside.groups, pubsub_nodes=aside.nodes
            )
        await _ask(context, manifest, aside)
        await store.save(context.pair, manifest)
        context.say("first's online backup, while second stops")
        made, stopped = await asyncio.gather(
            backup.back_up_first(context, manifest),
            vm.stop(context.pair.second),
            return_exceptions=True,
        )
        failed = next((each for each in (made, stopped) if isinstance(each, BaseException)), None)
        if failed is not None or isinstance(made, BaseException):
            await _start_again(context, manifest)
            raise failed or StepFailed("first's online backup failed")
        manifest = table_counts.noted(made, context.facts.first)
        return await backup.set_database_aside(context, manifest)


async def _ask(context: StepContext, manifest: Manifest, aside: SetAside) -> None:
    """Names all that is set aside before anything is taken."""
    facts = context.facts
    count = None if manifest.accounts is None else len(manifest.accounts)
    context.emit(Aside(aside, manifest.place))
    swapped = set_aside.swapped(facts, count)
    if swapped is not None:
        await context.ask(swapped)
    owned = _owned(facts.second)
    await context.ask(set_aside.question(facts, aside.lines(), owned, manifest.place))


async def _compared(context: StepContext, manifest: Manifest) -> SetAside:
    """What second has that first has not; never fails: what could not be compared is said."""
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
        alone = accounts.names(await accounts.alone(context.pair, known))
    except ProbeError as error:
        alone, why = manifest.accounts or (), f"{why}; which of them first has: {error}"
    return SetAside(alone, (), manifest.rooms, manifest.groups, manifest.pubsub_nodes, {}, (why,))


async def _start_again(context: StepContext, manifest: Manifest) -> None:
    """Second is as it was where nothing of its database has been moved."""
    if manifest.stage != "begun" or not manifest.was_running:
        return
    try:
        await vm.start(context.pair.second)
        context.say("nothing was moved; ejabberd runs on second again")
    except (ClusterError, ProbeError, HostError) as error:
        context.say(f"ejabberd does not run on second again: {error}")


async def _with_accounts(context: StepContext, manifest: Manifest) -> Manifest:
    """Second's accounts, by starting it on its own database where it is down.

    What an earlier run has moved a part of cannot be started: its accounts are in the manifest.
    """
    if manifest.stage == "moving":
        return manifest
    second = context.pair.second
    try:
        if not context.facts.second.ejabberd:
            await _end_what_is_there(context)
            context.say("starting second on its own database, to read its accounts")
            await vm.start(second, context.say)
            await context.refresh()
        return replace(manifest, accounts=accounts.names(await accounts.of(second)))
    except (StepFailed, ProbeError) as error:
        context.say(f"second's accounts could not be read: {error}")
        return manifest


async def _end_what_is_there(context: StepContext) -> None:
    """Second's node name is free, or ejabberd is starting under it. Raises Refused, StepFailed."""
    facts = context.facts.second
    if facts.vm == "down" or facts.starting:
        return
    question = vm.end_question(facts)
    if question is not None:
        await context.ask(question)
    await vm.stop(context.pair.second)


def _owned(second: NodeFacts) -> str:
    """What second's own database is, in a few words."""
    held = f"{len(second.spool.files)} files, {second.spool.bytes // 1024} kB"
    if second.accounts is None:
        return f"{held}, accounts not known while it is stopped"
    return f"{held}, {second.accounts} account{'' if second.accounts == 1 else 's'}"


def _evidence(manifest: Manifest) -> Evidence:
    first = manifest.first_backup
    seen = [f"second: {len(manifest.files)} files in {manifest.database}, checksums as noted"]
    if first is not None:
        seen.append(f"first: {first.path}, {first.records} records of {first.tables} tables read")
    return [*seen, "second: no Mnesia file is left in its database directory"]
