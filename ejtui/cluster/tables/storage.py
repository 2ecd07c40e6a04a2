"""The tables screen's side: every table on both nodes, and changing second's copy of one."""

from __future__ import annotations

from dataclasses import dataclass

from ejtui import paths
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import REMOTE, STORAGE_WORDS, STORAGES, PairFacts, TableFacts
from ejtui.cluster.journal import Entry, Journal
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.question import AskOperator, Question
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Emit, StepEnded, StepStarted
from ejtui.cluster.run.noted_run import commands_noted, note_hosts, note_nodes
from ejtui.cluster.run.operation import STORAGE
from ejtui.cluster.run.record import record
from ejtui.cluster.tables.copies import Copy, change, overruled, storage_on_second


@dataclass(frozen=True)
class TableRow:
    """One table on both nodes. `first`, `second` and `wanted` are storage types.

    `wanted` is what a join gives second: the operator's choice (`chosen`), else first's type.
    Before a join `second` is the type in second's own database. `overruled`: ejabberd's start gave
    second another copy than was chosen. `records` and `bytes` are first's where it knows the table
    (`of_first`), else second's.
    """

    name: str
    first: str
    second: str
    wanted: str
    chosen: bool
    local_content: bool
    records: int
    bytes: int
    overruled: bool = False
    of_first: bool = True

    @property
    def differs(self) -> bool:
        return self.first != self.second


def rows(facts: PairFacts, choices: Choices) -> list[TableRow]:
    """Every table that either node knows, by name."""
    tables = {table.name: table for table in facts.second.tables}
    tables |= {table.name: table for table in facts.first.tables}
    return [_row(facts, choices, table) for _, table in sorted(tables.items())]


def _row(facts: PairFacts, choices: Choices, table: TableFacts) -> TableRow:
    on_first = facts.first.table(table.name)
    on_second = facts.second.table(table.name)
    second = storage_on_second(facts, table) if on_first is not None else REMOTE
    if not facts.both_run and on_second is not None:
        second = on_second.storage
    return TableRow(
        name=table.name,
        first=on_first.storage if on_first is not None else REMOTE,
        second=second,
        wanted=choices.wanted(table),
        chosen=table.name in choices,
        local_content=table.local_content,
        records=table.size,
        of_first=on_first is not None,
        bytes=table.memory,
        overruled=any(copy.table.name == table.name for copy in overruled(facts, choices)),
    )


def changes_now(facts: PairFacts) -> bool:
    """Whether a choice is carried out at once: second is a member and runs."""
    return facts.both_run and facts.first_keeps_second


def refusal(facts: PairFacts, name: str, storage: str) -> str:
    """Why second's copy of the table must not become `storage`; "" when it may."""
    table = facts.first.table(name) or facts.second.table(name)
    if storage not in (*STORAGES, REMOTE):
        return f"{storage} is no storage type"
    if table is None:
        return f"no node knows a table {name}"
    if storage == REMOTE and table.local_content:
        return f"{name} is each node's own: second's copy is no copy of first's"
    if storage == REMOTE and changes_now(facts) and not _others(facts, table):
        return f"no other node that runs has a copy of {name}: its records would be lost"
    return ""


def _others(facts: PairFacts, table: TableFacts) -> set[str]:
    """The nodes that run and hold a copy, second aside."""
    return set(table.holders) & set(facts.first.running_db_nodes) - {facts.second.node}


def preview(facts: PairFacts, name: str, storage: str) -> str:
    """What choosing `storage` for second's copy does, in one or two sentences."""
    why_not = refusal(facts, name, storage)
    if why_not:
        return why_not
    word = STORAGE_WORDS[storage]
    if not changes_now(facts):
        return f"The join will give second a {word} of {name}."
    table = facts.first.table(name) or TableFacts(name)
    copy = Copy(table, storage, storage_on_second(facts, table))
    if copy.now == storage:
        return f"second has a {word} of {name} already."
    return (
        f"{_done(copy, facts.second.node)} ejabberd may set the type it prefers when it starts "
        "the next time."
    )


def _done(copy: Copy, node: str) -> str:
    name, count = copy.table.name, copy.table.size
    if copy.wanted == REMOTE:
        return f"second's copy of {name} is removed; it then reads the {count} records from first."
    if copy.now == REMOTE:
        return f"{count} records of {name} are copied to {node} as {STORAGE_WORDS[copy.wanted]}."
    return f"second's copy of {name} becomes a {STORAGE_WORDS[copy.wanted]}."


async def choose(
    pair: Pair,
    name: str,
    storage: str,
    asks: AskOperator,
    emit: Emit,
    lock: PairLock | None = None,
) -> list[str]:
    """Sets the type for second's copy: remembered before a join, carried out after one.

    Removing a copy asks first. Returns what was seen. Raises StepFailed for what is refused,
    Refused, LockHeld, ProbeError.
    """
    facts = await pair.refresh()
    why_not = refusal(facts, name, storage)
    if why_not:
        raise StepFailed(why_not)
    if not changes_now(facts):
        pair.choices.choose(name, storage)
        return [preview(facts, name, storage)]
    journal = Journal(paths.journal_file(pair.name), pair.name)
    context = StepContext(STORAGE, pair, facts, asks, emit, journal)
    table = facts.first.table(name) or TableFacts(name)
    copy = Copy(table, storage, storage_on_second(facts, table))
    if copy.now == storage:
        pair.choices.choose(name, storage)
        return [preview(facts, name, storage)]
    note_hosts(journal, pair)
    record(journal, StepStarted(STORAGE))
    note_nodes(journal, pair)
    try:
        with commands_noted(journal, context.id):
            seen = await _carry_out(context, copy, lock or PairLock(pair))
    except BaseException as error:
        record(journal, StepEnded(STORAGE, "failed", str(error) or type(error).__name__))
        raise
    record(journal, StepEnded(STORAGE, "done", "", tuple(seen)))
    return seen


async def _carry_out(context: StepContext, copy: Copy, lock: PairLock) -> list[str]:
    name, storage = copy.table.name, copy.wanted
    await lock.take(f"storage of {name}")
    try:
        if storage == REMOTE:
            await context.ask(_question(copy, context.facts))
        second = context.pair.second
        await change(second, copy)
        context.pair.choices.choose(name, storage)
        facts = await context.until(
            lambda now: _is(now, name, storage), f"both nodes to show {name} as {storage}"
        )
    finally:
        await lock.release()
    context.journal.write(Entry.STORAGE, table=name, storage=storage, before=copy.now)
    return [f"{name} on second: {STORAGE_WORDS[storage]}, both {_names(facts)} report"]


def _names(facts: PairFacts) -> str:
    return f"{facts.first.node} and {facts.second.node}"


def _is(facts: PairFacts, name: str, storage: str) -> bool:
    first, second = facts.first.table(name), facts.second.table(name)
    if first is None or second is None:
        return False
    return first.storage_on(facts.second.node) == storage == second.storage


def _question(copy: Copy, facts: PairFacts) -> Question:
    held = ", ".join(node for node in copy.table.holders if node != facts.second.node)
    return Question(
        title=f"Remove second's copy of {copy.table.name}?",
        takes=(f"second's copy of {copy.table.size} records; {held} keeps them",),
        consequence="second reads the table from there, and not at all while that is away.",
        yes_label="Remove the copy",
    )
