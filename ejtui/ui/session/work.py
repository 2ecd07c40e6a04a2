"""What changes the pair at the operator's wish: one thing at a time, and how it ended in words."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ejtui.cluster.errors import LockHeld, Refused
from ejtui.cluster.journal import Entry
from ejtui.ui.session import from_events
from ejtui.ui.state.updates import WorkBegan, WorkEnded, WorkStopping

if TYPE_CHECKING:
    from ejtui.cluster.journal import Journal
    from ejtui.cluster.run.resume import Resuming
    from ejtui.ui.session.protocols import Voice
    from ejtui.ui.state.models import ErrorView, FindingView

_CLOSE_SECONDS = 10.0
"""What is running gets so long to stop at a safe place when the app is left."""

Doing = Callable[[], Awaitable[bool | str]]
"""Whether it is done; or how it ended, in a line."""


class Work:
    """Runs it, through `resuming`; `before` and `after` are run around each.

    `trouble` is what a step of it has already shown in detail, `refused` what the operator answered
    No to: both belong to the run that is going on.
    """

    def __init__(
        self,
        voice: Voice,
        resuming: Resuming,
        journal: Journal,
        before: Callable[[], Awaitable[None]],
        after: Callable[[], None],
    ) -> None:
        self._voice = voice
        self._resuming = resuming
        self._journal = journal
        self._before, self._after = before, after
        self._task: asyncio.Task[None] | None = None
        self.trouble: ErrorView | None = None
        self.refused = ""

    @property
    def is_running(self) -> bool:
        """Whether something is running, or stopping."""
        return self._task is not None

    def begin(
        self, title: str, doing: Doing, again: str, repairs: FindingView | None = None
    ) -> bool:
        """Start it under that title, unless something is running; whether it was started.

        `again` is which keys lead on where it is stopped.
        """
        if self._task is not None:
            return False
        self.trouble, self.refused = None, ""
        self._voice.apply(WorkBegan(title, repairs))
        self._task = asyncio.create_task(self._do(title, doing, again))
        return True

    def cancel(self) -> None:
        """Stop what is running at a safe place."""
        if self._task is not None:
            self._voice.apply(WorkStopping())
            self._task.cancel()

    async def close(self) -> None:
        """The same, and wait until it has stopped, for a bounded time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=_CLOSE_SECONDS)

    async def _do(self, title: str, doing: Doing, again: str) -> None:
        ending, is_trouble = "", False
        try:
            await self._before()
            ending = self._ending(title, await self._resuming.run(doing))
        except asyncio.CancelledError:
            ending = f"{title}: stopped. {again}"
        except LockHeld as held:
            ending, is_trouble = f"{title}: {held}", True
        except Refused as refused:
            ending = str(refused)
        except from_events.KNOWN_ERRORS as error:
            ending, is_trouble = f"{title}: {error}", True
            self._voice.show_trouble(self.trouble or from_events.trouble_of(error, title))
        except Exception as error:
            # A mistake in ejtui: the running work ends, the app goes on.
            ending, is_trouble = f"{title}: {type(error).__name__}: {error}", True
            self._journal.write(Entry.BROKE, doing=title, why=traceback.format_exc())
            self._voice.show_trouble(from_events.trouble_of(error, title))
        finally:
            self._task = None
            self._voice.apply(WorkEnded(ending, is_trouble))
            self._after()

    def _ending(self, title: str, done: bool | str) -> str:
        if isinstance(done, str):
            return done
        if done:
            return f"{title}: done"
        if self.trouble:
            self._voice.show_trouble(self.trouble)
        return f"{title}: {self.refused or 'stopped, see the step'}"
