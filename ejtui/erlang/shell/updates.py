"""Updates of a shell: from its driver's thread to the tasks that wait for it or show it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import Enum

_GATHERED = 0.008
"""Seconds of news that listeners hear of at once, after the first of it."""


class Change(Enum):
    """What listeners of a shell are called for."""

    SCREEN = "the screen has a new frame"
    TYPIST = "the one who types changed"
    ENDED = "the shell ended"


class ShellUpdates:
    """The updates of one shell, in the event loop it was made in; `over`: whether it ended."""

    def __init__(self, over: Callable[[], bool]) -> None:
        self.ended = False
        """Whether listeners know of the end; there are no updates after it."""
        self._over = over
        self._loop = asyncio.get_running_loop()
        self._listeners: list[Callable[[Change], None]] = []
        self._event = asyncio.Event()
        self._came_at = self._loop.time()
        self._scheduled = False
        self._announced_at = -_GATHERED
        self._gathering: asyncio.TimerHandle | None = None

    @property
    def age(self) -> float:
        """Seconds since the latest came."""
        return self._loop.time() - self._came_at

    def listen(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` in the event loop at every change; returns how to stop it."""
        self._listeners.append(listener)

        def stop() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return stop

    def announce(self, change: Change) -> None:
        """Call the listeners and wake the waiting tasks."""
        self._event.set()
        for listener in tuple(self._listeners):
            listener(change)

    async def wait(self, timeout: float | None) -> None:
        """Wait for the next news, at most `timeout` seconds."""
        self._event.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._event.wait()

    def come(self) -> None:
        """Called in the driver's thread: at most one call waits in the event loop."""
        if not self._scheduled:
            self._scheduled = True
            with suppress(RuntimeError):  # The loop is closed: no listener is left.
                self._loop.call_soon_threadsafe(self.publish)

    def publish(self) -> None:
        """Report what has come: a frame now, those that follow soon, together; the end now."""
        self._scheduled = False
        self._came_at = self._loop.time()
        if self._over() and not self.ended:
            self.ended = True
            if self._gathering is not None:
                self._gathering.cancel()
            self._announce_screen()
            self.announce(Change.ENDED)
        elif self._gathering is None and not self.ended:
            wait = self._announced_at + _GATHERED - self._came_at
            if wait > 0:
                self._gathering = self._loop.call_later(wait, self._announce_screen)
            else:
                self._announce_screen()
        self._event.set()

    def _announce_screen(self) -> None:
        self._gathering = None
        self._announced_at = self._loop.time()
        self.announce(Change.SCREEN)
