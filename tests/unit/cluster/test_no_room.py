"""No room: a new ejabberd.yml that cannot be written, and a run that finds a file system full."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.backups.rollback import rollback
from ejtui.cluster.errors import MnesiaEnded, NoRoom, StepFailed
from ejtui.cluster.operations.files import config_file, no_room
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.shell.errors import ShellEnded, ShellError
from ejtui.hosts import CommandFailed
from ejtui.hosts.host import Output
from tests.samples import PLATFORM
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import STAMP, DiskPair
from tests.unit.cluster.disk_pairs import Person, context_of, joined_pair

NEW = "/kept/ejabberd.yml.new"


class Host:
    """Its shell prints this, and the new file has 12 bytes."""

    name, root = "second", None

    def __init__(self, prints: str) -> None:
        self.prints = prints

    async def run(self, argv: list[str], **_: object) -> Output:
        if argv[0] == "wc":
            return Output(0, f"12 {NEW}\n".encode(), b"")
        raise CommandFailed("second", "op@second", argv, 1, self.prints.encode())


@pytest.mark.parametrize(
    ("prints", "shown"),
    [
        ("cat: write error: No space left on device", "no space left in /etc/ejabberd on second: "
         "nothing was changed. The new file needs 12 bytes there beside the former one; make room, "
         "then run the same command again"),
        ("mktemp: failed: Read-only file system", "its file system is read-only. Set these options "
         "where that file is made"),
        ("cat: Input/output error", "cannot be written: cat: Input/output "
         "error"),
    ],
)  # fmt: skip
async def test_a_file_that_cannot_be_written_is_reported_in_words(prints: str, shown: str) -> None:
    node: Any = SimpleNamespace(name="second", platform=PLATFORM, host=Host(prints))
    with pytest.raises(StepFailed) as caught:
        await config_file.replace(node, NEW, "new", "former")
    assert shown in str(caught.value)
    assert "/bin/sh" not in str(caught.value)
    assert "mktemp ./" not in str(caught.value)


@pytest.fixture
def pair(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    return joined_pair(story, tmp_path, monkeypatch)


def full(pair: DiskPair, **free: int) -> None:
    """So many bytes are free on a node's file systems, and files without a number of them."""
    for node in (pair.first, pair.second):
        left = free.get(node.role, 10**12)
        node.probe.answers["room"] = lambda path, left=left: {
            "free": left, "mount": f"/mnt{path}", "files": None, "memory": False,
        }  # fmt: skip


@pytest.mark.parametrize(
    "error",
    [
        ProbeError("enospc", "/var/x/first.BUP: no space left on device", "backup_node"),
        StepFailed('{aborted,{error,{file_error,"/var/x/first.BUP",enospc}}}'),
        CommandFailed("first", "op@first", ["cp"], 1, b"/var/x/first.BUP: No space left"),
        ShellError("mnesia ended: /var/x/first.BUP edquot"),
    ],
)
async def test_a_full_file_system_is_one_sentence(pair: DiskPair, error: Exception) -> None:
    full(pair, first=70_000)
    with pytest.raises(StepFailed) as caught:
        async with no_room.explained(context_of(pair), "ejtui join"):
            raise error
    text = str(caught.value)
    home = pair.first.platform.spool_dir
    assert f"{pair.first.name} has too little room at {home}" in text
    assert f"(file system /mnt{home}): at most 1.0 MB needed, 70.0 kB free" in text
    assert "so /var/x/first.BUP could not be written" in text
    assert "Make room there, then `ejtui join` goes on" in text
    assert pair.second.name not in text


@pytest.mark.parametrize("error", [MnesiaEnded("Mnesia ended"), ShellEnded("a prompt", ())])
async def test_what_ended_without_a_reason_ended_for_a_full_disk(
    pair: DiskPair, error: Exception
) -> None:
    full(pair, second=0)
    with pytest.raises(StepFailed) as caught:
        async with no_room.explained(context_of(pair), "ejtui join"):
            raise error
    home = pair.second.platform.spool_dir
    assert f"{pair.second.name} has too little room at {home}" in str(caught.value)
    assert "0 B free. What was done" in str(caught.value)
    full(pair, second=900_000)
    with pytest.raises(type(error), match="ended"):
        async with no_room.explained(context_of(pair), "ejtui join"):
            raise error


async def test_a_first_that_is_gone_does_not_hide_what_is_full(
    pair: DiskPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    full(pair, second=0)
    monkeypatch.setattr(pair.first, "opened", False)
    monkeypatch.setattr(pair.first, "platform", None)
    with pytest.raises(StepFailed, match=f"{pair.second.name} has too little room"):
        async with no_room.explained(context_of(pair), "ejtui rollback --without-first"):
            raise ProbeError("enospc", "/x/y: no space left on device")


async def test_where_the_file_lies_is_looked_at_too(pair: DiskPair) -> None:
    full(pair)
    for node in (pair.first, pair.second):
        node.probe.answers["room"] = lambda path: {
            "free": 0 if path == "/etc/x" else 10**12, "mount": path, "files": None,
            "memory": False,
        }  # fmt: skip
    with pytest.raises(StepFailed, match=r"too little room at /etc/x.*so /etc/x/hosts could not"):
        async with no_room.explained(context_of(pair), "ejtui repair host-unresolved"):
            raise CommandFailed("first", "root", ["cp"], 1, b"/etc/x/hosts: No space left")


async def test_a_quota_has_no_numbers(pair: DiskPair) -> None:
    full(pair)
    with pytest.raises(StepFailed, match="a disk quota is used up, so /x/y could not"):
        async with no_room.explained(context_of(pair), "ejtui join"):
            raise ProbeError("edquot", "/x/y: disk quota exceeded")


async def test_what_has_its_own_sentence_passes(pair: DiskPair) -> None:
    full(pair, second=0)
    with pytest.raises(NoRoom, match=r"^no space left in /etc/ejabberd on second: nothing$"):
        async with no_room.explained(context_of(pair), "ejtui join"):
            raise NoRoom("no space left in /etc/ejabberd on second: nothing")


async def test_no_words_of_an_error_hide_that_it_has_no_sentence(pair: DiskPair) -> None:
    """A host's output may have the words of such a sentence."""
    full(pair, second=0)
    with pytest.raises(NoRoom, match="Make room there, then `ejtui join` goes on"):
        async with no_room.explained(context_of(pair), "ejtui join"):
            raise StepFailed("/x/y: No space left on device; make room")


async def test_other_errors_pass(pair: DiskPair) -> None:
    with pytest.raises(ProbeError, match="eacces"):
        async with no_room.explained(context_of(pair), "ejtui join"):
            raise ProbeError("eacces", "/x: permission denied")


async def test_a_rollback_without_room_names_the_command_that_goes_on(pair: DiskPair) -> None:
    def refuses(*_: object) -> None:
        raise ProbeError("enospc", "/var/y/passwd.DAT: no space left on device")

    pair.second.probe.answers["restore_files"] = refuses
    with pytest.raises(
        StepFailed, match=r"passwd\.DAT could not be written.*`ejtui rollback` goes"
    ):
        await rollback.rollback(pair, None, Person(), lambda _: None)  # type: ignore[arg-type]
    assert pair.second.disk.manifests()[STAMP].stage == "restoring"
    del pair.second.probe.answers["restore_files"]
    await rollback.rollback(pair, None, Person(), lambda _: None)  # type: ignore[arg-type]
