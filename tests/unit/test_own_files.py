"""Files of ejtui's own that cannot be written: one line each, and everything goes on."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ejtui import own_files, paths
from ejtui.cluster.journal import Journal
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.erlang.probe import compiled
from ejtui.erlang.terminal.recorder import Recorder
from ejtui.erlang.terms.etf import Atom
from ejtui.hosts.errors import HostKeyUnknown, ShownKey
from ejtui.hosts.ssh.known_hosts import remember


@pytest.fixture(autouse=True)
def told() -> Iterator[list[str]]:
    own_files.forget()
    lines: list[str] = []
    with own_files.heard_by(lines.append):
        yield lines
    own_files.forget()


@pytest.fixture
def in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory that cannot be made, for root neither."""
    file = tmp_path / "a-file"
    file.write_text("")
    for variable in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(file))
    return file


def test_a_directory_that_cannot_be_made(told: list[str], in_the_way: Path) -> None:
    journal = Journal(paths.journal_file("a+b"), "a+b")
    for _ in range(3):
        journal.write("started", step="cookies")
    assert journal.last() == []
    [line] = told
    assert line.startswith("the journal cannot be written: ")
    assert str(in_the_way) in line
    assert "Not a directory" in line
    assert "goes on without it" in line


def test_choices_and_recordings(told: list[str], in_the_way: Path) -> None:
    choices = Choices.load(paths.state_dir() / "choices-a+b.json")
    choices.choose("roster", "disc_copies")
    assert choices["roster"] == "disc_copies"
    assert Recorder.create(paths.recordings_dir() / "x.cast", 80, 24, "erl") is None
    assert [line.split(" cannot")[0] for line in told] == [
        "what was chosen for second",
        "the recording",
    ]
    assert all(str(in_the_way) in line for line in told)
    compiled.keep("SHA256:first", "25", [(Atom("ejtui_probe"), b"FOR1")])


def test_a_full_disk_in_the_middle(
    told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder.create(tmp_path / "x.cast", 80, 24, "erl")
    assert recorder is not None
    journal = Journal(tmp_path / "journal", "a+b")
    journal.write("started")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    journal.write("ended")
    recorder.output(b"1> ")
    recorder.flush()
    recorder.close()
    lines = told + own_files.news()
    assert [line.split(": ")[:3] for line in lines] == [
        [f"{what} cannot be written", str(tmp_path / name), "No space left on device; "
         "everything goes on without it"]
        for what, name in (("the journal", "journal"), ("the recording", "x.cast"))
    ]  # fmt: skip


def test_known_hosts_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")
    file = tmp_path / "a-file" / "known_hosts"
    key = HostKeyUnknown(
        "first", "op@first", ShownKey("ssh-ed25519", "SHA256:x"), known_hosts_line="x\n",
        file=str(file),
    )  # fmt: skip
    with pytest.raises(OSError, match="a-file"):
        remember(key)
    key.known_hosts_file = "/dev/full"
    with pytest.raises(OSError, match="No space left") as caught:
        remember(key)
    assert caught.value.filename == "/dev/full"
