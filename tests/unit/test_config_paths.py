"""Where files lie, and who may read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui import paths
from ejtui.config import load


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


def test_the_defaults_are_in_the_home(home: Path) -> None:
    assert paths.config_file() == home / ".config/ejtui/config.toml"
    assert paths.state_dir() == home / ".local/state/ejtui"


def test_the_variables_are_followed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "s"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "c"))
    assert paths.config_file() == home / "c/ejtui/config.toml"
    assert paths.journal_file("a+b") == home / "s/ejtui/journals/a+b.jsonl"


def test_a_relative_variable_is_ignored(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "here")
    assert paths.state_dir() == home / ".local/state/ejtui"


def test_directories_are_their_owners_alone() -> None:
    for directory in (paths.state_dir(), paths.recordings_dir(), paths.manifests_dir()):
        assert directory.stat().st_mode & 0o777 == 0o700
    assert paths.journal_file("a+b").parent.stat().st_mode & 0o777 == 0o700


def test_a_pair_cannot_lead_elsewhere() -> None:
    file = paths.journal_file("../../x\n+/etc")
    assert file.parent == paths.state_dir() / "journals"
    assert file.name == "..%2F..%2Fx%0A+%2Fetc.jsonl"
    assert paths.recordings_dir("../x").parent == paths.recordings_dir()
    assert paths.recordings_dir("..") == paths.recordings_dir()


def test_recordings_of_two_clusters_lie_apart() -> None:
    one, other = paths.recordings_dir("first+second~1a"), paths.recordings_dir("first+second~2b")
    assert one.name == "first+second~1a"
    assert one.parent == other.parent == paths.recordings_dir()
    assert one != other
    assert one.stat().st_mode & 0o777 == 0o700


def pair(path: Path, first: str, second: str) -> str:
    path.write_text(
        f'first = "first"\nsecond = "second"\n'
        f'[nodes.first]\naddress = "{first}"\n[nodes.second]\naddress = "{second}"\n'
    )
    return load(path).pair


def test_two_clusters_with_the_same_names_share_nothing(home: Path) -> None:
    one = pair(home / "one.toml", "a.example", "b.example")
    assert one == pair(home / "same.toml", "A.example", "b.example")
    others = [
        pair(home / "two.toml", "c.example", "d.example"),
        pair(home / "swapped.toml", "b.example", "a.example"),
    ]
    for other in others:
        assert paths.journal_file(one) != paths.journal_file(other)
        assert paths.choices_file(one) != paths.choices_file(other)
    assert one.startswith("first+second~")


def test_a_journal_of_before_is_still_read(home: Path) -> None:
    old = paths.journal_file("first+second")
    old.write_text("{}\n")
    one = pair(home / "one.toml", "a.example", "b.example")
    assert paths.journal_file(one).read_text() == "{}\n"
    assert not old.exists()
    other = pair(home / "two.toml", "c.example", "d.example")
    assert not paths.journal_file(other).exists()
