"""What a check and a repair make of the state, from their news."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ejtui.cluster.run.events import StepEnded, StepReport, StepStarted
from ejtui.cluster.run.operation import repair_of
from ejtui.ui.state import diagnosis_updates, updates
from ejtui.ui.state.models import RepairResult
from ejtui.ui.state.run_updates import Happened
from ejtui.ui.state.view_state import ViewState
from tests.samples import step

from .conftest import MISMATCH, OVERLOAD, SICK, WELL

States = Mapping[str, Callable[[], ViewState]]
REPAIR = repair_of("cookie-mismatch")


def _after(state: ViewState, *told: updates.Update) -> ViewState:
    for each in told:
        state = each.applied(state)
    return state


def test_a_check_that_is_broken_off_leaves_what_was_known(states: States) -> None:
    state = _after(states["before"](), diagnosis_updates.CheckBegan())
    assert state.checking
    state = _after(state, diagnosis_updates.CheckEnded(SICK))
    assert (state.checking, state.diagnosis) == (False, SICK)
    state = _after(state, diagnosis_updates.CheckBegan(), diagnosis_updates.CheckEnded())
    assert (state.checking, state.diagnosis) == (False, SICK)


def test_a_repair_and_the_steps_within_it(states: States) -> None:
    tried = updates.WorkBegan("repair of cookie-mismatch", MISMATCH)
    state = _after(
        states["sick"](), tried, Happened(StepStarted(REPAIR)), Happened(StepReport(REPAIR, "kept"))
    )
    assert state.work is not None
    assert (state.work.title, state.work.step) == ("repair of cookie-mismatch", REPAIR.id)
    assert state.shown_step is not None
    assert state.shown_step.commands == MISMATCH.repair_view.commands
    state = _after(state, Happened(StepStarted(step("start"))))
    assert state.shown_step is not None
    assert state.shown_step.title == "Start"
    state = _after(state, Happened(StepEnded(step("start"), "done", "it runs", ())))
    assert state.work is not None
    assert (state.work.title, state.work.step) == ("repair of cookie-mismatch", REPAIR.id)
    assert state.repaired is None
    ended = Happened(StepEnded(REPAIR, "done", "repaired", ("both 5ecfc5",)))
    state = _after(state, ended, updates.WorkEnded("cookie-mismatch is repaired"))
    assert state.repaired == RepairResult(
        "cookie-mismatch", True, "cookie-mismatch is repaired", ("kept", "both 5ecfc5")
    )
    assert (state.work, state.notice) == (None, "cookie-mismatch is repaired")
    assert _after(state, updates.WorkBegan("the join")).repaired is None


def test_a_repair_that_fails_says_why(states: States) -> None:
    state = _after(
        states["sick"](), updates.WorkBegan("repair of cookie-mismatch", MISMATCH),
        Happened(StepStarted(REPAIR)), Happened(StepEnded(REPAIR, "failed", "no", ())),
        updates.WorkEnded("repair of cookie-mismatch: no", is_trouble=True),
    )  # fmt: skip
    assert state.repaired == RepairResult("cookie-mismatch", False, "repair of cookie-mismatch: no")


def test_the_finding_looked_at_is_found_again_after_another_check(states: States) -> None:
    state = _after(states["sick"](), diagnosis_updates.LookedAtFinding(OVERLOAD.key))
    assert state.shown_finding == OVERLOAD
    moved = replace(OVERLOAD, node="second", title="Mnesia of second is overloaded")
    again = replace(SICK, findings=(MISMATCH, moved))
    assert _after(state, diagnosis_updates.CheckEnded(again)).shown_finding == moved
    gone = replace(SICK, findings=(MISMATCH,))
    assert _after(state, diagnosis_updates.CheckEnded(gone)).shown_finding == MISMATCH
    assert _after(state, diagnosis_updates.CheckEnded(WELL)).shown_finding is None
