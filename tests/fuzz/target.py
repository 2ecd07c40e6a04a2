"""What is fuzzed: each target makes its inputs from a generator and reports when one broke it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from random import Random


class Broken(Exception):
    """An input did what none may do."""


class Target(ABC):
    """One way in for bytes from elsewhere; used as an async context manager."""

    name: str
    canary = ""
    """What was put where nothing may reach it, and was still there at the end."""

    async def __aenter__(self) -> Target:
        return self

    async def __aexit__(self, *_: object) -> None:  # noqa: B027 - most leave nothing behind
        """Takes away what was made."""

    @abstractmethod
    def make(self, random: Random) -> bytes:
        """One input."""

    @abstractmethod
    async def put(self, data: bytes) -> int:
        """Put it in; how many inputs that were. Raises Broken, or whatever came through."""


def fit_for_people(text: str) -> None:
    """Raises Broken for an error's text that a terminal would obey, or that is empty."""
    if not text.strip():
        raise Broken("an error without a word")
    for character in text:
        if not (character.isprintable() or character == "\n"):
            raise Broken(f"an error with {character!r} in it: {text!r}")
