"""A question to a person, before anything is taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from ejtui.cluster.acts.act import Command


@dataclass(frozen=True)
class Question:
    """What an act would take, by name and number, and what follows from a yes.

    `consent` is a word that a person must give to go on ("swapped-roles"), because a yes is not
    enough; "" where it is. `commands` are what a yes runs, where nothing else shows them. `diff` is
    what a yes changes in a file, line by line.
    """

    title: str
    takes: tuple[str, ...]
    consequence: str
    yes_label: str
    destructive: bool = True
    consent: str = ""
    commands: tuple[Command, ...] = ()
    diff: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        shown: dict[str, object] = {}
        if self.commands:
            shown["commands"] = [asdict(each) for each in self.commands]
        if self.diff:
            shown["diff"] = list(self.diff)
        return {
            "title": self.title,
            "takes": list(self.takes),
            "consequence": self.consequence,
            "consent": self.consent,
            **shown,
        }


AskOperator = Callable[[Question], Awaitable[bool]]
"""Puts a question to the person in charge; True is a yes."""
