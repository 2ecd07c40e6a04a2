"""A move of second's database that was broken off: each file of second's own is kept, and what a
start in between made is set aside, never mixed with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.move import database_move
from ejtui.cluster.backups.move.database_move import BackupDamaged
from ejtui.cluster.errors import BackupError
from ejtui.cluster.journal import Journal
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Event, StepProgress, StepReport
from ejtui.cluster.run.operation import ROLLBACK
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import BACKUPS, OWN, SPOOL, STAMP, THEIRS, DiskPair, manifest, sha

PLACE = f"{BACKUPS}/{STAMP}"
MOVED = {"passwd.DAT": OWN["passwd.DAT"]}
LEFT = {name: data for name, data in OWN.items() if name not in MOVED}


class Broken:
    """A pair whose move was broken off, and what the run that goes on with it reports."""

    def __init__(self, pair: DiskPair, **changes: Any) -> None:
        self.pair, self.disk = pair, pair.second.disk
        cookie = pair.second.facts.schema_cookie
        assert cookie
        self.manifest = manifest(stage="moving", finished=False, schema_cookie=cookie, **changes)
        self.events: list[Event] = []

    def stands(self, moved: dict[str, bytes], there: dict[str, bytes]) -> None:
        """What is in the backup already, and what is in second's directory."""
        self.pair.keep(self.manifest, moved)
        self.disk.put(SPOOL, there)

    @property
    def context(self) -> StepContext:
        pair: Any = self.pair
        journal = Journal(pair.directory / "journal", pair.name)
        return StepContext(ROLLBACK, pair, pair.facts, _no_one, self.events.append, journal)

    async def goes_on(self) -> Manifest:
        return await database_move.set_database_aside(self.context, self.manifest)

    @property
    def reports(self) -> list[str]:
        return [each.line for each in self.events if isinstance(each, StepReport)]


async def _no_one(_: object) -> bool:
    raise AssertionError("nobody is to be asked")


@pytest.fixture
def broken(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Broken:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return Broken(DiskPair(story.joined(), tmp_path))


async def test_the_rest_is_moved(broken: Broken) -> None:
    broken.stands(MOVED, LEFT)
    kept = await broken.goes_on()
    assert broken.disk.inside(f"{PLACE}/database") == OWN
    assert broken.disk.inside(SPOOL) == {}
    assert (kept.stage, kept.between, kept.changed) == ("moved", (), ())
    assert broken.disk.manifests()[STAMP] == kept
    assert broken.reports == [f"3 files of second's own database moved into {PLACE} and checked"]


async def test_what_a_start_in_between_made_is_set_aside_and_noted_before(broken: Broken) -> None:
    made = {"passwd.DAT": b"made in between", "roster.DAT": b"new"}
    broken.stands(MOVED, LEFT | made)
    kept = await broken.goes_on()
    [folder] = kept.between
    assert broken.disk.inside(f"{PLACE}/database") == OWN
    assert broken.disk.inside(f"{PLACE}/{folder}") == made
    assert broken.disk.inside(SPOOL) == {}
    assert kept.changed == ()
    acts = broken.disk.done
    assert acts.index(("write", f"{PLACE}/manifest.json")) < acts.index(
        ("move", f"{PLACE}/{folder}/passwd.DAT")
    )
    assert "2 files that were made on lyon" in broken.reports[0]


async def test_an_own_file_that_was_changed_in_between_is_kept_as_it_is_now(broken: Broken) -> None:
    """It is all there is of it."""
    broken.stands(MOVED, LEFT | {"LATEST.LOG": b"more was logged"})
    kept = await broken.goes_on()
    assert broken.disk.inside(f"{PLACE}/database") == OWN | {"LATEST.LOG": b"more was logged"}
    assert (kept.between, kept.changed) == ((), ("LATEST.LOG",))
    noted = {file.name: file.sha256 for file in broken.disk.manifests()[STAMP].files}
    assert noted["LATEST.LOG"] == sha(b"more was logged")
    assert "were changed meanwhile, and are kept as they are now: LATEST.LOG" in broken.reports[0]


@pytest.mark.parametrize("there", [b"quest", b"a longer one"])
async def test_a_damaged_file_in_the_backup_ends_it_before_anything_is_moved(
    broken: Broken, there: bytes
) -> None:
    broken.stands({"passwd.DAT": there}, LEFT | {"passwd.DAT": b"made in between"})
    with pytest.raises(BackupDamaged, match=r"not as in the manifest in .*passwd\.DAT"):
        await broken.goes_on()
    assert broken.disk.done == []


def another_stands_there(broken: Broken) -> None:
    """Mnesia has made another schema in second's directory."""
    broken.manifest = replace(broken.manifest, schema_cookie="another")


async def test_of_another_database_only_files_with_the_noted_checksums_are_seconds_own(
    broken: Broken,
) -> None:
    another_stands_there(broken)
    moved = {name: OWN[name] for name in ("passwd.DAT", "schema.DAT")}
    broken.stands(moved, {"LATEST.LOG": OWN["LATEST.LOG"]} | THEIRS)
    kept = await broken.goes_on()
    assert broken.disk.inside(f"{PLACE}/database") == OWN
    assert broken.disk.inside(f"{PLACE}/{kept.between[0]}") == THEIRS
    assert kept.changed == ()


async def test_where_own_files_are_in_neither_place_nothing_is_moved(broken: Broken) -> None:
    another_stands_there(broken)
    broken.stands(MOVED, THEIRS | {"LATEST.LOG": b"another log"})
    before = dict(broken.disk.files)
    with pytest.raises(BackupError, match=r"2 of 3 files of second's own .*LATEST.LOG, schema.DAT"):
        await broken.goes_on()
    assert broken.disk.files == before


async def test_what_comes_back_from_a_broken_off_move_is_brought_together(broken: Broken) -> None:
    """What is in both places is second's own in the backup: the other one is set aside."""
    broken.stands(MOVED, LEFT | {"passwd.DAT": b"made in between"})
    back = await database_move.bring_back(broken.context, broken.manifest)
    [folder] = back.between
    assert broken.disk.inside(SPOOL) == OWN
    assert broken.disk.inside(f"{PLACE}/{folder}") == {"passwd.DAT": b"made in between"}
    assert broken.disk.manifests()[STAMP].between == back.between
    acts = broken.disk.done
    assert acts[0] == ("write", f"{PLACE}/manifest.json")


async def test_of_many_files_the_first_are_named() -> None:
    names = [f"table{number:02}.DAT" for number in range(12)]
    text = str(BackupDamaged("second", manifest(), database_move.NOT_THERE, names))
    assert "table09.DAT, and 2 more. " in text
    assert "table10.DAT" not in text
    assert "more. " not in str(
        BackupDamaged("second", manifest(), database_move.NOT_THERE, names[:10])
    )


async def test_files_are_read_together_up_to_a_size_and_the_progress_is_theirs(
    broken: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        database_move, "SUMMED_TOGETHER", len(OWN["passwd.DAT"] + OWN["LATEST.LOG"])
    )
    broken.stands({}, OWN)
    await broken.goes_on()
    asked = [args[0] for name, args in broken.pair.second.probe.asked if name == "checksum"]
    there = [len(paths) for paths in asked if not paths[0].startswith(BACKUPS)]
    assert sum(there) == len(OWN)
    assert len(there) == 2
    done = [each.done for each in broken.events if isinstance(each, StepProgress)]
    assert done == sorted(done)
    assert done[0] == 0
    assert 0 < done[1] < sum(map(len, OWN.values()))


@pytest.mark.parametrize("how", ["lost", "changed"])
async def test_a_join_over_a_lost_or_changed_file_names_the_rollback(
    broken: Broken, how: str
) -> None:
    """It is seen before anything more is moved."""
    moved = MOVED if how == "lost" else {"passwd.DAT": b"torn"}
    left = {"schema.DAT": LEFT["schema.DAT"]} if how == "lost" else LEFT
    broken.stands(moved, left)
    word = {"lost": "files-not-there", "changed": "files-changed"}[how]
    with pytest.raises(BackupDamaged, match=f"`ejtui rollback {STAMP} --accept {word}` restores"):
        await broken.goes_on()
    assert broken.disk.inside(f"{PLACE}/database") == moved
    assert broken.disk.inside(SPOOL) == left
