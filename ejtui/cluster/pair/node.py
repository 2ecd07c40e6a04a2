"""One node of the pair: its host, its platform, its probe, and the newest facts."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeVar

from ejtui.cluster.facts.from_probe import node_facts
from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.pair.connection import SILENT_SECONDS, ConnectionState
from ejtui.config import HostConfig
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import Peer, Probe, ProbeError, ProbeLost
from ejtui.erlang.terms.names import BadNodeName
from ejtui.hosts import Host, Secrets, open_host
from ejtui.hosts.errors import CommandTimedOut, HostError, NotInstalled, Unreachable
from ejtui.platforms import Platform, ask_platform

Part = TypeVar("Part")
Role = Literal["first", "second"]


class Node:
    """`name` is the configuration's. After open(), `trouble` is None or why it failed.

    `role` is its place in the pair; `line`: since when the host does not answer, and when it
    is tried again; `undo_at_close`: what the pair calls before it closes the node, None for
    nothing.

    While a connection is lost, `host`, `platform` and `probe` raise what it was lost by (HostError
    or ProbeLost), as a question does that it is lost under.
    """

    def __init__(
        self, config: HostConfig, secrets: Secrets | None = None, role: Role = "second"
    ) -> None:
        self.name = config.name
        self.role: Role = role
        self.config = config
        self.trouble: Exception | None = None
        self.facts = NodeFacts.unreachable(config.name, "not asked yet")
        self._read: tuple[object, NodeFacts] = None, self.facts
        self._asked = self._answered = 0
        self._peer: Peer | None = None
        self._secrets = secrets
        self._host: Host | None = None
        self._platform: Platform | None = None
        self._probe: Probe | None = None
        self._opening = asyncio.Lock()
        self._closed = False
        self._vain = False
        self.line = ConnectionState()
        self.undo_at_close: Callable[[], Awaitable[None]] | None = None

    @property
    def opened(self) -> bool:
        return self._probe is not None

    @property
    def where(self) -> str:
        """How its host is reached: user@host, or the configured address before it is."""
        return self._host.where if self._host and self.opened else self.config.address

    @property
    def host(self) -> Host:
        return self._there(self._host)

    @property
    def host_key(self) -> str:
        """The fingerprint of its host's SSH key; "" where it is not reached, or not by SSH."""
        identity = self._host.identity if self._host and self.opened else ""
        return identity if identity.startswith("SHA256:") else ""

    @property
    def platform(self) -> Platform:
        return self._there(self._platform)

    @property
    def known_platform(self) -> Platform | None:
        """The platform, None while the host has not been reached."""
        return self._platform

    @property
    def probe(self) -> Probe:
        return self._there(self._probe)

    def _there(self, part: Part | None) -> Part:
        if part is not None:
            return part
        if isinstance(self.trouble, HostError):
            raise self.trouble
        why = self.trouble.text if isinstance(self.trouble, ProbeError) else self.trouble
        raise ProbeLost(f"{self.name} cannot be asked: {why or 'it is not connected'}")

    async def open(self) -> None:
        """Connects, asks the platform, starts the probe; never raises, see `trouble`."""
        self._closed = False
        async with self._opening:
            await self._open()

    async def _open_when_due(self) -> None:
        """Two who ask at once make one attempt."""
        async with self._opening:
            if self.line.due and not self._closed:
                await self._open()

    async def _open(self) -> None:
        if self._probe is not None:
            return
        self.line.trying()
        try:
            await self._connect()
            self.trouble = None
            self.line.well()
            self._vain = False
        except (HostError, ProbeError, BadNodeName) as error:
            self.trouble = error
            self._vain = self._connected
            self.line.failed()

    async def _connect(self) -> None:
        if self._host is None or self._host.lost is not None:
            await self._drop()
            host = open_host(self.config, self._secrets)
            await host.connect()
            self._host = host
        host = self._host
        self._platform = await ask_platform(host, self.config)
        self._probe = await Probe.start(host, self._platform, role=self.role)
        if self._closed:
            # Meanwhile; nobody else would end the connection that resulted.
            await self.close()

    async def use_directory(self, path: str) -> None:
        """Takes that for the database directory from now on, whatever ejabberdctl names now.

        Raises ProbeError.
        """
        await questions.use_directory(self.probe, path)
        self._platform = replace(self.platform, spool_dir=path)

    @property
    def as_peer(self) -> Peer | None:
        """What the other node is given to look for this one by.

        None as long as its host was not asked and may yet answer: what is known of its cookie
        decides whether a handshake is tried.
        """
        if self._platform is None or (self._peer is None and self.trouble is None):
            return None
        return replace(self._peer or Peer(""), node=self._platform.node)

    async def introduce(self) -> None:
        """Asks for the cookie's digest where nothing is known yet; never raises."""
        if self._peer is None and self._probe is not None:
            with contextlib.suppress(HostError, ProbeError):
                cookie = await questions.cookie_sha256(self._probe)
                self._peer = Peer(self.platform.node, cookie)

    async def refresh(self, peers: Sequence[Peer] = ()) -> NodeFacts:
        """Asks the node everything. Never raises for a host that does not answer.

        A host that was lost is connected again when its `line` is due.
        """
        if self._probe is None:
            await self._open_when_due()
        probe = self._probe
        if probe is not None:
            asked = time.monotonic()
            self._asked = number = self._asked + 1
            try:
                snapshot = await probe.snapshot(list(peers))
                if number < self._answered:
                    # Overtaken by the answer to a later question, which is newer.
                    return self.facts
                self._answered = number
                if snapshot is not self._read[0]:
                    self._read = snapshot, node_facts(self.name, self.platform, snapshot)
                self.facts = self._read[1]
                self._peer = _peer(self.facts)
                self.trouble = None
                self.line.well()
                return self.facts
            except (HostError, ProbeError) as error:
                if probe.lost is None and probe.heard < asked:
                    return self.fell_silent(asked)
                self.trouble = error
                if probe.lost is None and isinstance(error, ProbeError) and error.internal:
                    # It answered, if only that it failed: the connection is well.
                    self.line.well()
                    self.facts = self._without_answer()
                    return self.facts
                await self._forget_probe()
                self.line.failed()
        self.facts = self._without_answer()
        return self.facts

    async def answers(self) -> bool:
        """Whether anything comes from the host within `SILENT_SECONDS`; never raises."""
        probe = self._probe
        if probe is None:
            return False
        try:
            return await questions.echo(probe, SILENT_SECONDS)
        except (HostError, ProbeError):
            return False

    def fell_silent(self, asked: float) -> NodeFacts:
        """The facts of a host that is silent since `asked`; the connection is given time."""
        self.line.silent(time.monotonic() - asked)
        node = self._platform.node if self._platform else ""
        said = "nothing comes over its connection"
        self.facts = NodeFacts.unreachable(self.name, said, node)
        return self.facts

    def _without_answer(self) -> NodeFacts:
        node = self._platform.node if self._platform else self.config.overrides.get("node", "")
        error = str(self.trouble or "not asked yet")
        there = isinstance(self.trouble, NotInstalled | ProbeError | BadNodeName)
        if there and self._connected:
            return NodeFacts.blind(self.name, error, node, self._blind_code)
        return NodeFacts.unreachable(self.name, error, node)

    @property
    def _blind_code(self) -> str:
        if not isinstance(self.trouble, ProbeError):
            return "not-installed"
        if self.trouble.internal:
            return "probe-failed"
        # One that had started shows that Erlang is there.
        return "not-installed" if self._vain else "probe-lost"

    @property
    def _connected(self) -> bool:
        return self._host is not None and self._host.lost is None

    @property
    def may_come_back(self) -> bool:
        """Whether it helps to wait for a host that does not answer.

        Not where the connection stands and it is the probe, the installation or becoming another
        user that fails, nor where the host refuses us or shows another key: a person must act.
        """
        trouble = self.trouble
        if isinstance(trouble, Unreachable):
            return trouble.layer not in ("settings", "host key", "authentication")
        if isinstance(trouble, ProbeError):
            return not self._connected or (trouble.code in ("lost", "timeout") and not self._vain)
        return trouble is None or isinstance(trouble, CommandTimedOut)

    async def _forget_probe(self) -> None:
        probe, self._probe = self._probe, None
        if probe is not None:
            with contextlib.suppress(HostError, ProbeError, OSError):
                await probe.close()

    async def _drop(self) -> None:
        host, self._host = self._host, None
        if host is not None:
            with contextlib.suppress(HostError, OSError):
                await host.close()

    async def close(self) -> None:
        """Ends the probe and the line. What the probe holds (a lock) is let go."""
        self._closed = True
        await self._forget_probe()
        await self._drop()


def _peer(facts: NodeFacts) -> Peer:
    """A VM that refuses its own host's cookie has one that nobody knows."""
    cookie = facts.vm_cookie or ("" if facts.vm == "rejected" else facts.cookie.sha256)
    mark = f"{facts.os_pid} {facts.vm} {facts.vm_cookie} {facts.cookie.sha256}"
    return Peer(facts.node, cookie, mark)
