"""The configuration is written whole, privately, and never over somebody's own words."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ejtui.config import ConfigError, load
from ejtui.config.writing import text_of, write

NODES: dict[str, dict[str, object]] = {
    "first": {"address": "local", "become": "none"},
    "second": {"address": "second.example.net", "user": "op", "become": "doas", "port": 2222},
}
TEXT = text_of("first", "second", NODES, {"second": ['node = "ejabberd@second"  (its\nname)']})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    written = write(path, TEXT)
    assert (written.path, written.changed, written.backup) == (path, True, None)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    config = load(path)
    assert (config.first, config.second) == ("first", "second")
    assert config.nodes["first"].is_local
    second = config.nodes["second"]
    assert (second.address, second.user, second.become, second.port) == (
        *("second.example.net", "op", "doas"),
        2222,
    )
    assert '# node = "ejabberd@second" (its name)' in path.read_text()
    assert [file.name for file in path.parent.iterdir()] == ["config.toml"]


def test_a_file_that_is_there_is_kept_whole(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    mine = TEXT.replace("doas", "su") + "# my own words\n"
    path.write_text(mine)
    before = path.stat().st_ino
    backups = []
    for become in ("doas", "sudo", "doas"):
        written = write(path, TEXT.replace("doas", become))
        assert written.backup is not None
        backups.append(written.backup)
    assert backups[0].read_text() == mine
    assert backups[0].stat().st_ino == before
    assert len(set(backups)) == 3
    assert load(path).nodes["second"].become == "doas"


def test_what_says_the_same_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    mine = f"# my own words\n{TEXT}\n[nodes.third]\naddress = 'third.example.net'\n"
    path.write_text(mine)
    written = write(path, TEXT)
    assert (written.changed, written.backup) == (False, None)
    assert path.read_text() == mine
    assert len(list(tmp_path.iterdir())) == 1


def test_a_link_stays_one(tmp_path: Path) -> None:
    real, path = tmp_path / "dotfiles" / "ejtui.toml", tmp_path / "config.toml"
    real.parent.mkdir()
    path.symlink_to(real)
    write(path, TEXT)
    assert path.is_symlink()
    assert load(real).first == "first"


def test_a_torn_file_is_kept_too(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("first = \n")
    written = write(path, TEXT)
    assert written.backup is not None
    assert written.backup.read_text() == "first = \n"
    assert load(path).first == "first"


def test_what_is_no_configuration_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    with pytest.raises(ConfigError):
        write(path, "first = 1\n")
    assert path.read_text() == TEXT
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("value", ['a"b', "a\\b", "ä#=", "]x["])
def test_any_value_comes_back(tmp_path: Path, value: str) -> None:
    first: dict[str, object] = {"address": "h.example", "log_dir": f"/{value}"}
    nodes = {**NODES, "first": first}
    path = write(tmp_path / "config.toml", text_of("first", "second", nodes, {})).path
    assert load(path).nodes["first"].overrides["log_dir"] == f"/{value}"
