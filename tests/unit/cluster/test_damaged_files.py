"""A backup whose files are not as its manifest lists them: what is asked, and what comes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ejtui.cli.confirm import question_lines
from ejtui.cluster.backups import guarded_start
from ejtui.cluster.backups.manifest import BackedFile, FirstBackup, Manifest
from ejtui.cluster.backups.move import database_move
from ejtui.cluster.backups.rollback import account_list, damaged_files, lost_files, rollback
from ejtui.cluster.errors import BackupError, Refused, StepFailed
from ejtui.erlang.probe.client import ProbeError
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import (
    BACKUPS,
    GUEST,
    OWN,
    SPOOL,
    STAMP,
    THEIRS,
    DiskPair,
    manifest,
    sha,
)
from tests.unit.cluster.disk_pairs import Person, joined_pair

PLACE = f"{BACKUPS}/{STAMP}"
HAD = OWN | {"vcard.DAT": b"a card", "roster.DCD": b"contacts"}
FILES = tuple(BackedFile(name, len(data), sha(data)) for name, data in HAD.items())
DAMAGED = HAD | {"vcard.DAT": b"a CARD", "roster.DCD": b"torn"}


@pytest.fixture
def pair(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    made = joined_pair(story, tmp_path, monkeypatch)

    def read(_directory: str, name: str) -> dict[str, Any]:
        if name in ("roster.DCD", "schema.DAT"):
            raise ProbeError("unreadable", f"{name} cannot be read (not_a_log_file)")
        return {"records": 1, "unread": 0, "cookie": ""}

    made.second.probe.answers["kept_file"] = read
    return made


async def rolled_back(pair: DiskPair, person: Person | None = None) -> Any:
    return await rollback.rollback(pair, None, person or Person(), lambda _: None)  # type: ignore[arg-type]


def untouched(pair: DiskPair) -> bool:
    disk = pair.second.disk
    return disk.inside(SPOOL) == THEIRS and not disk.done


async def asked_of(pair: DiskPair) -> Any:
    no = Person(yes=False)
    with pytest.raises(Refused):
        await rolled_back(pair, no)
    assert untouched(pair)
    [asked] = no.questions
    return asked


@pytest.mark.parametrize("stage", ["moved", "moving"])
async def test_what_can_be_opened_comes_back_with_a_word(pair: DiskPair, stage: str) -> None:
    first = FirstBackup(f"{BACKUPS}/{STAMP}/first.BUP", 1, "0" * 64, 1, 1)
    own = manifest(files=FILES, stage=stage, first_backup=first)
    pair.keep(own, DAMAGED)
    disk = pair.second.disk
    asked = await asked_of(pair)
    assert asked.consent == damaged_files.CONSENT
    text = "\n".join(asked.takes)
    for name in ("vcard.DAT", "roster.DCD"):
        assert f"it had {len(HAD[name])} bytes, SHA-256 {sha(HAD[name])}" in text
        assert f"{name} has {len(DAMAGED[name])} bytes now, SHA-256 {sha(DAMAGED[name])}" in text
    assert "vcard.DAT (table vcard: vCard)" in text
    assert "it comes back as it is: 1 record can be read" in text
    assert "table roster: contacts is empty on second after it" in text
    assert f"first's online backup {first.path}" in text
    assert "is set aside as a backup first" in text
    assert disk.manifests()[STAMP] == own
    await rolled_back(pair)
    back = {n: d for n, d in disk.inside(SPOOL).items() if n in HAD}
    assert back == {n: d for n, d in DAMAGED.items() if n != "roster.DCD"}
    assert disk.inside(f"{PLACE}/database") == DAMAGED, "the backup stays as it is"
    kept = disk.manifests()[STAMP]
    assert (kept.stage, kept.changed) == ("rolled-back", ("vcard.DAT", "roster.DCD"))
    assert kept.noted == tuple(f for f in FILES if f.name in kept.changed)


async def test_the_right_files_put_there_later_come_back_without_a_question(
    pair: DiskPair,
) -> None:
    pair.keep(manifest(files=FILES), DAMAGED)
    await rolled_back(pair)
    pair.second.disk.put(f"{PLACE}/database", HAD)
    person = Person()
    await rollback.rollback(pair, STAMP, person, lambda _: None)  # type: ignore[arg-type]
    assert {n: d for n, d in pair.second.disk.inside(SPOOL).items() if n in HAD} == HAD
    assert [each.consent for each in person.questions] == [""]
    kept = pair.second.disk.manifests()[STAMP]
    assert (kept.changed, kept.noted) == ((), ())


async def test_a_damaged_schema_has_other_ways_alone(pair: DiskPair) -> None:
    pair.keep(manifest(files=FILES), HAD | {"schema.DAT": b"torn"})
    other = manifest(stamp="20260102T000000Z", place=f"{BACKUPS}/20260102T000000Z", number=2)
    pair.keep(replace(other, stage="rolled-back", used="2026-01-03"))
    with pytest.raises(BackupError, match=r"schema\.DAT.*Nothing was changed") as refused:
        await rolled_back(pair)
    assert "`ejtui rollback 20260102T000000Z`" in str(refused.value)
    assert untouched(pair)


async def test_lost_files_that_another_backup_has_are_named(pair: DiskPair) -> None:
    """Half of second's own went into another backup, and another database stands there."""
    left = {"passwd.DAT": HAD["passwd.DAT"], "LATEST.LOG": HAD["LATEST.LOG"]}
    pair.keep(manifest(files=FILES, stage="moving", schema_cookie="own"), left)
    for name in OWN:
        if name not in left:
            pair.second.disk.files.pop(f"{PLACE}/database/{name}", None)
    place = f"{BACKUPS}/20260102T000000Z"
    other = manifest(stamp="20260102T000000Z", place=place, number=2, files=FILES)
    pair.keep(replace(other, stage="rolled-back", used="2026-01-03"), HAD)
    said = rf"schema\.DAT.*of these files, {place}/database has 3: copy them into {PLACE}/database"
    with pytest.raises(BackupError, match=said):
        await rolled_back(pair)
    assert untouched(pair)


async def test_of_many_damaged_files_the_other_ways_are_shown_still(pair: DiskPair) -> None:
    many = {f"t{number}.DAT": b"x" for number in range(9)}
    listed = tuple(BackedFile(name, 1, sha(b"y")) for name in many)
    first = FirstBackup(f"{BACKUPS}/{STAMP}/first.BUP", 1, "0" * 64, 1, 1)
    pair.keep(manifest(files=(*FILES, *listed), first_backup=first), HAD | many)
    asked = await asked_of(pair)
    shown = " ".join(" ".join(question_lines(asked)).split())
    assert "and 3 more files" in shown
    assert "is set aside as a backup first" in shown
    assert "first.BUP" in shown


async def test_a_schema_of_another_database_does_not_come_back(pair: DiskPair) -> None:
    def read(_directory: str, _name: str) -> dict[str, Any]:
        return {"records": 1, "unread": 0, "cookie": cookie}

    pair.second.probe.answers["kept_file"] = read
    pair.keep(manifest(files=FILES, schema_cookie="own"), HAD | {"schema.DAT": b"mended"})
    cookie = "another"
    with pytest.raises(BackupError, match=r"schema\.DAT"):
        await rolled_back(pair)
    cookie = "own"
    assert "schema.DAT" in (await asked_of(pair)).takes[1]


async def test_a_rollback_that_goes_on_takes_the_right_copy_that_is_there(pair: DiskPair) -> None:
    disk = pair.second.disk
    pair.keep(manifest(files=FILES, stage="restoring"), DAMAGED)
    for name in THEIRS:
        del disk.files[f"{SPOOL}/{name}"]
    pair.second.emptied()
    disk.put(SPOOL, {name: HAD[name] for name in ("vcard.DAT", "roster.DCD")})
    person = Person()
    await rolled_back(pair, person)
    assert [each.consent for each in person.questions] == [""]
    assert {n: d for n, d in disk.inside(SPOOL).items() if n in HAD} == HAD


async def test_a_file_much_longer_than_listed_is_not_read(pair: DiskPair) -> None:
    pair.keep(manifest(files=FILES), DAMAGED)
    listed = pair.second.probe._list_dir

    def long(place: str) -> list[dict[str, Any]]:
        return [e | ({"size": 10**12} if e["name"] == "vcard.DAT" else {}) for e in listed(place)]

    pair.second.probe.answers["list_dir"] = long
    asked = await asked_of(pair)
    assert "vcard.DAT has 1000000000000 bytes now, not read" in "\n".join(asked.takes)
    summed = [args for name, args in pair.second.probe.asked if name == "checksum"]
    assert not any(f"{PLACE}/database/vcard.DAT" in paths for (paths,) in summed)


async def test_what_was_damaged_on_its_way_aside_wants_a_word(pair: DiskPair) -> None:
    """The backup that a rollback was filling is completed with the file as it is."""
    disk = pair.second.disk
    had = THEIRS | {"vcard.DAT": b"25 cards"}
    files = tuple(BackedFile(name, len(data), sha(data)) for name, data in had.items())
    aside = replace(
        manifest(stage="moving", files=files, stamp="x", place=f"{BACKUPS}/x"),
        own=False, reason="rollback", towards=STAMP, joined=(),
    )  # fmt: skip
    pair.keep(aside, {"vcard.DAT": b"25 torn cards"})
    asked = await asked_of(pair)
    assert (asked.consent, "vcard.DAT" in asked.takes[1]) == (damaged_files.CONSENT, True)
    done = await rolled_back(pair)
    assert f"second: its own accounts are back: {GUEST}" in done.evidence
    kept = disk.manifests()["x"]
    assert (kept.stage, kept.changed) == ("rolled-back", ("vcard.DAT",))
    assert disk.inside(f"{BACKUPS}/x/database")["vcard.DAT"] == b"25 torn cards"


async def test_an_ejabberd_that_does_not_start_on_such_files_leaves_a_way_on(
    pair: DiskPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_: object) -> None:
        raise StepFailed("ejabberd does not start")

    disk = pair.second.disk
    pair.keep(manifest(files=FILES), DAMAGED)
    monkeypatch.setattr(guarded_start, "start", fails)
    with pytest.raises(StepFailed, match=r"vcard\.DAT.*--accept files-not-there"):
        await rolled_back(pair)
    assert disk.manifests()[STAMP].stage == "restoring"
    monkeypatch.undo()
    disk.files[f"{PLACE}/vcard.DAT"] = disk.files.pop(f"{PLACE}/database/vcard.DAT")
    person = Person()
    await rolled_back(pair, person)
    assert [each.consent for each in person.questions] == [lost_files.CONSENT, ""]
    assert "vcard.DAT" not in disk.inside(SPOOL)


async def test_accounts_of_a_file_that_cannot_be_opened_are_named(pair: DiskPair) -> None:
    """The list of accounts is corrected, so that none is missed after the rollback."""
    probe, read = pair.second.probe, pair.second.probe.answers["kept_file"]

    def unreadable(*_: Any) -> Any:
        raise ProbeError("unreadable", "passwd.DAT cannot be read (damaged)")

    probe.answers["kept_file"] = lambda _, name: (
        unreadable() if name == "passwd.DAT" else read(_, name)
    )
    probe.answers["kept_content"] = unreadable
    pair.keep(manifest(), OWN | {"passwd.DAT": b"torn"})
    probe.has = ()
    person = Person()
    await rolled_back(pair, person)
    words = [each.consent for each in person.questions]
    assert words == [damaged_files.CONSENT, account_list.CONSENT, ""]
    assert GUEST in person.questions[1].takes[0]


async def test_files_of_another_user_are_named_with_what_gives_them_back(pair: DiskPair) -> None:
    """As after a copy by root: nothing is lost, and nothing can be read."""
    probe, read, listed = (
        pair.second.probe,
        pair.second.probe._checksum,
        pair.second.probe._list_dir,
    )
    roots = {f"{PLACE}/database/vcard.DAT"}

    def checksum(paths: list[str]) -> Any:
        if closed := roots & set(paths):
            raise ProbeError("eacces", f"{closed.pop()}: permission denied", "checksum")
        return read(paths)

    def owned(place: str) -> Any:
        owners = {path.rpartition("/")[2]: "root" for path in roots}
        return [each | {"owner": owners.get(each["name"], "ejabberd")} for each in listed(place)]

    probe.answers |= {"checksum": checksum, "list_dir": owned}
    pair.keep(manifest(files=FILES), HAD)
    with pytest.raises(BackupError) as refused:
        await rolled_back(pair)
    assert untouched(pair)
    text = str(refused.value)
    assert "vcard.DAT is root's; nothing was changed" in text
    assert f"`find {PLACE}/database -type f -links 1 -exec chown -h ejabberd {{}} +`" in text
    assert "eacces" not in text
    assert "roster.DCD" not in text
    with pytest.raises(BackupError, match=r"vcard\.DAT is root's"):
        await database_move.check(pair.second, manifest(files=FILES))  # type: ignore[arg-type]
    roots.clear()
    await rolled_back(pair)


def test_the_files_as_first_noted_are_in_the_manifest_s_line() -> None:
    kept = manifest(noted=FILES)
    assert Manifest.from_line(kept.to_line()).noted == FILES
