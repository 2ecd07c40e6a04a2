"""Second's ejabberd.yml before a change that is of no join: a separate backup."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.backups import choice, inventory, join_backup, prune
from ejtui.cluster.backups.files import config_copy
from ejtui.cluster.backups.manifest import CONFIG, Manifest
from ejtui.cluster.backups.rollback import file_return, rollback
from ejtui.cluster.errors import BackupError, Refused
from ejtui.cluster.journal import Journal
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.operation import ROLLBACK
from ejtui.erlang.probe import sealing
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import BACKUPS, SPOOL, STAMP, THEIRS, DiskPair, manifest, sha
from tests.unit.cluster.disk_pairs import Person

PATH = "/etc/ejabberd/ejabberd.yml"
OLD, MIDDLE, NEW = b"loglevel: 3\n", b"loglevel: 4\n", b"loglevel: 5\n"


@pytest.fixture
def pair(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    """Two nodes that nothing has joined."""
    return made(DiskPair(story.strangers(), tmp_path), monkeypatch, tmp_path)


def made(pair: DiskPair, monkeypatch: pytest.MonkeyPatch, place: Path) -> DiskPair:
    monkeypatch.setenv("XDG_STATE_HOME", str(place))
    disk = pair.second.disk

    def sealed(path: str, _most: int, key: str) -> Any:
        return sealing.sealed(disk.files[path], key)

    pair.second.probe.answers["sealed_file"] = sealed
    disk.files[PATH] = OLD
    return pair


def context_of(pair: DiskPair, person: Person | None = None) -> StepContext:
    journal, asks = Journal(pair.directory / "journal", pair.name), person or Person()
    return StepContext(ROLLBACK, pair, pair.facts, asks, lambda _: None, journal)  # type: ignore[arg-type]


async def changed(pair: DiskPair, new: bytes) -> str:
    """As `ejtui config` changes it; where the former one is kept."""
    context = context_of(pair)
    place = await config_copy.keep(context)
    await config_copy.note_written(context, place, sha(new))
    pair.second.disk.files[PATH] = new
    return place


def kept(pair: DiskPair) -> list[Manifest]:
    return sorted(pair.second.disk.manifests().values(), key=lambda each: each.number)


async def test_a_change_before_a_join_is_not_the_join_s(pair: DiskPair) -> None:
    place = await changed(pair, MIDDLE)
    backup = await join_backup.current(context_of(pair))
    assert (backup.of_a_join, backup.finished, backup.config) == (True, False, "")
    assert backup.place != place
    at_the_step = await changed(pair, NEW)
    assert at_the_step == backup.place
    of_file, of_join = kept(pair)
    assert (of_file.reason, of_file.config) == (CONFIG, sha(OLD))
    assert of_join.config == sha(MIDDLE), "what was there when the join started"
    assert (await choice.chosen(pair, None)).stamp == of_join.stamp  # type: ignore[arg-type]


async def test_two_changes_are_two_backups(pair: DiskPair) -> None:
    await changed(pair, MIDDLE)
    await changed(pair, NEW)
    assert [each.config for each in kept(pair)] == [sha(OLD), sha(MIDDLE)]


async def test_the_file_alone_comes_back(pair: DiskPair) -> None:
    await changed(pair, NEW)
    [backup] = kept(pair)
    person = Person()
    done = await rollback.rollback(pair, backup.stamp, person, lambda _: None)  # type: ignore[arg-type]
    disk = pair.second.disk
    assert disk.files[PATH] == OLD
    [question] = person.questions
    assert "-loglevel: 5" in question.diff
    assert "database" in question.takes[-1]
    used, present = kept(pair)
    assert (bool(used.used), present.config, present.used) == (True, sha(NEW), "")
    assert any(present.stamp in line for line in done.evidence)
    assert pair.second.facts.ejabberd, "nothing was stopped"


async def test_a_no_changes_nothing(pair: DiskPair) -> None:
    await changed(pair, NEW)
    [backup] = kept(pair)
    with pytest.raises(Refused):
        await rollback.rollback(pair, backup.stamp, Person(yes=False), lambda _: None)  # type: ignore[arg-type]
    assert pair.second.disk.files[PATH] == NEW
    assert kept(pair) == [backup]


async def test_without_a_name_the_last_changes_go_one_by_one(pair: DiskPair) -> None:
    await changed(pair, MIDDLE)
    await changed(pair, NEW)
    for expected in (MIDDLE, OLD):
        await rollback.rollback(pair, None, Person(), lambda _: None)  # type: ignore[arg-type]
        assert pair.second.disk.files[PATH] == expected
    with pytest.raises(BackupError, match="no backup of a join"):
        await rollback.rollback(pair, None, Person(), lambda _: None)  # type: ignore[arg-type]


async def test_after_a_join_it_must_be_named(pair: DiskPair) -> None:
    await changed(pair, NEW)
    joins = manifest(stage="rolled-back", used="2026-01-02", number=9)
    pair.keep(joins)
    with pytest.raises(BackupError, match="no backup of a join"):
        await rollback.rollback(pair, None, Person(), lambda _: None)  # type: ignore[arg-type]


async def test_it_is_listed_and_goes_by_name(pair: DiskPair) -> None:
    await changed(pair, NEW)
    [found] = await inventory.inventory(pair)  # type: ignore[arg-type]
    assert found.can == "a rollback of ejabberd.yml alone"
    assert (found.is_database, found.complete, found.files) == (False, True, 1)
    assert found.size == len(OLD)
    assert "ejabberd.yml" in found.reason
    [directory] = prune.sort([found])
    assert (directory.by_name, "never used" in directory.why) == (True, True)


def test_one_of_an_early_release_is_of_the_file_alone() -> None:
    early = manifest(stage="begun", files=(), config=sha(OLD), accounts=None)
    assert Manifest.from_line(early.to_line()).of_the_file
    joins = replace(early, finished=False)
    assert Manifest.from_line(joins.to_line()).of_a_join
    fields = json.loads(early.to_line())
    del fields["finished"]
    assert Manifest.from_line(json.dumps(fields).encode()).of_a_join


@pytest.mark.parametrize(
    ("present", "edited"), [(MIDDLE, False), (NEW, True)], ids=["as-written", "edited"]
)
async def test_a_rollback_of_a_join_names_the_file_and_later_edits(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, present: bytes, edited: bool
) -> None:
    pair = made(DiskPair(story.joined(), tmp_path), monkeypatch, tmp_path)
    backup = manifest(
        config=sha(OLD), config_time="2026-01-01T10:20:00+00:00", config_written=sha(MIDDLE)
    )
    pair.keep(backup)
    disk = pair.second.disk
    disk.put(f"{BACKUPS}/{STAMP}", {"ejabberd.yml": OLD})
    disk.put(SPOOL, THEIRS)
    disk.files[PATH] = present
    person = Person()
    await rollback.rollback(pair, None, person, lambda _: None)  # type: ignore[arg-type]
    [question] = person.questions
    text = "\n".join(question.takes)
    assert "kept on 2026-01-01 10:20 UTC" in text
    assert ("edited" in text) == edited
    assert f"-{present.decode().strip()}" in question.diff
    assert disk.files[PATH] == OLD
    copies = [data for path, data in disk.files.items() if "joined-" in path]
    assert present in copies, "nothing that was edited is lost"


async def test_an_edit_between_two_changes_counts(pair: DiskPair) -> None:
    await join_backup.current(context_of(pair))
    await changed(pair, MIDDLE)
    pair.second.disk.files[PATH] = b"loglevel: 1\n"
    await changed(pair, NEW)
    [backup] = kept(pair)
    assert config_copy.is_edited(backup, sha(NEW))


async def test_the_other_backups_of_the_file_are_named(pair: DiskPair) -> None:
    await changed(pair, NEW)
    backup = await join_backup.current(context_of(pair))
    seen = await file_return.look(context_of(pair), backup)
    assert kept(pair)[0].stamp in seen.lines[0]


async def test_of_many_backups_of_the_file_the_oldest_is_named_last(pair: DiskPair) -> None:
    for text in (MIDDLE, NEW, MIDDLE, NEW):
        await changed(pair, text)
    stamps = [each.stamp for each in kept(pair)]
    backup = await join_backup.current(context_of(pair))
    [shown] = (await file_return.look(context_of(pair), backup)).lines
    assert [stamp in shown for stamp in stamps] == [True, False, True, True]
    assert shown.index(stamps[0]) > shown.index(stamps[2])
    assert shown.endswith("; the last of these restores what it was before all of them")


async def test_a_backup_on_first_is_named_as_that(pair: DiskPair) -> None:
    stamp = "20260103T000000Z"
    pair.first.disk.put(f"{BACKUPS}/{stamp}", {"first.BUP": b"all"})
    for wanted in (f"{stamp}/first.BUP", stamp, f"{BACKUPS}/{stamp}/first.BUP"):
        with pytest.raises(BackupError) as refused:
            await rollback.rollback(pair, wanted, Person(), lambda _: None)  # type: ignore[arg-type]
        text = str(refused.value)
        assert f"{stamp}/first.BUP lies on {pair.first.name} ({BACKUPS}/{stamp}/first.BUP)" in text
        assert f"`ejtui backups restore-table {stamp}/first.BUP`" in text
    with pytest.raises(BackupError, match="there is no backup nowhere on second"):
        await rollback.rollback(pair, "nowhere", Person(), lambda _: None)  # type: ignore[arg-type]


async def test_one_that_was_made_when_first_was_second_is_of_the_exchanged_pair(
    pair: DiskPair,
) -> None:
    theirs = manifest(first="ejabberd@second", second="ejabberd@first")
    pair.first.disk.put(theirs.database, {"schema.DAT": b"x"})
    pair.first.disk.files[f"{theirs.place}/manifest.json"] = theirs.to_line()
    with pytest.raises(BackupError, match=f"rollback {STAMP}` goes back to it there"):
        await rollback.rollback(pair, STAMP, Person(), lambda _: None)  # type: ignore[arg-type]
