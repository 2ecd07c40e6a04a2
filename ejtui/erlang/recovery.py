"""Brings a shell that somebody else typed into back to a fresh prompt.

The ways out were tried on real shells: in the break menu only "c" is typed, since "a" would end
the erl; the job control's "i" then "c" drops whatever input is half done (an unfinished
expression, an open quote, a search) on every release, and keeps the prompt's number. It would
also stop an evaluation, so it is used only where the shell is known to wait for input.
"""

from __future__ import annotations

import re

from .prompt import Obstacle, obstacle_of, prompt_of
from .terminal import Frame

_CLEAR_LINE = b"\x05\x15"
_PATIENCE = 0.3
"""Seconds without a change of the screen before the next thing is tried."""


class Recovery:
    """One way back to a fresh prompt of `node`; call step() with each frame until it is there."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._cleared = 0
        self._dropping = False
        self._dropped = False
        self._nudge = False
        self._acted_on: tuple[tuple[int, int], str, int] | None = None

    def step(self, frame: Frame, idle: float) -> tuple[bytes, int | None]:
        """The keys to send now (may be none), and the prompt's number once it is fresh."""
        if idle < _PATIENCE / 6:
            return b"", None
        prompt = prompt_of(frame, self._node)
        if prompt and prompt.fresh and not self._unfinished(frame):
            return b"", prompt.number
        place = (frame.cursor, frame.line, frame.line_number)
        if place == self._acted_on and idle < _PATIENCE:
            return b"", None
        keys = self._keys(frame, idle, prompt is not None)
        if keys:
            self._acted_on = place
        return keys, None

    def _keys(self, frame: Frame, idle: float, at_prompt: bool) -> bytes:
        obstacle = obstacle_of(frame)
        if obstacle is Obstacle.BREAK:
            self._nudge = True
            return b"c\r"
        if obstacle is Obstacle.JOBS or frame.line.startswith(" -->"):
            return self._leave_jobs()
        if obstacle is Obstacle.MORE:
            return b"n\r"
        if obstacle is not None or (at_prompt and self._cleared >= 2):
            return self._drop_input()
        if at_prompt and self._unfinished(frame):
            return self._drop_input()
        if at_prompt:
            self._cleared += 1
            return _CLEAR_LINE
        if self._nudge and idle >= _PATIENCE:
            self._nudge = False
            return _CLEAR_LINE + b"\r"
        return b""

    def _drop_input(self) -> bytes:
        self._dropping = True
        self._cleared = 0
        return b"\x07"

    def _leave_jobs(self) -> bytes:
        self._nudge = True
        if self._dropping:
            self._dropping = False
            self._dropped = True
            return _CLEAR_LINE + b"i\r"
        return _CLEAR_LINE + b"c\r"

    def _unfinished(self, frame: Frame) -> bool:
        """Whether a fresh prompt may be the continuation of an expression begun above.

        Up to OTP 25 both look the same; then the same number stands above with text after it,
        and no complaint in between says that the shell has dropped it.
        """
        prompt = prompt_of(frame, self._node)
        if prompt is None:
            return False
        begun = re.compile(rf"\({re.escape(self._node)}\){prompt.number}> *\S")
        for line in reversed(frame.lines[: frame.cursor[1]]):
            if re.match(r"\* \d+(:\d+)?: |\*\* exception ", line):
                return False
            if begun.match(line):
                return True
        return False
