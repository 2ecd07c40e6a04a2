"""What of a join was run in this app since its last end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.cluster.join.steps import STEPS

if TYPE_CHECKING:
    from ejtui.cluster.facts.set_aside import SetAside
    from ejtui.cluster.run.operation import Operation


class JoinPart:
    """`changed`: whether a step that changes something was run; `aside` is what that set aside.

    `complete`: both nodes have reported every step done since, whatever ran them.
    """

    def __init__(self) -> None:
        self.changed = False
        self.complete = False
        self.aside: SetAside | None = None
        self._started: set[str] = set()

    def started(self, operation: Operation) -> None:
        """A step, or something else, starts."""
        if any(step.operation == operation and step.changes for step in STEPS):
            self._started.add(operation.id)

    def ended(self, operation: Operation, state: str) -> None:
        """It has ended: one that is still to do was refused, or not started."""
        if operation.id in self._started and state != "todo":
            self.changed, self.complete = True, False

    @property
    def is_open(self) -> bool:
        """Whether it stands half done, as far as this app knows."""
        return self.changed and not self.complete
