"""Second back to what it was before the join: its own database, its own cookie, alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from ejtui import paths
from ejtui.erlang.probe import nodes
from ejtui.erlang.terms import Atom

from . import accounts, backup, restoring, store, vm
from .context import StepContext
from .errors import StepFailed
from .events import Emit, Finished, StepEnded, StepStarted
from .facts import REMOTE, PairFacts
from .journal import Journal
from .lock import PairLock
from .manifest import Manifest
from .pair import Pair
from .question import Asks, Question
from .waiting import until

ID = "rollback"

FORGET_SECONDS = 60.0


async def rollback(
    pair: Pair, wanted: str | None, asks: Asks, emit: Emit, lock: PairLock | None = None
) -> list[str]:
    """Brings second back from a backup (its stamp or path; None: the newest not used up).

    Returns what was seen. Goes on where an earlier rollback was ended, also from the middle of
    a join. `lock` is the runner's own, when it holds it. Raises BackupError, LockHeld, Refused,
    StepFailed.
    """
    journal = Journal(paths.journal_file(pair.name), pair.name)
    context = StepContext(ID, pair, await pair.refresh(), asks, emit, journal)
    _refuse_without(context.facts)
    async with _locked(context, lock or PairLock(pair)):
        manifest = await store.find(pair, wanted)
        _refuse_last_copies(context.facts)
        await backup.check(context.pair.second, manifest)
        await context.ask(await _question(context, manifest))
        evidence = await _roll_back(context, manifest)
    emit(StepEnded(ID, "done", "second is back to what it was", tuple(evidence)))
    journal.write("ended", step=ID, state="done", evidence=evidence)
    emit(Finished(True))
    return evidence


@asynccontextmanager
async def _locked(context: StepContext, lock: PairLock) -> AsyncIterator[None]:
    await lock.take("rollback")
    context.emit(StepStarted(ID))
    context.journal.write("started", step=ID)
    try:
        yield
    except BaseException as error:
        context.journal.write("ended", step=ID, state="failed", why=str(error))
        context.emit(StepEnded(ID, "failed", str(error)))
        context.emit(Finished(False))
        raise
    finally:
        await lock.release()


async def _roll_back(context: StepContext, manifest: Manifest) -> list[str]:
    """Every part looks first at what is so already."""
    evidence: list[str] = []
    if manifest.stage != "restored":
        await _stop(context)
        await _forget(context)
        manifest, evidence = await restoring.database(context, manifest)
        evidence += await restoring.cookie(context, manifest)
        manifest = replace(manifest, stage="restored")
        await store.save(context.pair, manifest)
    evidence += await _start(context, manifest)
    await store.save(context.pair, replace(manifest, stage="rolled-back"))
    return evidence


def _refuse_without(facts: PairFacts) -> None:
    for node in (facts.first, facts.second):
        if not node.asked:
            raise StepFailed(f"{node.name} must be reached to roll back: {node.error}")
    if not facts.first.mnesia_runs:
        raise StepFailed("ejabberd must run on first, or first cannot forget second")


def _refuse_last_copies(facts: PairFacts) -> None:
    """A table that lives on second alone would be gone from the cluster."""
    alone = [
        table.name
        for table in facts.first.tables
        if table.holders == (facts.second.node,) and not table.local_content
    ]
    if alone:
        raise StepFailed(
            f"these tables live on second alone: {', '.join(alone)}; give first a copy of each "
            "before rolling back"
        )


async def _question(context: StepContext, manifest: Manifest) -> Question:
    facts = context.facts
    copies = sum(table.storage != REMOTE for table in facts.second.tables)
    own = "whose accounts were not read"
    if manifest.accounts is not None:
        count = len(manifest.accounts)
        word = "account" if count == 1 else "accounts"
        own = f"with {count} {word}: {accounts.listed(manifest.accounts)}"
    return Question(
        title=f"Roll second back to {manifest.stamp}?",
        takes=(
            f"second leaves the cluster; its copies of {copies} tables are set aside in "
            f"{manifest.place}, not deleted",
            f"second goes back to its own database, {own}",
            f"first keeps all its {facts.first.accounts} accounts, also those made on the "
            "cluster since the join",
        ),
        consequence="ejabberd on second stops, and starts as it was before the join.",
        yes_label="Roll back",
    )


async def _stop(context: StepContext) -> None:
    pair = context.pair
    if context.facts.second.vm != "down":
        context.say(f"second ended by {await vm.stop(pair.second)}")
    shell, pair.shell = pair.shell, None
    if shell is not None:
        await shell.close()
    await context.refresh()


async def _forget(context: StepContext) -> None:
    """First forgets second, whose Mnesia must be down for it."""
    first, second = context.pair.first, context.pair.second.platform.node
    if second not in context.facts.first.db_nodes:
        return
    arguments = [Atom("schema"), *nodes([second])]
    await until(
        lambda: first.probe.ask("change", Atom("del_table_copy"), arguments),
        lambda said: said["result"] == "done",
        what=f"first to forget {second}",
        seconds=FORGET_SECONDS,
        instead=lambda said: str(said["reason"]),
        poll=0.1,
    )
    await context.until(
        lambda now: second not in now.first.db_nodes, f"first to list {second} no longer"
    )
    context.say(f"first has forgotten {second}")


async def _start(context: StepContext, manifest: Manifest) -> list[str]:
    pair, second = context.pair, context.pair.second
    if not manifest.was_running:
        return ["second was stopped before the join, and is left stopped"]
    if not (await context.refresh()).second.ejabberd:
        await vm.start(second)
    own = second.platform.node
    facts = await context.until(
        lambda now: now.second.ejabberd and now.second.running_db_nodes == (own,),
        "second to run alone",
    )
    if own in facts.first.db_nodes:
        raise StepFailed(f"first lists {own} again")
    seen = [
        f"second: running db nodes {list(facts.second.running_db_nodes)}",
        f"first: db nodes {list(facts.first.db_nodes)}",
    ]
    if manifest.accounts is None:
        return seen
    names = accounts.names(await accounts.of(pair.second))
    if names != manifest.accounts:
        missing = set(manifest.accounts) - set(names)
        raise StepFailed(f"second's accounts are not what they were; missing: {sorted(missing)}")
    return [*seen, f"second: its own accounts are back: {accounts.listed(names)}"]
