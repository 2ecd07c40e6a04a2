"""What only a backup of second has, brought into the cluster: accounts, rooms, and the like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ejtui import paths
from ejtui.cluster.backups import folders
from ejtui.cluster.backups import online as online_backup
from ejtui.cluster.bring_over import damaged_source
from ejtui.cluster.bring_over import done as bringover_done
from ejtui.cluster.bring_over import offer as bringover_offer
from ejtui.cluster.bring_over import source as bringover_source
from ejtui.cluster.bring_over.consent import question
from ejtui.cluster.bring_over.done import Done
from ejtui.cluster.bring_over.offer import KeptAccount, Offer
from ejtui.cluster.bring_over.read_back import look_again, read_back
from ejtui.cluster.bring_over.result import BroughtOver
from ejtui.cluster.bring_over.source import Source
from ejtui.cluster.bring_over.writer import through_cluster, writer
from ejtui.cluster.bring_over.writes import commands_of, names_of, write_accounts, write_places
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts import account_names
from ejtui.cluster.journal import Journal
from ejtui.cluster.operations.files import no_room
from ejtui.cluster.operations.vm.pending_start import wait_for_starts
from ejtui.cluster.operations.without_first import WITHOUT_FIRST
from ejtui.cluster.pair import fixed_files
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import AskOperator
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Emit
from ejtui.cluster.run.locked_run import finish, locked
from ejtui.cluster.run.operation import BRING_OVER
from ejtui.hosts import HostError


async def bring_over(
    pair: Pair,
    source: Source,
    asks: AskOperator,
    emit: Emit,
    *,
    shows: Callable[[Offer], None] = lambda _: None,
    lock: PairLock | None = None,
    without_first: bool = False,
) -> BroughtOver:
    """Brings what `source` has and the cluster has not into it: accounts with what is theirs, what
    is missing of accounts that have this very password there, rooms, shared roster groups, and
    pubsub nodes.

    Nothing of the cluster's is ever overwritten. `shows` gets what there is before the
    question is asked. Can be repeated: what is there already is left. `lock` is the caller's own,
    when it holds it. `without_first` is for a first that is gone for ever: what the backup has goes
    into the database that second runs on alone. Raises BackupError, LockHeld, ProbeError, Refused,
    StepFailed.
    """
    journal = Journal(paths.journal_file(pair.name), pair.name)
    context = StepContext(BRING_OVER, pair, await pair.refresh(), asks, emit, journal)
    if not (context.facts.first.asked and context.facts.second.asked):
        writer(pair, context.facts, source, without_first)
    if without_first:
        lock = PairLock(pair, without_first=True)
    async with locked(context, lock or PairLock(pair)):
        through = writer(pair, await wait_for_starts(context), source, without_first)
        async with no_room.explained(context, _again(source, without_first)):
            offer = await _offer(context, source, through, without_first)
            shows(offer)
            done = await _bring(context, offer, through, without_first)
    finish(context, done.summary, done.evidence)
    return done


def _again(source: Source, without_first: bool) -> str:
    """The command that goes on with this source."""
    return f"ejtui bring-over {source.name}{f' {WITHOUT_FIRST}' if without_first else ''}"


async def look(pair: Pair, source: Source) -> Offer:
    """What `source` has to offer to the cluster as it is now; changes nothing.

    Raises BackupError, ProbeError, StepFailed.
    """
    through = through_cluster(pair, await pair.refresh())
    verified = await bringover_source.verify(pair, source)
    return await bringover_offer.read(pair, source, through, verified)


async def _offer(context: StepContext, source: Source, through: Node, without_first: bool) -> Offer:
    context.say(f"reading {source.path}")
    verified = await damaged_source.verified(context, source, without_first=without_first)
    return await bringover_offer.read(context.pair, source, through, verified)


async def _bring(
    context: StepContext, offer: Offer, through: Node, without_first: bool
) -> BroughtOver:
    left = len(offer.conflicts) + len(offer.left_places)
    skipped = [f"{left} of the backup's stay there, as named before"] if left else []
    if not (offer.new or offer.incomplete or offer.new_places):
        return BroughtOver(offer, (), (*await _settle(context, offer), *skipped))
    keeper = through if without_first else context.pair.first
    await fixed_files.refuse(context.pair.second, [bringover_done.file(offer.source)])
    await fixed_files.refuse(keeper, [f"{folders.root(keeper.platform)}/"])
    asked_of = question(offer, without_first=without_first)
    shown = commands_of(keeper, context.pair.second, offer)
    await context.ask(replace(asked_of, commands=tuple(shown)))
    await _refuse_unnoted(context, offer)
    kept = await _back_up(context, keeper)
    written = await write_accounts(context, offer, offer.new)
    completed = await write_accounts(context, offer, offer.incomplete, completes=True)
    places = await write_places(context, offer)
    done = BroughtOver(
        offer,
        tuple(account for account in offer.new if account.account in written),
        (),
        tuple(account for account in offer.incomplete if account.account in completed),
        places,
    )
    await bringover_done.add(context.pair, offer.source, _done(done))
    evidence = [kept, *_reported(done, through.platform.node), *await look_again(context, done)]
    evidence += [line for each in done.brought for line in _own_kept(each, written[each.account])]
    evidence += [
        f"skipped {account.name}: it has come to be in the cluster meanwhile"
        for account in offer.new
        if account not in done.brought
    ]
    return replace(done, evidence=(*evidence, *skipped))


async def _refuse_unnoted(context: StepContext, offer: Offer) -> None:
    """Raises StepFailed where what is brought could not be written down: a repeated run would bring
    again what people have removed since."""
    try:
        await bringover_done.add(context.pair, offer.source, Done())
    except HostError as error:
        raise StepFailed(
            f"nothing was brought over, for it cannot be written down beside the backup: {error}"
        ) from error


def _done(done: BroughtOver) -> Done:
    return Done(
        frozenset(account.name for account in (*done.brought, *done.completed)),
        frozenset(place.called for place in done.places),
    )


def _reported(done: BroughtOver, node: str) -> list[str]:
    names = account_names.listed([account.name for account in done.brought]) or "none"
    lines = [f"brought over through {node}: {names}"]
    lines += [f"{account.name}: brought {account.lacking}" for account in done.completed]
    return lines + [f"brought {place.what}" for place in done.places]


async def _settle(context: StepContext, offer: Offer) -> list[str]:
    """An earlier run may have been ended after it wrote and before caches were emptied."""
    same = offer.same
    evidence = ["nothing is to be brought over"]
    if not same:
        return evidence
    if any(seen.unknown for seen in (await read_back(context, offer, names_of(same))).values()):
        await write_accounts(context, offer, same)
        evidence += await look_again(context, BroughtOver(offer, same, ()))
    return evidence


async def _back_up(context: StepContext, node: Node) -> str:
    """The cluster's online backup on this node's host, read to its end."""
    path = f"{await folders.new_directory(node, BRING_OVER.id)}/cluster.BUP"
    read = await online_backup.make(context, node, path)
    line = f"cluster's online backup on {_role(context, node)}, {path}: {read.records} records read"
    context.say(line)
    return line


def _role(context: StepContext, node: Node) -> str:
    return "first" if node is context.pair.first else "second"


def _own_kept(account: KeptAccount, tables: Mapping[str, tuple[int, int]]) -> list[str]:
    kept = [f"{count} of {table}" for table, (_, count) in sorted(tables.items()) if count]
    return [f"{account.name}: the cluster's own stayed: {', '.join(kept)}"] if kept else []
