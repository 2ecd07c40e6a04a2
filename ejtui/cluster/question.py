"""A question to a person, before anything is taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """What an act would take, by name and number, and what follows from a yes."""

    title: str
    takes: tuple[str, ...]
    consequence: str
    yes_label: str
    destructive: bool = True

    def to_json(self) -> dict[str, object]:
        return {"title": self.title, "takes": list(self.takes), "consequence": self.consequence}


Asks = Callable[[Question], Awaitable[bool]]
"""Puts a question to the person in charge; True is a yes."""
