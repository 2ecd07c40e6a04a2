"""What a rollback shows of a cookie that the join did not replace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ejtui.cluster.backups.rollback import rollback
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import BACKUPS, SPOOL, THEIRS, DiskPair, manifest
from tests.unit.cluster.disk_pairs import Person


async def test_the_cookie_stays_and_older_ones_are_named(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    pair = DiskPair(story.joined(), tmp_path)
    pair.second.disk.put(SPOOL, THEIRS)
    pair.keep(manifest(number=2))
    stamp = "20251231T000000Z"
    older = replace(manifest(), stamp=stamp, place=f"{BACKUPS}/{stamp}", cookie="0dd0dd")
    pair.keep(replace(older, stage="rolled-back", used="2026-01-01"))
    repaired = f"{BACKUPS}/20251230T000000Z-cookie-mismatch"
    pair.second.disk.put(repaired, {".erlang.cookie": b"secret"})
    person = Person()
    done = await rollback.rollback(pair, None, person, lambda _: None)  # type: ignore[arg-type]
    digits = pair.second.facts.cookie.digits
    [line] = [each for each in done.evidence if "cookie" in each]
    assert line.startswith(f"second's cookie {digits} stays: this backup has no other")
    assert f"0dd0dd in {older.cookie_file}" in line
    assert repaired in line
    assert "never replaced" not in line
    [question] = person.questions
    assert any(f"cookie {digits} stays" in each for each in question.takes)
