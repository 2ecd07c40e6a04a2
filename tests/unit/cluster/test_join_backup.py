"""Which backup a join writes to, what it refuses before that, and what it keeps there."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.backups import join_backup
from ejtui.cluster.backups.manifest import FirstBackup, Manifest
from ejtui.cluster.errors import BackupError, StepFailed
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import BACKUPS, OWN, SPOOL, STAMP, THEIRS, DiskPair, manifest
from tests.unit.cluster.disk_pairs import context_of, joined_pair

LATER = "20260102T000000Z"
AFTER_IT = {"stamp": LATER, "place": f"{BACKUPS}/{LATER}", "number": 2}


@pytest.fixture
def joined(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    return joined_pair(story, tmp_path, monkeypatch)


@pytest.fixture
def apart(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    """Both run, each for itself; second has its own database."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    pair = DiskPair(story.strangers(), tmp_path)
    pair.second.disk.put(SPOOL, OWN)
    return pair


def kept(pair: DiskPair) -> dict[str, Manifest]:
    return pair.second.disk.manifests()


async def test_a_join_of_a_joined_second_goes_on_with_its_backup(joined: DiskPair) -> None:
    assert (await join_backup.current(context_of(joined))).stamp == STAMP


@pytest.mark.parametrize("stage", ["begun", "moving"])
async def test_a_backup_that_was_begun_is_gone_on_with(apart: DiskPair, stage: Any) -> None:
    apart.keep(manifest(stage=stage, finished=False))
    assert (await join_backup.current(context_of(apart))).stamp == STAMP


@pytest.mark.parametrize("stage", ["moved", "rolled-back"])
async def test_a_second_apart_gets_a_new_backup(apart: DiskPair, stage: Any) -> None:
    apart.keep(manifest(stage=stage))
    made = await join_backup.current(context_of(apart))
    assert made.stamp != STAMP
    assert kept(apart)[STAMP].stage == stage


async def test_a_rollback_without_its_start_has_nothing_left_to_do(apart: DiskPair) -> None:
    apart.keep(manifest(stage="restored", was_running=False))
    made = await join_backup.current(context_of(apart))
    assert made.stamp != STAMP
    assert not made.was_running, "as second was before the rollback that stopped it"
    assert kept(apart)[STAMP].stage == "rolled-back"


async def test_a_rollback_that_copied_is_taken_up_with_all_that_is_there(
    joined: DiskPair,
) -> None:
    joined.keep(manifest(stage="restoring"))
    taken = await join_backup.current(context_of(joined))
    disk = joined.second.disk
    assert (taken.stamp, taken.stage, kept(joined)[STAMP].stage) == (STAMP, "moved", "moved")
    assert not joined.second.facts.ejabberd
    assert disk.inside(f"{BACKUPS}/{STAMP}/database") == OWN
    assert not disk.inside(SPOOL)
    [aside] = taken.joined
    assert disk.inside(aside if aside.startswith("/") else f"{taken.place}/{aside}") == THEIRS


async def test_a_rollback_to_a_damaged_backup_is_not_taken_up(joined: DiskPair) -> None:
    joined.keep(manifest(stage="restoring"))
    joined.second.disk.files[f"{BACKUPS}/{STAMP}/database/passwd.DAT"] = b"quest"
    with pytest.raises(BackupError, match=r"passwd\.DAT"):
        await join_backup.current(context_of(joined))
    assert joined.second.facts.ejabberd
    assert joined.second.disk.inside(SPOOL) == THEIRS


@pytest.mark.parametrize("function", ["current", "settle"])
async def test_beside_an_unreadable_part_of_the_database_nothing_begins(
    apart: DiskPair, function: str
) -> None:
    def backups(*_: object) -> Any:
        return {"backups": [], "problems": [(f"{BACKUPS}/{STAMP}", "eacces", True)]}

    apart.second.probe.answers["backups"] = backups
    more = (manifest(),) if function == "settle" else ()
    with pytest.raises(BackupError, match="may lie there"):
        await getattr(join_backup, function)(context_of(apart), *more)
    assert not apart.second.disk.done


async def test_a_half_set_aside_database_is_for_the_rollback(apart: DiskPair) -> None:
    apart.keep(manifest(stage="moving", towards=f"{BACKUPS}/{LATER}", reason="rollback"))
    with pytest.raises(StepFailed, match="was broken off while it set aside"):
        await join_backup.current(context_of(apart))
    assert not apart.second.disk.done


async def test_a_backup_of_another_first_s_between_stops_a_join(apart: DiskPair) -> None:
    apart.keep(manifest(first="ejabberd@former", stage="moving"))
    with pytest.raises(StepFailed, match="made with first as ejabberd@former"):
        await join_backup.current(context_of(apart))
    assert not apart.second.disk.done


@pytest.mark.parametrize(("used", "stage"), [("", "moved"), ("2026-01-03", "rolled-back")])
@pytest.mark.parametrize("was", ["restoring", "restored"])
async def test_another_rollback_that_was_broken_off_is_given_up(
    joined: DiskPair, was: Any, used: str, stage: str
) -> None:
    joined.keep(manifest(stage=was, used=used))
    later = manifest(**AFTER_IT)
    joined.keep(later)
    assert await join_backup.settle(context_of(joined), later) == later
    assert kept(joined)[STAMP].stage == stage


async def test_the_rollback_itself_is_not_given_up(joined: DiskPair) -> None:
    mine = manifest(stage="restoring")
    joined.keep(mine)
    await join_backup.settle(context_of(joined), mine)
    assert kept(joined)[STAMP].stage == "restoring"


async def test_a_finished_join_is_noted_in_its_backup_alone(joined: DiskPair) -> None:
    joined.keep(manifest(finished=False))
    joined.keep(manifest(**AFTER_IT, stage="begun", finished=False))
    await join_backup.finish(context_of(joined))
    assert (kept(joined)[STAMP].finished, kept(joined)[LATER].finished) == (True, False)


@pytest.mark.parametrize(
    ("of_backup", "found"),
    [
        ({"cookie": "abc"}, manifest().cookie_file),
        ({}, None),
        ({"cookie": "abc", "stage": "rolled-back"}, None),
        ({"cookie": "abc", "reason": "rollback"}, None),
    ],
    ids=["kept", "none kept", "rolled back", "of no join"],
)
async def test_whose_cookie_is_kept(
    joined: DiskPair, of_backup: dict[str, Any], found: str | None
) -> None:
    joined.keep(manifest(**of_backup))
    assert await join_backup.kept_cookie(joined) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(("sum_is", "made_again"), [("same", False), ("other", True)])
async def test_first_s_backup_is_made_again_where_it_is_not_what_it_was(
    apart: DiskPair, monkeypatch: pytest.MonkeyPatch, sum_is: str, made_again: bool
) -> None:
    there = FirstBackup("/b/first.BUP", 1, "same", 1, 1)
    made = []

    async def sums(*_: object) -> list[str]:
        return [sum_is]

    async def make(_context: object, _first: object, path: str) -> FirstBackup:
        made.append(path)
        return replace(there, path=path)

    monkeypatch.setattr(join_backup, "_sums", sums)
    monkeypatch.setattr("ejtui.cluster.backups.online.make", make)
    done = await join_backup.back_up_first(context_of(apart), manifest(first_backup=there))
    assert bool(made) is made_again
    assert (done.first_backup != there) is made_again


@pytest.mark.parametrize(
    ("free", "files", "fits"), [(10**12, None, True), (1, None, False), (10**12, 1, False)]
)
async def test_a_rollback_without_room_is_refused(
    joined: DiskPair, free: int, files: int | None, fits: bool
) -> None:
    joined.second.probe.answers["room"] = lambda _: {
        "free": free, "mount": "/", "files": files, "memory": False
    }  # fmt: skip
    expected: AbstractContextManager[object]
    expected = nullcontext() if fits else pytest.raises(BackupError, match="a rollback needs")
    with expected:
        await join_backup.refuse_without_room(joined.second, manifest())  # type: ignore[arg-type]
