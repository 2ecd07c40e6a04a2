"""Which backup is gone on with, what a manifest may contain, and what a half-done join is."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.backups import (
    broken_rollback,
    database_move,
    elsewhere,
    folders,
    former_first,
    half_moved,
    listing,
    standing_database,
)
from ejtui.cluster.backups.listing import Listing, Problem
from ejtui.cluster.backups.manifest import (
    BackedFile,
    FirstBackup,
    Manifest,
    Stage,
)
from ejtui.cluster.backups.manifest_rules import is_mnesia_file, refuse_unfit
from ejtui.cluster.diagnosis.diagnose import findings
from ejtui.cluster.errors import BackupError, StepFailed
from ejtui.cluster.facts.details import SpoolFacts, SpoolFile
from ejtui.cluster.facts.examination import Examined
from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.facts.settings import Administration
from ejtui.cluster.facts.table_count import TableCount
from ejtui.cluster.join.check import undoes_join
from ejtui.cluster.join.checklist import derive
from ejtui.cluster.join.half_done import find_half_done
from ejtui.cluster.pair.storage_choices import Choices

SPOOL = "/var/lib/ejabberd"
ROOT = f"{SPOOL}/ejtui-backups"
FILES = (BackedFile("LATEST.LOG", 5, "a" * 64), BackedFile("schema.DAT", 10, "b" * 64))
MANIFEST = Manifest(
    stamp="20260101T000000Z",
    first="ejabberd@first",
    second="ejabberd@second",
    stage="moved",
    directory=SPOOL,
    place=f"{ROOT}/20260101T000000Z",
    created="2026-01-01T00:00:00+00:00",
    by="op@here",
    was_running=True,
    accounts=("guest@chat.example",),
    files=FILES,
    first_backup=FirstBackup(f"{ROOT}/20260101T000000Z/first.BUP", 5, "c" * 64, 3, 4),
    number=3,
    finished=False,
)


class Answers:
    """A probe that has one answer to `backups`."""

    def __init__(self, *backups: tuple[str, Manifest | bytes, dict[str, int]]) -> None:
        self.backups = [
            (name, (held if isinstance(held, bytes) else held.to_line()).decode(), [*sizes.items()])
            for name, held, sizes in backups
        ]
        self.asked: list[Any] = []

    async def ask(self, name: str, *arguments: Any, **_: Any) -> Any:
        self.asked.append((name, *arguments))
        empty = len(self.asked) > 1
        return {"backups": [] if empty else self.backups, "problems": []}


def a_node(probe: Answers, **platform: str) -> Any:
    values = {"home": SPOOL, "spool_dir": SPOOL, "backup_dir": "", "node": "ejabberd@second"}
    known = SimpleNamespace(**(values | platform))
    moved: list[str] = []

    async def use_directory(path: str) -> None:
        moved.append(path)

    return SimpleNamespace(
        name="second", probe=probe, platform=known, facts=NodeFacts("second", error="not asked"),
        use_directory=use_directory, moved=moved,
    )  # fmt: skip


WITH_SCHEMA = SpoolFacts(exists=True, files=(SpoolFile("schema.DAT", 10, True),))
WHOLE = {"LATEST.LOG": 5, "schema.DAT": 10}


async def test_paths_come_from_where_a_manifest_lies() -> None:
    forged = replace(
        MANIFEST, stamp="../../x", place="/etc", directory="/root", by="op\x1b[2J@here"
    )
    there = await listing.read(a_node(Answers(("20260102T000000Z", forged, WHOLE))))
    [found] = there.backups
    assert found.place == f"{ROOT}/20260102T000000Z"
    assert found.database == f"{ROOT}/20260102T000000Z/database"
    assert (found.stamp, found.directory) == ("20260102T000000Z", SPOOL)
    assert found.by == "op\\x1b[2J@here"


@pytest.mark.parametrize(
    ("noted", "spool", "believed"),
    [
        ("/db/ejabberd@second", "/db", "/db/ejabberd@second"),
        ("/db", "/db/ejabberd@second", "/db"),
        ("/db/other", "/db", "/db"),
        ("/etc", "/db", "/db"),
    ],
)
async def test_the_directory_is_the_node_s_own(noted: str, spool: str, believed: str) -> None:
    held = replace(MANIFEST, directory=noted)
    node = a_node(Answers(("20260102T000000Z", held, WHOLE)), spool_dir=spool)
    assert (await listing.read(node)).backups[0].directory == believed


async def test_first_s_backup_lies_below_first_s_root() -> None:
    forged = replace(MANIFEST, first_backup=replace(MANIFEST.first_backup, path="/etc/x/first.BUP"))  # type: ignore[type-var]
    node = a_node(Answers(("20260102T000000Z", forged, WHOLE)))
    first = SimpleNamespace(home="/h", spool_dir="/h", backup_dir="", node="ejabberd@first")
    pair: Any = SimpleNamespace(first=SimpleNamespace(known_platform=first), second=node)
    [found] = await listing.load(pair)
    assert found.first_backup is not None
    assert found.first_backup.path == "/h/ejtui-backups/x/first.BUP"


@pytest.mark.parametrize(
    "change",
    [
        {"files": (BackedFile("../x.DAT", 1, "a" * 64),)},
        {"files": (BackedFile(".erlang.cookie", 1, "a" * 64),)},
        {"files": (BackedFile("x.DAT", 1, "not one"),)},
        {"files": (BackedFile("x.DAT", -1, "a" * 64),)},
        {"joined": ("..",)},
        {"joined": ("a/b",)},
        {"between": ("/etc",)},
        {"by": "x" * 300},
        {"accounts": ("x" * 5000,)},
        {"first_backup": FirstBackup("/etc/passwd", 1, "", 0, 0)},
        {"first_backup": FirstBackup("/a/../first.BUP", 1, "", 0, 0)},
        {"first_backup": FirstBackup("/a/x/first.BUP", 1, "", 0, -1)},
        {"reason": "x" * 300},
        {"used": "x" * 300},
        {"schema_cookie": "x" * 300},
        {"config": "no checksum"},
        {"custom_schema": "../x"},
        {"changed": ("../x.DAT",)},
        {"rooms": ("x" * 70000,)},
        {"number": 2**64},
        {"number": -1},
        {"account_count": -2},
        {"counts": (TableCount("passwd", 2**64),)},
    ],
    ids=str,
)
async def test_what_no_join_has_written_is_left_out_and_named(change: dict[str, Any]) -> None:
    forged = replace(MANIFEST, **change)
    with pytest.raises(BackupError):
        refuse_unfit(forged)
    node = a_node(Answers(("20260102T000000Z", forged, WHOLE), ("20260103T000000Z", MANIFEST, {})))
    there = await listing.read(node)
    assert [each.stamp for each in there.backups] == ["20260103T000000Z"]
    assert [each.path for each in there.problems] == [f"{ROOT}/20260102T000000Z/manifest.json"]


@pytest.mark.parametrize("name", ["schema.DAT", "pässwd.DCD", "MnesiaCore.n@h_1", "LATEST.LOG"])
def test_files_of_mnesia(name: str) -> None:
    assert is_mnesia_file(name)
    assert not is_mnesia_file(f"a/{name}")


async def test_unfinished_backups_come_first_then_the_highest_number() -> None:
    def held(stage: Stage, number: int) -> Manifest:
        return replace(MANIFEST, stage=stage, number=number)

    kept = [
        ("2099-used", held("rolled-back", 1), WHOLE),
        ("2020-moving", held("moving", 0), {}),
        ("2030-moved", held("moved", 9), WHOLE),
        ("2031-begun", held("begun", 2), {}),
        ("2001-used", held("rolled-back", 10), WHOLE),
    ]
    there = await listing.read(a_node(Answers(*kept)))
    assert [each.stamp[5:] for each in there.backups] == [
        "moving",
        "begun",
        "used",
        "moved",
        "used",
    ]
    assert there.lacks(there.backups[0]) == ("LATEST.LOG", "schema.DAT")


async def test_both_places_are_looked_at_where_the_configuration_names_one() -> None:
    probe = Answers()
    await listing.read(a_node(probe, backup_dir="/srv/kept"))
    chains = [chain for _, chain, _ in probe.asked]
    assert chains == [["/srv/kept"], [SPOOL, ROOT]]
    assert folders.root(a_node(probe, backup_dir="/srv/kept").platform) == "/srv/kept"


async def test_a_damaged_manifest_over_a_part_of_a_database_keeps_all_from_starting() -> None:
    whole = await listing.read(a_node(Answers(("2020-a", b"{", WHOLE))))
    half_moved.refuse_unreadable(a_node(Answers()), whole)
    part = await listing.read(a_node(Answers(("2020-a", b"{", {"LATEST.LOG": 5}))))
    with pytest.raises(BackupError, match="2020-a/manifest"):
        half_moved.refuse_unreadable(a_node(Answers()), part)


def test_problems_are_shown_clean() -> None:
    assert "\x1b" not in listing.problem_lines([Problem("/a\x1b[2J", "is\nbad")])[0]


def test_logs_are_moved_first_and_the_schema_last() -> None:
    names = ["schema.DAT", "passwd.DCD", "passwd.DCL", "LATEST.LOG"]
    ordered = sorted(names, key=database_move.move_order)
    assert ordered == ["passwd.DCL", "LATEST.LOG", "passwd.DCD", "schema.DAT"]


def stands(story: Any, facts: Any, manifest: Manifest, **lacking: Any) -> Any:
    there = Listing((manifest,), (), ((manifest.place, lacking.get("lacking", ())),))
    return find_half_done(there, [manifest], facts, Choices())


def test_between_two_steps_a_join_stands_and_nothing_is_found(story: Any) -> None:
    seen = stands(story, story.cleaned(), MANIFEST)
    assert (seen.step, seen.explains_second) == ("config", True)
    assert f"`ejtui rollback {MANIFEST.stamp}` undoes it" in seen.text
    assert json.dumps(seen.to_json())
    assert [each.code for each in findings(story.cleaned())] == ["not-connected"]
    assert findings(story.cleaned(), Examined(half_done=seen)) == ()


def test_a_half_moved_database_says_how_far_it_is(story: Any) -> None:
    seen = stands(
        story, story.same_cookie(), replace(MANIFEST, stage="moving"), lacking=("schema.DAT",)
    )
    assert seen.step == "cleandb"
    assert "1 of 2 files" in seen.text
    assert "on an incomplete database" in seen.text


def test_a_joined_pair_has_nothing_half_done(story: Any) -> None:
    assert stands(story, story.joined(), replace(MANIFEST, finished=True)) is None
    assert stands(story, story.joined(), MANIFEST) is None
    assert stands(story, story.strangers(), replace(MANIFEST, stage="rolled-back")) is None


def test_a_broken_off_rollback_stands(story: Any) -> None:
    seen = stands(story, story.cleaned(), replace(MANIFEST, stage="restoring"))
    assert seen.kind == "rollback"
    assert f"`ejtui rollback {MANIFEST.stamp}` goes on" in seen.text
    assert seen.command == f"ejtui rollback {MANIFEST.stamp}"


def test_a_begun_join_hides_no_finding(story: Any) -> None:
    seen = stands(story, story.same_cookie(), replace(MANIFEST, stage="begun"))
    assert not seen.explains_second


@pytest.mark.parametrize("moment", ["same_cookie", "compared", "cleaned", "connected", "quitted"])
def test_a_join_stands_where_the_checklist_has_its_next_step(story: Any, moment: str) -> None:
    facts = getattr(story, moment)()
    stage: Stage = "begun" if facts.second.ejabberd else "moved"
    seen = stands(story, facts, replace(MANIFEST, stage=stage))
    states = derive(facts, Choices())
    assert seen.number == 1 + next(at for at, each in enumerate(states) if not each.done)


def test_what_stops_a_join_before_its_next_step_is_named(story: Any) -> None:
    facts = story.first_is(story.cleaned(), vm="down", ejabberd=False, mnesia="no")
    seen = stands(story, facts, MANIFEST)
    assert seen.step == "config"
    assert "Step 1, Preflight, stops it now: ejabberd does not run on first." in seen.text


def test_a_join_that_was_left_at_the_question_about_settings_stands_there(story: Any) -> None:
    """It asks there again; not once that is decided."""
    facts, kept = story.same_cookie(), replace(MANIFEST, stage="begun")
    assert stands(story, facts, kept).step == "administration"
    differs = Administration(0, ("auth_method: first sql, second internal",), ("mark",))
    there = Listing((kept,), (), ((kept.place, ()),))
    compared, decided = replace(facts, administration=differs), Choices()
    stand = find_half_done(there, [kept], compared, decided)
    assert stand is not None
    assert stand.step == "administration"
    decided.decide(differs.marks)
    stand = find_half_done(there, [kept], compared, decided)
    assert stand is not None
    assert stand.step == "cleandb"


def a_pair(first: str, *backups: Manifest) -> tuple[Any, Listing]:
    values = {"home": SPOOL, "spool_dir": SPOOL, "backup_dir": "", "node": first}
    platform = SimpleNamespace(**values)
    there = SimpleNamespace(known_platform=platform, platform=platform)
    return SimpleNamespace(first=there, second=a_node(Answers())), Listing(backups)


@pytest.mark.parametrize("stage", ["moving", "restoring", "restored"])
def test_a_backup_of_a_former_first_stops_a_join(stage: Stage) -> None:
    pair, there = a_pair("chat@first", replace(MANIFEST, stage=stage))
    assert there.at_hand(pair) == list(there.backups)
    with pytest.raises(StepFailed, match=f"`ejtui rollback {MANIFEST.stamp}`") as refused:
        former_first.refuse_join(pair, there.at_hand(pair))
    assert "first as ejabberd@first, and first is chat@first now" in str(refused.value)
    same, _ = a_pair("ejabberd@first")
    former_first.refuse_join(same, there.of(same))


@pytest.mark.parametrize("stage", ["begun", "moved", "rolled-back"])
def test_a_settled_backup_of_a_former_first_is_kept_for_a_rollback(stage: Stage) -> None:
    pair, there = a_pair("chat@first", replace(MANIFEST, stage=stage))
    assert there.of(pair) == list(there.backups)
    assert there.at_hand(pair) == []


def test_a_half_moved_database_names_the_first_it_was_moved_for(story: Any) -> None:
    held = replace(MANIFEST, stage="moving", first="old@first")
    seen = stands(story, story.cleaned(), held, lacking=("schema.DAT",))
    assert f"`ejtui rollback {MANIFEST.stamp}`" in seen.text
    assert "`ejtui join` goes on" not in seen.text


def test_whose_database_stands_beside_a_half_filled_backup(story: Any) -> None:
    joined, apart = story.joined(), story.strangers()
    held = replace(MANIFEST, stage="moving")
    assert standing_database.differs(joined, held), "it is first's schema"
    assert not standing_database.differs(apart, held)
    own = apart.second.schema_cookie
    assert own
    assert not standing_database.differs(apart, replace(held, schema_cookie=own))
    assert standing_database.differs(apart, replace(held, schema_cookie="another"))


def test_missing_files_name_the_backups_that_have_them() -> None:
    held = replace(MANIFEST, stage="moving")
    other = replace(MANIFEST, place=f"{ROOT}/20260102T000000Z", files=FILES[1:])
    standing_database.refuse_missing(held, set(), [held, other])
    with pytest.raises(BackupError, match="20260102T000000Z/database has 1"):
        standing_database.refuse_missing(held, {"schema.DAT"}, [held, other])
    with pytest.raises(BackupError, match="no backup that is found here"):
        standing_database.refuse_missing(held, {"schema.DAT"}, [held])


def test_a_note_of_backups_elsewhere_names_those_that_are_between() -> None:
    held = replace(MANIFEST, stage="moving", place="/srv/kept/20260101T000000Z")
    note = elsewhere.Note().noting(held)
    assert elsewhere.Note.from_line(note.to_line()) == note
    assert note.directories == ("/srv/kept",)
    assert note.not_found(()) == [held.place]
    assert note.not_found({held.place}) == []
    assert note.settled(held) == note
    assert note.settled(replace(held, stage="moved")).not_found(()) == []


@pytest.mark.parametrize("path", ["srv", "/srv/../etc", "/srv/", "/a\0b"])
def test_a_note_names_plain_paths_alone(path: str) -> None:
    line = json.dumps({"format": 1, "directories": [path], "between": []}).encode()
    with pytest.raises(BackupError, match="where else backups lie"):
        elsewhere.Note.from_line(line)


async def test_backups_in_a_noted_directory_are_found_or_named() -> None:
    held = replace(MANIFEST, stage="moving", place="/srv/kept/20260101T000000Z")
    line = elsewhere.Note().noting(held).to_line()

    class Both(Answers):
        async def ask(self, name: str, *arguments: Any, **_: Any) -> Any:
            said = await super().ask(name, *arguments)
            if arguments[0] == ["/srv/kept"]:
                return {"backups": self.there, "problems": []}
            return said

        there: tuple[object, ...] = ()

    probe = Both((elsewhere.FOLDER, line, {}))
    [gone] = (await listing.read(a_node(probe))).problems
    assert (gone.path, gone.partial) == (held.place, True)
    probe.asked.clear()
    probe.there = ((held.stamp, held.to_line().decode(), []),)
    there = await listing.read(a_node(probe))
    assert [each.place for each in there.backups] == [held.place]
    assert there.problems == ()
    damaged = await listing.read(a_node(Answers((elsewhere.FOLDER, b"{", {}))))
    assert [each.partial for each in damaged.problems] == [True]


USED = replace(
    MANIFEST,
    stamp="20250101T000000Z",
    place=f"{ROOT}/20250101T000000Z",
    stage="restoring",
    used="2026",
    number=1,
)
ASIDE = replace(
    MANIFEST,
    stage="moving",
    reason="rollback",
    towards=USED.stamp,
)


def test_a_rollback_that_was_setting_a_database_aside_stands_as_such(story: Any) -> None:
    seen = stands(story, story.cleaned(), ASIDE, lacking=("schema.DAT",))
    assert (seen.kind, seen.stage, seen.explains_second) == ("rollback", "moving", True)
    assert "broken off when 1 of 2 files" in seen.text
    assert "Nothing may start ejabberd" in seen.text
    assert f"`ejtui rollback {USED.stamp}` goes on from there" in seen.text
    assert "ejtui join" not in seen.text
    started = stands(story, story.strangers(), ASIDE, lacking=("schema.DAT",))
    assert "ejabberd was started on second since" in started.text


def test_the_rollback_that_was_broken_off_goes_on_with_its_own_backup() -> None:
    other = replace(
        MANIFEST, stamp="20240101T000000Z", place=f"{ROOT}/20240101T000000Z", stage="rolled-back"
    )
    known = [ASIDE, USED, other]
    assert broken_rollback.half_aside([USED, other]) is None
    assert broken_rollback.chosen(ASIDE, known, None) is USED
    assert broken_rollback.chosen(ASIDE, known, USED.stamp) is USED
    assert broken_rollback.chosen(ASIDE, known, ASIDE.place) is ASIDE, "the rollback is undone"
    with pytest.raises(BackupError, match=f"`ejtui rollback {USED.stamp}` or"):
        broken_rollback.chosen(ASIDE, known, other.stamp)


def test_where_its_own_backup_is_gone_second_gets_back_what_it_had() -> None:
    other = replace(
        MANIFEST, stamp="20240101T000000Z", place=f"{ROOT}/20240101T000000Z", stage="rolled-back"
    )
    assert broken_rollback.chosen(ASIDE, [ASIDE, other], None) is ASIDE
    assert broken_rollback.chosen(ASIDE, [ASIDE, other], other.stamp) is other
    copy = replace(ASIDE, own=False)
    with pytest.raises(BackupError, match=f"`ejtui rollback {other.stamp}` goes on"):
        broken_rollback.chosen(copy, [copy, other], None)


def test_no_join_takes_what_a_rollback_was_setting_aside_for_its_own() -> None:
    with pytest.raises(StepFailed, match=f"`ejtui rollback {USED.stamp}` goes on from there"):
        broken_rollback.refuse([ASIDE, USED])
    broken_rollback.refuse([USED])


async def test_nothing_starts_while_a_rollback_is_setting_a_database_aside() -> None:
    for sizes in ({"LATEST.LOG": 5}, WHOLE):
        node = a_node(Answers((ASIDE.stamp, ASIDE, sizes)))
        with pytest.raises(StepFailed, match=f"`ejtui rollback {USED.stamp}` goes on from there"):
            await half_moved.refuse_start(node)


def test_a_manifest_without_the_new_field_is_read() -> None:
    line = json.loads(ASIDE.to_line())
    assert Manifest.from_line(json.dumps(line).encode()) == ASIDE
    del line["towards"]
    old = Manifest.from_line(json.dumps(line).encode())
    assert (old.towards, old.half_aside) == ("", False)


@pytest.mark.parametrize(
    ("facts", "stage", "moved"),
    [
        (NodeFacts("second", vm="down"), "moved", True),
        (NodeFacts("second", vm="up", directory=f"{SPOOL}/ejabberd@second"), "moved", True),
        (NodeFacts("second", vm="up", directory=SPOOL), "moved", False),
        (NodeFacts("second", vm="down", spool=WITH_SCHEMA), "moved", False),
        (NodeFacts("second", vm="down"), "rolled-back", False),
        (NodeFacts("second", error="not asked"), "moved", False),
    ],
)
async def test_the_directory_of_a_join_stays_where_no_schema_tells(
    facts: NodeFacts, stage: Stage, moved: bool
) -> None:
    deeper = f"{SPOOL}/ejabberd@second"
    manifest = replace(MANIFEST, directory=deeper, stage=stage)
    node = a_node(Answers(("20260102T000000Z", manifest, WHOLE)))
    node.facts = facts
    await listing.read(node)
    assert node.moved == ([deeper] if moved else [])


@pytest.mark.parametrize(
    ("changes", "lacking", "undoes"),
    [
        ({}, (), True),
        ({}, ("passwd.DCD",), False),
        ({"stage": "moving"}, ("passwd.DCD",), True),
        ({"stage": "rolled-back"}, (), False),
        ({"reason": "before a repair"}, (), False),
    ],
)
def test_a_join_is_undone_by_a_whole_backup_that_was_not_used(
    changes: dict[str, Any], lacking: tuple[str, ...], undoes: bool
) -> None:
    one = replace(MANIFEST, **{"stage": "moved", **changes})
    there = Listing((one,), lacking=((one.place, lacking),) if lacking else ())
    assert undoes_join(there, one) == undoes
