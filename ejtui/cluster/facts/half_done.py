"""A join, or a rollback, that was started and has not ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class HalfDone:
    """Where it stands: the step that is next, and the backup that it goes on with.

    `text` is for people, with what goes on and what undoes it; `command` is what goes on with a
    rollback. `explains_second`: what is wrong with second comes of it and is no finding, and
    ejabberd, started there, would serve a database that is not whole. `names_the_stop`: the text
    has that ejabberd is stopped on second.
    """

    kind: Literal["join", "rollback"]
    step: str
    number: int
    backup: str
    stage: str
    text: str
    explains_second: bool = True
    names_the_stop: bool = False
    command: str = ""

    def to_json(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "step": self.step,
            "number": self.number,
            "backup": self.backup,
            "stage": self.stage,
            "text": self.text,
        }
