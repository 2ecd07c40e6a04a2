"""A finding that is gone when its repair looks: no failure, the nodes have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.cluster.errors import StepFailed

if TYPE_CHECKING:
    from ejtui.cluster.diagnosis.report import Diagnosis


class FindingGone(StepFailed):
    """A repair's check does not find the finding of this code, and nothing was changed.

    `seen` is that check; `node` may be "" for any.
    """

    def __init__(self, what: str, code: str, node: str, seen: Diagnosis) -> None:
        super().__init__(what)
        self.code, self.node, self.seen = code, node, seen
