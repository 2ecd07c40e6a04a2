"""One ejtui at a time changes a pair: a lock on both hosts that cannot outlive its holder."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import re
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui.cluster.errors import BackupError, ClusterError, LockHeld, LockLost
from ejtui.cluster.journal import now
from ejtui.cluster.pair import fixed_files
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import Probe, ProbeError
from ejtui.erlang.probe.questions import Lock
from ejtui.hosts import HostError
from ejtui.platforms import Platform
from ejtui.processes import machine

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair

FILE = ".ejtui.lock"

_PROCESS = re.compile(r"[1-9][0-9]{0,8}")

Changed = Callable[[], Awaitable[list[str]]]
"""Asks what somebody else has changed since it was made. Raises BackupError, HostError."""


@dataclass(frozen=True)
class LockHolder:
    """Who changes the pair, what with, since when, and the host with that lock."""

    host: str
    who: str
    what: str
    since: str


class PairLock:
    """The lock of one pair, held by both probes; it ends with them, however ejtui ends.

    `without_first`: a first that is not reached holds no lock, and second's is enough.
    """

    def __init__(self, pair: Pair, *, without_first: bool = False) -> None:
        self._pair = pair
        self._without_first = without_first
        self._since = ""
        self._what = ""
        self._holders: tuple[Probe, ...] = ()
        self._changed: Changed | None = None
        self._noted_by: tuple[Probe, ...] = ()
        self._mark = secrets.token_hex(8)

    @property
    def _nodes(self) -> tuple[Node, ...]:
        if self._without_first and not self._pair.first.opened:
            return (self._pair.second,)
        return self._pair.first, self._pair.second

    @property
    def held(self) -> bool:
        return bool(self._since)

    async def take(self, what: str) -> None:
        """Takes it on both hosts, or updates what is being done.

        Raises LockHeld, and then holds it nowhere. A task that is stopped meanwhile holds what it
        held before: an erl shell that is open stays guarded, until release().
        """
        since = self._since or now()
        info = {
            **{"who": _who(), "what": what, "since": since},
            **{"mark": self._mark, "machine": machine(), "process": str(os.getpid())},
        }
        try:
            for node in self._nodes:
                await self._take(node, info)
        except BaseException as error:
            if not (self.held and isinstance(error, asyncio.CancelledError)):
                # On both: a probe may have taken it whose answer was not waited for.
                await self._give_back()
            raise
        self._since, self._what, self._holders = since, what, self._probes

    @property
    def _probes(self) -> tuple[Probe, ...]:
        """Those that there are now: a probe that was lost has another one in its place."""
        return tuple(node.probe for node in self._nodes if node.opened)

    async def note(self, watch: Callable[[], Awaitable[Changed]]) -> None:
        """Remembers how the pair stands; what `watch` returns compares with that after a loss.

        Where the pair cannot be asked now, what was remembered before goes on counting.
        """
        probes = self._probes
        with contextlib.suppress(BackupError, HostError):
            self._changed = await watch()
            self._noted_by = probes

    def forget(self) -> None:
        """Leaves nothing to compare with, before what changes the pair otherwise than a join."""
        self._changed = None

    async def meanwhile(self) -> list[str]:
        """What somebody has changed since note(), where the lock was lost since then.

        Raises BackupError and HostError.
        """
        if self._changed is None or self._noted_by == self._probes:
            return []
        return await self._changed()

    async def keep(self) -> None:
        """Takes it again where a probe that held it is gone; does nothing where it is not held.

        Raises LockHeld where another ejtui has it now, LockLost where one has had it and changed
        the pair, BackupError and HostError.
        """
        if not self._since or self._probes == self._holders:
            return
        if len(self._probes) < len(self._nodes):
            return  # One cannot be asked now; the next one to ask it is refused.
        await self.take(self._what)
        if seen := await self.meanwhile():
            raise LockLost(seen)

    async def _take(self, node: Node, info: Mapping[str, str]) -> None:
        answer = await questions.take_lock(node.probe, path(node.platform), info)
        if left_behind(answer, self._mark):
            await _end(node, answer.holder)
            answer = await questions.take_lock(node.probe, path(node.platform), info)
        if answer.state not in ("held", "busy"):
            await fixed_files.refuse(node, [path(node.platform)])
        _refuse(node.name, answer)

    async def release(self) -> None:
        """Lets go of it; does nothing when it is not held."""
        if self._since:
            await self._give_back()

    async def _give_back(self) -> None:
        self._since = ""
        _spent.add(self._mark)
        self._mark = secrets.token_hex(8)
        held = self._noted_by == self._probes
        for node in self._nodes:
            try:
                await questions.release_lock(node.probe, path(node.platform))
            except (ProbeError, HostError, ClusterError):
                held = False  # A probe that is gone holds no lock.
        # Only a probe that answers shows that the lock was held until now: after a sleep nobody
        # has noticed yet that one is gone.
        if held and self._noted_by == self._probes:
            self._changed = None


async def holder(pair: Pair) -> LockHolder | None:
    """Who changes this pair now, for those that watch; None when nobody does."""
    for node in (pair.first, pair.second):
        if not node.opened:
            continue
        answer = await questions.look_at_lock(node.probe, path(node.platform))
        if answer.state == "busy" and not left_behind(answer):
            return LockHolder(node.name, **_words(answer.holder))
    return None


def path(platform: Platform) -> str:
    return f"{platform.home}/{FILE}"


def _refuse(host: str, answer: Lock) -> None:
    """Raises unless the lock is ours."""
    if answer.state == "held":
        return
    if answer.state == "busy":
        raise LockHeld(host, **_words(answer.holder))
    raise ClusterError(f"the lock on {host} cannot be taken: {answer.why}")


_spent: set[str] = set()
"""Marks of locks of this process that were released: a socket that still names one is deserted."""


def left_behind(answer: Lock, mark: str = "") -> bool:
    """Whether the named holder of the lock holds nothing any more.

    A host takes a while to notice that the connection to its probe has dropped; until then the
    probe goes on naming it. It is nobody's when the lock is our own (`mark`), or when the process
    that took it on this computer is dead.
    """
    if answer.state != "busy":
        return False
    info = answer.holder
    said = str(info.get("mark", ""))
    if said and (said == mark or said in _spent):
        return True
    here = machine()
    return bool(here) and info.get("machine") == here and _dead(str(info.get("process")))


def _dead(process: str) -> bool:
    if not _PROCESS.fullmatch(process):
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


async def _end(node: Node, info: Mapping[str, object]) -> None:
    """Ends the probe that holds a lock that is nobody's; its socket then counts as dead."""
    probe = str(info.get("probe", ""))
    if _PROCESS.fullmatch(probe):
        command = ["kill", "-s", "KILL", probe]
        await node.host.run(command, user=node.platform.service_user, check=False)


def _words(info: Mapping[str, object]) -> dict[str, str]:
    return {word: str(info.get(word, "unknown")) for word in ("who", "what", "since")}


def _who() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}, process {os.getpid()}"
