"""A step is one file: its place follows from the step that it names."""

from __future__ import annotations

import pytest

from ejtui.cluster.join.steps import STEPS, Step, in_order
from ejtui.cluster.join.steps.nodes import Nodes


class _New(Nodes):
    def __init__(self, id: str, after: str) -> None:
        self.id, self.after = id, after


def _old() -> list[Step]:
    return [type(step)() for step in STEPS]


def test_the_steps_stand_in_the_order_of_the_document() -> None:
    assert [step.id for step in STEPS] == [
        *("preflight", "cookies", "nodes", "administration", "cleandb", "config", "sync"),
        *("tables", "quit", "permissions", "start", "verify"),
    ]
    assert [step.number for step in STEPS] == list(range(1, len(STEPS) + 1))


@pytest.mark.parametrize("after", ["", "cookies", "verify"])
def test_a_new_step_goes_behind_the_one_that_it_names(after: str) -> None:
    new = _New("new", after)
    ordered = in_order([*_old(), new])
    ids = ["", *(step.id for step in ordered)]
    assert ids[ids.index("new") - 1] == after
    assert [step.number for step in ordered] == list(range(1, len(STEPS) + 2))
    assert [step.id for step in ordered if step is not new] == [step.id for step in STEPS]


def test_a_step_behind_none_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="come after no step that there is: new"):
        in_order([*_old(), _New("new", "nothing")])
