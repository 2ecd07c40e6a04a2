"""What the rules look at: both nodes, from each side, and whether they are meant to be one."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from ejtui.cluster.facts.examination import Examined, NodeExam
from ejtui.cluster.facts.log import LogEntry
from ejtui.cluster.facts.node import NodeFacts, PairFacts

Role = Literal["first", "second"]

_JOURNAL_SHOWN = 4
"""So many of the journal's last lines are evidence."""


@dataclass(frozen=True)
class Side:
    """One node as the rules see it: its place in the pair, its facts, its exam."""

    role: Role
    facts: NodeFacts
    exam: NodeExam

    @property
    def name(self) -> str:
        """The configuration's name, for people."""
        return self.facts.name

    @property
    def node(self) -> str:
        return self.facts.node

    @property
    def asked(self) -> bool:
        return self.facts.asked

    @property
    def lives(self) -> bool:
        """Whether a VM of the node's name runs, one that answers or not."""
        return self.facts.vm in ("up", "rejected") or bool(self.facts.os_pid)

    @property
    def schema_nodes(self) -> frozenset[str]:
        """All nodes that its schema names, running or on disc."""
        facts, disk = self.facts, self.facts.disk_schema
        on_disk = disk.nodes if disk and not facts.mnesia_runs else ()
        running = (*facts.schema.nodes, *facts.db_nodes) if facts.mnesia_runs else ()
        return frozenset((*running, *on_disk))

    def saw(self, code: str, *, running: bool = False) -> tuple[str, ...]:
        """What its log and Mnesia's dump have about `code`, as lines of evidence.

        Nothing of a node that runs, for most of it concerns a start that failed; with `running`
        of such a node too.
        """
        if self.facts.ejabberd and not running:
            return ()
        log = self.exam.log
        entry = log.of(code)
        said = [self._of_journal(each) for each in self._journal if each.code == code]
        lines = self.quoted(entry) if entry else said
        if log.core and log.core.code == code:
            lines.append(f"{self.name}: {log.core.path}: {log.core.text[:300]}")
        return tuple(lines)

    def unit_state(self) -> tuple[str, ...]:
        """What its service manager and the end of that one's journal have about a node that does
        not run, as lines of evidence; of the journal where it failed, or no log can be read.
        """
        unit = self.exam.service
        if unit is None or self.facts.ejabberd:
            return ()
        state = (f"{self.name}: {unit.shown}",) if unit.shown else ()
        ended = unit.again or unit.failed or bool(self.exam.log.error)
        said = self._journal[-_JOURNAL_SHOWN:] if ended else ()
        return (*state, *map(self._of_journal, said))

    @property
    def _journal(self) -> tuple[LogEntry, ...]:
        return self.exam.service.journal if self.exam.service else ()

    def _of_journal(self, entry: LogEntry) -> str:
        unit = self.exam.service
        return f"{self.name}: journalctl -u {unit.name if unit else ''}: {entry.text[:300]}"

    def first_error(self) -> tuple[str, ...]:
        """The reason in the log why the last start failed; of one that did not, what was logged."""
        log = self.exam.log
        if log.cause and log.started:
            why = "logged while ejabberd ran, which need not be why it ended"
            return (f"{self.name}: {log.path}{_line(log.cause)}, {why}: {log.cause.shown}",)
        if log.cause:
            return tuple(self.quoted(log.cause))
        return (f"{self.name}: {log.path}: {log.error}",) if log.error else ()

    def quoted(self, entry: LogEntry) -> list[str]:
        """An entry of the log as evidence; where the log's end misleads, that too."""
        log = self.exam.log
        lines = [f"{self.name}: {log.path}{_line(entry)}: {entry.shown}"]
        if log.last_misleads and entry == log.cause:
            lines.append(
                f"{self.name}: the last error there{_line(log.errors[-1])}, misleads: "
                "it only follows from that one"
            )
        return lines


def _line(entry: LogEntry) -> str:
    """Its number; a log of more than a gigabyte has none."""
    return f", line {entry.line}" if entry.line > 0 else ""


@dataclass(frozen=True)
class Case:
    """A pair as the rules look at it. Without an exam they use the facts alone."""

    facts: PairFacts
    examined: Examined = field(default_factory=Examined)

    @cached_property
    def first(self) -> Side:
        return Side("first", self.facts.first, self.examined.first)

    @cached_property
    def second(self) -> Side:
        return Side("second", self.facts.second, self.examined.second)

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.first, self.second

    @property
    def ways(self) -> tuple[tuple[Side, Side], tuple[Side, Side]]:
        """From each node to the other; second's first, which is what a join needs."""
        return (self.second, self.first), (self.first, self.second)

    @property
    def one_machine(self) -> bool:
        """Whether both nodes are on the same host."""
        return self.facts.one_host

    @property
    def both_asked(self) -> bool:
        return self.first.asked and self.second.asked

    @cached_property
    def same_schema(self) -> bool:
        """Whether both schemas, running or on disc, are one and the same."""
        cookies = {side.facts.schema_cookie for side in self.sides}
        return len(cookies) == 1 and cookies != {""}

    @property
    def first_is_new(self) -> bool:
        """Whether second lists first, which has another database, or none, and lists no second."""
        first, second = self.sides
        known = first.facts.schema_cookie or not first.facts.has_disc_schema
        lists = first.node in second.schema_nodes and second.node not in first.schema_nodes
        return self.both_asked and lists and not self.same_schema and bool(known)

    @cached_property
    def former_names(self) -> frozenset[str]:
        """What a renamed node of the pair was called when its database was made."""
        pair = {side.node for side in self.sides}
        return frozenset(
            name
            for side in self.sides
            if (disk := side.facts.disk_schema) and side.node not in disk.nodes
            for name in disk.nodes
            if name not in pair
        )

    @cached_property
    def cluster_evidence(self) -> str:
        """The evidence that the two are meant to be one cluster; "" when they are not.

        A schema that names the other node, or one schema on both, or a start with the other as
        extra node. That both have one cookie means nothing: hosts of one image have that, too.
        """
        for here, there in self.ways:
            if there.node != here.node and there.node in here.schema_nodes:
                return f"{here.name}'s schema names {there.node}"
        for here, there in self.ways:
            if there.node != here.node and there.node in here.facts.extra_db_nodes:
                return f"{here.name} was started with {there.node} as its extra node"
        return "both have the same schema cookie" if self.same_schema else ""
