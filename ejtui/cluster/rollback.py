"""Second back to what it was before the join: its own database, its own cookie, alone."""

from __future__ import annotations

from dataclasses import replace

from ejtui import paths

from . import accounts, backup, restoring, store, vm
from .backups import custom_file, table_return
from .context import StepContext
from .errors import StepFailed
from .events import Emit, Finished, StepEnded
from .facts import REMOTE, PairFacts
from .forgetting import forget, refuse_last_copies
from .journal import Journal
from .lock import PairLock
from .locked import locked
from .manifest import Manifest
from .pair import Pair
from .question import Asks, Question

ID = "rollback"


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
    async with locked(context, lock or PairLock(pair), "rollback"):
        manifest = await store.find(pair, wanted)
        refuse_last_copies(context.facts.first, (pair.second.platform.node,))
        await backup.check(context.pair.second, manifest)
        await context.ask(await _question(context, manifest))
        evidence = await _roll_back(context, manifest)
    emit(StepEnded(ID, "done", "second is back to what it was", tuple(evidence)))
    journal.write("ended", step=ID, state="done", evidence=evidence)
    emit(Finished(True))
    return evidence


async def _roll_back(context: StepContext, manifest: Manifest) -> list[str]:
    """Every part looks first at what is so already."""
    evidence: list[str] = []
    if manifest.stage != "restored":
        await _stop(context)
        await forget(context, context.pair.second.platform.node)
        manifest, evidence = await restoring.database(context, manifest)
        evidence += await restoring.cookie(context, manifest)
        evidence += await custom_file.put_back(context, manifest)
        manifest = replace(manifest, stage="restored")
        await store.save(context.pair, manifest)
    evidence += await _start(context, manifest)
    await store.save(context.pair, replace(manifest, stage="rolled-back"))
    return [*evidence, *await table_return.offer(context, manifest)]


def _refuse_without(facts: PairFacts) -> None:
    for node in (facts.first, facts.second):
        if not node.asked:
            raise StepFailed(f"{node.name} must be reached to roll back: {node.error}")
    if not facts.first.mnesia_runs:
        raise StepFailed(
            "ejabberd must run on first, or first cannot forget second; where it does not start, "
            "`ejtui repair not-connected --node first` starts it"
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
    await pair.end_shell()
    await context.refresh()


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
    # A first that was killed soon after it had forgotten second may know it again.
    await forget(context, own)
    facts = context.facts
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
