"""A run that a lost host ended goes on, from the nodes' state, when both hosts answer again."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ejtui.cluster.errors import ClusterError, LockHeld, Refused
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.run.events import Emit, Event, HostAwaited, HostBack, StepEnded, StepStarted
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.shell.shell import ShellError
from ejtui.hosts import HostError

LOOK_SECONDS = 1.0

MOST_TIMES = 10
"""So often one run goes on again: a line that drops each time is nothing to wait for."""

Result = TypeVar("Result")


class Resuming:
    """Passes a run's events on to `emit`, and so knows what a lost host ended.

    That is a step that failed while a host fell silent or lost its connection. What fails with
    both hosts there stays failed, and so does what began without one.
    """

    def __init__(self, pair: Pair, emit: Emit) -> None:
        self._pair = pair
        self._emit = emit
        self._losses = 0
        self._refused = False

    def hear(self, event: Event) -> None:
        """Takes the run's events in `emit`'s place, and hands them on."""
        if isinstance(event, StepStarted) and not self._away():
            self._losses = self._lost_so_far()
        elif isinstance(event, StepEnded):
            # Where the operator answered No, the step is still to do.
            self._refused = event.state == "todo"
        self._emit(event)

    async def run(self, work: Callable[[], Awaitable[Result]], seconds: float = math.inf) -> Result:
        """Runs `work`, and again each time a lost host ended it and both answer again.

        A host is waited for no longer than `seconds`; cancelling ends the waiting, too. Returns
        or raises what the last run did; a false result is a run that has failed.
        """
        for _ in range(MOST_TIMES):
            self._losses, self._refused = self._lost_so_far(), False
            try:
                result = await work()
                if result or not await self._back(seconds):
                    return result
            except (LockHeld, Refused):
                raise
            except (ClusterError, HostError, ProbeError, ShellError):
                if not await self._back(seconds):
                    raise
        return await work()

    async def _back(self, seconds: float) -> bool:
        """Whether a lost host ended the run, and both answer now."""
        if self._refused:
            return False
        # A connection that has gone is noted when it is used.
        await self._pair.refresh()
        if self._lost_so_far() == self._losses:
            return False
        lost = self._silent()
        if not all(node.may_come_back for node in lost):
            return False
        if lost:
            self._emit(HostAwaited(tuple(node.name for node in lost), seconds))
            if not await self._answer(seconds):
                return False
        self._emit(HostBack())
        return True

    async def _answer(self, seconds: float) -> bool:
        """Waits until both nodes were asked; False after `seconds`, or where a person must act."""
        end = time.monotonic() + seconds
        while lost := self._silent():
            for_ever = not all(node.may_come_back for node in lost)
            if for_ever or time.monotonic() >= end:
                return False
            await asyncio.sleep(LOOK_SECONDS)
            await self._pair.refresh()
        return True

    @property
    def _nodes(self) -> tuple[Node, Node]:
        return self._pair.first, self._pair.second

    def _silent(self) -> list[Node]:
        return [node for node in self._nodes if not node.facts.asked]

    def _away(self) -> bool:
        return any(node.line.lost for node in self._nodes)

    def _lost_so_far(self) -> int:
        return sum(node.line.losses for node in self._nodes)
