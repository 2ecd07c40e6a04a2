"""Runs the steps of the checklist: one, or on until something needs a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Literal

from ejtui import own_files, paths
from ejtui.cluster.acts import unit_mask
from ejtui.cluster.backups.move import half_moved
from ejtui.cluster.diagnosis.look import diagnosis
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.errors import SHELL_OPEN, ClusterError, Refused, StepFailed
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.join import checklist, first_change, pair_state
from ejtui.cluster.join.check import check
from ejtui.cluster.join.checklist import StepStatus
from ejtui.cluster.join.failures import FailedSteps
from ejtui.cluster.join.steps import STEPS, Step, StepState
from ejtui.cluster.join.steps.cleandb import CleanDb
from ejtui.cluster.join.steps.cookies import Cookies
from ejtui.cluster.journal import Entry, Journal
from ejtui.cluster.operations.files import no_room
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import AskOperator
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import (
    Emit,
    Event,
    FactsChanged,
    Finished,
    HandedBack,
    StepEnded,
    StepReport,
    StepStarted,
    StoodAside,
)
from ejtui.cluster.run.noted_run import commands_noted, note_hosts, note_nodes
from ejtui.cluster.run.record import record
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.shell.shell import OperatorTookOver, ShellEnded, ShellError
from ejtui.hosts import HostError

StepEnd = Literal["ended", "retry", "handed back", "stopped"]

MOST_RUNS = 3
"""So often one step is tried in a run before it counts as failed."""


class Runner:
    """Brings a pair from where it stands towards a join.

    `asks` puts a question to the person in charge, `emit` takes the events. With `asks_first` the
    first change of a join is asked about, too, for the whole of it at once. Cancelling the
    task of a run leaves a state that the checklist goes on from. A `lock` of the caller's stays
    held after a run, as the run is a part of something longer.
    """

    def __init__(
        self,
        pair: Pair,
        asks: AskOperator,
        emit: Emit,
        *,
        asks_first: bool = False,
        lock: PairLock | None = None,
    ) -> None:
        self.pair = pair
        self.journal = Journal(paths.journal_file(pair.name), pair.name)
        self.lock = lock or PairLock(pair)
        self._releases = lock is None
        self._asks = asks
        self._emit = emit
        self.failed = FailedSteps()
        self._asks_first = asks_first
        self._to_ask = asks_first
        self._whole = False
        self._well = False
        self._refused = False

    async def checklist(self) -> list[StepStatus]:
        """Where all steps stand, from fresh facts.

        A step that this runner has seen fail, and that is still to do, is `failed` with why.
        """
        views = checklist.views(self.pair, await self._refresh())
        return [checklist.with_failure(view, self.failed.states) for view in views]

    async def run_step(self, id: str) -> bool:
        """Runs one step whose turn it is; True when it is done afterwards.

        Raises KeyError for an unknown step, LockHeld when another ejtui changes the pair.
        """
        return await self._run_all(_step(id).title.lower(), [_step(id)])

    async def run_on(self, until: str | None = None) -> bool:
        """Runs what is not done, in order, up to and with the step `until`.

        Stops at a failure or a refusal, which is False. What needs no change takes no lock;
        steps that only look, look again even when all is done. Raises KeyError, LockHeld.
        """
        last = _step(until) if until else STEPS[-1]
        return await self._run_all("join", STEPS[: last.number])

    async def _run_all(self, what: str, steps: tuple[Step, ...] | list[Step]) -> bool:
        """Runs those of `steps` that are not done, looking at both nodes before each."""
        runs: Counter[str] = Counter()
        self._to_ask = self._asks_first
        self._whole = any(step.id == CleanDb.id for step in steps)
        async with self._running(what):
            facts = await self._refresh()
            note_nodes(self.journal, self.pair)
            while True:
                step, state = self._next(steps, runs, facts)
                if step is None:
                    return self._finish(True)
                runs[step.id] += 1
                if state.state in ("failed", "blocked") or runs[step.id] > MOST_RUNS:
                    self._fail(step, state.detail, state.findings)
                    return self._finish(False)
                outcome = await self._run(step, state, what, facts)
                if outcome == "stopped":
                    return self._finish(False)
                if outcome == "handed back":
                    runs[step.id] -= 1
                facts = await self._refresh()

    def _next(
        self, steps: tuple[Step, ...] | list[Step], runs: Counter[str], facts: PairFacts
    ) -> tuple[Step | None, StepState]:
        """The first of `steps` that is not done, or that only looks and has not looked yet."""
        states = checklist.derive(facts, self.pair.choices)
        for step in steps:
            state = states[step.number - 1]
            if not state.done or (not step.changes and not runs[step.id]):
                return step, state
            if step.id not in runs:
                runs[step.id] = 0
                self._end(step, state)
        return None, StepState("done")

    async def _run(self, step: Step, state: StepState, what: str, facts: PairFacts) -> StepEnd:
        """Runs the step once and reports how it ended."""
        if step.changes:
            title = step.title.lower()
            await self.lock.take(title if what == title else f"{what}: {title}")
        self._report(StepStarted(step.operation, state.state, state.detail))
        self._report_own_files(step)
        context = StepContext(
            step.operation, self.pair, facts, self._asks, self._emit, self.journal
        )
        try:
            if step.changes:
                await self._nobody_else(context)
                if why := await half_moved.why_no_join(self.pair, context.facts):
                    return self._fail(step, why)
                await self._first_change(step, context)
            with commands_noted(self.journal, step.id):
                async with no_room.explained(context, "ejtui join"):
                    evidence = tuple(await step.run(context))
        except OperatorTookOver:
            return await self._stand_aside(step)
        except ShellEnded as ended:
            context.say(str(ended))
            return "retry"
        except Refused as refused:
            self._end(step, StepState("todo", str(refused)))
            self._refused = True
            return "stopped"
        except StepFailed as failed:
            return self._fail(step, str(failed), failed.findings or await self._found(step))
        except (ClusterError, ShellError, ProbeError, HostError) as error:
            return self._fail(step, str(error), await self._found(step))
        return await self._looked_at(step, evidence)

    async def _first_change(self, step: Step, context: StepContext) -> None:
        """Asks once in a run before the cookie is replaced. Raises Refused."""
        if self._to_ask and step.id == Cookies.id:
            await first_change.ask(context, whole=self._whole)
            self._to_ask = False

    async def _nobody_else(self, context: StepContext) -> None:
        """Asks again where the lock was lost and somebody changed the pair. Raises Refused."""
        if seen := await self.lock.meanwhile():
            context.say(f"the lock was lost; meanwhile: {'; '.join(seen)}")
            await context.ask(pair_state.question(seen))
        await self.lock.note(partial(pair_state.watch, self.pair))
        context.guard = self.lock

    async def _looked_at(self, step: Step, evidence: tuple[str, ...]) -> StepEnd:
        """A step is done when both nodes report it, not when it ran through."""
        facts = await self._refresh()
        state = checklist.derive(facts, self.pair.choices)[step.number - 1]
        if state.state == "failed":
            return self._fail(step, state.detail, state.findings)
        if not state.done:
            line = f"it runs again: the nodes do not both report it as done: {state.detail}"
            self._report(StepReport(step.operation, line))
            return "retry"
        self._end(step, state, evidence)
        return "ended"

    async def _stand_aside(self, step: Step) -> StepEnd:
        """Waits until the operator hands the shell back, or ends it."""
        self._report(StoodAside(step.operation, "the operator"))
        shell = self.pair.live_shell
        if shell is not None:
            try:
                await shell.wait_handed_back()
            except ShellEnded:
                self.journal.write(Entry.SHELL_ENDED, step=step.id)
            except ShellError as error:
                return self._fail(step, str(error))
        self._report(HandedBack(step.operation))
        return "handed back"

    async def _found(self, step: Step) -> tuple[Finding, ...]:
        """What the check finds after a step that failed without a reason.

        Not what this step or a later one still has to do; what an earlier one did, and is
        undone, is wrong.
        """
        seen = await check(self.pair)
        stopped = replace(seen.examined, joining="", half_done=None)
        found = diagnosis(seen.facts, Case(seen.facts, stopped)).findings
        before = {earlier.id for earlier in STEPS[: step.number - 1]}
        return tuple(
            finding
            for finding in found
            if finding.severity == "error"
            if not finding.repaired_by or finding.repaired_by in before
        )

    def _fail(self, step: Step, why: str, findings: tuple[Finding, ...] = ()) -> StepEnd:
        self._end(step, StepState("failed", why, findings))
        return "stopped"

    def _report_own_files(self, step: Step) -> None:
        for line in own_files.news():
            self._emit(StepReport(step.operation, line))

    def _end(self, step: Step, state: StepState, evidence: tuple[str, ...] = ()) -> None:
        self._report_own_files(step)
        self._report(StepEnded(step.operation, state.state, state.detail, evidence, state.findings))

    def _report(self, event: Event) -> None:
        """Emits an event, and keeps it in the journal."""
        self.failed.hear(event)
        self._emit(event)
        record(self.journal, event)

    def _finish(self, ok: bool) -> bool:
        self._well = ok
        self._emit(Finished(ok))
        return ok

    @asynccontextmanager
    async def _running(self, what: str) -> AsyncIterator[None]:
        """A run in the journal; the lock stays only as long as the erl shell is open."""
        note_hosts(self.journal, self.pair)
        self.journal.write(Entry.RUN, what=what)
        self._refused, self._well = False, False
        try:
            yield
            ended = "done" if self._well else "refused" if self._refused else "failed"
            self.journal.write(Entry.RUN_ENDED, what=what, outcome=ended)
        except BaseException as error:
            self.journal.write(Entry.RUN_BROKEN_OFF, what=what, why=type(error).__name__)
            self._emit(Finished(False))
            raise
        finally:
            if self._releases:
                await self._let_go()

    async def _let_go(self) -> None:
        """Frees the pair, or shows others that only the erl shell is open."""
        if self.pair.live_shell is None:
            if self.lock.held:
                await unit_mask.release(self.pair.second)
            await self.lock.release()
        elif self.lock.held:
            # The next step reports who else has it by then.
            with suppress(ClusterError, ProbeError, HostError):
                await self.lock.take(SHELL_OPEN)

    async def _refresh(self) -> PairFacts:
        before = self.pair.facts
        facts = await self.pair.refresh()
        if facts != before:
            self._emit(FactsChanged(facts))
        return facts


def _step(id: str) -> Step:
    return {step.id: step for step in STEPS}[id]
