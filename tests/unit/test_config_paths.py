"""Where files lie, and who may read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui import paths


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
