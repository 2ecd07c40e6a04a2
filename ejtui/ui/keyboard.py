"""What is typed, in its order, and which question it may answer.

Textual hands a key to a screen and takes the next one at once. On a busy computer the next key then
reaches a dialog that the key before it has answered, and is lost. Here a key waits until the one
before it is handled whole.

A key answers a question only if the terminal had painted the question before it sent the key. After
the painting the terminal is asked where its cursor is: its reply comes behind every key that was
typed before. Who types into an erl shell while a question comes goes on typing there until they
pause.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual import events

from ejtui.attention import AWAY_AFTER

if TYPE_CHECKING:
    from textual.app import App
    from textual.message_pump import MessagePump
    from textual.screen import Screen
    from textual.widget import Widget

Typing = events.Key | events.Paste

STUCK_AFTER = 1.0
"""Seconds after which a key that is still being handled holds up no other."""
_FOLLOWED_AFTER = 0.01
"""Seconds after which it is looked whether a key was handled; at once where another waits."""
SILENT_AFTER = 1.0
"""Seconds in which a terminal must reply that has not replied yet."""
LATE_AFTER = 10.0
"""Seconds in which a terminal must reply that has replied before."""
_MARKS = 20
"""So many questions to the terminal are distinct; every terminal has that many columns."""


class Paused(events.Event, bubble=False):
    """The operator has typed nothing for about half a second; the driver sends it once a pause."""


class Gate:
    """Keeps what is typed from a screen until the terminal has painted it.

    `changed` is called when it opens, and when it is a pause that it waits for.
    """

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self.is_open = False
        self.mark: int | None = None
        self.replied = False
        self.held: list[Typing] = []
        self.changed = changed

    @property
    def waits_for_pause(self) -> bool:
        """Whether it is painted, and the operator still types into what is below."""
        return self.replied and not self.is_open


class Keyboard:
    """Hands on what was typed, one after the other; used from the app's own loop alone.

    `send` hands one on as the app does. `ask_terminal` asks the terminal for its cursor, after
    placing it in that column; False where there is no terminal that could reply.
    """

    def __init__(
        self,
        app: App[int],
        send: Callable[[Typing], Awaitable[None]],
        ask_terminal: Callable[[int], bool],
    ) -> None:
        self._app, self._send, self._ask_terminal = app, send, ask_terminal
        self._waiting: deque[Typing] = deque()
        self._being_handled: Typing | None = None
        self._follows: tuple[Typing, MessagePump] | None = None
        self._asked: list[Gate] = []
        self._marks = 0
        self._replies = False
        self._pauses = True
        self._wrote = False
        self._vanished: Gate | None = None
        self._typed_at = time.monotonic()

    # One after the other

    async def take(self, typed: Typing) -> None:
        """Hand it on once all that was typed before is handled."""
        self._waiting.append(typed)
        self._typed_at = time.monotonic()
        self._wrote = isinstance(typed, events.Paste) or typed.is_printable
        self._follow_now()
        await self._next()

    @property
    def is_away(self) -> bool:
        """Whether the operator has pressed no key for a while, and may be looking elsewhere."""
        return time.monotonic() - self._typed_at > AWAY_AFTER

    async def _next(self) -> None:
        while self._waiting and self._being_handled is None:
            typed = self._waiting.popleft()
            gate = self._vanished or _gate_of(self._app.screen)
            if gate is None or gate.is_open:
                await self._hand_on(typed)
            else:
                self._keep_from_question(typed, gate)

    async def _hand_on(self, typed: Typing) -> None:
        target: MessagePump = self._app.focused or self._app.screen
        self._pauses, self._being_handled = False, typed
        await self._send(typed)
        loop = asyncio.get_running_loop()
        # Later, so that what the key brings about is painted first.
        self._follows = typed, target
        loop.call_later(_FOLLOWED_AFTER, self._follow_now)
        loop.call_later(STUCK_AFTER, self._is_handled, typed)

    def _follow_now(self) -> None:
        follows, self._follows = self._follows, None
        if follows is not None:
            self._follow(*follows)

    def _follow(self, typed: Typing, at: MessagePump | None) -> None:
        """Go the way that it bubbles, behind it, up to the app."""
        if at is None or at is self._app or not at.call_later(self._follow, typed, at._parent):
            self._is_handled(typed)

    def _is_handled(self, typed: Typing) -> None:
        if self._being_handled is typed:
            self._being_handled = None
            if self._waiting:
                self._app.call_later(self._next)

    # Which question it may answer

    def _keep_from_question(self, typed: Typing, gate: Gate) -> None:
        self._pauses = False
        below = self._typed_into()
        if below is not None:
            below._forward_event(typed)
        elif gate.mark is not None and not gate.replied:
            # Used only if the terminal does not reply.
            gate.held.append(typed)

    def _typed_into(self) -> Widget | None:
        """The shell below the questions that has the operator's keys."""
        for screen in reversed(self._app.screen_stack):
            if _gate_of(screen) is None:
                focused = screen.focused
                return focused if getattr(focused, "takes_every_key", False) else None
        return None

    def _types_text(self) -> bool:
        """Whether the operator was typing a text when the question came.

        Outside a shell, Escape or Enter ends a text: the question may be what they brought about.
        """
        below = (each for each in reversed(self._app.screen_stack) if _gate_of(each) is None)
        types = self._wrote and getattr(next(below, None), "types_text", False)
        return self._typed_into() is not None or types

    def asks(self, gate: Gate) -> int:
        """The column by which the terminal's reply to the painting of this gate is known.

        The question must be written right behind what paints the screen.
        """
        self._marks = self._marks % _MARKS + 1
        gate.mark = self._marks
        self._asked.append(gate)
        patience = LATE_AFTER if self._replies else SILENT_AFTER
        asyncio.get_running_loop().call_later(patience, self._give_up, gate)
        return gate.mark

    def painted(self, gate: Gate) -> None:
        """The screen of this gate has been painted; asks the terminal unless that is done."""
        if gate.mark is None and not gate.is_open and not self._ask_terminal(self.asks(gate)):
            self._asked.remove(gate)
            self._let_in(gate)

    def replied(self, column: int) -> None:
        """The terminal has replied: what comes from now on was typed after that painting."""
        self._replies = True
        if any(gate.mark == column for gate in self._asked):
            while self._asked:
                gate = self._asked.pop(0)
                gate.replied = True
                gate.held.clear()
                self._let_in(gate)
                if gate.mark == column:
                    break

    def _give_up(self, gate: Gate) -> None:
        if gate in self._asked:
            self._asked.remove(gate)
            # When it was read is all that is known then.
            self._waiting.extendleft(reversed(gate.held))
            self._open(gate)

    def _let_in(self, gate: Gate) -> None:
        gate.replied = True
        if self._pauses or not self._types_text():
            self._open(gate)
        else:
            gate.changed()

    def pause(self) -> None:
        """The operator types nothing at the moment: a question may be answered from now on."""
        self._pauses = True
        gate = _gate_of(self._app.screen)
        if gate is not None and gate.waits_for_pause:
            self._open(gate)

    def _open(self, gate: Gate) -> None:
        gate.is_open = True
        gate.changed()
        if gate is self._vanished:
            self._vanished = None
        if self._waiting:
            self._app.call_later(self._next)

    def vanished(self) -> None:
        """A question has gone unanswered: a key typed to answer it must not do something else."""
        gate = self._vanished = Gate()
        self._app.call_after_refresh(self.painted, gate)


def _gate_of(screen: Screen[object]) -> Gate | None:
    gate: Gate | None = getattr(screen, "gate", None)
    return gate
