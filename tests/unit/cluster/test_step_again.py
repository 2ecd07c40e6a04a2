"""A step that runs again gives the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from ejtui.cluster.backups.move import half_moved
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join.runner import Runner
from ejtui.cluster.join.steps import step_of
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.question import Question
from ejtui.cluster.run.events import Event, StepReport
from ejtui.config import HostConfig


class Standing:
    """A pair that stands still, however often it is asked."""

    name = "first+second"
    live_shell = None

    def __init__(self, facts: PairFacts) -> None:
        self.facts = facts
        self.choices = Choices()
        self.first, self.second = (
            Node(HostConfig(name, f"{name}.invalid")) for name in ("first", "second")
        )

    async def refresh(self) -> PairFacts:
        return self.facts


async def test_a_step_that_came_to_nothing(
    story: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    events: list[Event] = []

    async def yes(question: Question) -> bool:
        return bool(question)

    async def nothing(*_: object) -> Evidence:
        return []

    async def free(*_: object) -> None:
        return None

    runner = Runner(cast(Pair, Standing(story.quitted())), yes, events.append)
    start = step_of("start")
    monkeypatch.setattr(type(start), "run", nothing)
    monkeypatch.setattr(half_moved, "why_no_join", nothing)
    monkeypatch.setattr(runner.lock, "take", free)
    monkeypatch.setattr(runner.lock, "note", free)
    monkeypatch.setattr(runner.lock, "release", free)
    assert not await runner.run_step("start")
    lines = [event.line for event in events if isinstance(event, StepReport)]
    [said] = [line for line in lines if "runs again" in line][:1]
    assert said.endswith("ejabberd does not run on second")
