"""Which backups there are: what a manifest may contain, and which is gone on with."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.backups import elsewhere, folders, listing
from ejtui.cluster.backups.listing import Problem
from ejtui.cluster.backups.manifest import (
    BackedFile,
    FirstBackup,
    Manifest,
    Stage,
)
from ejtui.cluster.backups.manifest_rules import is_mnesia_file, refuse_unfit
from ejtui.cluster.backups.move import database_move, half_moved
from ejtui.cluster.errors import BackupError
from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.facts.table_count import TableCount
from tests.unit.cluster.listed import MANIFEST, ROOT, SPOOL, WHOLE, WITH_SCHEMA, Answers, a_node


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
