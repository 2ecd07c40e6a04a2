"""Accounts that only a backup of second has, brought into the cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ejtui import paths

from . import accounts, backup, bringover_offer, bringover_source, online_backup, store
from .bringover_offer import KeptAccount, Offer
from .bringover_source import Source
from .context import StepContext
from .errors import StepFailed
from .events import Emit, Finished, StepEnded
from .facts import PairFacts
from .journal import Journal, stamp
from .lock import PairLock
from .locked import locked
from .node import Node
from .pair import Pair
from .question import Asks, Question

ID = "bring-over"


@dataclass(frozen=True)
class BroughtOver:
    """What came of it: the offer, the accounts that were written, and what was seen then."""

    offer: Offer
    brought: tuple[KeptAccount, ...]
    evidence: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        return {
            **self.offer.to_json(),
            "brought": [account.name for account in self.brought],
            "evidence": list(self.evidence),
        }


async def bring_over(
    pair: Pair,
    source: Source,
    asks: Asks,
    emit: Emit,
    *,
    shows: Callable[[Offer], None] = lambda _: None,
    lock: PairLock | None = None,
) -> BroughtOver:
    """Brings the accounts of `source` that the cluster does not have into it, with what is theirs.

    An account of the cluster is never overwritten. `shows` gets what there is before the
    question is asked. Can be repeated: what is there already is left. `lock` is the caller's own,
    when it holds it. Raises BackupError, LockHeld, ProbeError, Refused, StepFailed.
    """
    journal = Journal(paths.journal_file(pair.name), pair.name)
    context = StepContext(ID, pair, await pair.refresh(), asks, emit, journal)
    through = _through(pair, context.facts)
    async with locked(context, lock or PairLock(pair), "bring over accounts"):
        offer = await _offer(context, source, through)
        shows(offer)
        brought, evidence = await _bring(context, offer, through)
    done = BroughtOver(offer, brought, tuple(evidence))
    emit(StepEnded(ID, "done", _summary(done), done.evidence))
    journal.write("ended", step=ID, state="done", evidence=done.evidence)
    emit(Finished(True))
    return done


async def look(pair: Pair, source: Source) -> Offer:
    """What `source` has to offer to the cluster as it is now; changes nothing.

    Raises BackupError, ProbeError, StepFailed.
    """
    through = _through(pair, await pair.refresh())
    verified = await bringover_source.verify(pair, source)
    return await bringover_offer.read(pair, source, through, verified)


def _through(pair: Pair, facts: PairFacts) -> Node:
    """The node that writes: second where it runs in the cluster, first where second is down."""
    for node in (facts.first, facts.second):
        if not node.asked:
            raise StepFailed(f"{node.name} must be reached to bring accounts over: {node.error}")
    if not facts.first.ejabberd:
        raise StepFailed("ejabberd must run on first: the cluster's accounts are asked there")
    if facts.both_run and facts.second.ejabberd:
        return pair.second
    if facts.second.vm == "down":
        return pair.first
    raise StepFailed(
        "second runs, but not with ejabberd in first's cluster, where accounts would have to go: "
        "join it first (`ejtui join`), or look with `ejtui check`"
    )


async def _offer(context: StepContext, source: Source, through: Node) -> Offer:
    context.say(f"reading {source.path}")
    verified = await bringover_source.verify(context.pair, source)
    return await bringover_offer.read(context.pair, source, through, verified)


async def _bring(
    context: StepContext, offer: Offer, through: Node
) -> tuple[tuple[KeptAccount, ...], list[str]]:
    skipped = [
        f"skipped {account.name}: {bringover_offer.STATES[account.state]}"
        for account in offer.conflicts
    ]
    there = offer.there
    if not offer.new:
        return (), [*await _settle(context, offer), *there, *skipped]
    await context.ask(_question(offer))
    kept = await _back_up(context)
    written = await _write(context, offer, offer.new)
    brought = tuple(account for account in offer.new if account.account in written)
    names = accounts.listed([account.name for account in brought]) or "none"
    seen = await _look_again(context, offer, [account.account for account in brought])
    evidence = [kept, f"brought over through {through.platform.node}: {names}", *seen]
    late = [
        f"skipped {account.name}: it has come to be in the cluster meanwhile"
        for account in offer.new
        if account not in brought
    ]
    evidence += [line for each in brought for line in _own_kept(each, written[each.account])]
    return brought, [*evidence, *there, *late, *skipped]


async def _settle(context: StepContext, offer: Offer) -> list[str]:
    """An earlier run may have been ended after it wrote and before caches were emptied."""
    same = offer.of("same")
    evidence = ["nothing is to be brought over"]
    if not same:
        return evidence
    if any(said["unknown"] for said in (await _asked(context, offer, _pairs(same))).values()):
        await _write(context, offer, same)
        evidence += await _look_again(context, offer, _pairs(same))
    return evidence


def _question(offer: Offer) -> Question:
    skipped = [
        f"skipped: {account.name}, {bringover_offer.STATES[account.state]}"
        for account in offer.conflicts
    ]
    count = len(offer.new)
    what = "1 account" if count == 1 else f"{count} accounts"
    return Question(
        title=f"Bring {what} of {offer.source.name} into the cluster?",
        takes=(*(f"{each.name}: {each.belongings}" for each in offer.new), *skipped),
        consequence=(
            f"They are written through {offer.through} and can log in on every node then. "
            "Accounts of the cluster are left as they are, and so are contact lists of others. "
            "An online backup of the cluster is made before, on first."
        ),
        yes_label="Bring them over",
    )


async def _back_up(context: StepContext) -> str:
    """The cluster's online backup on first, read to its end."""
    first = context.pair.first
    directory = f"{store.root(first.platform)}/{stamp()}-{ID}"
    path = f"{directory}/cluster.BUP"
    await store.make(first, directory)
    read = await online_backup.make(context, first, path)
    line = f"cluster's online backup on first, {path}: {read.records} records read"
    context.say(line)
    return line


async def _write(
    context: StepContext, offer: Offer, wanted: Sequence[KeptAccount]
) -> dict[accounts.Account, Mapping[str, tuple[int, int]]]:
    """Those that were written: table -> (records written, the cluster's own that stayed)."""
    context.journal.write("bringing", step=ID, accounts=[account.name for account in wanted])
    said = await context.pair.second.probe.ask(
        "bring_accounts",
        offer.source.term,
        offer.through,
        _pairs(wanted),
        timeout=backup.LONG,
        on_progress=lambda p: context.progress(p[0], p[1], "accounts"),
    )
    return {(user, server): tables for user, server, tables in said if tables != "there"}


async def _look_again(
    context: StepContext, offer: Offer, brought: Sequence[accounts.Account]
) -> list[str]:
    """Both nodes must have what was written. Raises StepFailed."""
    evidence = []
    for node, said in (await _asked(context, offer, brought)).items():
        missing = [f"{user}@{server} ({table})" for user, server, table in said["missing"]]
        missing += [f"{user}@{server} (unknown to ejabberd)" for user, server in said["unknown"]]
        if missing:
            raise StepFailed(f"not found on {node} after it was written: {', '.join(missing)}")
        evidence.append(
            f"{node}: {said['same']} of {said['records']} records read back as in the backup"
        )
    return evidence


async def _asked(
    context: StepContext, offer: Offer, wanted: Sequence[accounts.Account]
) -> dict[str, Any]:
    """What each node that runs ejabberd says of these accounts, by its Erlang name."""
    facts = await context.refresh()
    running = [each.node for each in (facts.first, facts.second) if each.ejabberd]
    return {
        node: await context.pair.second.probe.ask(
            "look_at_accounts", offer.source.term, node, list(wanted), timeout=backup.LONG
        )
        for node in running
    }


def _own_kept(account: KeptAccount, tables: Mapping[str, tuple[int, int]]) -> list[str]:
    kept = [f"{count} of {table}" for table, (_, count) in sorted(tables.items()) if count]
    return [f"{account.name}: the cluster's own stayed: {', '.join(kept)}"] if kept else []


def _pairs(wanted: Sequence[KeptAccount]) -> list[accounts.Account]:
    return [account.account for account in wanted]


def _summary(done: BroughtOver) -> str:
    conflicts = len(done.offer.conflicts)
    count = len(done.brought)
    brought = "1 account brought over" if count == 1 else f"{count} accounts brought over"
    return brought + (f", {conflicts} skipped" if conflicts else "")
