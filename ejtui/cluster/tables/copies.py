"""Which table copies second lacks, and the commands that make them."""

from __future__ import annotations

from dataclasses import dataclass

from ejtui.cluster.facts.node import REMOTE, PairFacts, TableFacts
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.erlang.terms import quoting
from ejtui.erlang.terms.etf import Atom


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
