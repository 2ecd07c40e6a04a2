"""What ejtui does to a pair: each kind of it, as events, journal and screens name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "step", "repair", "rollback", "bring-over", "prune", "restore-table", "storage", "config"
]

NOTHING = "nothing to do"
"""How the detail of an operation begins that found all as it should be."""

OF_FILE = "second's ejabberd.yml: "
"""How the detail of a change of that file begins; the options follow."""

_REPAIR = "repair:"


@dataclass(frozen=True)
class Operation:
    """One thing that is done: `id` distinguishes it in events and in the journal.

    `title` is for people; `number` is a step's place in the join, 0 for all else.
    """

    kind: Kind
    id: str
    title: str
    number: int = 0

    @property
    def is_step(self) -> bool:
        """Whether it is a step of the join; all else ends with an error where it fails."""
        return self.kind == "step"


ROLLBACK = Operation("rollback", "rollback", "roll back")
BRING_OVER = Operation("bring-over", "bring-over", "bring over accounts")
PRUNE = Operation("prune", "prune", "remove backups")
RESTORE_TABLE = Operation("restore-table", "restore-table", "restore records of tables")
STORAGE = Operation("storage", "storage", "change a table's type")
CONFIG = Operation("config", "settings", "carry over settings")


def repair_of(code: str) -> Operation:
    """The repair of the finding with this code."""
    return Operation("repair", f"{_REPAIR}{code}", f"repair of {code}")


def kind_of(id: str) -> Kind:
    """The kind of the operation that the journal names so."""
    if id.startswith(_REPAIR):
        return "repair"
    return next((each.kind for each in _OTHERS if each.id == id), "step")


_OTHERS = (ROLLBACK, BRING_OVER, PRUNE, RESTORE_TABLE, STORAGE, CONFIG)
