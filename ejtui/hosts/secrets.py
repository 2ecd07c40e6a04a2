"""Passwords and passphrases: asked of a person, and kept in memory for the session alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

ATTEMPTS = 3
"""How often one secret is asked for before a wrong answer is the last."""

Key = tuple[str, ...]
"""Whose secret it is and who wants it: hosts and programs do not see each other's."""


@dataclass(frozen=True)
class SecretQuestion:
    """What a person is asked: `who` wants it ("ssh key ~/.ssh/id", "password", "sudo") on `host`.

    `prompt` is the asker's own text, `attempt` counts from 1 up to `of`. `same_as` is another host
    that took an answer for the same: an empty answer gives it that one.
    """

    host: str
    where: str
    who: str
    prompt: str
    attempt: int
    of: int = ATTEMPTS
    same_as: str = ""

    @property
    def title(self) -> str:
        """What is asked for: "Passphrase for ~/.ssh/id", "Password for op on first (sudo)"."""
        kind, _, file = self.who.partition(" key ")
        if kind == "ssh" and file:
            return f"Passphrase for {file}"
        login, at, _ = self.where.rpartition("@")
        name = f"{login} on {self.host}" if at else self.host
        return f"Password for {name}" + (f" ({self.who})" if self.who != "password" else "")


AskSecret = Callable[[SecretQuestion], Awaitable[str | None]]
"""Puts the question to a person; None when they will not answer.

Empty is an answer only where the question has `same_as`.
"""


class Declined(Exception):
    """There is no answer: nobody to ask, a person who would not, or too many wrong ones.

    `why` reads well after a colon; `nobody` is true where no person could be asked at all.
    """

    def __init__(self, why: str, *, nobody: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.nobody = nobody


class Secrets:
    """Asks for secrets, one at a time, and keeps the answers while the session lasts.

    Nothing here is ever printed, logged or written: answers leave by `known` alone. One is
    shared by all hosts of a session, so that a key's passphrase is asked for once.
    """

    def __init__(self, asks: AskSecret | None = None) -> None:
        self._asks = asks
        self._kept: dict[Key, str] = {}
        self._wrong: dict[Key, int] = {}
        self._declined: set[Key] = set()
        self._asked: dict[Key, tuple[str, str]] = {}
        self._taken: dict[str, tuple[str, str]] = {}
        self._asking = asyncio.Lock()
        self.turn = 0

    @property
    def can_ask(self) -> bool:
        """Whether there is a person to ask."""
        return self._asks is not None

    def known(self, key: Key) -> str | None:
        """Return the answer that is kept, if any."""
        return self._kept.get(key)

    def right(self, key: Key) -> None:
        """The kept answer was accepted: another host may be given the same."""
        self._wrong.pop(key, None)
        kept, asked = self._kept.get(key), self._asked.get(key)
        if kept is not None and asked is not None:
            self._taken[asked[1]] = (asked[0], kept)

    def wrong(self, key: Key, answer: str) -> None:
        """`answer` was refused: forget it, unless a newer one is kept meanwhile."""
        if self._kept.get(key) == answer:
            del self._kept[key]
            self._wrong[key] = self._wrong.get(key, 0) + 1

    async def ask(self, key: Key, *, host: str, where: str, who: str, prompt: str) -> str:
        """Return the kept answer, or the one a person gives now. Raises `Declined`.

        A refusal stands, and so do `ATTEMPTS` wrong answers, until `reconsider`: nobody is asked
        again and again for what they would not give.
        """
        async with self._asking:
            kept = self._kept.get(key)
            if kept is not None:
                return kept
            wrong = self._wrong.get(key, 0)
            if wrong >= ATTEMPTS:
                raise Declined(f"{wrong} answers were wrong")
            if self._asks is None:
                raise Declined("nobody can be asked for the password here", nobody=True)
            if key in self._declined:
                raise Declined("no password was given")
            other, same = self._taken.get(who, ("", ""))
            offered = "" if other == host or wrong else other
            question = SecretQuestion(host, where, who, prompt, wrong + 1, same_as=offered)
            answer = await self._asks(question)
            if answer == "" and offered:
                answer = same
            if answer is None:
                self._declined.add(key)
                raise Declined("no password was given")
            self._kept[key], self._asked[key] = answer, (host, who)
            return answer

    def reconsider(self) -> None:
        """The operator wants another try: what was refused may be asked for again."""
        self.turn += 1
        self._declined.clear()
        self._wrong.clear()

    def scrubbed(self, text: bytes) -> bytes:
        """Return a program's output without any answer that it may have echoed."""
        for answer in self._kept.values():
            if answer:
                text = text.replace(answer.encode("utf-8", "surrogateescape"), b"...")
        return text
