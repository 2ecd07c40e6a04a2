"""Pairs whose second has a disk, at the moments that runs begin at; and the person who is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.cluster.join.pair_state import PairState
from ejtui.cluster.journal import Journal
from ejtui.cluster.question import Question
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.operation import ROLLBACK
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import SPOOL, THEIRS, DiskPair, manifest


class Person:
    """Answers what is asked, and keeps it."""

    def __init__(self, *, yes: bool = True) -> None:
        self.yes = yes
        self.questions: list[Question] = []

    async def __call__(self, question: Question) -> bool:
        self.questions.append(question)
        return self.yes


def joined_pair(story: Story, directory: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    """A joined pair; second's own database lies in its backup."""
    monkeypatch.setenv("XDG_STATE_HOME", str(directory))
    pair = DiskPair(story.joined(), directory)
    pair.keep(manifest())
    pair.second.disk.put(SPOOL, THEIRS)
    return pair


def pair_before_the_start(
    story: Story, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> DiskPair:
    """All but the last steps are done: ejabberd is to be started on second."""
    monkeypatch.setenv("XDG_STATE_HOME", str(directory))

    async def state_of(_: object) -> PairState:
        return PairState("", "", {})

    monkeypatch.setattr("ejtui.cluster.join.pair_state.state_of", state_of)
    return DiskPair(story.quitted(), directory)


def context_of(pair: DiskPair, person: Person | None = None) -> StepContext:
    """A run's context whose events nobody hears."""
    journal, asks = Journal(pair.directory / "journal", pair.name), person or Person()
    return StepContext(ROLLBACK, pair, pair.facts, asks, lambda _: None, journal)  # type: ignore[arg-type]
