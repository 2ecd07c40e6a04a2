"""Looks at both nodes, at the pair's lock and at the journal, each at a pace that suits it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ejtui.cluster.pair.lock import holder
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.watch import Watch
from ejtui.hosts import HostKeyUnknown
from ejtui.ui.session import from_events, to_view
from ejtui.ui.state.models import HolderView

if TYPE_CHECKING:
    from ejtui.cluster.pair.pair import Pair
    from ejtui.ui.session.protocols import Voice

_LOOK_SECONDS = 4.0
"""Between two looks at a node of which nothing is heard, or while something goes on."""

_SLOW_SECONDS = 20.0
"""Between two looks at one that reports its changes: for what no subscription shows."""

_JOURNAL_SECONDS = 1.0
"""Between two looks at whether the journal has grown."""

_PROMPT_SECONDS = 0.3
"""Within these an answer nearly always comes; nothing is asked meanwhile whether the host lives."""


class Watched(Protocol):
    """Who hears what the looks find, and knows what else goes on."""

    @property
    def works(self) -> bool:
        """Whether this ejtui changes the pair now, or is about to leave it."""

    @property
    def holds_lock(self) -> bool:
        """Whether the pair's lock is this ejtui's."""

    @property
    def is_well(self) -> bool:
        """Whether a check of what is shown has found nothing wrong."""

    def show(self) -> None:
        """Something new was seen."""

    def read_journal(self) -> None:
        """The journal may have grown."""

    def changed_elsewhere(self) -> None:
        """Another ejtui has changed the pair: what is shown is of before."""


@dataclass(frozen=True)
class _Host:
    node: Node
    watch: Watch


class Looks:
    """`holder` is who else changes the pair now; `seen` the names of the nodes looked at so far."""

    def __init__(self, pair: Pair, voice: Voice, watched: Watched) -> None:
        self._pair = pair
        self._voice = voice
        self._watched = watched
        self._again = asyncio.Event()
        self._declined_keys: set[str] = set()
        self._hosts = [
            _Host(node, Watch(node, self._heard_of_change)) for node in (pair.first, pair.second)
        ]
        self.holder: HolderView | None = None
        self.seen: set[str] = set()

    @property
    def saw_both(self) -> bool:
        """Whether both nodes have been looked at, whatever that showed."""
        return len(self.seen) == len(self._hosts)

    def saw_all(self) -> None:
        """Something else has looked at both nodes."""
        self.seen = {host.node.name for host in self._hosts}

    async def run(self) -> None:
        """Look at both nodes until cancelled, each at its own pace: one may hang."""
        async with asyncio.TaskGroup() as group:
            for host in self._hosts:
                group.create_task(self._follow(host))
            group.create_task(self._follow_lock())
            group.create_task(self._follow_journal())

    async def close(self) -> None:
        """End the subscriptions."""
        for host in self._hosts:
            await host.watch.close()

    def again(self) -> None:
        """Look at both nodes now."""
        self._again.set()

    def reconnect(self) -> None:
        """Try both hosts now, and ask again about host keys that were answered No."""
        self._declined_keys.clear()
        for host in self._hosts:
            host.node.line.try_now()
        self._again.set()

    async def _follow(self, host: _Host) -> None:
        node = host.node
        await node.open()
        await self._introduce(node)
        while True:
            if not node.opened:
                self._watched.show()
            await self._look(node)
            self.seen.add(node.name)
            self._watched.show()
            await self._introduce(node)
            await self._rest(host)

    async def _rest(self, host: _Host) -> None:
        """Wait until it is time to look at the node again, which reports its changes from now on.

        Whether its host still answers is asked all the same.
        """
        node, watch = host.node, host.watch
        if not node.opened:
            await self._pause(node.line.wait)
            return
        watch.follow()
        end = time.monotonic() + _SLOW_SECONDS
        while not await self._pause():
            if time.monotonic() >= end or not (watch.hears and self._calm):
                return
            if not await node.answers():
                return

    @property
    def _calm(self) -> bool:
        """Whether nobody works on the pair, and nothing is known to be wrong with it."""
        return not self._watched.works and self.holder is None and self._watched.is_well

    def _heard_of_change(self) -> None:
        # A run looks at the nodes itself, as often as it needs.
        if not self._watched.works:
            self._again.set()

    async def _look(self, node: Node) -> None:
        """Ask a node everything; its silence is shown before the question is given up."""
        silence = asyncio.create_task(self._notice_silence(node))
        try:
            await self._pair.look(node)
        finally:
            silence.cancel()

    async def _notice_silence(self, node: Node) -> None:
        asked = time.monotonic()
        await asyncio.sleep(_PROMPT_SECONDS)
        if node.opened and not await node.answers():
            node.fell_silent(asked)
            self.seen.add(node.name)
            self._watched.show()

    async def _follow_lock(self) -> None:
        while True:
            hear = all(host.watch.hears for host in self._hosts)
            await self._pause(_SLOW_SECONDS if hear and self._calm else _LOOK_SECONDS)
            before, self.holder = self.holder, await self._other_holder()
            if before is not None and self.holder is None:
                self._watched.changed_elsewhere()
            self._watched.show()

    async def _other_holder(self) -> HolderView | None:
        if self._watched.works or self._watched.holds_lock:
            return None
        with contextlib.suppress(*from_events.KNOWN_ERRORS):
            if found := await holder(self._pair):
                return from_events.holder_view(found)
        return None

    async def _follow_journal(self) -> None:
        """Read what another ejtui on this computer does, and when it has done it."""
        while True:
            await asyncio.sleep(_JOURNAL_SECONDS)
            self._watched.read_journal()

    async def _pause(self, seconds: float = _LOOK_SECONDS) -> bool:
        """Whether somebody wants a look before the time is over."""
        wanted = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                wanted = await self._again.wait()
        self._again.clear()
        return wanted

    async def _introduce(self, node: Node) -> None:
        """Ask about a host key that nobody has seen, then connect held to exactly that key.

        A No stands until the operator asks again.
        """
        # A jump host's key comes first, then that of the host behind it.
        while isinstance(trouble := node.trouble, HostKeyUnknown):
            if trouble.fingerprint in self._declined_keys:
                return
            if not await self._voice.ask(to_view.host_key_question(node.name, trouble)):
                self._declined_keys.add(trouble.fingerprint)
                return
            from ejtui.hosts.ssh.known_hosts import remember

            remember(trouble)
            await node.open()
