"""Runs a command's coroutine so that ^C, SIGTERM and SIGHUP end it in order."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """The coroutine was ended by a signal and has put its things in order."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end and answer its result.

    The first signal cancels it, so that it closes what it opened; should that take too long, the
    second prints that and the third ends the process at once. Raises Interrupted when a signal
    ended it.
    """
    return asyncio.run(_guarded(main))


async def _guarded(main: Coroutine[Any, Any, T]) -> T:
    loop = asyncio.get_running_loop()
    task = loop.create_task(main)
    received: list[signal.Signals] = []

    def on_signal(number: signal.Signals) -> None:
        received.append(number)
        if len(received) == 1:
            task.cancel()
            return
        for each in handled:
            loop.remove_signal_handler(each)
            signal.signal(each, signal.SIG_DFL)
        with suppress(OSError):
            print("ejtui: still ending; once more ends at once", file=sys.stderr)

    # Under nohup a hang-up is ignored, and stays so.
    handled = [each for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    for number in handled:
        loop.add_signal_handler(number, on_signal, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not received:
            raise
        raise Interrupted(received[0].name) from None
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
