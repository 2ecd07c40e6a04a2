"""A step is one file: its place follows from the step that it names."""

from __future__ import annotations

import pytest

from ejtui.cluster.join.steps import STEPS, Step, in_order
from ejtui.cluster.join.steps.nodes import Nodes


class _New(Nodes):
    def __init__(self, id: str, after: str) -> None:
        self.id, self.after = id, after


def _old() -> list[Step]:
    return [_New("one", ""), _New("two", "one"), _New("three", "two")]


PROMISED = (
    *("preflight", "cookies", "nodes", "administration", "cleandb", "config", "sync"),
    *("tables", "quit", "permissions", "start", "verify"),
)
"""Ids that programs know from `--json`, in the order of the document. A new step may stand among
them, and needs no entry here."""


def test_the_promised_steps_stand_in_the_order_of_the_document() -> None:
    ids = [step.id for step in STEPS]
    assert [id for id in ids if id in PROMISED] == list(PROMISED)
    assert [step.number for step in STEPS] == list(range(1, len(STEPS) + 1))
    assert len(set(ids)) == len(ids), f"two steps have one id: {ids}"


@pytest.mark.parametrize("after", ["", "one", "three"])
def test_a_new_step_goes_behind_the_one_that_it_names(after: str) -> None:
    ordered = in_order([*_old(), _New("new", after)])
    ids = ["", *(step.id for step in ordered)]
    assert ids[ids.index("new") - 1] == after
    assert [step.number for step in ordered] == [1, 2, 3, 4]
    assert [id for id in ids if id not in ("", "new")] == ["one", "two", "three"]


def test_a_step_behind_none_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="come after no step that there is: new"):
        in_order([*_old(), _New("new", "nothing")])
