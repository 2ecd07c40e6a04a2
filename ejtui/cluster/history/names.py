"""What runs and steps are called, from the ids in the journal."""

from __future__ import annotations

from ejtui.cluster.join.steps import STEPS
from ejtui.cluster.run.operation import (
    BRING_OVER,
    CONFIG,
    PRUNE,
    RESTORE_TABLE,
    ROLLBACK,
    STORAGE,
    kind_of,
)

_STEPS = {step.id: step for step in STEPS}
_OPERATIONS = {
    "join": "Join",
    ROLLBACK.id: "Rollback",
    BRING_OVER.id: "Bring-over",
    PRUNE.id: "Removal of backups",
    RESTORE_TABLE.id: "Return of table records",
    STORAGE.id: "Change of a table's copy",
    CONFIG.id: "Change of ejabberd.yml",
    "shell": "The operator's own erl shell",
    "check": "Check",
}


def is_step(id: str) -> bool:
    """Whether it is a step of the join."""
    return id in _STEPS


def step_name(id: str) -> str:
    """A step in a sentence: "Step 4, Clean database,"; of another piece of work, its name."""
    step = _STEPS.get(id)
    return f"Step {step.number}, {step.title}," if step else operation_name(id)


def operation_name(id: str) -> str:
    """A kind of run for people: "Join", "Repair of cookie-mismatch", "Step 4, Clean database"."""
    if kind_of(id) == "repair":
        return f"Repair of {id.partition(':')[2]}"
    if step := _STEPS.get(id):
        return f"Step {step.number}, {step.title}"
    return _OPERATIONS.get(id) or (id[:1].upper() + id[1:] if id else "Unnamed work")


def operation_of(what: str) -> str:
    """The id of what a run in the journal is of: a step's title there stands for the step."""
    for step in STEPS:
        if what == step.title.lower():
            return step.id
    return what
