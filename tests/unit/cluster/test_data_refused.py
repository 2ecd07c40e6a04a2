"""What would harm second's data is refused, and what brings it back is really done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.backups import folders, guarded_start, inventory, listing, restart_loop
from ejtui.cluster.backups.choice import choose_from
from ejtui.cluster.backups.files import custom_file
from ejtui.cluster.backups.inventory import Backup
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.rollback.present import Present, _in_the_way
from ejtui.cluster.backups.rollback.rollback import _refuse_unreached
from ejtui.cluster.backups.tables import table_check
from ejtui.cluster.backups.tables.table_counts import Lost
from ejtui.cluster.errors import BackupError, StepFailed
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.facts.table_count import TableCount
from ejtui.cluster.run.events import Event, Finished, StepEnded
from ejtui.cluster.run.locked_run import finish
from ejtui.erlang.shell.errors import ShellEnded
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
from tests.unit.cluster.disk_pairs import context_of, joined_pair

SCHEMA = b"roster: {}"
PLACE = f"{BACKUPS}/{STAMP}"


@pytest.fixture
def pair(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    return joined_pair(story, tmp_path, monkeypatch)


def backup(of: Manifest | None = None, *, name: str = "", **changes: Any) -> Backup:
    """One of the list, by its manifest."""
    made = of or manifest()
    found = Backup(
        name=name or made.stamp, node="second", on_second=True, path=made.place, folder=made.stamp,
        created=made.created, reason=made.reason, stage=made.stage, size=30, files=3,
        uses=("rollback", "bring-over"), manifest=made,
    )  # fmt: skip
    return replace(found, **changes)


@pytest.mark.parametrize("without_first", [False, True])
def test_no_rollback_without_a_host_that_it_needs(story: Story, without_first: bool) -> None:
    facts = story.joined()
    gone = {host: NodeFacts.unreachable(host, "no route") for host in ("first", "second")}
    with pytest.raises(StepFailed, match="second must be reached"):
        _refuse_unreached(PairFacts(facts.first, gone["second"]), without_first)
    if without_first:
        _refuse_unreached(PairFacts(gone["first"], facts.second), without_first)
    else:
        with pytest.raises(StepFailed, match=r"first must be reached .*--without-first"):
            _refuse_unreached(PairFacts(gone["first"], facts.second), without_first)


def test_what_a_backup_lacks_is_not_taken_out_of_the_way() -> None:
    """The rest of a backup that is being filled stays where it is; another database goes whole."""
    own = list(manifest().files)
    other = replace(own[0], name="roster.DAT", sha256="ff")
    there = [*own, other]
    assert _in_the_way(manifest(stage="moving"), Present("own"), there) == [other]
    assert _in_the_way(manifest(), Present("own"), there) == there
    assert _in_the_way(manifest(), Present("own"), own) == []
    assert _in_the_way(manifest(stage="begun"), Present("own"), there) == []


def test_which_backups_are_offered_first() -> None:
    used = backup(manifest(stage="rolled-back", stamp="20250101T000000Z"))
    aside = backup(manifest(reason="rollback", stamp="20250102T000000Z"))
    restored = backup(manifest(reason="rollback", stage="restored", stamp="20250103T000000Z"))
    fresh = backup()
    found = choose_from([fresh, restored, aside, used])
    assert (found.fresh, found.others) == ((restored,), (fresh, aside, used))
    moving = backup(manifest(stage="moving", stamp="20250104T000000Z"))
    found = choose_from([fresh, moving, used])
    assert (found.fresh, found.others) == ((moving,), (fresh, used))
    kept = backup(uses=("bring-over",))
    assert choose_from([kept]).all == ()


async def test_the_backup_to_go_on_with_is_not_one_that_was_used(pair: DiskPair) -> None:
    assert (await listing.find(pair, None)).stamp == STAMP  # type: ignore[arg-type]
    assert (await listing.find(pair, f"{PLACE}/")).stamp == STAMP  # type: ignore[arg-type]
    pair.keep(manifest(stage="rolled-back"))
    assert (await listing.find(pair, STAMP)).stamp == STAMP  # type: ignore[arg-type]
    with pytest.raises(BackupError, match=f"no backup of a join to roll back .*{STAMP}"):
        await listing.find(pair, None)  # type: ignore[arg-type]
    with pytest.raises(BackupError, match="there is no backup nowhere"):
        await listing.find(pair, "nowhere")  # type: ignore[arg-type]


async def test_accounts_are_read_where_nobody_noted_them(pair: DiskPair) -> None:
    probe = pair.second.probe
    probe.answers["kept_content"] = lambda *_: {
        "accounts": account_text(GUEST), "tables": {}, "doubts": [],
    }  # fmt: skip
    read = await inventory._with_accounts(pair, backup())  # type: ignore[arg-type]
    assert read.accounts == (GUEST,)
    for known in (
        backup(accounts=()),
        backup(on_second=False),
        backup(uses=("rollback",)),
        backup(size=inventory.MOST_READ + 1),
    ):
        assert await inventory._with_accounts(pair, known) == known  # type: ignore[arg-type]
    assert probe.names().count("kept_content") == 1


def test_a_directory_of_no_day_that_there_is_has_no_date() -> None:
    """The service user can make one, and every command would end there."""
    assert inventory._created("20261399T999999Z", "") == ""
    assert inventory._created("20261129T102030Z-2-config", "") == "2026-11-29T10:20:30+00:00"


async def test_a_directory_of_backups_is_made_by_the_service_user(
    pair: DiskPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, str | None]] = []

    async def run(argv: list[str], *, user: str | None = None, **_: Any) -> None:
        ran.append((argv[-1], user))

    monkeypatch.setattr(pair.second.host, "run", run)
    await folders.make(pair.second, PLACE)  # type: ignore[arg-type]
    assert ran[-1] == (PLACE, pair.second.platform.service_user)


async def test_an_own_schema_file_comes_back_or_its_lack_is_a_failure(pair: DiskPair) -> None:
    kept, disk = manifest(custom_schema=sha(SCHEMA)), pair.second.disk
    disk.put(PLACE, {"ejabberd.schema": SCHEMA})
    disk.put(SPOOL, {"ejabberd.schema": b"another"})
    [line] = await custom_file.put_back(context_of(pair), kept)
    assert "is back" in line
    assert disk.inside(SPOOL)["ejabberd.schema"] == SCHEMA
    [folder] = [name for name in disk.below(PLACE) if name.startswith("joined-")]
    assert disk.inside(f"{PLACE}/{folder}") == {"ejabberd.schema": b"another"}
    [line] = await custom_file.put_back(context_of(pair), kept)
    assert "is as it was" in line

    del disk.files[f"{SPOOL}/ejabberd.schema"]
    pair.second.probe.answers["restore_files"] = lambda *_: []
    with pytest.raises(StepFailed, match="not as it was kept"):
        await custom_file.put_back(context_of(pair), kept)


async def test_an_own_schema_file_is_set_aside_and_noted_before(pair: DiskPair) -> None:
    disk, context = pair.second.disk, context_of(pair)
    pair.keep(manifest(stage="begun", finished=False))
    assert await custom_file.set_aside(context, given=False) == ""
    disk.put(SPOOL, {"ejabberd.schema": SCHEMA})
    disk.done.clear()
    assert await custom_file.set_aside(context, given=False) == PLACE
    assert disk.inside(PLACE)["ejabberd.schema"] == SCHEMA
    assert "ejabberd.schema" not in disk.inside(SPOOL)
    assert [what for what, _ in disk.done] == ["write", "move"]
    noted = disk.manifests()[STAMP]
    assert (noted.custom_schema, noted.custom_given) == (sha(SCHEMA), False)

    disk.put(SPOOL, {"ejabberd.schema": b"first's"})
    place = await custom_file.set_aside(context, given=True)
    assert place.startswith(f"{PLACE}/joined-")
    assert disk.inside(PLACE)["ejabberd.schema"] == SCHEMA, "the first one is second's own"
    assert disk.inside(place)["ejabberd.schema"] == b"first's"
    noted = disk.manifests()[STAMP]
    assert (noted.custom_schema, noted.custom_given) == (sha(SCHEMA), True)


@pytest.mark.parametrize("started", [True, False])
async def test_setting_a_schema_file_aside_starts_no_join(pair: DiskPair, started: bool) -> None:
    """What a repair kept alone is no join to go on with; one that had started still is."""
    disk = pair.second.disk
    pair.keep(manifest(stage="begun", finished=not started))
    disk.put(SPOOL, {"ejabberd.schema": SCHEMA})
    await custom_file.set_aside(context_of(pair), given=False)
    noted = disk.manifests()[STAMP]
    assert (noted.custom_schema, noted.finished) == (sha(SCHEMA), not started)


@pytest.fixture
def empty(pair: DiskPair, story: Story) -> DiskPair:
    """Something started ejabberd on second's emptied directory in the middle of a join."""
    pair.world.facts = replace(
        story.second_is(story.cleaned(), started="ejabberd", vm="up", ejabberd=True, accounts=0)
    )
    pair.keep(manifest(finished=False))
    return pair


@pytest.mark.parametrize("was_running", [True, False])
async def test_where_ejabberd_came_up_empty_second_gets_its_own_database(
    empty: DiskPair, monkeypatch: pytest.MonkeyPatch, was_running: bool
) -> None:
    assert restart_loop.came_up_empty(empty.facts)
    done: list[str] = []

    async def put_back(*_: Any) -> None:
        done.append("restored")

    async def start(*_: Any) -> None:
        done.append("started")

    async def refresh() -> PairFacts:
        done.append("looked")
        return empty.facts

    monkeypatch.setattr(restart_loop, "put_back", put_back)
    monkeypatch.setattr(guarded_start, "start", start)
    empty.keep(manifest(finished=False, was_running=was_running))
    context = context_of(empty)
    monkeypatch.setattr(context, "refresh", refresh)
    await restart_loop.restore_own(context)
    assert done == ["restored", *(["started"] if was_running else []), "looked"]


async def test_an_ejabberd_that_serves_accounts_is_no_empty_one(empty: DiskPair) -> None:
    empty.world.change("second", accounts=1)
    context = context_of(empty)
    await restart_loop.restore_own(context)
    assert not empty.second.disk.done


async def test_tables_of_first_that_lost_records_stop_it_once_and_are_asked_about_then(
    pair: DiskPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Lost("roster", 100, 0, "Mnesia made it again")
    kept = manifest(finished=False, counts=(TableCount("roster", 100, "c"),))
    context = context_of(pair)
    with pytest.raises(StepFailed, match=r"roster: 100 records .*--accept") as refused:
        await table_check._accepted(context, kept, [lost])
    assert [each.code for each in refused.value.findings] == ["records-lost"]
    assert pair.second.disk.manifests()[STAMP].loss_named
    await table_check._accepted(context, replace(kept, loss_named=True), [lost])
    with pytest.raises(StepFailed, match="roster"):
        await table_check._accepted(context, None, [lost])


def test_what_is_done_is_reported_with_its_evidence(pair: DiskPair) -> None:
    events: list[Event] = []
    context = context_of(pair)
    context._emit = events.append
    finish(context, "it is done", ["seen"])
    [ended] = [event for event in events if isinstance(event, StepEnded)]
    assert (ended.state, ended.detail, ended.evidence) == ("done", "it is done", ("seen",))
    assert events[-1] == Finished(True)


def test_what_runs_beside_a_join_is_an_ejabberd_that_is_no_member(story: Story) -> None:
    cleaned = story.cleaned()
    assert restart_loop.stray(story.second_is(cleaned, started="ejabberd", vm="up"))
    assert not restart_loop.stray(story.second_is(cleaned, started="ejabberd", vm="down"))
    assert not restart_loop.stray(story.second_is(cleaned, started="mnesia", vm="up"))


@pytest.mark.parametrize("stage", ["moving", "moved", "begun", "rolled-back"])
async def test_a_join_stops_where_an_ejabberd_runs_on_the_emptied_directory(
    empty: DiskPair, monkeypatch: pytest.MonkeyPatch, stage: Any
) -> None:
    """Where second's own database is in a backup, that is."""
    named: list[str] = []

    async def failure(_context: Any, kept: Manifest, why: str = "") -> StepFailed:
        named.append(kept.stamp + why)
        return StepFailed("something restarts it")

    monkeypatch.setattr(restart_loop, "failure", failure)
    empty.keep(manifest(finished=False, stage=stage))
    context = context_of(empty)
    if stage in ("moving", "moved"):
        with pytest.raises(StepFailed, match="something restarts it"):
            await restart_loop.refuse_stray(context)
        assert named == [STAMP]
        empty.keep(manifest(finished=False, stage=stage, reason="rollback"))
    await restart_loop.refuse_stray(context)
    assert named in ([], [STAMP])
    empty.world.stopped("second")
    empty.keep(manifest(finished=False))
    await restart_loop.refuse_stray(context_of(empty))


@pytest.mark.parametrize("held", [True, False])
async def test_second_s_own_database_comes_back_while_nothing_can_start(
    empty: DiskPair, monkeypatch: pytest.MonkeyPatch, held: bool
) -> None:
    @asynccontextmanager
    async def keep_down(*_: Any) -> AsyncIterator[bool]:
        yield held

    monkeypatch.setattr(restart_loop, "keep_down", keep_down)
    disk = empty.second.disk
    kept = manifest(finished=False)
    empty.keep(kept)
    if not held:
        with pytest.raises(BackupError, match="cannot be held"):
            await restart_loop.put_back(context_of(empty), kept)
        assert not disk.done
        return
    await restart_loop.put_back(context_of(empty), kept)
    assert {name: disk.inside(SPOOL).get(name) for name in OWN} == OWN
    noted = disk.manifests()[STAMP]
    assert (noted.stage, noted.files) == ("begun", ())
    assert disk.inside(f"{PLACE}/{noted.between[0]}") == THEIRS


async def test_an_erl_shell_that_is_not_there_has_ended(pair: DiskPair) -> None:
    """Ejabberd ran on second when the step began, and has gone since: a reason, no mistake."""
    pair.shell = None
    with pytest.raises(ShellEnded, match="mnesia:info"):
        await context_of(pair).type("mnesia:info().")
