"""The two halves of a started program: its input and its output."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Protocol

_NOISE_KEPT = 65536
_QUIET_AFTER_EXIT = 0.5
_ASKS = re.compile(rb"(?i)(password|passphrase)[^\n]*:\s*\Z")

# What ends without a newline and with a colon asks for something, in whatever language; only
# the name of who complains may arrive ahead of the complaint.
_PROMPT = re.compile(rb"(.*(?::|\xef\xbc\x9a|\?))[ \t]*\Z")
_LONGEST_PROMPT = 400
_COMPLAINS = re.compile(rb"\s*(sudo|doas|su):\Z")


class Spawned(Protocol):
    """A program somewhere: bytes in, flow control, its size, its end."""

    def write(self, data: bytes) -> None:
        """Send bytes to its standard input; never blocks."""

    def write_eof(self) -> None:
        """End its standard input."""

    def pause_reading(self) -> None:
        """Stop hearing from it, so that it has to wait."""

    def resume_reading(self) -> None:
        """Hear from it again."""

    def resize(self, columns: int, rows: int) -> None:
        """Give its terminal this size."""

    def close(self) -> None:
        """Let go of it."""


class Sink(Protocol):
    """Who hears a program: all calls come in the event loop."""

    def received(self, data: bytes, *, error: bool) -> None:
        """It wrote `data`, on standard error when `error`."""

    def exited(self, code: int) -> None:
        """It ended; what it wrote last may still come."""

    def closed(self, error: Exception | None) -> None:
        """Nothing more will come; `error` when the line broke. Called once."""

    def pause_writing(self) -> None:
        """Too much is on its way to the program."""

    def resume_writing(self) -> None:
        """The program has caught up."""


class Ending:
    """Finds when a program that exited has also sent its last output.

    Its output can still be on the way, and someone it left behind can hold its output open for
    ever: so the end is half a second of silence after the exit, while we were listening.
    """

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self._timer: asyncio.TimerHandle | None = None
        self._exited = False
        self._paused = False

    def heard(self) -> None:
        """There was output, or it exited: wait for silence again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._exited and not self._paused:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_QUIET_AFTER_EXIT, self._end)

    def exited(self) -> None:
        """It exited."""
        self._exited = True
        self.heard()

    def listening(self, yes: bool) -> None:
        """Set whether anybody listens; silence counts only then."""
        self._paused = not yes
        self.heard()

    def cancel(self) -> None:
        """Wait for nothing any more."""
        self._exited = False
        self.heard()


class LaunchSink:
    """A sink that drops what comes before the program begins (banners, profiles, prompts).

    The launcher prints a marker with the program's process id first; `started` becomes True with
    it, or False when the program ended, or asked for a password, without ever beginning. Where
    `on_prompt` is set, it is given the text of what is asked instead.
    """

    def __init__(self, token: str, sink: Sink, *, terminal: bool) -> None:
        self._marker = re.compile(rb"ejtui-" + token.encode() + rb"-(\d+);")
        self._asking = f"ejtui-{token}-ask;".encode()
        self._asked_from = 0
        self._sink = sink
        self.on_prompt: Callable[[str], None] | None = None
        self._before: dict[bool, bytearray] = {False: bytearray()}
        if not terminal:
            self._before[True] = bytearray()
        self.started: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.pid: int | None = None
        self.code: int | None = None
        self.over = False
        self.asked = False
        self.error: Exception | None = None

    @property
    def noise(self) -> bytes:
        """Return the output from before the program started."""
        parts = (part.replace(self._asking, b"") for part in reversed(self._before.values()))
        return b"\n".join(bytes(part) for part in parts)

    def received(self, data: bytes, *, error: bool) -> None:
        """Pass on what comes after the marker of this stream."""
        before = self._before.get(error)
        if before is None:
            self._pass_on(data, error=error)
            return
        before += data
        found = self._marker.search(before)
        if found is None:
            self._look_for_question(before)
            dropped = max(0, len(before) - _NOISE_KEPT)
            del before[:dropped]
            self._asked_from = max(0, self._asked_from - dropped)
            return
        rest = bytes(before[found.end() :])
        del self._before[error]
        self.pid = int(found[1])
        if not error:
            self._settle(started=True)
        if rest:
            self._pass_on(rest, error=error)

    def _pass_on(self, data: bytes, *, error: bool) -> None:
        self._sink.received(data, error=error)

    def _look_for_question(self, before: bytearray) -> None:
        if self.pid is not None:
            return
        if self.on_prompt is not None:
            self._look_for_prompt(before, self.on_prompt)
        elif _ASKS.search(before[-200:]):
            self.give_up()

    def _look_for_prompt(self, before: bytearray, on_prompt: Callable[[str], None]) -> None:
        # A profile may print anything; the question of sudo, doas or su comes after the mark.
        start = before.find(self._asking)
        start = max(start + len(self._asking), self._asked_from) if start >= 0 else len(before)
        line = re.split(rb"[\r\n]", before[start:][-_LONGEST_PROMPT:])[-1]
        found = _PROMPT.match(line)
        if found is not None and not _COMPLAINS.match(found[1]):
            self._asked_from = len(before)
            on_prompt(found[1].decode("utf-8", "replace").strip())

    def give_up(self) -> None:
        """It asks for something that nobody answers."""
        self.asked = True
        self._settle(started=False)

    def _settle(self, *, started: bool) -> None:
        if not self.started.done():
            self.started.set_result(started)

    def exited(self, code: int) -> None:
        """Remember the code and pass it on."""
        self.code = code
        self._sink.exited(code)

    def closed(self, error: Exception | None) -> None:
        """Pass the end on, once."""
        if self.over:
            return
        self.over = True
        self.error = error
        self._settle(started=False)
        self._sink.closed(error)

    def pause_writing(self) -> None:
        """Pass it on."""
        self._sink.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        self._sink.resume_writing()
