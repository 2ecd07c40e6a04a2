"""What a rollback keeps: the backup is read before, the copies after, and all that stood there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.backups import guarded_start, store
from ejtui.cluster.backups.manifest import BackedFile
from ejtui.cluster.backups.rollback import account_list, lost_files, restore, rollback
from ejtui.cluster.errors import BackupError, Refused, StepFailed
from ejtui.cluster.operations import accounts
from ejtui.cluster.operations.membership import forget
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.run.events import Event, Finished
from ejtui.cluster.run.locked_run import locked
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.terms.etf import Atom
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


async def rolled_back(pair: DiskPair, person: Person | None = None, **how: Any) -> Any:
    return await rollback.rollback(pair, None, person or Person(), lambda _: None, **how)  # type: ignore[arg-type]


def untouched(pair: DiskPair) -> bool:
    disk = pair.second.disk
    return disk.inside(SPOOL) == THEIRS and not disk.done


async def test_a_rollback_brings_back_every_byte_and_keeps_what_was_there(pair: DiskPair) -> None:
    person = Person()
    done = await rolled_back(pair, person)
    disk = pair.second.disk
    assert {n: d for n, d in disk.inside(SPOOL).items() if n in OWN} == OWN
    assert disk.inside(f"{PLACE}/database") == OWN, "the backup itself stays"
    assert disk.inside(done.set_aside.database) == THEIRS
    assert pair.second.facts.ejabberd
    kept = disk.manifests()
    assert (kept[STAMP].stage, bool(kept[STAMP].used)) == ("rolled-back", True)
    assert kept[done.set_aside.stamp].stage == "rolled-back"
    assert not kept[done.set_aside.stamp].own, "it is a copy of the cluster's"
    assert len(person.questions) == 1
    assert pair.first.facts.db_nodes == ("ejabberd@first",)
    for node in (pair.first, pair.second):
        assert (node.probe.names().count("lock"), node.probe.names().count("unlock")) == (1, 1)


async def test_manifests_are_written_before_what_they_tell_of(pair: DiskPair) -> None:
    done = await rolled_back(pair)
    acts = pair.second.disk.done
    aside = done.set_aside.place
    noted = acts.index(("write", f"{aside}/manifest.json"))
    restoring = acts.index(("write", f"{PLACE}/manifest.json"))
    moved = next(i for i, act in enumerate(acts) if act[0] == "move")
    copies = [path for what, path in acts if what == "copy"]
    assert noted < restoring < moved
    assert copies[-1] == f"{SPOOL}/schema.DAT", "without it no Mnesia takes them for a database"


@pytest.mark.parametrize("how", ["with another schema", "without its schema"])
async def test_a_backup_that_is_not_what_it_was_is_not_rolled_back_to(
    pair: DiskPair, how: str
) -> None:
    disk, path = pair.second.disk, f"{PLACE}/database/passwd.DAT"
    schema = f"{PLACE}/database/schema.DAT"
    if how == "without its schema":
        del disk.files[path], disk.files[schema]
    else:
        disk.files[path], disk.files[schema] = b"quest", b"another schema"
        pair.keep(manifest(schema_cookie="own"), disk.inside(f"{PLACE}/database"))
    person = Person()
    other = replace(manifest(), stamp="20260102T000000Z", place=f"{BACKUPS}/20260102T000000Z")
    pair.keep(replace(other, stage="rolled-back", used="2026-01-03"))
    with pytest.raises(BackupError, match=r"passwd\.DAT") as refused:
        await rolled_back(pair, person)
    assert "`ejtui rollback 20260102T000000Z`" in str(refused.value)
    assert "ejtui join" not in str(refused.value)
    assert untouched(pair)
    assert person.questions == []
    assert pair.second.probe.names()[-1] == "unlock"


async def test_a_no_changes_nothing(pair: DiskPair) -> None:
    with pytest.raises(Refused):
        await rolled_back(pair, Person(yes=False))
    assert untouched(pair)
    assert pair.second.facts.ejabberd
    assert pair.second.probe.names()[-1] == "unlock"


async def test_a_copy_that_went_wrong_is_seen_and_nothing_starts(pair: DiskPair) -> None:
    disk = pair.second.disk

    def badly(_source: str, to: str, names: list[tuple[str, str]]) -> list[str]:
        disk.put(to, {name: b"torn" for name, _ in names})
        return [name for name, _ in names]

    pair.second.probe.answers["restore_files"] = badly
    with pytest.raises(BackupError, match="after the copy"):
        await rolled_back(pair)
    assert not pair.second.facts.ejabberd
    assert disk.manifests()[STAMP].stage == "restoring"
    assert disk.inside(f"{PLACE}/database") == OWN
    with pytest.raises(StepFailed, match="ejabberd is not started"):
        await guarded_start.start(pair.second)  # type: ignore[arg-type]
    del pair.second.probe.answers["restore_files"]
    await rolled_back(pair)
    assert {n: d for n, d in disk.inside(SPOOL).items() if n in OWN} == OWN


async def test_accounts_that_are_missing_after_it_are_a_failure(pair: DiskPair) -> None:
    """Not one for ever: the next rollback to it restores it whole."""
    pair.second.probe.has = ()
    with pytest.raises(StepFailed, match=f"missing: {GUEST}.*`ejtui rollback {STAMP}` restores"):
        await rolled_back(pair)
    assert pair.second.disk.manifests()[STAMP].stage == "rolled-back"
    pair.second.probe.has = (GUEST,)
    asks = Person()
    done = await rollback.rollback(pair, STAMP, asks, lambda _: None)  # type: ignore[arg-type]
    assert f"second: its own accounts are back: {GUEST}" in done.evidence


async def test_a_list_with_accounts_that_the_database_never_had_wants_a_word(
    pair: DiskPair,
) -> None:
    pair.keep(manifest(accounts=("ghost@x", GUEST)))
    other = replace(manifest(), stamp="20260102T000000Z", place=f"{BACKUPS}/20260102T000000Z")
    pair.keep(replace(other, stage="rolled-back", used="2026-01-03"))
    no = Person(yes=False)
    with pytest.raises(Refused):
        await rolled_back(pair, no)
    assert untouched(pair)
    [asked] = no.questions
    assert (asked.consent, "ghost@x" in asked.takes[0]) == (account_list.CONSENT, True)
    assert f"{PLACE}/manifest.json" in asked.takes[0]
    assert "`ejtui rollback 20260102T000000Z`" in asked.takes[-1]
    done = await rolled_back(pair)
    assert f"second: its own accounts are back: {GUEST}" in done.evidence
    assert pair.second.disk.manifests()[STAMP].accounts == (GUEST,)


@pytest.mark.parametrize("stage", ["moved", "moving"])
async def test_a_backup_without_a_file_comes_back_with_a_word(pair: DiskPair, stage: str) -> None:
    disk, had = pair.second.disk, OWN | {"vcard.DAT": b"a card"}
    files = tuple(BackedFile(name, len(data), sha(data)) for name, data in had.items())
    own = manifest(files=files, stage=stage)
    pair.keep(own, OWN)
    no = Person(yes=False)
    with pytest.raises(Refused):
        await rolled_back(pair, no)
    [asked] = no.questions
    assert (asked.consent, "vcard.DAT" in asked.takes[0]) == (lost_files.CONSENT, True)
    assert disk.manifests()[STAMP] == own
    assert untouched(pair)
    await rolled_back(pair)
    assert {n: d for n, d in disk.inside(SPOOL).items() if n in had} == OWN
    kept = disk.manifests()[STAMP]
    assert (kept.stage, kept.changed) == ("rolled-back", ("vcard.DAT",))


async def test_files_that_were_lost_on_their_way_aside_want_a_word(pair: DiskPair) -> None:
    """They are nowhere: second's own database comes back all the same."""
    disk = pair.second.disk
    lost, moved, had = "passwd.DAT", "vcard.DAT", THEIRS | {"vcard.DAT": b"25 cards"}
    files = tuple(BackedFile(name, len(data), sha(data)) for name, data in had.items())
    aside = replace(
        manifest(stage="moving", files=files, stamp="x", place=f"{BACKUPS}/x"),
        own=False, reason="rollback", towards=STAMP, joined=(),
    )  # fmt: skip
    pair.keep(aside, {moved: had[moved]})
    del disk.files[f"{SPOOL}/{lost}"]
    no = Person(yes=False)
    with pytest.raises(Refused):
        await rolled_back(pair, no)
    [asked] = no.questions
    assert (asked.consent, lost in asked.takes[0]) == (lost_files.CONSENT, True)
    assert disk.manifests()["x"] == aside
    done = await rolled_back(pair)
    assert f"second: its own accounts are back: {GUEST}" in done.evidence
    kept = disk.manifests()["x"]
    assert (kept.stage, kept.changed) == ("rolled-back", (lost,))
    assert {file.name for file in kept.files} == {moved, "schema.DAT"}


async def test_accounts_that_ejabberd_does_not_list_are_looked_for_in_the_database(
    pair: DiskPair,
) -> None:
    pair.second.probe.has, pair.second.probe.stored = (), (GUEST,)
    text = "\n".join((await rolled_back(pair)).evidence)
    assert f"does not serve their host now: {GUEST}" in text
    assert pair.second.disk.manifests()[STAMP].stage == "rolled-back"


async def test_accounts_kept_elsewhere_by_now_are_no_failure(pair: DiskPair) -> None:
    pair.keep(manifest(accounts=(GUEST, "in-sql@x")))
    probe = pair.second.probe
    probe.answers["accounts_elsewhere"] = lambda *_: True
    probe.has, probe.stored = ("somebody@x",), (GUEST, "late@x")
    text = "\n".join((await rolled_back(pair)).evidence)
    assert f"in its database again: {GUEST}" in text
    assert "by auth_method" in text
    assert "not looked for there: in-sql@x" in text
    assert "new since the backup, and kept: late@x" in text
    assert "somebody" not in text


@pytest.mark.parametrize("question", ["accounts", "accounts_elsewhere", "stored_accounts"])
async def test_accounts_that_cannot_be_read_are_no_failure(pair: DiskPair, question: str) -> None:
    def failing(*_: Any) -> Any:
        raise ProbeError("rpc", "the SQL server does not answer")

    pair.second.probe.has = ()
    pair.second.probe.answers[question] = failing
    text = "\n".join((await rolled_back(pair)).evidence)
    assert "could not be read: " in text
    assert "the SQL server does not answer" in text
    assert pair.second.disk.manifests()[STAMP].stage == "rolled-back"


async def test_accounts_too_many_for_a_manifest_are_compared_with_the_database(
    pair: DiskPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_WRITTEN", 100)
    await store.save(pair, manifest())  # type: ignore[arg-type]
    kept = pair.second.disk.manifests()[STAMP]
    assert (kept.accounts, kept.account_count) == (None, 1)
    probe, person = pair.second.probe, Person()
    content = {"accounts": account_text(GUEST, "gone@x"), "tables": {}, "doubts": []}
    probe.answers["kept_content"] = lambda *_: content
    with pytest.raises(StepFailed, match="missing: gone@x"):
        await rolled_back(pair, person)
    assert any("with 1 account" in line for line in person.questions[0].takes)
    assert ("kept_content", ((Atom("directory"), f"{PLACE}/database"),)) in probe.asked


def keeps(pair: DiskPair, files: dict[str, bytes]) -> None:
    """The backup's manifest has the checksums of what was kept; its directory has these files."""
    kept = {"config": sha(b"own"), "custom_schema": sha(b"own"), "cookie": "b2b2b2"}
    pair.keep(manifest(**kept))
    pair.second.disk.put(PLACE, files)


KEPT = {"ejabberd.yml": b"own", "ejabberd.schema": b"own", "erlang.cookie": b"kept"}


@pytest.mark.parametrize("name", KEPT)
async def test_a_kept_file_that_was_changed_stops_it_before_anything_is_done(
    pair: DiskPair, name: str
) -> None:
    keeps(pair, KEPT | {name: b"x" * 5000})
    with pytest.raises(BackupError, match=f"{name} on lyon is not as it was kept") as refused:
        await rolled_back(pair)
    assert "or remove that one" in str(refused.value)
    assert untouched(pair)


async def test_a_kept_file_that_was_removed_is_left_out(pair: DiskPair) -> None:
    keeps(pair, {})
    pair.second.disk.put("/etc/ejabberd", {"ejabberd.yml": b"joined"})
    done = await rolled_back(pair)
    text = "\n".join(done.evidence)
    for name in KEPT:
        assert f"{PLACE}/{name} is not there any more" in text
    assert pair.second.facts.ejabberd


@pytest.mark.parametrize(
    ("files", "advice"), [(KEPT, f"cp {PLACE}/ejabberd.yml /etc"), ({}, "put it at /etc")]
)
async def test_a_present_file_that_is_gone_is_named_before_anything_is_done(
    pair: DiskPair, files: dict[str, bytes], advice: str
) -> None:
    keeps(pair, files)
    with pytest.raises(BackupError, match="nothing was changed") as refused:
        await rolled_back(pair)
    assert advice in str(refused.value)
    assert untouched(pair)


@pytest.mark.parametrize("room", [{"free": 3, "files": None}, {"free": 10**12, "files": 1}])
async def test_what_does_not_fit_is_refused_before_anything_is_done(
    pair: DiskPair, room: dict[str, Any]
) -> None:
    pair.second.probe.answers["room"] = lambda _: {**room, "mount": "/", "memory": False}
    with pytest.raises(
        BackupError, match=f"Make room there, then `ejtui rollback {STAMP}` goes on"
    ):
        await rolled_back(pair)
    assert untouched(pair)


async def test_a_table_that_lives_on_second_alone_stops_it(pair: DiskPair) -> None:
    first = pair.world.now("first")
    lonely = replace(
        first.tables[0], disc_copies=(), ram_copies=(), disc_only_copies=("ejabberd@second",)
    )
    pair.world.change("first", tables=(lonely, *first.tables[1:]))
    with pytest.raises(StepFailed, match="alone"):
        await rolled_back(pair)
    assert untouched(pair)


async def test_a_copy_of_the_cluster_s_database_is_not_second_s_own(pair: DiskPair) -> None:
    pair.keep(manifest(own=False))
    with pytest.raises(BackupError, match="bring-over"):
        await rollback.rollback(pair, STAMP, Person(), lambda _: None)  # type: ignore[arg-type]
    assert untouched(pair)


async def test_a_cookie_that_did_not_come_back_is_a_failure(pair: DiskPair) -> None:
    kept = manifest(cookie="b2b2b2")
    pair.second.disk.put(kept.place, {"erlang.cookie": b"kept"})
    with pytest.raises(StepFailed, match="not b2b2b2 as it was"):
        await restore.cookie(context_of(pair), kept)
    assert "copy_secret" in pair.second.probe.names()


async def test_a_lock_of_the_run_around_it_is_not_given_back(pair: DiskPair) -> None:
    lock = PairLock(pair)  # type: ignore[arg-type]
    await lock.take("join")
    async with locked(context_of(pair), lock):
        assert lock.held
    assert lock.held
    assert "unlock" not in pair.first.probe.names()
    with pytest.raises(ValueError, match="broken"):
        async with locked(context_of(pair), lock):
            raise ValueError("broken")
    assert lock.held
    await lock.release()
    async with locked(context_of(pair), lock):
        assert lock.held
    assert not lock.held
    assert pair.first.probe.names()[-1] == "unlock"


async def test_a_locked_run_that_fails_is_reported_and_raised(pair: DiskPair) -> None:
    events: list[Event] = []
    context = context_of(pair)
    context._emit = events.append
    with pytest.raises(ValueError, match="broken"):
        async with locked(context, PairLock(pair)):  # type: ignore[arg-type]
            raise ValueError("broken")
    assert events[-1] == Finished(False)
    assert pair.second.probe.names()[-1] == "unlock"


async def test_accounts_of_second_alone_are_those_that_first_does_not_have(pair: DiskPair) -> None:
    pair.first.probe.has = ("ann@chat.example",)
    both = [("ann", "chat.example"), ("guest", "chat.example")]
    assert await accounts.find_only_on_second(pair, both) == [("guest", "chat.example")]  # type: ignore[arg-type]


async def test_a_first_that_does_not_run_has_not_forgotten_second(pair: DiskPair) -> None:
    pair.second.world.stopped("first")
    with pytest.raises(StepFailed, match=r"does not run.*not-connected --node first"):
        await forget(context_of(pair), pair.second.facts.node)
    assert "change" not in pair.first.probe.names()
