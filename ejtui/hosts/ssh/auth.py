"""What a person must add to an SSH connection: a key's passphrase, a password, an answer.

The connection is not held open while a person thinks, for servers give but little time: it is
closed, the person is asked, and a new one is made with the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import asyncssh

from ejtui.hosts.secrets import Key, Secrets

_KEYBOARD = "keyboard-interactive"


@dataclass(frozen=True)
class _Wanted:
    """A secret that was asked for and not known, or not right."""

    key: Key
    who: str
    prompt: str


class Answers:
    """The secrets of one connection to one place: what is known is given, what is not is noted."""

    def __init__(self, secrets: Secrets, host: str, where: str) -> None:
        self._secrets = secrets
        self._host = host
        self._where = where
        self._place = where
        self._given: dict[Key, tuple[_Wanted, str]] = {}
        self._wanted: list[_Wanted] = []
        self.could_ask = False
        """Whether the server would have taken a password from somebody."""

    def at(self, where: str, place: str) -> None:
        """Set where the connection goes, once that is known: for people, and exactly."""
        self._where = where
        self._place = place

    @property
    def can_ask(self) -> bool:
        """Whether there is a person to ask."""
        return self._secrets.can_ask

    def passphrase(self, file: str) -> str:
        """Return a key file's passphrase; called in a thread, once the server wants that key.

        Raises asyncssh.KeyEncryptionError when the right one is not known.
        """
        wanted = _phrase(file)
        answer = self._secrets.known(wanted.key)
        if answer is None or self._opened(wanted, file, answer) is None:
            self._wanted.append(wanted)
            raise asyncssh.KeyEncryptionError("the passphrase is not known yet")
        return answer

    async def key(self, file: str) -> asyncssh.SSHKey:
        """Return the key of a file of which nothing can be seen without its passphrase.

        Raises `Declined`.
        """
        while True:
            answer = await self._ask(_phrase(file))
            opened = await asyncio.to_thread(self._opened, _phrase(file), file, answer)
            if opened is not None:
                return opened

    def _opened(self, wanted: _Wanted, file: str, answer: str) -> asyncssh.SSHKey | None:
        try:
            opened = asyncssh.read_private_key(file, answer)
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            self._secrets.wrong(wanted.key, answer)
            return None
        self._secrets.right(wanted.key)
        return opened

    async def _ask(self, wanted: _Wanted) -> str:
        return await self._secrets.ask(
            wanted.key, host=self._host, where=self._where, who=wanted.who, prompt=wanted.prompt
        )

    def password(self) -> str | None:
        """Return the password to log in with, None when there is none to try."""
        prompt = f"{self._place}'s password:"
        return self._give(_Wanted((self._place, "password"), "password", prompt))

    def method(self) -> str | None:
        """Return the submethods to start keyboard-interactive with, None to skip it."""
        self.could_ask = True
        return "" if self.can_ask else None

    def challenge(self, prompts: Sequence[tuple[str, bool]]) -> list[str] | None:
        """Return an answer for each prompt, None when there is not one for each."""
        answers = []
        for prompt, _ in prompts:
            key = (self._place, _KEYBOARD, prompt)
            answers.append(self._give(_Wanted(key, _KEYBOARD, prompt.strip())))
        return None if None in answers else [answer for answer in answers if answer is not None]

    def _give(self, wanted: _Wanted) -> str | None:
        self.could_ask = True
        before = self._given.get(wanted.key)
        if before is not None:
            self._secrets.wrong(wanted.key, before[1])
        answer = None if before is not None else self._secrets.known(wanted.key)
        if answer is None:
            self._wanted.append(wanted)
        else:
            self._given[wanted.key] = (wanted, answer)
        return answer

    def right(self) -> None:
        """The connection stands: all that was given was right."""
        for key in self._given:
            self._secrets.right(key)

    async def asked_after(self, failure: BaseException) -> bool:
        """Have a person asked for what a failed connection lacked; False when it lacked nothing.

        Raises `Declined` when there is no answer.
        """
        wanted, given = self._wanted, self._given
        self._wanted, self._given = [], {}
        if refused(failure):
            # Some servers end the connection with the wrong answer, before they ask again.
            last = [again for again, _ in given.values() if again not in wanted]
            for again, answer in given.values():
                self._secrets.wrong(again.key, answer)
            wanted += last
        if not wanted or not self.can_ask:
            return False
        await self._ask(wanted[0])
        return True


def _phrase(file: str) -> _Wanted:
    return _Wanted(("key", file), f"ssh key {file}", "passphrase:")


def refused(failure: BaseException) -> bool:
    """Whether a server let nobody in."""
    if isinstance(failure, asyncssh.PermissionDenied):
        return True
    return isinstance(failure, asyncssh.DisconnectError) and (
        "authentication failures" in failure.reason.lower()
    )
