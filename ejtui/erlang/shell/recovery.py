"""Brings a shell to a fresh prompt, whatever was done to it before.

The ways were tried on real shells of OTP 23, 25, 27 and 29. Enter is never pressed on an
expression: half a line that somebody left is cleared, not run. In the break menu only "c" is
typed, since "a" would end the erl. A menu is answered behind a cleared line, and once: on a slow
line the answer shows late, and a second one would be typed into the shell. Ctrl-L draws a hidden
prompt again. The job control's "i" then "c" drops whatever input is half done (an unfinished
expression, an open quote, a search) and keeps the prompt's number; it would also stop an
evaluation, so it is used only where the shell is known to wait for input.
"""

from __future__ import annotations

from enum import Enum

from ejtui.erlang.shell.prompt import (
    Obstacle,
    fresh_prompt,
    hidden_prompt,
    obstacle_of,
    prompt_in,
    unfinished,
)
from ejtui.erlang.terminal.terminal import Frame

CLEAR_LINE = b"\x05\x15"
_DRAW_AGAIN = CLEAR_LINE + b"\x0c"
_CONTROL_G = b"\x07"

_SETTLED = 0.05
"""Seconds without a change after which a prompt that somebody typed at is believed."""
_PATIENCE = 0.3
"""Seconds a thing that was tried is given to show on the screen."""
_MENU_PATIENCE = 5.0
"""Seconds an answer to a menu is given to show, before it is taken to be lost and given again."""
_LONG_PATIENCE = 2.0
"""Seconds without a prompt, after which it is drawn again even if an evaluation may run."""


class Known(Enum):
    """What is known of a shell before it is looked at."""

    STARTING = "nobody has typed, and no prompt came yet"
    WAITING = "its last prompt came, and nobody has pressed Enter since"
    NOTHING = "the operator typed, or what was entered was not answered"


class Recovery:
    """Gets a fresh prompt of `node`: give step() each frame until it returns the number."""

    def __init__(self, node: str, known: Known, now: float) -> None:
        self._node = node
        self._known = known
        self._waiting_since = now
        self._cleared = 0
        self._dropping = False
        self._left_menu = False
        self._answered: Frame | None = None
        self._answered_twice = False

    def step(self, frame: Frame, idle: float, now: float) -> tuple[bytes, int | None]:
        """The keys to send now (may be none), and the prompt's number once it is fresh.

        `idle` is the age of the frame and `now` a monotonic clock, both in seconds.
        """
        prompt = fresh_prompt(frame, self._node)
        if prompt and self._known is not Known.NOTHING:
            return b"", prompt.number
        if prompt and idle < _SETTLED:
            return b"", None
        if prompt and not self._unfinished(frame):
            return b"", prompt.number
        patience = _MENU_PATIENCE if frame == self._answered else _PATIENCE
        if now - self._waiting_since < patience:
            return b"", None
        keys = self._keys(frame, idle, now)
        if keys:
            self._waiting_since = now
        return keys, None

    def _keys(self, frame: Frame, idle: float, now: float) -> bytes:
        obstacle = obstacle_of(frame)
        if obstacle is Obstacle.BREAK:
            self._left_menu = True
            return self._answer(frame, b"c\r")
        if obstacle is Obstacle.JOBS:
            return self._leave_jobs(frame)
        if obstacle is Obstacle.MORE:
            return self._answer(frame, b"n\r")
        if obstacle is not None:
            return self._drop_input()
        if prompt_in(frame.line, self._node):
            return self._clear(frame)
        waited = min(idle, now - self._waiting_since)
        hidden = self._known is Known.WAITING or hidden_prompt(frame, self._node)
        overdue = self._known is Known.NOTHING and waited > _LONG_PATIENCE
        if hidden or overdue or self._left_menu:
            self._left_menu = False
            return _DRAW_AGAIN
        return b""

    def _clear(self, frame: Frame) -> bytes:
        if self._cleared >= 2 or self._unfinished(frame):
            return self._drop_input()
        self._cleared += 1
        return CLEAR_LINE

    def _unfinished(self, frame: Frame) -> bool:
        if self._known is not Known.NOTHING:
            return False
        return self._answered_twice or unfinished(frame, self._node)

    def _answer(self, frame: Frame, choice: bytes) -> bytes:
        self._answered_twice = self._answered_twice or frame == self._answered
        self._answered = frame
        return CLEAR_LINE + choice

    def _drop_input(self) -> bytes:
        self._answered_twice = False
        self._dropping = True
        self._cleared = 0
        return _CONTROL_G

    def _leave_jobs(self, frame: Frame) -> bytes:
        self._left_menu = True
        choice = b"i\r" if self._dropping else b"c\r"
        self._dropping = False
        return self._answer(frame, choice)
