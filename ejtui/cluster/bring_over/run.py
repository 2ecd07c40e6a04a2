"""What only a backup of second has, brought into the cluster: accounts, rooms, and the like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ejtui import paths
from ejtui.cluster.acts.act import Act, At, Command, asked, commands
from ejtui.cluster.backups import folders
from ejtui.cluster.backups import online as online_backup
from ejtui.cluster.bring_over import done as bringover_done
from ejtui.cluster.bring_over import offer as bringover_offer
from ejtui.cluster.bring_over import source as bringover_source
from ejtui.cluster.bring_over.done import Done
from ejtui.cluster.bring_over.offer import KeptAccount, Offer, cut_made
from ejtui.cluster.bring_over.places import KINDS, KeptPlace
from ejtui.cluster.bring_over.source import Source
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts import account_names
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.journal import Entry, Journal
from ejtui.cluster.operations import accounts
from ejtui.cluster.operations.pending_start import wait_for_starts
from ejtui.cluster.operations.without_first import WITHOUT_FIRST, way_out
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import AskOperator, Question
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Emit
from ejtui.cluster.run.locked_run import finish, locked
from ejtui.cluster.run.operation import BRING_OVER
from ejtui.erlang.probe import questions

_GONE = way_out("bring-over BACKUP")


@dataclass(frozen=True)
class BroughtOver:
    """The result: the offer, what was written, and what was seen then.

    `completed` are accounts of the cluster that got what it lacked of them.
    """

    offer: Offer
    brought: Sequence[KeptAccount]
    evidence: tuple[str, ...]
    completed: tuple[KeptAccount, ...] = ()
    places: tuple[KeptPlace, ...] = ()

    @property
    def summary(self) -> str:
        """How it ended, in a few words."""
        count = len(self.brought)
        parts = ["1 account brought over" if count == 1 else f"{count} accounts brought over"]
        if self.completed:
            parts.append(f"{len(self.completed)} completed")
        if self.places:
            parts.append(f"{len(self.places)} rooms, groups and nodes brought over")
        skipped = len(self.offer.conflicts) + len(self.offer.left_places)
        return ", ".join([*parts, f"{skipped} skipped"] if skipped else parts)

    @property
    def sentence(self) -> str:
        """What came, by name, and from which backup."""
        here = f"from the backup {self.offer.source.name}"
        names = account_names.listed([account.name for account in self.brought])
        more = account_names.listed([account.name for account in self.completed])
        parts = [f"Brought over {here}: {names}"] if names else []
        parts += [f"completed {here}: {more}"] if more else []
        parts += [each.what for each in self.places]
        if not parts:
            return f"Nothing was to be brought over {here}."
        text = "; ".join(parts)
        return f"{text[:1].upper()}{text[1:]}."

    def to_json(self) -> dict[str, object]:
        return {
            **self.offer.to_json(),
            "brought": [account.name for account in self.brought],
            "completed": [account.name for account in self.completed],
            "rooms": [place.called for place in self.places if place.kind == "room"],
            "groups": [place.called for place in self.places if place.kind == "group"],
            "pubsub_nodes": [
                place.called for place in self.places if place.kind not in ("room", "group")
            ],
            "evidence": list(self.evidence),
        }


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
        _writer(pair, context.facts, source, without_first)
    if without_first:
        lock = PairLock(pair, without_first=True)
    async with locked(context, lock or PairLock(pair)):
        through = _writer(pair, await wait_for_starts(context), source, without_first)
        offer = await _offer(context, source, through)
        shows(offer)
        done = await _bring(context, offer, through, without_first)
    finish(context, done.summary, done.evidence)
    return done


async def look(pair: Pair, source: Source) -> Offer:
    """What `source` has to offer to the cluster as it is now; changes nothing.

    Raises BackupError, ProbeError, StepFailed.
    """
    through = _through(pair, await pair.refresh())
    verified = await bringover_source.verify(pair, source)
    return await bringover_offer.read(pair, source, through, verified)


def _writer(pair: Pair, facts: PairFacts, source: Source, without_first: bool) -> Node:
    """The node that writes. Raises StepFailed where none can."""
    return _alone(pair, facts, source) if without_first else _through(pair, facts)


def _through(pair: Pair, facts: PairFacts) -> Node:
    """The node that writes: second where it runs in the cluster, first where second is down."""
    for node in (facts.first, facts.second):
        if not node.asked:
            raise StepFailed(
                f"{node.name} must be reached to bring accounts over: {node.error}. {_GONE}"
            )
    if not facts.first.ejabberd:
        raise StepFailed(
            "ejabberd must run on first: the cluster's accounts are asked there; "
            f"`ejtui repair not-connected --node first` starts it. {_GONE}"
        )
    if facts.both_run and facts.second.ejabberd:
        return pair.second
    if facts.second.vm == "down":
        return pair.first
    raise StepFailed(
        "second runs, but not with ejabberd in first's cluster, where accounts would have to go: "
        "join it first (`ejtui join`), or look with `ejtui check`"
    )


def _alone(pair: Pair, facts: PairFacts, source: Source) -> Node:
    """Second, which runs on a separate database. Raises StepFailed where it does not."""
    first, second = facts.first, facts.second
    if not second.asked:
        raise StepFailed(f"{second.name} must be reached to bring accounts over: {second.error}")
    if first.mnesia_runs:
        raise StepFailed(
            f"ejabberd runs on {first.name}: leave out {WITHOUT_FIRST}, so that accounts that "
            f"{first.name} has are compared with those of the backup"
        )
    named = source.manifest.first if source.manifest else ""
    if not second.ejabberd or {first.node, named} & {*second.running_db_nodes}:
        raise StepFailed(
            f"ejabberd must run on {second.name}, on its own database: "
            f"`ejtui rollback {WITHOUT_FIRST}` brings that back; bring accounts over after that"
        )
    return pair.second


async def _offer(context: StepContext, source: Source, through: Node) -> Offer:
    context.say(f"reading {source.path}")
    verified = await bringover_source.verify(context.pair, source)
    return await bringover_offer.read(context.pair, source, through, verified)


async def _bring(
    context: StepContext, offer: Offer, through: Node, without_first: bool
) -> BroughtOver:
    left = len(offer.conflicts) + len(offer.left_places)
    skipped = [f"{left} of the backup's stay there, as named before"] if left else []
    if not (offer.new or offer.incomplete or offer.new_places):
        return BroughtOver(offer, (), (*await _settle(context, offer), *skipped))
    keeper = through if without_first else context.pair.first
    asked_of = _question(offer, without_first=without_first)
    shown = _commands(keeper, context.pair.second, offer)
    await context.ask(replace(asked_of, commands=tuple(shown)))
    kept = await _back_up(context, keeper)
    written = await _write(context, offer, offer.new)
    completed = await _write(context, offer, offer.incomplete, completes=True)
    places = await _write_places(context, offer)
    done = BroughtOver(
        offer,
        tuple(account for account in offer.new if account.account in written),
        (),
        tuple(account for account in offer.incomplete if account.account in completed),
        places,
    )
    await bringover_done.add(context.pair, offer.source, _done(done))
    evidence = [kept, *_reported(done, through.platform.node), *await _look_again(context, done)]
    evidence += [line for each in done.brought for line in _own_kept(each, written[each.account])]
    evidence += [
        f"skipped {account.name}: it has come to be in the cluster meanwhile"
        for account in offer.new
        if account not in done.brought
    ]
    return replace(done, evidence=(*evidence, *skipped))


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
    same = offer.of("same")
    evidence = ["nothing is to be brought over"]
    if not same:
        return evidence
    if any(seen.unknown for seen in (await _asked(context, offer, _pairs(same))).values()):
        await _write(context, offer, same)
        evidence += await _look_again(context, BroughtOver(offer, same, ()))
    return evidence


def _question(offer: Offer, *, without_first: bool = False) -> Question:
    into = "the database that second runs on alone" if without_first else "the cluster"
    where = "second" if without_first else "first"
    consequence = (
        f"They are written through {offer.through} and can log in on every node then. "
        "Accounts of the cluster keep all that they have, and so do contact lists of others. "
        f"An online backup of the cluster is made before, on {where}."
    )
    if without_first:
        consequence += " First is not asked: what it has, if it comes back, stays as it is there."
    return Question(
        title=f"Bring {_what(offer)} of {offer.source.name} into {into}?",
        takes=(
            *cut_made(offer.new, lambda each: f"{each.name}: {each.belongings}"),
            *cut_made(
                offer.incomplete,
                lambda each: f"{each.name}, in the cluster already: {each.lacking}",
            ),
            *(place.what for place in offer.new_places),
            *offer.skipped_lines(),
        ),
        consequence=consequence,
        yes_label="Bring them over",
    )


def _what(offer: Offer) -> str:
    kinds = Counter(place.kind for place in offer.new_places)
    counts = [
        _count(len(offer.new), "account"),
        *(_count(kinds[kind], words) for kind, words in KINDS.items()),
    ]
    if offer.incomplete:
        counts.append(f"what {_count(len(offer.incomplete), 'account')} of the cluster lacks")
    return ", ".join(count for count in counts if count)


def _count(number: int, what: str) -> str:
    if not number:
        return ""
    return f"{number} {what}{'' if number == 1 else 's'}"


async def _back_up(context: StepContext, node: Node) -> str:
    """The cluster's online backup on this node's host, read to its end."""
    path = f"{await folders.new_directory(node, BRING_OVER.id)}/cluster.BUP"
    read = await online_backup.make(context, node, path)
    line = f"cluster's online backup on {_role(context, node)}, {path}: {read.records} records read"
    context.say(line)
    return line


def _role(context: StepContext, node: Node) -> str:
    return "first" if node is context.pair.first else "second"


def _commands(keeper: Node, second: Node, offer: Offer) -> list[Command]:
    """What a yes runs: the backup of the cluster on `keeper`, then what is written."""
    backup = f"{folders.root(keeper.platform)}/STAMP-{BRING_OVER.id}/cluster.BUP"
    acts: list[Act] = [online_backup.backup_act(keeper, backup)]
    if offer.new:
        acts.append(_write_act(second, offer, offer.new))
    if offer.incomplete:
        acts.append(_write_act(second, offer, offer.incomplete, completes=True))
    if offer.new_places:
        acts.append(_places_act(second, offer))
    return commands(acts)


def _write_act(
    at: At,
    offer: Offer,
    wanted: Sequence[KeptAccount],
    *,
    completes: bool = False,
    on_progress: Callable[[Any], None] | None = None,
) -> Act[dict[accounts.Account, Mapping[str, tuple[int, int]]]]:
    """How accounts, or what the cluster lacks of one (`completes`), are written through a node."""
    how = questions.complete_accounts if completes else questions.bring_accounts
    what = "what is lacking of" if completes else "with what is theirs"
    count = _count(len(wanted), "account")
    text = (
        f"write {what} {count} of {offer.source.path} through {offer.through}."
        if completes
        else f"write {count} of {offer.source.path}, {what}, through {offer.through}."
    )
    return asked(
        at, text, how, offer.source.term, offer.through, _pairs(wanted), online_backup.LONG,
        on_progress,
    )  # fmt: skip


def _places_act(at: At, offer: Offer) -> Act[set[tuple[str, str, str]]]:
    """How rooms, groups and pubsub nodes are written through a node."""
    places = offer.new_places
    text = (
        f"write {len(places)} rooms, groups and nodes of {offer.source.path} through "
        f"{offer.through}."
    )
    return asked(
        at, text, questions.bring_places, offer.source.term, offer.through,
        [place.term for place in places], online_backup.LONG,
    )  # fmt: skip


async def _write(
    context: StepContext, offer: Offer, wanted: Sequence[KeptAccount], *, completes: bool = False
) -> dict[accounts.Account, Mapping[str, tuple[int, int]]]:
    """Those that were written: table -> (records written, the cluster's own that stayed)."""
    if not wanted:
        return {}
    context.journal.write(
        Entry.BRINGING, step=BRING_OVER.id, accounts=[account.name for account in wanted]
    )
    second = context.pair.second
    act = _write_act(
        second, offer, wanted, completes=completes,
        on_progress=lambda p: context.progress(p[0], p[1], "accounts"),
    )  # fmt: skip
    written: dict[accounts.Account, Mapping[str, tuple[int, int]]] = await act.run(second)
    return written


async def _write_places(context: StepContext, offer: Offer) -> tuple[KeptPlace, ...]:
    """Rooms and groups that were written."""
    wanted = offer.new_places
    if not wanted:
        return ()
    context.journal.write(
        Entry.BRINGING, step=BRING_OVER.id, places=[place.called for place in wanted]
    )
    second = context.pair.second
    written = await _places_act(second, offer).run(second)
    return tuple(place for place in wanted if (place.kind, place.name, place.host) in written)


async def _look_again(context: StepContext, done: BroughtOver) -> list[str]:
    """Both nodes must have what was written. Raises StepFailed."""
    evidence = []
    brought = _pairs((*done.brought, *done.completed))
    for node, seen in (await _asked(context, done.offer, brought)).items():
        missing = [f"{user}@{server} ({table})" for user, server, table in seen.missing]
        missing += [f"{user}@{server} (unknown to ejabberd)" for user, server in seen.unknown]
        missing += await _places_missing(context, node, done.places)
        if missing:
            named = account_names.listed(missing)
            raise StepFailed(f"not found on {node} after it was written: {named}")
        evidence.append(f"{node}: {seen.same} of {seen.records} records read back as in the backup")
    return evidence


async def _places_missing(
    context: StepContext, node: str, places: Sequence[KeptPlace]
) -> list[str]:
    if not places:
        return []
    missing = await questions.missing_places(
        context.pair.second.probe, node, [place.term for place in places], online_backup.LONG
    )
    return [f"{name}@{host} ({kind})" for kind, name, host in missing]


async def _asked(
    context: StepContext, offer: Offer, wanted: Sequence[accounts.Account]
) -> dict[str, questions.ReadBack]:
    """What each node that runs ejabberd reports of these accounts, by its Erlang name."""
    facts = await context.refresh()
    running = [each.node for each in (facts.first, facts.second) if each.ejabberd]
    return {
        node: await questions.read_back(
            context.pair.second.probe, offer.source.term, node, wanted, online_backup.LONG
        )
        for node in running
    }


def _own_kept(account: KeptAccount, tables: Mapping[str, tuple[int, int]]) -> list[str]:
    kept = [f"{count} of {table}" for table, (_, count) in sorted(tables.items()) if count]
    return [f"{account.name}: the cluster's own stayed: {', '.join(kept)}"] if kept else []


def _pairs(wanted: Sequence[KeptAccount]) -> list[accounts.Account]:
    return [account.account for account in wanted]
