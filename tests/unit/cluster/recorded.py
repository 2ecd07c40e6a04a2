"""What a pair of hosts that only record has done, and how its facts changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ejtui.cluster.acts.act import Command
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.facts.node import DISC, NodeFacts, PairFacts, SchemaFacts
from ejtui.erlang.terms.names import NodeName


@dataclass(frozen=True)
class Ran:
    """A change: where and as whom it ran, what it was, and the command that it belongs to."""

    host: str
    user: str
    place: str
    what: tuple[str, ...]
    command: Command | None


@dataclass
class World:
    """Both nodes' facts as they are now, and what was changed.

    With `acts_alone` whatever changes something outside an act raises AssertionError at once.
    """

    facts: PairFacts
    acts_alone: bool = False
    ran: list[Ran] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)
    listening: bool = True
    carried_over: bool = False
    moved: dict[str, list[str]] = field(default_factory=dict)

    def now(self, role: str) -> NodeFacts:
        return self.facts.of(role)

    def change(self, role: str, **facts: Any) -> None:
        changed: dict[str, Any] = {role: replace(self.facts.of(role), **facts)}
        self.facts = replace(self.facts, **changed)

    def started(self, role: str) -> None:
        facts = self.now(role)
        schema = facts.known_schema or SchemaFacts(DISC, f"own-of-{role}")
        self.change(
            role, vm="up", ejabberd=True, mnesia="yes", started="ejabberd", os_pid="9",
            running_db_nodes=(facts.node,), schema=schema, directory="/var/lib/ejabberd",
            epmd=(NodeName.parse(facts.node).name,),
        )  # fmt: skip
        self._meet()

    def stopped(self, role: str) -> None:
        facts = self.now(role)
        disk = facts.disk_schema or (facts.schema if facts.schema.storage == DISC else None)
        self.change(
            role, vm="down", ejabberd=False, mnesia="no", started="", os_pid="", directory="",
            running_db_nodes=(), kept_erl=None, disk_schema=disk,
        )  # fmt: skip

    def _meet(self) -> None:
        run = self.facts.first.mnesia_runs and self.facts.second.mnesia_runs
        both = (self.facts.first.node, self.facts.second.node)
        for role in ("first", "second") if run and self.facts.same_schema else ():
            tables = tuple(replace(each, where_to_read=both[0]) for each in self.now(role).tables)
            self.change(
                role, running_db_nodes=both, db_nodes=both, ejabberd=True, tables=tables,
                accounts=25,
            )  # fmt: skip
