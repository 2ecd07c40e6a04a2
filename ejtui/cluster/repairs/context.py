"""What a running repair works with: a step's context, the finding, and the node it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui.cluster.backups import folders
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.journal import Journal
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.question import AskOperator
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Emit
from ejtui.cluster.run.operation import repair_of

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair


@dataclass(frozen=True)
class Ended:
    """An ejabberd that was ended: the names of Mnesia's files then, and whether it answered."""

    names: frozenset[str]
    asked: bool


class RepairContext(StepContext):
    """One run of one repair.

    `node` is the one that the finding names (second for "both"), `peer` the other one. `stamp`
    names the places of what is kept before it is touched: see take_stamp(). `ended` are the nodes
    whose ejabberd this repair has ended and not started again.
    """

    def __init__(
        self,
        finding: Finding,
        pair: Pair,
        facts: PairFacts,
        asks: AskOperator,
        emit: Emit,
        journal: Journal,
        lock: PairLock,
    ) -> None:
        super().__init__(repair_of(finding.code), pair, facts, asks, emit, journal)
        self.finding = finding
        self.lock = lock
        self.asks = asks
        self.stamp = finding.code
        self.on_first = finding.node == "first"
        self.ended: dict[Node, Ended] = {}

    async def take_stamp(self) -> None:
        """Names what this run keeps after the time on the host of its node. Raises HostError."""
        self.stamp = f"{await folders.moment(self.node)}-{self.finding.code}"

    @property
    def node(self) -> Node:
        return self.pair.first if self.on_first else self.pair.second

    @property
    def peer(self) -> Node:
        return self.pair.second if self.on_first else self.pair.first

    @property
    def node_facts(self) -> NodeFacts:
        """The newest facts of the node that is repaired."""
        return self.facts.first if self.on_first else self.facts.second

    @property
    def peer_facts(self) -> NodeFacts:
        return self.facts.second if self.on_first else self.facts.first

    async def reopen(self, node: Node) -> None:
        """Asks the host about its platform again, after its configuration was changed.

        Raises what keeps it from being opened again; the lock is taken again.
        """
        await node.close()
        await node.open()
        if node.trouble is not None:
            raise node.trouble
        if self.lock.held:
            await self.lock.take(self.id)
        await self.refresh()
