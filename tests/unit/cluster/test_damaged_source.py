"""Bringing over from a backup with files that are lost or changed: what is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.backups.manifest import BackedFile
from ejtui.cluster.bring_over import damaged_source, source
from ejtui.cluster.bring_over.source import Source, SourceDamaged
from ejtui.cluster.errors import BackupError, Refused
from ejtui.erlang.probe.client import ProbeError
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import BACKUPS, OWN, STAMP, DiskPair, manifest, sha
from tests.unit.cluster.disk_pairs import Person, context_of, joined_pair

HAD = OWN | {"vcard.DAT": b"a card", "roster.DCD": b"contacts"}
FILES = tuple(BackedFile(name, len(data), sha(data)) for name, data in HAD.items())
WAY_ON = f"`ejtui bring-over {STAMP} --accept"


@pytest.fixture
def pair(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    made = joined_pair(story, tmp_path, monkeypatch)

    def read(_directory: str, name: str) -> dict[str, Any]:
        if name == "roster.DCD":
            raise ProbeError("unreadable", f"{name} cannot be read (not_a_log_file)")
        return {"records": 1, "unread": 2, "cookie": ""}

    made.second.probe.answers["kept_file"] = read
    return made


def kept(pair: DiskPair, files: dict[str, bytes]) -> Source:
    own = manifest(files=FILES)
    pair.keep(own, files)
    return Source(STAMP, f"{BACKUPS}/{STAMP}/database", own)


async def verified(pair: DiskPair, of: Source, person: Person) -> str:
    return await damaged_source.verified(context_of(pair, person), of)


async def test_a_whole_one_needs_no_word(pair: DiskPair) -> None:
    person = Person()
    assert "match its manifest" in await verified(pair, kept(pair, HAD), person)
    assert person.questions == []


async def test_changed_files_are_read_with_a_word(pair: DiskPair) -> None:
    of = kept(pair, HAD | {"vcard.DAT": b"a CARD"})
    with pytest.raises(SourceDamaged, match=f"{WAY_ON} files-changed"):
        await source.verify(pair, of)  # type: ignore[arg-type]
    person = Person()
    assert "lost: 0, read as they are: 1" in await verified(pair, of, person)
    [asked] = person.questions
    assert asked.consent == "files-changed"
    text = "\n".join(asked.takes)
    assert f"it had 6 bytes, SHA-256 {sha(b'a card')}" in text
    assert f"SHA-256 {sha(b'a CARD')}: 1 entries can be read, 2 bytes cannot" in text
    with pytest.raises(Refused):
        await verified(pair, of, Person(yes=False))


async def test_without_lost_files_the_rest_is_read_with_a_word(pair: DiskPair) -> None:
    of = kept(pair, {name: data for name, data in HAD.items() if name != "roster.DCD"})
    person = Person()
    assert "lost: 1, read as they are: 0" in await verified(pair, of, person)
    [asked] = person.questions
    assert (asked.consent, "roster.DCD" in asked.takes[0]) == ("files-not-there", True)


async def test_what_nothing_can_open_is_named_with_the_way_on(pair: DiskPair) -> None:
    person = Person()
    with pytest.raises(BackupError, match=f"open roster.DCD.*{WAY_ON} files-not-there` brings"):
        await verified(pair, kept(pair, HAD | {"roster.DCD": b"torn"}), person)
    assert person.questions == []


async def test_the_way_on_works_without_first_where_the_command_did(pair: DiskPair) -> None:
    of = kept(pair, HAD | {"roster.DCD": b"torn"})
    with pytest.raises(BackupError, match=f"bring-over {STAMP} --without-first --accept"):
        await damaged_source.verified(context_of(pair, Person()), of, without_first=True)


async def test_without_a_schema_nothing_is_read(pair: DiskPair) -> None:
    of, person = kept(pair, HAD), Person()
    del pair.second.disk.files[f"{of.path}/schema.DAT"]
    with pytest.raises(BackupError, match="`ejtui backups` lists other backups"):
        await verified(pair, of, person)
    assert person.questions == []
