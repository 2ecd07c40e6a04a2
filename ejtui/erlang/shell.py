"""One live erl shell: ejtui types into it, the operator watches and can take it over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeVar

from . import keeper
from .driver import Driver
from .prompt import (
    Obstacle,
    answer_in,
    fresh_prompt,
    obstacle_of,
    prompt_in,
    same_text,
    syntax_error,
)
from .recovery import CLEAR_LINE, Known, Recovery
from .shell_errors import (
    OperatorTookOver,
    ShellEnded,
    ShellError,
    ShellSyntaxError,
    ShellTimeout,
)
from .terminal import Frame, TerminalScreen

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from .recorder import Recorder

__all__ = [
    "Change",
    "OperatorTookOver",
    "Shell",
    "ShellEnded",
    "ShellError",
    "ShellSyntaxError",
    "ShellTimeout",
    "Typist",
]

T = TypeVar("T")

_ECHO_TIMEOUT = 10.0
_TYPING_ATTEMPTS = 5
_DISTURBED = 0.3
"""Seconds without news after which a line that shows something else was disturbed."""
_LOOKED_THROUGH = 200
"""Lines of an answer, the newest, that are looked through for a prompt at a time."""
_GATHERED = 0.008
"""Seconds of news that listeners hear of at once."""
_UNHEARD = 1.5
"""Seconds after which keys that show nothing are taken to be of that kind: lines are slow."""
_SETTLED = 0.5
"""Seconds without news after which a repeated prompt means that the shell wants more."""


class Typist(Enum):
    """Who may type."""

    EJTUI = "ejtui"
    OPERATOR = "operator"


class Change(Enum):
    """What a listener of a shell is told about."""

    SCREEN = "the screen has a new frame"
    TYPIST = "the one who types changed"
    ENDED = "the shell ended"


class Terminal(Protocol):
    """The pseudo-terminal that the erl runs on."""

    @property
    def socket(self) -> socket.socket:
        """Read what the terminal prints, write keys."""

    def resize(self, columns: int, rows: int) -> None:
        """Tell the program its terminal's new size."""

    async def close(self) -> None:
        """End the program."""


class TerminalHost(Protocol):
    """Where a shell can be opened: of a host, the part that a shell needs."""

    async def open_terminal(
        self,
        argv: Sequence[str],
        *,
        user: str | None = None,
        env: Mapping[str, str] = ...,
        cwd: str | None = None,
        columns: int,
        rows: int,
    ) -> Terminal:
        """Start `argv` on a pseudo-terminal."""


class Shell:
    """A live erl shell on a pseudo-terminal.

    Used from the event loop it was opened in. One task at a time drives it; whoever shows it
    listens, and passes the operator's keys on with key(), which takes the shell over.
    """

    def __init__(self, terminal: Terminal, screen: TerminalScreen, node: str, title: str) -> None:
        self.screen = screen
        self.node = node
        self.title = title
        self._terminal = terminal
        self._loop = asyncio.get_running_loop()
        self._driver: Driver
        self._typist = Typist.EJTUI
        self._listeners: list[Callable[[Change], None]] = []
        self._news = asyncio.Event()
        self._news_at = self._loop.time()
        self._told = False
        self._gathering: asyncio.TimerHandle | None = None
        self._ended = False
        self._half_typed = False
        self._keys_at = -_UNHEARD
        self._known = Known.STARTING
        self._kept = False
        self._answered_more: Frame | None = None
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
        `title` says in people's words what the shell is, by default the node's host.
        `kept` says that `argv` attaches to an erl that outlives the terminal, `again` that this
        one was driven before.
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
            terminal.socket, shell.screen, recorder, f"shell {node}", shell._driver_news
        )
        shell._driver.start()
        return shell

    @property
    def typist(self) -> Typist:
        """Who may type now."""
        return self._typist

    @property
    def ended(self) -> bool:
        """Whether the erl has ended; the screen stays readable."""
        return self._ended

    @property
    def at_work(self) -> bool:
        """Whether it has more to do than wait for ejtui to type the next expression."""
        return self._known is Known.NOTHING or self._typist is Typist.OPERATOR

    def listen(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` in the event loop at every change; returns how to stop it."""
        self._listeners.append(listener)

        def stop() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return stop

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
            number, first = await self._type(text, timeout)
            typed, seen = (text, number, first), [first]
            last = await self._until(
                lambda frame, idle: self._answered(frame, idle, typed, seen),
                timeout,
                f"prompt ({self.node}){number + 1}> after `{text}`",
            )
            return await asyncio.to_thread(self._answer, text, number, first, last)

    def key(self, data: bytes) -> None:
        """Send the operator's keys as they are; the operator is the one who types from now on.

        A command() that waits raises OperatorTookOver. Does nothing once the shell has ended.
        """
        if self._ended:
            return
        self._known = Known.NOTHING
        self._keys_at = self._loop.time()
        if self._typist is not Typist.OPERATOR:
            self._set_typist(Typist.OPERATOR)
        if self._half_typed:
            # What ejtui has typed and not entered is not the operator's line.
            self._half_typed = False
            self._driver.write(CLEAR_LINE)
        self._driver.write(data)

    def hand_back(self) -> None:
        """The operator lets ejtui type again."""
        if self._typist is Typist.OPERATOR:
            self._set_typist(Typist.EJTUI)

    async def handed_back(self, timeout: float = 60.0) -> None:
        """Wait, as long as it takes, until the operator hands back; then clear the line.

        Returns when the shell waits for an expression with nothing typed: half a line that the
        operator left is cleared, menus are left, an evaluation under way is waited for, up to
        `timeout` seconds. Raises ShellTimeout after that, and ShellEnded.
        """
        while True:
            while self._typist is Typist.OPERATOR and not self._ended:
                await self._next_news(None)
            if self._ended:
                raise ShellEnded("the shell's hand-back", self._last_lines())
            with suppress(OperatorTookOver):
                await self.ready(timeout)
                return

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal exactly this size."""
        if self._ended or (columns, rows) == (self.screen.columns, self.screen.rows):
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
        if self._ended:
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
        self._tell()

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

    def _echo(self, frame: Frame, idle: float, text: str) -> bool | None:
        """Whether the line shows `text`; False once it is clear that it will not."""
        prompt = prompt_in(frame.line, self.node)
        if prompt is not None and same_text(prompt.typed, text):
            return True
        disturbed = prompt is None and idle > _DISTURBED
        return False if disturbed else None

    def _answered(
        self, frame: Frame, idle: float, typed: tuple[str, int, int], seen: list[int]
    ) -> int | None:
        """The number of the line with the prompt that follows the answer, once it is there.

        `typed` is the expression, its prompt's number and its line's; `seen[0]` is the line up
        to which the answer has been looked through, and is moved on.
        """
        text, number, first = typed
        line = self._next_prompt(frame, number, seen)
        if line is not None:
            return line
        prompt = fresh_prompt(frame, self.node)
        obstacle = obstacle_of(frame)
        if obstacle is Obstacle.MORE:
            self._answer_more(frame)
        repeated = prompt is not None and frame.line_number > first
        if repeated or obstacle is Obstacle.CONTINUATION:
            complaint = syntax_error(self.screen.text_between(first + 1, frame.line_number))
            if complaint and repeated and idle > _SETTLED / 10:
                self._known = Known.WAITING
                raise ShellSyntaxError(text, complaint)
            if idle > _SETTLED:
                raise ShellSyntaxError(text, "the expression is not finished")
        return None

    def _next_prompt(self, frame: Frame, number: int, seen: list[int]) -> int | None:
        prompt = prompt_in(frame.line, self.node)
        if prompt is not None and prompt.number > number:
            self._known = Known.WAITING
            return frame.line_number
        begin = max(seen[0], frame.line_number - _LOOKED_THROUGH)
        lines = self.screen.text_between(begin, frame.line_number)
        seen[0] = frame.line_number
        for offset, line in enumerate(lines):
            prompt = prompt_in(line, self.node)
            if prompt is not None and prompt.number > number:
                self._known = Known.WAITING
                return begin + offset
        return None

    def _answer(self, text: str, number: int, first: int, last: int) -> str:
        """Read the answer off the screen; a flood's takes too long for the event loop."""
        lines = self.screen.text_between(first, last)
        return answer_in(lines, self.node, number, text)

    def _answer_more(self, frame: Frame) -> None:
        if frame is not self._answered_more:
            self._answered_more = frame
            self._driver.write(b"y\r")

    async def _until(
        self, read: Callable[[Frame, float], T | None], timeout: float, what: str
    ) -> T:
        """Wait until `read` finds what it looks for in a frame, and return that.

        `read` is given the latest frame and the seconds since it came.
        """
        deadline = self._loop.time() + timeout
        with self._eager():
            while True:
                if self._typist is Typist.OPERATOR:
                    raise OperatorTookOver
                now = self._loop.time()
                found = read(self.screen.frame, now - self._news_at)
                if found is not None:
                    return found
                if self._ended:
                    raise ShellEnded(what, self._last_lines())
                if now >= deadline:
                    raise ShellTimeout(what, timeout, self._last_lines())
                await self._next_news(min(deadline - now, _SETTLED / 4))

    async def _next_news(self, timeout: float | None) -> None:
        self._news.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._news.wait()

    @contextmanager
    def _eager(self) -> Iterator[None]:
        self._driver.eager = True
        try:
            yield
        finally:
            self._driver.eager = False

    def _last_lines(self) -> list[str]:
        return [line for line in self.screen.frame.lines if line][-6:]

    def _set_typist(self, typist: Typist) -> None:
        self._typist = typist
        self._news.set()
        self._announce(Change.TYPIST)

    def _driver_news(self) -> None:
        """Called in the driver's thread: at most one call waits in the event loop."""
        if not self._told:
            self._told = True
            with suppress(RuntimeError):  # The loop is closed: nobody is left to tell.
                self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        self._told = False
        self._news_at = self._loop.time()
        if self._driver.ended and not self._ended:
            self._ended = True
            if self._gathering is not None:
                self._gathering.cancel()
            self._announce_screen()
            self._announce(Change.ENDED)
        elif self._gathering is None and not self._ended:
            self._gathering = self._loop.call_later(_GATHERED, self._announce_screen)
        self._news.set()

    def _announce_screen(self) -> None:
        self._gathering = None
        self._announce(Change.SCREEN)

    def _announce(self, change: Change) -> None:
        for listener in tuple(self._listeners):
            listener(change)
