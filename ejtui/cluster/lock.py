"""One ejtui at a time changes a pair: a lock on both hosts that cannot outlive its holder."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ejtui.erlang.probe import ProbeError
from ejtui.hosts import HostError, Platform

from .errors import ClusterError, LockHeld
from .journal import now

if TYPE_CHECKING:
    from .node import Node
    from .pair import Pair

FILE = ".ejtui.lock"


@dataclass(frozen=True)
class Holder:
    """Who changes the pair, what with, since when, and the host whose lock said so."""

    host: str
    who: str
    what: str
    since: str


class PairLock:
    """The lock of one pair, held by both probes; it ends with them, however ejtui ends."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._since = ""

    @property
    def held(self) -> bool:
        return bool(self._since)

    async def take(self, what: str) -> None:
        """Takes it on both hosts, or says anew what is being done.

        Raises LockHeld, and then holds it nowhere.
        """
        since = self._since or now()
        info = {"who": _who(), "what": what, "since": since}
        taken: list[Node] = []
        try:
            for node in (self._pair.first, self._pair.second):
                _refuse(node.name, await node.probe.ask("lock", path(node.platform), info))
                taken.append(node)
        except BaseException:
            await self._let_go(taken)
            self._since = ""
            raise
        self._since = since

    async def release(self) -> None:
        """Lets go of it; does nothing when it is not held."""
        if self._since:
            self._since = ""
            await self._let_go([self._pair.first, self._pair.second])

    async def _let_go(self, nodes: list[Node]) -> None:
        for node in nodes:
            try:
                await node.probe.ask("unlock", path(node.platform))
            except (ProbeError, HostError, ClusterError):
                continue  # A probe that is gone holds no lock.


async def holder(pair: Pair) -> Holder | None:
    """Who changes this pair now, for whoever watches; None when nobody does."""
    for node in (pair.first, pair.second):
        if not node.opened:
            continue
        answer = await node.probe.ask("lock_info", path(node.platform))
        if isinstance(answer, tuple) and answer[0] == "busy":
            return Holder(node.name, **_words(answer[1]))
    return None


def path(platform: Platform) -> str:
    return f"{platform.home}/{FILE}"


def _refuse(host: str, answer: Any) -> None:
    """Raises unless the lock's answer is that it is ours."""
    if answer == "held":
        return
    kind, info = answer
    if kind == "busy":
        raise LockHeld(host, **_words(info))
    raise ClusterError(f"the lock on {host} cannot be taken: {info}")


def _words(info: Mapping[str, str]) -> dict[str, str]:
    return {word: str(info.get(word, "unknown")) for word in ("who", "what", "since")}


def _who() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}, process {os.getpid()}"
