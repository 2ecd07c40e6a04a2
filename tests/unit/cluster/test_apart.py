"""When two Mnesias that run apart are no longer waited for."""

from __future__ import annotations

from ejtui.cluster.operations.erl_shell import APART_SECONDS, apart
from tests.unit.cluster.conftest import Story


def test_they_are_given_time_to_come_together() -> None:
    clock = 0.0
    lasts, story = apart(lambda: clock), Story()
    assert not lasts(story.shell_alone())
    clock += APART_SECONDS - 1
    assert not lasts(story.shell_alone())
    clock += 1
    assert lasts(story.shell_alone())
    assert not lasts(story.connected())
    assert not lasts(story.shell_alone()), "counted from where they parted again"


def test_one_that_does_not_run_is_waited_for() -> None:
    clock = 0.0
    lasts, story = apart(lambda: clock), Story()
    assert not lasts(story.cleaned())
    clock += 2 * APART_SECONDS
    assert not lasts(story.cleaned())
