"""What a running step works with: the pair, fresh facts, the shell, and a voice."""

from __future__ import annotations

import time
from collections.abc import Callable

from ejtui.cluster.acts.act import doing, erl
from ejtui.cluster.errors import Refused
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.journal import Entry, Journal
from ejtui.cluster.pace import Pace
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.polling import until
from ejtui.cluster.question import AskOperator, Question
from ejtui.cluster.run.events import (
    Emit,
    Event,
    FactsChanged,
    NeedsPerson,
    StepProgress,
    StepReport,
)
from ejtui.cluster.run.operation import Operation
from ejtui.cluster.run.record import record
from ejtui.erlang.shell.shell import ShellEnded

COMMAND_SECONDS = 60.0
CONNECT_SECONDS = 60.0


class StepContext:
    """One run of one operation.

    `facts` is the snapshot that it goes by: both nodes asked at one moment, by refresh(). The
    newest facts of each node are the node's own; they may come of another look meanwhile.
    """

    def __init__(
        self,
        operation: Operation,
        pair: Pair,
        facts: PairFacts,
        asks: AskOperator,
        emit: Emit,
        journal: Journal,
    ) -> None:
        self.operation = operation
        self.pair = pair
        self.facts = facts
        self.journal = journal
        self.guard: PairLock | None = None
        self.waited: set[tuple[str, ...]] = set()
        """What tables were waited for in this run, in vain."""
        self._asks = asks
        self._commands_before = journal.commands
        self._emit = emit
        self._counts: tuple[float, str, str] | None = None
        self._pace = Pace(0, 0.0)

    @property
    def choices(self) -> Choices:
        return self.pair.choices

    @property
    def id(self) -> str:
        """The operation's."""
        return self.operation.id

    def emit(self, event: Event) -> None:
        self._emit(event)

    def report(self, event: Event) -> None:
        """Emits an event, and keeps it in the journal."""
        self._emit(event)
        record(self.journal, event)

    def say(self, line: str) -> None:
        """One line about what was done, for the screen and the journal."""
        self.report(StepReport(self.operation, line))

    def progress(
        self,
        done: float,
        total: float,
        unit: str,
        what: str = "",
        rate: float = 0.0,
        left: str = "",
    ) -> None:
        """How far it is: `done` of `total`, 0 where nobody knows how many there are.

        The rate and the time left are reckoned here where the caller does not know them.
        """
        now = time.monotonic()
        if self._counts != (total, unit, what) or not self._pace.goes_on(done):
            self._counts, self._pace = (total, unit, what), Pace(done, now)
        seen = self._pace.seen(done, total, now) if total else (0.0, "")
        rate, left = rate or seen[0], left or seen[1]
        self._emit(StepProgress(self.operation, done, total, unit, what, rate, left))

    async def ask(self, question: Question) -> None:
        """Puts the question to the person in charge. Raises Refused unless the answer is yes."""
        self._emit(NeedsPerson(question))
        asked = time.monotonic()
        answer = await self._asks(question)
        self.journal.write(
            Entry.ASKED,
            step=self.id,
            question=question.title,
            takes=question.takes,
            yes=answer,
            waited=round(time.monotonic() - asked, 1),
        )
        if not answer:
            raise Refused(f"answered No: {question.title}{self._unchanged}")
        if self.guard is not None:
            # Who was asked may have taken a day to answer.
            await self.refresh()

    @property
    def _unchanged(self) -> str:
        """That nothing was changed, where no command was run."""
        if self.journal.commands > self._commands_before:
            return ""
        return " This step changed nothing." if self.operation.is_step else " Nothing was changed."

    async def refresh(self) -> PairFacts:
        """Asks both nodes and emits an event when something is different.

        Raises LockHeld and LockLost where the lock was lost meanwhile: see PairLock.keep().
        """
        facts = await self.pair.refresh()
        if self.guard is not None:
            await self.guard.keep()
        if facts != self.facts:
            self.facts = facts
            self._emit(FactsChanged(facts))
        return self.facts

    async def until(
        self,
        holds: Callable[[PairFacts], bool],
        what: str,
        seconds: float = CONNECT_SECONDS,
    ) -> PairFacts:
        """Waits until `holds` is true of both nodes' facts.

        Raises WaitedTooLong, and ShellEnded as soon as the shell that was live has ended.
        """
        shell = self.pair.live_shell

        def come_or_ended(facts: PairFacts) -> bool:
            if holds(facts):
                return True
            if shell is not None and shell.ended:
                raise ShellEnded(what, ())
            return False

        return await until(
            self.refresh, come_or_ended, what=what, seconds=seconds, instead=_standing
        )

    async def type(self, text: str, seconds: float = COMMAND_SECONDS) -> str:
        """Types `text` into the erl shell on second and returns what it answered.

        Raises OperatorTookOver, ShellEnded, ShellTimeout or ShellSyntaxError.
        """
        shell = self.pair.shell
        if shell is None:
            # It needed none when the step began: ejabberd ran on second, and has gone since.
            raise ShellEnded(text, ())
        with doing(erl(self.pair.second, text)):
            return await shell.command(text, timeout=seconds)


def _standing(facts: PairFacts) -> str:
    return "; ".join(_node(node) for node in (facts.first, facts.second))


def _node(node: NodeFacts) -> str:
    if not node.asked:
        return f"{node.name}: {node.error}"
    runs = ", ".join(node.running_db_nodes) or "nobody"
    return f"{node.name}: VM {node.vm}, Mnesia {node.mnesia}, runs with {runs}"
