"""One live erl shell: ejtui types into it, the operator watches and can take it over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from ejtui.erlang.shell import keeper
from ejtui.erlang.shell.answer import SETTLED, ShellAnswer
from ejtui.erlang.shell.driver import Driver
from ejtui.erlang.shell.errors import (
    OperatorTookOver,
    ShellEnded,
    ShellError,
    ShellSyntaxError,
    ShellTimeout,
)
from ejtui.erlang.shell.host import ShellTerminal, TerminalHost
from ejtui.erlang.shell.prompt import prompt_in, same_text
from ejtui.erlang.shell.recovery import CLEAR_LINE, Known, Recovery
from ejtui.erlang.shell.updates import Change, ShellUpdates
from ejtui.erlang.terminal.terminal import Frame, TerminalScreen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ejtui.erlang.terminal.recorder import Recorder

__all__ = [
    "Change",
    "Control",
    "OperatorTookOver",
    "Shell",
    "ShellEnded",
    "ShellError",
    "ShellSyntaxError",
    "ShellTimeout",
]

T = TypeVar("T")

_ECHO_TIMEOUT = 10.0
_TYPING_ATTEMPTS = 5
_DISTURBED = 0.3
"""Seconds without news after which a line that shows something else was disturbed."""
_UNHEARD = 1.5
"""Seconds after which keys that show nothing are taken to be of that kind: lines are slow."""


class Control(Enum):
    """Who may type."""

    EJTUI = "ejtui"
    OPERATOR = "operator"


class Shell:
    """A live erl shell on a pseudo-terminal.

    Used from the event loop it was opened in. One task at a time drives it; a view
    listens, and passes the operator's keys on with key(), which takes the shell over.
    """

    def __init__(
        self, terminal: ShellTerminal, screen: TerminalScreen, node: str, title: str
    ) -> None:
        self.screen = screen
        self.node = node
        self.title = title
        self._terminal = terminal
        self._loop = asyncio.get_running_loop()
        self._driver: Driver
        self._typist = Control.EJTUI
        self._updates = ShellUpdates(lambda: self._driver.ended)
        self._half_typed = False
        self._keys_at = -_UNHEARD
        self._known = Known.STARTING
        self._kept = False
        self._driving = asyncio.Lock()

    @classmethod
    async def open(
        cls,
        host: TerminalHost,
        argv: Sequence[str],
        *,
        user: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        columns: int,
        rows: int,
        recorder: Recorder | None = None,
        node: str,
        title: str = "",
        kept: bool = False,
        again: bool = False,
    ) -> Shell:
        """Start `argv`, an erl that will be `node`, on `host`; returns once its terminal is open.

        Raises what the host raises. The recorder is closed with the shell.
        `title` is the shell's name for people, by default the node's host.
        `kept`: `argv` attaches to an erl that outlives the terminal; `again`: this shell
        was driven before.
        """
        terminal = await host.open_terminal(
            argv,
            user=user,
            env={"TERM": "xterm-256color", **(env or {})},
            cwd=cwd,
            columns=columns,
            rows=rows,
        )
        title = title or f"erl on {node.partition('@')[2] or node}"
        shell = cls(terminal, TerminalScreen(columns, rows), node, title)
        shell._kept = kept
        shell._known = Known.NOTHING if again else Known.STARTING
        shell._driver = Driver(
            terminal.socket, shell.screen, recorder, f"shell {node}", shell._updates.come
        )
        shell._driver.start()
        return shell

    @property
    def typist(self) -> Control:
        """Who may type now."""
        return self._typist

    @property
    def ended(self) -> bool:
        """Whether the erl has ended; the screen stays readable."""
        return self._updates.ended

    @property
    def at_work(self) -> bool:
        """Whether it has more to do than wait for ejtui to type the next expression."""
        return self._known is Known.NOTHING or self._typist is Control.OPERATOR

    def listen(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` in the event loop at every change; returns how to stop it."""
        return self._updates.listen(listener)

    async def ready(self, timeout: float = 30.0) -> int:
        """Wait until the shell waits for an expression; returns its prompt's number.

        Raises OperatorTookOver, ShellEnded or ShellTimeout.
        """
        async with self._driving:
            return await self._ready(timeout)

    async def command(self, text: str, timeout: float = 60.0) -> str:
        """Type the expression `text` (one line, ended by a full stop) and return the answer.

        The answer is what the shell's screen shows between the typed line and the next prompt.
        Raises ValueError for a text that cannot be typed as one line, OperatorTookOver,
        ShellEnded, ShellTimeout, and ShellSyntaxError when the shell did not understand it.
        """
        if not text.isprintable() or not text.endswith("."):
            raise ValueError(f"Not one line that ends with a full stop: {text!r}")
        async with self._driving:
            number, line = await self._type(text, timeout)
            answer = ShellAnswer(self.screen, self.node, (text, number, line), self._go_on)
            try:
                what = f"prompt ({self.node}){number + 1}> after `{text}`"
                last = await self._until(answer.end, timeout, what)
            finally:
                if answer.complete:
                    self._known = Known.WAITING
            return await asyncio.to_thread(answer.read, last)

    def key(self, data: bytes) -> None:
        """Send the operator's keys as they are; the operator is the one who types from now on.

        A command() that waits raises OperatorTookOver. Does nothing once the shell has ended.
        """
        if self.ended:
            return
        self._known = Known.NOTHING
        self._keys_at = self._loop.time()
        if self._typist is not Control.OPERATOR:
            self._set_typist(Control.OPERATOR)
        if self._half_typed:
            # What ejtui has typed and not entered is not the operator's line.
            self._half_typed = False
            self._driver.write(CLEAR_LINE)
        self._driver.write(data)

    def hand_back(self) -> None:
        """The operator lets ejtui type again."""
        if self._typist is Control.OPERATOR:
            self._set_typist(Control.EJTUI)

    async def wait_handed_back(self, timeout: float = 60.0) -> None:
        """Wait, as long as it takes, until the operator hands back; then clear the line.

        Returns when the shell waits for an expression with nothing typed: half a line that the
        operator left is cleared, menus are left, a running evaluation is waited for, up to
        `timeout` seconds. Raises ShellTimeout after that, and ShellEnded.
        """
        while True:
            while self._typist is Control.OPERATOR and not self.ended:
                await self._updates.wait(None)
            if self.ended:
                raise ShellEnded("the shell's hand-back", self._last_lines())
            with suppress(OperatorTookOver):
                await self.ready(timeout)
                return

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal exactly this size."""
        if self.ended or (columns, rows) == (self.screen.columns, self.screen.rows):
            return
        self._driver.resize(columns, rows)
        self._terminal.resize(columns, rows)
        if self._kept:
            # Its own terminal is another, out of reach of this one's size.
            self._driver.write(keeper.size(columns, rows))

    async def quit(self, timeout: float = 60.0) -> None:
        """Type q(). and wait until the erl has ended.

        Raises OperatorTookOver or ShellTimeout; does nothing when it has ended already.
        """
        if self.ended:
            return
        async with self._driving:
            with suppress(ShellEnded):
                await self._type("q().", timeout)
                await self._until(lambda _frame, _idle: None, timeout, "end of the shell")

    async def close(self) -> None:
        """End the erl, or let go of one that is kept; stop reading, close the recording.

        Idempotent.
        """
        await asyncio.to_thread(self._driver.stop)
        await self._terminal.close()
        self._updates.publish()

    async def _ready(self, timeout: float) -> int:
        recovery = Recovery(self.node, self._known, self._loop.time())

        def attempt(frame: Frame, idle: float) -> int | None:
            if self._unheard(idle):
                return None
            keys, number = recovery.step(frame, idle, self._loop.time())
            if keys:
                self._driver.write(keys)
            return number

        number = await self._until(attempt, timeout, f"prompt of {self.node} with nothing typed")
        self._known = Known.WAITING
        return number

    def _unheard(self, idle: float) -> bool:
        """Whether the screen is still that of before the operator's last keys."""
        since = self._loop.time() - self._keys_at
        return idle > since and since < _UNHEARD

    async def _type(self, text: str, timeout: float) -> tuple[int, int]:
        """Type `text` and press Enter, but only when the shell's line shows exactly that.

        Returns the prompt's number and its line's. A report that prints into the half-typed
        line makes the shell show something else: then the line is cleared and typed again.
        """
        for _ in range(_TYPING_ATTEMPTS):
            number = await self._ready(timeout)
            line = self.screen.frame.line_number
            self._half_typed = True
            self._driver.write(text.encode())
            shown = await self._until(
                lambda frame, idle: self._echo(frame, idle, text),
                _ECHO_TIMEOUT,
                f"echo of `{text}`",
            )
            self._half_typed = False
            if shown:
                self._known = Known.NOTHING
                self._driver.write(b"\r")
                return number, line
        raise ShellTimeout(f"undisturbed echo of `{text}`", timeout, self._last_lines())

    def _go_on(self) -> None:
        """Answers yes to the question whether to show more of a long answer."""
        self._driver.write(b"y\r")

    def _echo(self, frame: Frame, idle: float, text: str) -> bool | None:
        """Whether the line shows `text`; False once it is clear that it will not."""
        prompt = prompt_in(frame.line, self.node)
        if prompt is not None and same_text(prompt.typed, text):
            return True
        disturbed = prompt is None and idle > _DISTURBED
        return False if disturbed else None

    async def _until(
        self, read: Callable[[Frame, float], T | None], timeout: float, what: str
    ) -> T:
        """Wait until `read` finds what it looks for in a frame, and return that.

        `read` is given the latest frame and the seconds since it came.
        """
        deadline = self._loop.time() + timeout
        with self._eager():
            while True:
                if self._typist is Control.OPERATOR:
                    raise OperatorTookOver
                now = self._loop.time()
                found = read(self.screen.frame, self._updates.age)
                if found is not None:
                    return found
                if self.ended:
                    raise ShellEnded(what, self._last_lines())
                if now >= deadline:
                    raise ShellTimeout(what, timeout, self._last_lines())
                await self._updates.wait(min(deadline - now, SETTLED / 4))

    @contextmanager
    def _eager(self) -> Iterator[None]:
        self._driver.eager = True
        try:
            yield
        finally:
            self._driver.eager = False

    def _last_lines(self) -> list[str]:
        return [line for line in self.screen.frame.lines if line][-6:]

    def _set_typist(self, typist: Control) -> None:
        self._typist = typist
        self._updates.announce(Change.TYPIST)
