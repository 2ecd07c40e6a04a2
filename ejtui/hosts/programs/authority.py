"""Becoming another user where a password is needed: asked for once, then given automatically."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, Protocol, TypeVar

from ejtui.hosts.errors import BecomeFailed, HostError
from ejtui.hosts.programs.become import Mode, asking_modes
from ejtui.hosts.programs.running import Running
from ejtui.hosts.secrets import Declined, Key, Secrets

T = TypeVar("T")

_ANSWER_SECONDS = 30.0


class Trials(Protocol):
    """What the authority needs of a host; `BaseHost` has all of it."""

    name: str
    where: str
    login: str

    @property
    def way(self) -> str:
        """Return the program that becomes other users: sudo, doas, su or none."""

    def trial(self, user: str, mode: Mode, on_prompt: Callable[[str], None]) -> Running:
        """Begin to become a user, only to do nothing as them."""

    def let_go(self, running: Running) -> None:
        """Disconnect from the started program."""

    def start_error(self, running: Running, why_none: str | None = None) -> HostError:
        """Return why a program never began."""


class BecomeResult(Enum):
    """How an attempt to become a user ended."""

    BECOME = "become"
    AGAIN = "a wrong answer, or one that came too late"
    NOTHING_ASKED = "refused without a question"


class Authority:
    """Knows for one host how to become each user, and has passwords asked for.

    Without a password nothing is tried beforehand: a command runs at once, as it would. Only one
    that was refused brings a person to be asked, with nothing running meanwhile but who asks.
    """

    def __init__(self, machine: Trials, secrets: Secrets) -> None:
        self.secrets = secrets
        self._machine = machine
        self._modes: dict[str, Mode] = {}
        self._refused: dict[str, tuple[int, HostError]] = {}
        self._lock = asyncio.Lock()
        self._turns: dict[str, int] = {}

    def mode(self, user: str | None) -> Mode:
        """Return how to become that user, as far as is known."""
        return self._modes.get(user, Mode.NONE) if user else Mode.NONE

    async def do(self, user: str | None, attempt: Callable[[], Awaitable[T]]) -> T:
        """Do something as a user; when a password is wanted have it asked, and do it again.

        What `attempt` raises as `BecomeFailed` must mean that nothing was started.
        """
        turn = self._turns.get(user or "", 0)
        try:
            return await attempt()
        except BecomeFailed as error:
            if not error.password or user is None:
                raise
            refused = error
        await self._obtain(user, turn, refused)
        return await attempt()

    def _key(self, prompt: str) -> Key:
        return (self._machine.name, self._machine.way, self._machine.login, prompt)

    def answer(self, running: Running, prompt: str) -> None:
        """Give a kept answer to a program that asks, or give the program up."""
        key = self._key(prompt)
        answer = self.secrets.known(key)
        if answer is None or key in running.answers:
            self._all_wrong(running)
            running.launch.give_up()
        else:
            running.answer(key, answer)

    async def _obtain(self, user: str, turn: int, refused: BecomeFailed) -> None:
        """Find the way to become a user. Raises the refusal when there is none."""
        async with self._lock:
            if self._turns.get(user, 0) != turn:
                return  # somebody else had it asked meanwhile
            at, before = self._refused.get(user, (-1, refused))
            if at == self.secrets.turn:
                raise before
            self._modes[user] = await self._way(user, refused)
            self._turns[user] = turn + 1

    async def _way(self, user: str, refused: HostError) -> Mode:
        for mode in asking_modes(self._machine.way):
            outcome = BecomeResult.AGAIN
            while outcome is BecomeResult.AGAIN:
                outcome = await self._try(user, mode, refused)
            if outcome is BecomeResult.BECOME:
                return mode
        raise refused

    async def _try(self, user: str, mode: Mode, refused: HostError) -> BecomeResult:
        prompts: asyncio.Queue[str] = asyncio.Queue()
        running = self._machine.trial(user, mode, prompts.put_nowait)
        try:
            return await self._become(running, prompts)
        except Declined as declined:
            if declined.nobody:
                raise refused from None
            error = self._machine.start_error(running, declined.why)
            self._refused[user] = (self.secrets.turn, error)
            raise error from None
        finally:
            self._machine.let_go(running)

    async def _become(self, running: Running, prompts: asyncio.Queue[str]) -> BecomeResult:
        """Answer each prompt until we are that user, or cannot be. Raises `Declined`."""
        started = running.launch.started
        while True:
            asked = asyncio.create_task(prompts.get())
            either: set[asyncio.Future[Any]] = {started, asked}
            try:
                await asyncio.wait(
                    either, timeout=_ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                if not asked.done():
                    return self._ended(running)
            finally:
                asked.cancel()
            if not await self._ask(running, asked.result()):
                return BecomeResult.AGAIN

    def _ended(self, running: Running) -> BecomeResult:
        launch = running.launch
        if not launch.started.done() or launch.error is not None:
            raise self._machine.start_error(running)
        if launch.started.result():
            for key in running.answers:
                self.secrets.right(key)
            return BecomeResult.BECOME
        error = self._machine.start_error(running)
        if isinstance(error, BecomeFailed) and not error.password:
            raise error  # it is not the password that is wrong
        self._all_wrong(running)
        return BecomeResult.AGAIN if running.answers else BecomeResult.NOTHING_ASKED

    def _all_wrong(self, running: Running) -> None:
        for key, answer in running.answers.items():
            self.secrets.wrong(key, answer)

    async def _ask(self, running: Running, prompt: str) -> bool:
        """Give an answer; False when the program that asked did not wait for it."""
        key = self._key(prompt)
        if key in running.answers:
            self.secrets.wrong(key, running.answers[key])
        machine = self._machine
        answer = await self.secrets.ask(
            key, host=machine.name, where=machine.where, who=machine.way, prompt=prompt
        )
        if running.launch.started.done():
            return False
        running.answer(key, answer)
        return True
