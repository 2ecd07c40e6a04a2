"""A recording as lines on the terminal: at its own pace there, at once into a pipe or a file."""

from __future__ import annotations

import asyncio
from typing import TextIO

from ejtui.cleaning import clean
from ejtui.cluster.history.clock import date_and_time
from ejtui.erlang.terminal.recording import Recording
from ejtui.erlang.terminal.replay import Replay, ReplayedLines

_AT_ONCE = 200
"""So many events are drawn at a time where nobody watches."""


async def play(recording: Recording, out: TextIO, speed: float) -> None:
    """Writes each line as the recorded terminal finished it; nothing of it acts on this one.

    `speed` is how many times as fast it is played on a terminal.
    """
    out.write(f"--- {_about(recording)}\n")
    replay = Replay(recording)
    lines = ReplayedLines(replay)
    watched = out.isatty()
    while True:
        for line in lines.fresh():
            out.write(f"{clean(line)}\n")
        wait = replay.next_in()
        if wait is None:
            break
        if watched:
            out.flush()
            await asyncio.sleep(wait / speed)
        replay.step(1 if watched else _AT_ONCE)
    out.flush()


def _about(recording: Recording) -> str:
    note = f" ({recording.note})" if recording.note else ""
    return clean(f"{recording.title or recording.path}, {date_and_time(recording.began)}{note}")
