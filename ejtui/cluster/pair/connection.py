"""The line to a host: since when there is none, and when it is tried again."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

FIRST_WAIT = 1.0
LONGEST_WAIT = 30.0
"""Seconds: each attempt that fails doubles the wait for the next, up to this."""

SILENT_SECONDS = 3.0
"""A host without a reply to the simplest question for so long does not answer."""


class ConnectionState:
    """Whether a host answers; `now` is a clock in seconds that only ever goes forward.

    `losses` counts how often it answered and then did not.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.since: datetime | None = None
        self.next_try: datetime | None = None
        self.losses = 0
        self._answered = False
        self._now = now
        self._failed = 0
        self._due = 0.0

    @property
    def due(self) -> bool:
        """Whether it is time to connect."""
        return self._now() >= self._due

    @property
    def lost(self) -> bool:
        """Whether the host has answered before, and does not now."""
        return self._answered and self.since is not None

    @property
    def wait(self) -> float:
        """Seconds until it is time to connect."""
        return max(0.0, self._due - self._now())

    def try_now(self) -> None:
        """Let the next attempt wait no longer."""
        self._due = 0.0

    def trying(self) -> None:
        """An attempt begins."""
        self.next_try = None

    def failed(self) -> None:
        """An attempt has failed, or a connection was lost: note since when, and wait."""
        seconds = min(FIRST_WAIT * 2**self._failed, LONGEST_WAIT)
        self._failed += 1
        self._due = self._now() + seconds
        self._away(_clock())
        self.next_try = _clock(seconds)

    def silent(self, seconds: float) -> None:
        """The connection stands, and nothing has come over it for `seconds`."""
        self._away(_clock(-seconds))

    def _away(self, since: datetime) -> None:
        if self.since is None:
            self.since = since
            self.losses += self._answered

    def well(self) -> None:
        """The host has answered."""
        self.since = self.next_try = None
        self._answered = True
        self._failed, self._due = 0, 0.0


def _clock(later: float = 0.0) -> datetime:
    return datetime.now().astimezone() + timedelta(seconds=later)
