"""Which table copies second lacks, and the commands that make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui.cluster.acts.act import Act, At, asked
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import REMOTE, STORAGE_WORDS, PairFacts, TableFacts
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.erlang.probe import questions
from ejtui.erlang.terms import quoting
from ejtui.erlang.terms.etf import Atom

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

COPY_SECONDS = 24 * 3600.0
"""A table of many gigabytes takes its time; progress is shown and it can be cancelled."""


@dataclass(frozen=True)
class Copy:
    """A table whose copy on second is not of the type that is wanted."""

    table: TableFacts
    wanted: str
    now: str

    @property
    def function(self) -> str:
        """Mnesia's function that makes it so."""
        if self.now == REMOTE:
            return "add_table_copy"
        return "del_table_copy" if self.wanted == REMOTE else "change_table_copy_type"

    @property
    def text(self) -> str:
        """What is typed into second's own shell."""
        name = quoting.atom(self.table.name)
        kind = "" if self.wanted == REMOTE else f", {self.wanted}"
        return f"mnesia:{self.function}({name}, node(){kind})."

    def arguments(self, node: str) -> list[Atom]:
        """The arguments for the probe's question."""
        kind = [] if self.wanted == REMOTE else [Atom(self.wanted)]
        return [Atom(self.table.name), Atom(node), *kind]


def lacking(facts: PairFacts, choices: Choices) -> list[Copy]:
    """The copies that a join still has to make, the smallest tables first.

    A table chosen to stay remote is left as it is: a join only ever adds copies.
    """
    found = [
        Copy(table, choices.wanted(table), storage_on_second(facts, table))
        for table in facts.first.tables
        if table.storage != REMOTE
    ]
    wanted = [copy for copy in found if copy.wanted not in (REMOTE, copy.now)]
    return sorted(wanted, key=lambda copy: (copy.table.memory, copy.table.name))


def overruled(facts: PairFacts, choices: Choices) -> list[Copy]:
    """The copies of second's that are of another type than was chosen: ejabberd's start made them.

    None before ejabberd runs on second, together with first.
    """
    if not (facts.both_run and facts.second.ejabberd):
        return []
    found = [
        Copy(table, choices[table.name], storage_on_second(facts, table))
        for table in facts.first.tables
        if table.name in choices and not table.local_content
    ]
    return [copy for copy in found if copy.wanted != copy.now]


def overruled_line(copies: Sequence[Copy]) -> str:
    """Which those are, for people."""
    named = [
        f"{copy.table.name} ({STORAGE_WORDS[copy.now]}, chosen: {STORAGE_WORDS[copy.wanted]})"
        for copy in copies
    ]
    return f"ejabberd's start overruled the choice of {', '.join(named)}"


def held_by_first(facts: PairFacts) -> int:
    """How many tables first holds a copy of."""
    return sum(table.storage != REMOTE for table in facts.first.tables)


def storage_on_second(facts: PairFacts, table: TableFacts) -> str:
    """The type of second's copy by first's report, unless second itself reports another."""
    second = facts.second
    said = table.storage_on(second.node)
    if second.mnesia_runs and facts.both_run:
        own = second.table(table.name)
        return own.storage if own is not None else REMOTE
    return said


def change_act(second: At, copy: Copy) -> Act[questions.Change]:
    """How second, where ejabberd runs, gets the copy or changes it: what change() does."""
    arguments = copy.arguments(second.platform.node)
    return asked(
        second, copy.text, questions.change, copy.function, arguments, timeout=COPY_SECONDS
    )


async def change(second: Node, copy: Copy) -> None:
    """Makes the copy, or changes it, where ejabberd runs. Raises StepFailed, ProbeError."""
    end = await change_act(second, copy).run(second)
    if not end.made:
        raise StepFailed(f"{copy.text} on second: {end.reason}")
