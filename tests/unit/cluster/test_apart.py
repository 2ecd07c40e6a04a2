"""When two Mnesias that run apart are no longer waited for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ejtui.cluster.diagnosis.causes import under_their_causes
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.erl_shell import APART_SECONDS, _connecting, watch_apart
from ejtui.cluster.journal import Journal
from ejtui.cluster.run.context import StepContext
from tests.samples import step
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import DiskPair


def test_they_are_given_time_to_come_together() -> None:
    clock = 0.0
    lasts, story = watch_apart(lambda: clock), Story()
    assert not lasts(story.shell_alone())
    clock += APART_SECONDS - 1
    assert not lasts(story.shell_alone())
    clock += 1
    assert lasts(story.shell_alone())
    assert not lasts(story.connected())
    assert not lasts(story.shell_alone()), "counted from where they parted again"


def test_one_that_does_not_run_is_waited_for() -> None:
    clock = 0.0
    lasts, story = watch_apart(lambda: clock), Story()
    assert not lasts(story.cleaned())
    clock += 2 * APART_SECONDS
    assert not lasts(story.cleaned())


async def test_those_that_stay_apart_are_waited_for_no_longer(tmp_path: Path) -> None:
    pair: Any = DiskPair(Story().shell_alone(), tmp_path)
    journal = Journal(tmp_path / "journal", pair.name)
    context = StepContext(step("sync"), pair, pair.facts, lambda _: None, lambda _: None, journal)  # type: ignore[arg-type, return-value]
    clock = iter(range(0, 10_000, int(APART_SECONDS)))
    facts = await _connecting(context, watch_apart(lambda: next(clock)))
    assert not facts.both_run


def test_a_finding_that_stands_apart_follows_from_nothing() -> None:
    cause = Finding("cookie-mismatch", "", "second", explains=("partitioned",))
    same, alone = (Finding("partitioned", "", "second", apart=value) for value in (False, True))
    assert under_their_causes([cause, alone]) == (cause, alone)
    [found] = under_their_causes([cause, same])
    assert found.consequences
