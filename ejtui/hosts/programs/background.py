"""Work that may take its time, done beside the event loop, and left alone when it takes too much.

Threads of the loop's own pool are waited for when the program ends, however long a name server or
somebody's command takes: these are not.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def run_in_thread(work: Callable[[], T]) -> T:
    """Return what `work` returns in a new thread; raises what it raises.

    When the task is cancelled nobody waits for the thread any more.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(answer: Callable[[], None]) -> None:
        if not done.done():
            answer()

    def run() -> None:
        answer: Callable[[], None]
        try:
            result = work()
        except Exception as exc:
            failure = exc
            answer = lambda: done.set_exception(failure)  # noqa: E731
        else:
            answer = lambda: done.set_result(result)  # noqa: E731
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, answer)

    threading.Thread(target=run, name="aside", daemon=True).start()
    return await done
