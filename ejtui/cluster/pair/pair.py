"""The pair: first, which has the accounts, and second, which joins it."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
from dataclasses import replace
from pathlib import Path

from ejtui import paths
from ejtui.cluster.errors import ClusterError
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.facts.settings import Administration
from ejtui.cluster.facts.table_count import TableCount
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.config import Config
from ejtui.erlang.shell import keeper
from ejtui.erlang.shell.shell import Shell
from ejtui.hosts import AskSecret, HostError, Secrets

SHELL_SIZE = (80, 24)


class Pair:
    """Both nodes, the operator's table choices, and the live erl shell when there is one.

    `shell_size` (columns, rows) is what the next shell is opened with; `kept_at` is the directory
    below which the erl of the shell is kept, "" where it ends with its line. `asks` puts questions
    for passwords to a person; `secrets` keeps the answers, and may be given with those there are.
    `others` are the configuration's nodes beyond the pair. `agreed` are the questions that want
    more than a yes and were answered, so that a later step does not ask them again;
    `administration` is how the settings of both differed when they were last compared;
    `counts` are first's tables before second started, where no backup has them.
    """

    def __init__(
        self, config: Config, asks: AskSecret | None = None, secrets: Secrets | None = None
    ) -> None:
        self.name = config.pair
        self.secrets = secrets or Secrets(asks)
        self.first = Node(config.nodes[config.first], self.secrets, "first")
        self.second = Node(config.nodes[config.second], self.secrets, "second")
        pair = (config.first, config.second)
        self.others = {name: each for name, each in config.nodes.items() if name not in pair}
        self.choices = Choices.load(paths.choices_file(config.pair))
        self.shell: Shell | None = None
        self.kept_at = ""
        self.shell_size = SHELL_SIZE
        self.agreed: set[str] = set()
        self.counts: tuple[TableCount, ...] = ()
        self.administration: Administration | None = None
        self.facts = PairFacts(self.first.facts, self.second.facts)

    async def open(self) -> None:
        """Reaches both hosts at once; never raises, see each node's `trouble`."""
        await asyncio.gather(self.first.open(), self.second.open())

    async def refresh(self) -> PairFacts:
        """Asks both nodes at once."""
        nodes = self.first, self.second
        await asyncio.gather(*(node.introduce() for node in nodes))
        one, two = await asyncio.gather(*map(self.look, nodes))
        if _may_be_tried(one, self.second):
            one = await self.look(self.first)
        if _may_be_tried(two, self.first):
            two = await self.look(self.second)
        self.facts = self._facts(one, two)
        self.choices.are_for(self.facts.first.schema_cookie)
        return self.facts

    @property
    def newest(self) -> PairFacts:
        """What both nodes have last reported to anybody here, made as refresh() makes it."""
        return self._facts(self.first.facts, self.second.facts)

    def _facts(self, first: NodeFacts, second: NodeFacts) -> PairFacts:
        return _without_oneself(PairFacts(first, second, self.administration))

    async def look(self, node: Node) -> NodeFacts:
        """Asks one node everything, and how far its host reaches the other one."""
        peer = (self.second if node is self.first else self.first).as_peer
        return await node.refresh([peer] if peer else [])

    @property
    def live_shell(self) -> Shell | None:
        """The erl shell on second while its process lives."""
        if self.shell is not None and self.shell.ended:
            self.shell = None
        return self.shell

    async def end_shell(self) -> None:
        """Ends the shell on second and its erl, if there is one. Does not raise for a lost line."""
        shell, self.shell = self.shell, None
        kept_at, self.kept_at = self.kept_at, ""
        if shell is None:
            return
        if kept_at and not shell.ended:
            with contextlib.suppress(HostError, ClusterError):
                second = self.second
                await second.host.run(
                    keeper.ending(kept_at), user=second.platform.service_user, check=False
                )
        await shell.close()

    def plan(self, facts: PairFacts | None = None) -> Plan | None:
        """What exact commands are made from; None while a host has not been reached."""
        first, second = self.first.known_platform, self.second.known_platform
        if first is None or second is None:
            return None
        return Plan(
            self.first.name, self.second.name, first, second, facts or self.facts, self.choices
        )

    @property
    def exchanged(self) -> str:
        """How a command of ejtui's begins that has first and second exchanged."""
        one, two = (shlex.quote(node.config.name_in_file) for node in (self.second, self.first))
        return f"ejtui --first {one} --second {two}"

    @property
    def recordings(self) -> Path:
        """Where the recordings of its erl shells go."""
        return paths.recordings_dir(self.name)

    async def close(self) -> None:
        """Ends both probes and both lines; the nodes stay as they are.

        The shell ends, too; but an erl that is kept is left where it is at work, or where first
        is away and will wait for it, for the next ejtui to attach to.
        """
        shell = self.live_shell
        if shell is not None and (shell.at_work or self.facts.first_will_wait):
            self.shell = None
            await shell.close()
        else:
            await self.end_shell()
            if undo := self.second.undo_at_close:
                await undo()
        await asyncio.gather(self.first.close(), self.second.close())


def _may_be_tried(facts: NodeFacts, other: Node) -> bool:
    """Whether a handshake was left out by what was known of the other node before."""
    peer = other.as_peer
    way = facts.peers.get(peer.node) if peer else None
    return (
        way is not None
        and way.untried
        and peer is not None
        and (peer.cookie in ("", facts.cookie.sha256))
    )


def _without_oneself(facts: PairFacts) -> PairFacts:
    """Without a way to the other node that leads back: under the same name, or localhost."""
    if facts.one_host and facts.first.node != facts.second.node:
        return facts
    return PairFacts(
        _without_way(facts.first, facts.second.node),
        _without_way(facts.second, facts.first.node),
        facts.administration,
    )


def _without_way(facts: NodeFacts, peer: str) -> NodeFacts:
    local = peer.partition("@")[2].partition(".")[0] == "localhost"
    if peer not in facts.peers or not (local or peer == facts.node):
        return facts
    return replace(facts, peers={node: way for node, way in facts.peers.items() if node != peer})
