"""A run as lines: alive on a terminal, one plain line a step in a pipe."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TextIO

from ejtui.attention import AWAY_AFTER, Attention
from ejtui.cleaning import clean
from ejtui.cli.render.finding_text import finding_lines
from ejtui.cli.render.signs import signs
from ejtui.cli.render.steps_text import INDENT, outcome, title
from ejtui.cli.render.text import Worded, cut, flowed
from ejtui.cluster.run.events import (
    Event,
    HostAwaited,
    HostBack,
    StepEnded,
    StepProgress,
    StepReport,
    StepStarted,
)
from ejtui.cluster.run.operation import Operation

_BEAT = 0.12
_BYTES = "bytes"
_CLEAR = "\r\x1b[K"


class Quiet:
    """Shows nothing: standard output is for something else."""

    worded: Worded = tuple

    async def __aenter__(self) -> Quiet:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    def __call__(self, event: Event) -> None:
        pass

    def paused(self) -> AbstractContextManager[None]:
        """Nothing is there to be paused."""
        return nullcontext()


class ProgressLine:
    """Listens to the runner's events and writes to `stream`.

    On a terminal the running step has one line that is written over, with what it does and for how
    long; where `stream` is no terminal only a step's end is written. What fails and is no step is
    not shown: it raises its error. Used as an async context manager, which keeps the time going.
    With `bell` a terminal's title shows the step, and its bell rings at a question and at the end
    where that took a while. `worded` gives lines with their commands as they reach this pair.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        bell: bool = True,
        worded: Worded = tuple,
    ) -> None:
        self._stream = stream
        self.worded = worded
        self._alive = stream.isatty()
        self._attention = Attention(self._call, on=bell and self._alive)
        self._present = time.monotonic()
        self._signs = signs(stream)
        self._running: Operation | None = None
        self._since = 0.0
        self._says = ""
        self._beats = 0
        self._paused = False
        self._beat: asyncio.Task[None] | None = None

    async def __aenter__(self) -> ProgressLine:
        if self._alive:
            self._beat = asyncio.create_task(self._keep_time())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._beat is not None:
            self._beat.cancel()
            await asyncio.gather(self._beat, return_exceptions=True)
        self._clear()
        self._ring("ejtui has ended")
        self._attention.end()

    def __call__(self, event: Event) -> None:
        match event:
            case StepStarted():
                self._running, self._since, self._says = event.operation, time.monotonic(), ""
                self._attention.title(f"ejtui: {event.operation.title}")
                self._draw()
            case StepReport():
                self._says = event.line
                self._draw()
            case StepProgress():
                # Once all of it is done, the rest of the step has nothing to count.
                over = event.total and event.done >= event.total
                self._says = "" if over else _progress_words(event)
                self._draw()
            case StepEnded():
                self._ended(event)
            case HostAwaited(names, seconds):
                self._write(
                    f"{' and '.join(names)} must answer again: waits up to {seconds / 60:g} min, "
                    "then goes on; ^C stops"
                )
            case HostBack():
                self._write("both hosts answer again: goes on from where the nodes stand")
            case _:
                pass

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leaves the terminal alone meanwhile: a question stands there."""
        self._clear()
        self._paused = True
        self._ring("ejtui asks a question")
        asked = time.monotonic()
        try:
            yield
        finally:
            self._paused = False
            self._present = time.monotonic()
            # A person's time is not the step's.
            self._since += self._present - asked

    def _ring(self, text: str) -> None:
        """Calls the operator, who may be looking elsewhere by now."""
        if time.monotonic() - self._present > AWAY_AFTER:
            self._attention.call(text)

    def _call(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def _ended(self, event: StepEnded) -> None:
        self._clear()
        took = f"  {_duration(time.monotonic() - self._since)}" if self._running else ""
        self._running = None
        if event.state != "done" and not event.operation.is_step:
            return
        sign = self._signs.of(event.state)
        ended, *more = outcome(event.state, event.detail)
        lines = [f"{sign} {title(event.operation)}: {ended}{took}", *more]
        lines += [f"{INDENT}{clean(each)}" for each in event.evidence]
        for finding in event.findings:
            lines += finding_lines(finding, INDENT)
        self._write("\n".join(self.worded(lines)))

    def _write(self, text: str) -> None:
        self._clear()
        self._stream.write(flowed(text, self._stream) + "\n")
        self._stream.flush()

    def _clear(self) -> None:
        if self._alive and self._running is not None:
            self._stream.write(_CLEAR)
            self._stream.flush()

    def _draw(self) -> None:
        if not self._alive or self._paused or self._running is None:
            return
        spin = self._signs.spinner[self._beats % len(self._signs.spinner)]
        took = _duration(time.monotonic() - self._since)
        line = f"{spin} {title(self._running)}  {took}  {clean(self._says)}"
        # One cell less than the terminal has: a full line would wrap and could not be taken back.
        columns = shutil.get_terminal_size().columns - 1
        self._stream.write(f"{_CLEAR}{cut(line, columns)}")
        self._stream.flush()

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(_BEAT)
            self._beats += 1
            self._draw()


def _progress_words(event: StepProgress) -> str:
    words = [f"{_amount(event.done, event)} of {_amount(event.total, event)}"]
    if not event.total:
        words = [_amount(event.done, event)]
    if event.unit != _BYTES:
        words[0] += f" {event.unit}"
    if event.what:
        words.insert(0, event.what)
    if event.rate:
        words.append(f"{_amount(event.rate, event)}/s")
    if event.left:
        words.append(event.left)
    return "  ".join(words)


def _amount(count: float, event: StepProgress) -> str:
    if event.unit != _BYTES:
        return f"{int(count):,}"
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} kB"


def _duration(seconds: float) -> str:
    """Short, for people: 0.4 s, 12 s, 3:05."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
