"""The answer to an expression, read off a shell's screen."""

from __future__ import annotations

from collections.abc import Callable

from ejtui.erlang.shell.errors import ShellSyntaxError
from ejtui.erlang.shell.prompt import (
    Obstacle,
    answer_in,
    fresh_prompt,
    obstacle_of,
    prompt_in,
    syntax_error,
)
from ejtui.erlang.terminal.terminal import Frame, TerminalScreen

SETTLED = 0.5
"""Seconds without news after which a repeated prompt means that the shell wants more."""

_LOOKED_THROUGH = 200
"""Lines of an answer, the newest, that are looked through for a prompt at a time."""


class ShellAnswer:
    """The answer to `text`, typed at the prompt `number` of `node`, in the line `first`.

    `more` is called when the shell asks whether to go on with a long one.
    """

    def __init__(
        self, screen: TerminalScreen, node: str, typed: tuple[str, int, int],
        more: Callable[[], None],
    ) -> None:  # fmt: skip
        self.complete = False
        """Whether the shell waits for the next expression."""
        self._screen, self._node, self._more = screen, node, more
        self._text, self._number, self._first = typed
        self._seen = self._first
        self._asked = -1

    def end(self, frame: Frame, idle: float) -> int | None:
        """The number of the line with the prompt that follows the answer, once it is there.

        `idle` is how many seconds the frame has been the latest. Raises ShellSyntaxError.
        """
        line = self._next_prompt(frame)
        if line is not None:
            self.complete = True
            return line
        self._look_for_obstacles(frame, idle)
        return None

    def read(self, last: int) -> str:
        """What stands before that line. A flood's takes too long for the event loop."""
        lines = self._screen.text_between(self._first, last)
        return answer_in(lines, self._node, self._number, self._text)

    def _next_prompt(self, frame: Frame) -> int | None:
        if self._follows(frame.line):
            return frame.line_number
        begin = max(self._seen, frame.line_number - _LOOKED_THROUGH)
        lines = self._screen.text_between(begin, frame.line_number)
        self._seen = frame.line_number
        found = (offset for offset, line in enumerate(lines) if self._follows(line))
        offset = next(found, None)
        return None if offset is None else begin + offset

    def _follows(self, line: str) -> bool:
        prompt = prompt_in(line, self._node)
        return prompt is not None and prompt.number > self._number

    def _look_for_obstacles(self, frame: Frame, idle: float) -> None:
        prompt = fresh_prompt(frame, self._node)
        obstacle = obstacle_of(frame)
        if obstacle is Obstacle.MORE and frame.line_number != self._asked:
            self._asked = frame.line_number
            self._more()
        repeated = prompt is not None and frame.line_number > self._first
        if repeated or obstacle is Obstacle.CONTINUATION:
            lines = self._screen.text_between(self._first + 1, frame.line_number)
            complaint = syntax_error(lines)
            if complaint and repeated and idle > SETTLED / 10:
                self.complete = True
                raise ShellSyntaxError(self._text, complaint)
            if idle > SETTLED:
                raise ShellSyntaxError(self._text, "the expression is not finished")
