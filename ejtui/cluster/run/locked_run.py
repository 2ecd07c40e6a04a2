"""One piece of work that is no step of the join: under the pair's lock, with events and journal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ejtui.cluster.acts import unit_mask
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Finished, StepEnded, StepStarted


@asynccontextmanager
async def locked(context: StepContext, lock: PairLock, doing: str) -> AsyncIterator[None]:
    """Holds the lock meanwhile, and gives back only what it took; a failure is reported and goes
    on.

    Raises LockHeld.
    """
    mine = not lock.held
    lock.forget()
    await lock.take(doing)
    context.guard = lock
    context.emit(StepStarted(context.id))
    context.journal.write("started", step=context.id)
    try:
        yield
    except BaseException as error:
        context.journal.write("ended", step=context.id, state="failed", why=str(error))
        context.emit(StepEnded(context.id, "failed", str(error)))
        context.emit(Finished(False))
        raise
    finally:
        if mine:
            if lock.held:
                await unit_mask.release(context.pair.second)
            await lock.release()
