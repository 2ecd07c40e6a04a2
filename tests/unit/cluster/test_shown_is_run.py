"""What a step shows is what it runs: where, as whom, in what, and its words.

On hosts that only record, for each way in which platforms start and stop ejabberd. Words that are
not known before (STAMP, ADDRESS, …) fit whatever stands there; a command with a condition in its
words may stay undone; nothing may be done that was not shown.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ejtui
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.facts.examination import Examined
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join.steps import STEPS, preflight
from tests.unit.cluster import recording
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.recording import SERVICES
from tests.unit.cluster.showing import check, context_of, made, quiet


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet(monkeypatch)


MOMENTS: dict[str, Callable[[Story], PairFacts]] = {
    "cookies": Story.strangers,
    "cleandb": Story.same_cookie,
    "config": Story.cleaned,
    "sync": Story.connected,
    "tables": Story.synced,
    "quit": Story.copied,
    "permissions": Story.quitted,
    "start": Story.quitted,
}


@pytest.mark.parametrize("kind", SERVICES)
@pytest.mark.parametrize("id", MOMENTS)
async def test_a_step(
    story: Story, id: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = MOMENTS[id](story)
    if id == "permissions":
        foreign = tuple(
            replace(file, owner_is_service=False) for file in story.synced().second.spool.files
        )
        spool = replace(facts.second.spool, files=foreign, wrong_owner_count=4)
        facts = story.second_is(facts, spool=spool)
    pair = made(story, facts, kind, monkeypatch, tmp_path)
    if id in ("sync", "tables", "quit"):
        pair.shell = recording.RecordingShell(pair)
        pair.world.facts = facts
        pair.world.ran.clear()
    step = next(step for step in STEPS if step.id == id)
    shown = step.commands(pair.plan())
    await step.run(context_of(pair, tmp_path, id))
    assert pair.world.ran
    check(pair, shown)


async def test_steps_that_only_look_change_nothing(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = [step for step in STEPS if not step.changes]
    assert {step.id for step in STEPS} == {*MOMENTS, *(step.id for step in looking)}

    async def well(_pair: Any) -> Any:
        return Diagnosis(story.joined(), Examined())

    monkeypatch.setattr(preflight, "look", well)
    for step in looking:
        pair = made(story, story.joined(), "systemd", monkeypatch, tmp_path)
        await step.run(context_of(pair, tmp_path, step.id))
        assert pair.world.ran == []


def test_nothing_but_acts_makes_commands() -> None:
    cluster = Path(ejtui.__file__).parent / "cluster"
    makers = {
        file.relative_to(cluster).as_posix()
        for file in cluster.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Command"
    }
    assert makers == {"acts/act.py"}
