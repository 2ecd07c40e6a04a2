"""Hearing of changes on a node as they happen, so that it need not be asked all the time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

WATCH_SECONDS = 3600.0
"""After so long the subscription is made again."""


class Watch:
    """One node's changes. `on_change` is called after each, and when nothing more is heard.

    What no subscription reports (a file, the number of accounts) is still to be asked for.
    """

    def __init__(self, node: Node, on_change: Callable[[], None]) -> None:
        self._node = node
        self._on_change = on_change
        self._task: asyncio.Task[None] | None = None
        self._hears = False

    @property
    def hears(self) -> bool:
        """Whether a change is reported when it happens."""
        return self._hears

    def follow(self) -> None:
        """Starts to listen where ejabberd runs on the node and nobody listens yet."""
        facts = self._node.facts
        if self._task is None and self._node.opened and facts.ejabberd and facts.mnesia == "yes":
            self._task = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Ends the subscription."""
        task = self._task
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _listen(self) -> None:
        heard = False
        try:
            with contextlib.suppress(ProbeError, HostError):
                await questions.watch(self._node.probe, self._heard, WATCH_SECONDS)
        finally:
            heard, self._hears, self._task = self._hears, False, None
        if heard:
            self._on_change()

    def _heard(self, what: str) -> None:
        self._hears = True
        if what == "changed":
            self._on_change()
