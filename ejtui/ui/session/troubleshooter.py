"""The troubleshooter of the app: it checks the pair when there is something new to see."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from ejtui.cluster.condition.condition import Known, known_since
from ejtui.cluster.diagnosis.look import outdated
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join.check import check
from ejtui.cluster.journal import Entry, Journal
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import AskOperator
from ejtui.cluster.run.events import Emit
from ejtui.erlang.probe.client import ProbeLost
from ejtui.hosts.errors import Unreachable
from ejtui.ui.session import from_events, to_view
from ejtui.ui.session.protocols import Voice
from ejtui.ui.state.diagnosis_updates import CheckBegan, CheckEnded

if TYPE_CHECKING:
    from ejtui.cluster.pair.lock import PairLock

_LOST = (ProbeLost, Unreachable)
"""What ends a check when the connection to a host drops."""

REST_SECONDS = 10.0
"""So long after a check no other one is made unasked: a node may come and go all the time."""


class Troubleshooter:
    """One check at a time, and none while `may_look` is false.

    `heard` gets what each check found.
    """

    def __init__(
        self,
        pair: Pair,
        voice: Voice,
        journal: Journal,
        may_look: Callable[[], bool],
        heard: Callable[[Diagnosis], None],
    ) -> None:
        self._pair = pair
        self._voice = voice
        self._journal = journal
        self._may_look = may_look
        self._heard = heard
        self._seen: Diagnosis | None = None
        self._task: asyncio.Task[None] | None = None
        self._ended_at: float | None = None
        self._compared: tuple[Diagnosis, PairFacts] | None = None
        self._differs = False
        self._overtaken = False
        self._broken_off = False

    def overtake(self) -> None:
        """Another ejtui has changed the pair: what the last check found may be over."""
        self._overtaken = True

    def consider(self, facts: PairFacts) -> None:
        """Check if both nodes have just answered first, or report something else than before.

        Also where the last check was overtaken, and where a lost connection broke it off: at once
        when both hosts answer.
        """
        if self._is_due(facts):
            self.check()

    def _is_due(self, facts: PairFacts) -> bool:
        if self._ended_at is None or self._overtaken:
            return True
        if self._broken_off and facts.first.asked and facts.second.asked:
            return True
        has_rested = _now() - self._ended_at >= REST_SECONDS
        return has_rested and (self._broken_off or self.is_outdated(facts))

    def known(self, facts: PairFacts) -> Known:
        """What the last check adds to these facts."""
        return known_since(self._seen, facts, outdated=self.is_outdated(facts))

    def is_outdated(self, facts: PairFacts) -> bool:
        """Whether these facts are others than those of the last check."""
        return self._seen is not None and self._outdated(self._seen, facts)

    def _outdated(self, seen: Diagnosis, facts: PairFacts) -> bool:
        """The same question as the last time has the same answer."""
        if (seen, facts) != self._compared:
            self._compared = seen, facts
            self._differs = outdated(seen, facts)
        return self._differs

    def check(self) -> None:
        """Check now, unless a check runs, or something that a check must not disturb."""
        if self._task is None and self._may_look():
            self._overtaken = False
            self._voice.apply(CheckBegan())
            self._task = asyncio.create_task(self._check())
            # Also of one that is cancelled before it has started.
            self._task.add_done_callback(self._ended)

    def check_again(self) -> None:
        """Check now; a check that runs has seen what was before, and another follows it."""
        if self._task is not None:
            self._overtaken = True
        self.check()

    async def _check(self) -> None:
        self._broken_off, losses = False, self._losses
        try:
            self._take(await check(self._pair))
        except Exception as error:
            # A connection that dropped meanwhile is shown by its host's panel.
            self._broken_off = isinstance(error, _LOST) or self._losses != losses
            if not self._broken_off:
                self._report(error)

    @property
    def _losses(self) -> int:
        return self._pair.first.line.losses + self._pair.second.line.losses

    def _report(self, error: Exception) -> None:
        """Hosts and nodes that do not answer are findings: this is a mistake of ejtui's own."""
        self._journal.write(Entry.BROKE, doing="a check", why=traceback.format_exc())
        self._voice.show_trouble(from_events.trouble_of(error, "checking both nodes"))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._task = None
        self._ended_at = _now()
        self._voice.apply(CheckEnded())
        if self._overtaken and not task.cancelled():
            self.check()

    def _take(self, seen: Diagnosis) -> None:
        from ejtui.cluster.repairs.run import preview

        self._seen = seen
        at = datetime.now().astimezone().strftime("%H:%M:%S")
        found = to_view.diagnosis_view(seen, lambda finding: preview(self._pair, finding), at)
        self._voice.apply(CheckEnded(found))
        self._heard(seen)

    async def stop(self) -> None:
        """Cancel a running check; nothing is changed by that."""
        task = self._task
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def repair(
        self, code: str, node: str, asks: AskOperator, emit: Emit, lock: PairLock
    ) -> str:
        """Repair that finding, which checks again; how it ended, in a line.

        Raises StepFailed, Refused and LockHeld, as a repair does.
        """
        from ejtui.cluster.repairs.gone import FindingGone
        from ejtui.cluster.repairs.run import repair

        try:
            after = await repair(self._pair, code, asks, emit, node=node, lock=lock)
        except FindingGone as gone:
            self._take(gone.seen)
            raise
        self._take(after)
        rest = ", ".join(f"{finding.code} on {finding.node}" for finding in after.findings)
        return f"{code} is repaired" + (f"; still found: {rest}" if rest else "")


def _now() -> float:
    return asyncio.get_running_loop().time()
