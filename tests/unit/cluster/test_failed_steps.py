"""What is remembered of steps that failed, and for how long."""

from __future__ import annotations

from typing import Any

import pytest

from ejtui.cluster.finding import Finding
from ejtui.cluster.join.failures import FailedSteps
from ejtui.cluster.run.events import Event, HostAwaited, HostBack, StepEnded, StepStarted
from ejtui.cluster.run.operation import ROLLBACK
from tests.samples import step

FOUND = Finding("epmd-down", "epmd is down", "second")


class Seen:
    """A check that found this, or nothing."""

    def __init__(self, *found: Finding) -> None:
        self._found = found

    def finding(self, code: str, node: str | None) -> Finding | None:
        return next((each for each in self._found if (each.code, each.node) == (code, node)), None)


@pytest.fixture
def failed() -> FailedSteps:
    steps = FailedSteps()
    steps.hear(StepEnded(step("start"), "failed", "no answer", (), (FOUND,)))
    steps.hear(StepEnded(step("sync"), "failed", "waited 30 s"))
    return steps


def test_a_failed_step_is_remembered_with_why(failed: FailedSteps) -> None:
    assert failed.states["start"].detail == "no answer"
    assert failed.states["start"].findings == (FOUND,)


def test_what_is_no_step_is_not(failed: FailedSteps) -> None:
    failed.hear(StepEnded(ROLLBACK, "failed", "first is away"))
    failed.hear(StepEnded(step("quit"), "done", ""))
    assert set(failed.states) == {"start", "sync"}


def test_a_step_that_starts_again_has_not_failed(failed: FailedSteps) -> None:
    failed.hear(StepStarted(step("sync")))
    assert set(failed.states) == {"start"}


@pytest.mark.parametrize("event", [HostAwaited(("second",), 60), HostBack()])
def test_a_step_that_lost_its_host_is_to_do(failed: FailedSteps, event: Event) -> None:
    failed.hear(event)
    assert not failed.states


def test_a_check_settles_what_it_finds_no_more(failed: FailedSteps) -> None:
    seen: Any = Seen(FOUND)
    failed.settle(seen)
    assert set(failed.states) == {"start", "sync"}
    nothing: Any = Seen()
    failed.settle(nothing)
    assert set(failed.states) == {"sync"}, "nobody knows of another reason"
