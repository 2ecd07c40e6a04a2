"""A database that is moved: noted before, checked after, and nothing starts on a part of one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.backups.move import database_move, half_moved
from ejtui.cluster.errors import BackupError, StepFailed
from ejtui.cluster.join.steps.cleandb import CleanDb
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import (
    BACKUPS,
    GUEST,
    OWN,
    SPOOL,
    STAMP,
    THEIRS,
    DiskPair,
    account_text,
    manifest,
    sha,
)
from tests.unit.cluster.disk_pairs import Person, context_of, joined_pair

PLACE = f"{BACKUPS}/{STAMP}"


@pytest.fixture
def pair(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    return joined_pair(story, tmp_path, monkeypatch)


async def test_a_move_is_noted_before_and_checked_after(pair: DiskPair) -> None:
    disk, context = pair.second.disk, context_of(pair)
    begun = manifest(stage="begun", files=(), stamp="x", place=f"{BACKUPS}/x")
    moved = await database_move.set_database_aside(context, begun)
    assert disk.inside(moved.database) == THEIRS
    assert {name for name in disk.inside(SPOOL) if name in THEIRS} == set()
    assert disk.done[0] == ("write", f"{BACKUPS}/x/manifest.json")
    order = [path.rpartition("/")[2] for what, path in disk.done if what == "move"]
    assert order == ["passwd.DAT", "schema.DAT"]
    assert {each.name: each.sha256 for each in moved.files} == {
        name: sha(data) for name, data in THEIRS.items()
    }
    assert (moved.stage, disk.manifests()["x"].stage) == ("moved", "moved")


def forgotten(pair: DiskPair) -> None:
    """Second is down with files of a membership that first no longer knows."""
    pair.second.world.stopped("second")
    alone = (pair.first.facts.node,)
    schema = replace(pair.first.facts.schema, disc_copies=alone)
    pair.first.world.change("first", db_nodes=alone, running_db_nodes=alone, schema=schema)
    assert pair.facts.same_schema
    assert not pair.facts.member


@pytest.mark.parametrize("alone", [(), ("late@chat.example",)])
async def test_a_copy_of_the_cluster_s_never_becomes_the_own_database_of_a_new_join(
    pair: DiskPair, alone: tuple[str, ...]
) -> None:
    forgotten(pair)
    disk, person = pair.second.disk, Person()
    pair.second.probe.answers["kept_content"] = lambda *_: {
        "accounts": account_text(GUEST, *alone),
        "tables": {},
        "doubts": [],
    }
    begun = manifest(stage="begun", files=(), accounts=None, stamp="x", place=f"{BACKUPS}/x")
    del disk.files[f"{PLACE}/manifest.json"]
    pair.keep(begun, {})
    await CleanDb().run(context_of(pair, person))
    kept = disk.manifests()["x"]
    assert (kept.stage, kept.files, len(kept.joined)) == ("begun", (), 1)
    assert disk.inside(f"{BACKUPS}/x/{kept.joined[0]}") == THEIRS
    assert not any("start" in str(ran.what) for ran in pair.second.world.ran)
    named = [line for question in person.questions for line in question.takes]
    assert len(person.questions) == len(alone)
    assert all(name in str(named) for name in alone)


async def test_a_move_that_went_wrong_stays_unfinished(pair: DiskPair) -> None:
    disk = pair.second.disk

    def badly(_source: str, to: str, names: list[str]) -> list[str]:
        disk.put(to, {name: b"torn" for name in names})
        return names

    pair.second.probe.answers["move_files"] = badly
    begun = manifest(stage="begun", files=(), stamp="x", place=f"{BACKUPS}/x")
    with pytest.raises(BackupError, match=r"not as .*schema"):
        await database_move.set_database_aside(context_of(pair), begun)
    assert disk.manifests()["x"].stage == "moving"


async def test_a_directory_that_cannot_be_read_is_not_an_empty_one(pair: DiskPair) -> None:
    class Blind(type(pair.second)):  # type: ignore[misc]
        async def refresh(self, peers: Any = ()) -> Any:
            del peers
            facts = self.world.now(self.role)
            return replace(facts, spool=replace(facts.spool, error="eacces"))

    pair.second.__class__ = Blind
    with pytest.raises(BackupError, match="eacces"):
        await database_move.mnesia_names(pair.second)  # type: ignore[arg-type]


async def test_what_comes_back_into_the_directory_is_compared(pair: DiskPair) -> None:
    disk, context = pair.second.disk, context_of(pair)
    back = await database_move.bring_back(context, manifest())
    assert {n: d for n, d in disk.inside(SPOOL).items() if n in OWN} == OWN
    [folder] = back.between
    assert disk.inside(f"{PLACE}/{folder}") == THEIRS
    pair.keep(manifest(), OWN | {"passwd.DAT": b"other"})
    with pytest.raises(BackupError, match="after the move"):
        await database_move.bring_back(context, manifest())


@pytest.mark.parametrize(
    ("stage", "files", "starts"),
    [
        ("moved", OWN, True),
        ("restoring", OWN, False),
        ("moving", {"passwd.DAT": OWN["passwd.DAT"]}, False),
        ("moving", OWN | {"passwd.DAT": b"quest"}, False),
        ("moving", OWN, True),
    ],
)
async def test_nothing_starts_on_a_part_of_a_database(
    pair: DiskPair, stage: Any, files: dict[str, bytes], starts: bool
) -> None:
    for path in [path for path in pair.second.disk.files if path.startswith(f"{PLACE}/database")]:
        del pair.second.disk.files[path]
    pair.keep(manifest(stage=stage), files)
    if starts:
        await half_moved.refuse_start(pair.second)  # type: ignore[arg-type]
        assert pair.second.disk.manifests()[STAMP].stage == "moved"
        return
    with pytest.raises(StepFailed, match="a part of its database"):
        await half_moved.refuse_start(pair.second)  # type: ignore[arg-type]


async def test_a_half_moved_database_names_what_works_with_its_own_first(pair: DiskPair) -> None:
    pair.keep(manifest(stage="moving", first="old@first"))
    del pair.second.disk.files[f"{PLACE}/database/passwd.DAT"]
    with pytest.raises(StepFailed, match="`ejtui join` with old@first as first") as refused:
        await half_moved.refuse_start(pair.second)  # type: ignore[arg-type]
    assert f"`ejtui rollback {STAMP}` brings the database back" in str(refused.value)


async def test_a_repair_s_backup_that_is_whole_is_no_join_s_to_go_on_with(pair: DiskPair) -> None:
    pair.keep(manifest(stage="moving", reason="repair of ghost-member", own=False))
    await half_moved.refuse_start(pair.second)  # type: ignore[arg-type]
    assert pair.second.disk.manifests()[STAMP].stage == "rolled-back"
    del pair.second.disk.files[f"{PLACE}/database/passwd.DAT"]
    pair.keep(manifest(stage="moving", reason="repair of ghost-member", own=False), {})
    with pytest.raises(StepFailed, match="a repair of ghost-member was broken off") as refused:
        await half_moved.refuse_start(pair.second)  # type: ignore[arg-type]
    assert "ejtui rollback" not in str(refused.value)


async def test_a_schema_that_is_still_in_the_directory_is_not_moved(pair: DiskPair) -> None:
    pair.keep(manifest(stage="moving"))
    pair.second.disk.put(SPOOL, {"schema.DAT": OWN["schema.DAT"]})
    with pytest.raises(StepFailed, match="a part of its database"):
        await half_moved.refuse_start(pair.second)  # type: ignore[arg-type]


async def test_a_join_does_not_begin_where_a_rollback_left_nothing_in_the_directory(
    pair: DiskPair,
) -> None:
    pair.keep(manifest(stage="restoring"))
    assert await half_moved.why_no_join(pair, pair.facts) == ""  # type: ignore[arg-type]
    for name in THEIRS:
        del pair.second.disk.files[f"{SPOOL}/{name}"]
    assert "rollback" in await half_moved.why_no_join(pair, pair.facts)  # type: ignore[arg-type]
