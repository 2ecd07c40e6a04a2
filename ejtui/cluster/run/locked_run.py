"""One piece of work that is no step of the join: under the pair's lock, with events and journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from ejtui.cluster.acts import unit_mask
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Finished, StepEnded, StepStarted
from ejtui.cluster.run.noted_run import commands_noted, note_hosts, note_nodes


@asynccontextmanager
async def locked(context: StepContext, lock: PairLock) -> AsyncIterator[None]:
    """Holds the lock meanwhile, and gives back only what it took; a failure is reported and goes
    on.

    Raises LockHeld.
    """
    mine = not lock.held
    lock.forget()
    await lock.take(context.operation.title)
    context.guard = lock
    note_hosts(context.journal, context.pair)
    context.report(StepStarted(context.operation))
    note_nodes(context.journal, context.pair)
    try:
        with commands_noted(context.journal, context.id):
            yield
    except BaseException as error:
        _end(context, "failed", _noted(error))
        raise
    finally:
        if mine:
            if lock.held:
                await unit_mask.release(context.pair.second)
            await lock.release()


def _noted(error: BaseException) -> str:
    """What is kept of an error: of a question that nobody answered not what it would change."""
    return str(getattr(error, "noted", "") or error) or type(error).__name__


def finish(context: StepContext, detail: str, evidence: Sequence[str]) -> None:
    """Reports that it is done, and what was seen."""
    _end(context, "done", detail, tuple(evidence))


def _end(context: StepContext, state: str, detail: str, evidence: tuple[str, ...] = ()) -> None:
    context.report(StepEnded(context.operation, state, detail, evidence))
    context.emit(Finished(state == "done"))
