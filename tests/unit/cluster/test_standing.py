"""What is shown of second where a join, or a rollback, was interrupted."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from ejtui.cli.result import CommandResult
from ejtui.cli.standing import add_standing
from ejtui.cluster.backups.manifest import Stage
from ejtui.cluster.join import standing
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import BACKUPS, SPOOL, STAMP, THEIRS, DiskPair, manifest

ARGS = Namespace(config="/c.toml", first=None, second=None)
STEP = "It stopped in step 6, join; what was done before stays done.\n  more"


@pytest.fixture
def pair(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    """Second's database was set aside, and ejabberd is stopped there."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return DiskPair(story.cleaned(), tmp_path)


async def test_in_the_middle_of_a_join(pair: DiskPair) -> None:
    pair.keep(manifest(finished=False))
    text = await standing.read(pair)  # type: ignore[arg-type]
    assert text.startswith("ejabberd is stopped on second.")
    assert f"own database lies in {BACKUPS}/{STAMP}" in text
    assert "`ejtui join` goes on" in text
    assert f"`ejtui rollback {STAMP}` undoes it" in text


@pytest.mark.parametrize("stage", ["restoring", "restored"])
async def test_in_the_middle_of_a_rollback(pair: DiskPair, stage: Stage) -> None:
    pair.keep(manifest(stage=stage))
    text = await standing.read(pair)  # type: ignore[arg-type]
    assert text.startswith("ejabberd is stopped on ")
    assert f"`ejtui rollback {STAMP}` goes on" in text


async def test_a_rollback_that_has_moved_nothing_yet(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    joined = DiskPair(story.joined(), tmp_path)
    joined.keep(manifest())
    joined.second.disk.put(SPOOL, THEIRS)
    text = await standing.read(joined)  # type: ignore[arg-type]
    assert text.startswith("ejabberd runs on second. Its own database lies in")
    assert f"`ejtui rollback {STAMP}` undoes it" in text


async def test_a_command_that_is_interrupted_shows_it(pair: DiskPair) -> None:
    pair.keep(manifest(finished=False))
    answer = CommandResult()
    answer.standing = STEP
    await add_standing(answer, pair, asyncio.CancelledError(), ARGS)  # type: ignore[arg-type]
    first, rest = answer.standing.split("\n")
    assert first == STEP.partition("\n")[0]
    assert f"`ejtui --config /c.toml rollback {STAMP}` undoes it" in rest


@pytest.mark.parametrize(
    ("error", "text"), [(ValueError(), STEP), (asyncio.CancelledError(), "Nothing was changed.")]
)
async def test_nothing_is_asked_where_nothing_was_interrupted(error: Any, text: str) -> None:
    answer = CommandResult()
    answer.standing = text
    await add_standing(answer, None, error, ARGS)  # type: ignore[arg-type]
    assert answer.standing == text
