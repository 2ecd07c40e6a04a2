"""Bounded waits on a condition: short polls, and words for what was awaited."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from ejtui.cluster.errors import WaitedTooLong

POLL = 0.015
"""Seconds between two looks: a look through the probe costs a few milliseconds."""

Looked = TypeVar("Looked")


async def until(
    look: Callable[[], Awaitable[Looked]],
    holds: Callable[[Looked], bool],
    *,
    what: str,
    seconds: float,
    instead: Callable[[Looked], str] = str,
    poll: float = POLL,
) -> Looked:
    """Looks again and again until `holds` is true of what is seen, and returns that.

    Raises WaitedTooLong after `seconds`, with what was seen last.
    """
    end = time.monotonic() + seconds
    while True:
        seen = await look()
        if holds(seen):
            return seen
        if time.monotonic() >= end:
            raise WaitedTooLong(what, seconds, instead(seen))
        await asyncio.sleep(poll)


class Lasting(Generic[Looked]):
    """Finds, look after look, whether `so` has been true of all of them for `seconds`."""

    def __init__(
        self,
        so: Callable[[Looked], bool],
        seconds: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._so = so
        self._seconds = seconds
        self._now = now
        self._since: float | None = None

    def __call__(self, seen: Looked) -> bool:
        """Takes what is seen now."""
        if not self._so(seen):
            self._since = None
        elif self._since is None:
            self._since = self._now()
        return self._since is not None and self._now() - self._since >= self._seconds
