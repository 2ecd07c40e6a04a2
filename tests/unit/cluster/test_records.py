"""What is written down: manifests, the journal, where backups lie, what --json prints."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.backups import folders
from ejtui.cluster.backups.manifest import BackedFile, FirstBackup, Manifest
from ejtui.cluster.bring_over.done import Done
from ejtui.cluster.errors import BackupError
from ejtui.cluster.facts import account_names
from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.journal import Journal
from ejtui.cluster.operations import accounts
from tests.unit.cluster.disk import manifest

MANIFEST = manifest(
    cookie="abc123",
    accounts=("guest@chat.example", 'odd "name"@chat.example'),
    files=(BackedFile("schema.DAT", 10, "00"), BackedFile("pässwd.DCD", 2, "ff")),
    first_backup=FirstBackup("/b/first.BUP", 5, "aa", 3, 4),
    joined=("joined-20260102T000000Z",),
)


def test_a_manifest_reads_back_as_written() -> None:
    line = MANIFEST.to_line()
    assert line.count(b"\n") == 1
    assert Manifest.from_line(line) == MANIFEST


def test_bytes_that_are_no_text_read_back_as_written(tmp_path: Path) -> None:
    name = b"\xff\\udcfe\xe4.DCD".decode("utf-8", "surrogateescape")
    odd = replace(MANIFEST, files=(BackedFile(name, 1, "00"),), rooms=(f"{name}@x",))
    line = odd.to_line()
    assert Manifest.from_line(line) == odd
    assert json.loads(line.decode())["files"][0]["name"] == name
    journal = Journal(tmp_path / "journal", "first+second")
    journal.write("moved", names=[name])
    assert journal.last()[0]["names"] == [name]
    done = Done(frozenset({name}))
    assert Done.from_line(done.to_line()) == done


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b"{", b'{"format": 1}', b'{"format": 9}'])
def test_what_is_no_manifest(line: bytes) -> None:
    with pytest.raises(BackupError):
        Manifest.from_line(line)


def test_fields_that_are_not_there_have_their_defaults() -> None:
    written = json.loads(MANIFEST.to_line())
    for name in ("cookie", "accounts", "files", "first_backup", "joined"):
        del written[name]
    read = Manifest.from_line(json.dumps(written).encode())
    assert (read.cookie, read.accounts, read.files, read.joined) == ("", None, (), ())
    assert read.stamp == MANIFEST.stamp


def test_what_a_later_release_wrote_besides_is_passed_over() -> None:
    written = json.loads(MANIFEST.to_line()) | {"colour": "red"}
    written["files"][0]["colour"] = "blue"
    written["first_backup"]["colour"] = ["green"]
    assert Manifest.from_line(json.dumps(written).encode()) == MANIFEST


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stamp", 5),
        ("stamp", None),
        ("was_running", "no"),
        ("stage", ["moved"]),
        ("stage", "gone"),
        ("accounts", [1]),
        ("accounts", 7),
        ("files", [{"name": "schema.DAT", "size": "10", "sha256": ""}]),
        ("files", [{"name": "schema.DAT"}]),
        ("files", ["schema.DAT"]),
        ("joined", [None]),
        ("joined", 3),
        ("first_backup", "first.BUP"),
    ],
)
def test_a_value_of_another_type_is_no_manifest(name: str, value: object) -> None:
    written = json.loads(MANIFEST.to_line()) | {name: value}
    with pytest.raises(BackupError):
        Manifest.from_line(json.dumps(written).encode())


@pytest.mark.parametrize(
    ("home", "spool", "root"),
    [
        ("/var/lib/ejabberd", "/var/lib/ejabberd", "/var/lib/ejabberd/ejtui-backups"),
        ("/var/db/ejabberd", "/var/db/ejabberd/ejabberd", "/var/db/ejabberd/ejtui-backups"),
        ("/home/ej", "/var/spool/ejabberd/", "/var/spool/ejabberd/ejtui-backups"),
        ("/var/db/ejab", "/var/db/ejabberd", "/var/db/ejabberd/ejtui-backups"),
    ],
)
def test_backups_lie_on_the_database_s_file_system(home: str, spool: str, root: str) -> None:
    platform: Any = SimpleNamespace(home=home, spool_dir=spool, backup_dir="")
    assert folders.root(platform) == root


def test_the_journal_is_private_and_only_grows(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    Journal(file, "first+second").write("started", step="sync")
    Journal(file, "first+second").write("ended", step="sync", state="done", evidence=("a",))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["started", "ended"]
    assert lines[1]["evidence"] == ["a"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_journal_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    Journal(tmp_path / "missing" / "journal", "p").write("started")


def test_json_of_a_node_shows_six_digits_of_its_cookie(story: Any) -> None:
    seen = story.joined().to_json()
    assert seen["first"]["cookie_sha256"] == "a1a1a1"
    assert "a1" * 32 not in json.dumps(seen)
    assert seen["second"]["tables"]["roster"] == "disc_only_copies"
    assert seen["second"]["schema_storage"] == "disc_copies"


def test_json_of_an_unreachable_host_has_every_key(story: Any) -> None:
    gone = NodeFacts.unreachable("second", "refused").to_json()
    assert gone.keys() == story.joined().second.to_json().keys()
    assert gone["reachable"] is False


def test_accounts_are_named_and_counted() -> None:
    named = accounts.names([("b", "x"), ("a", "x")])
    assert account_names.describe_set_aside(named) == "2 accounts live on second alone: a@x, b@x"
    assert account_names.describe_set_aside(named[:1]) == "1 account lives on second alone: a@x"
    assert "and 5 more" in account_names.describe_set_aside([f"u{i}@x" for i in range(25)])
    assert accounts.parse(["a@b@x"]) == [("a@b", "x")]
