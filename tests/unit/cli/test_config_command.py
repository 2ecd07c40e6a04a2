"""`ejtui config`: what its command line refuses before anything is asked of a host."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ejtui.cli.main import main
from tests.unit.cli.test_repair import PAIR


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "config.toml"
    file.write_text(PAIR)
    return str(file)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--set", "sql_password=sesame"], "a secret on a command line can be seen by others"),
        (["--set", "mod_x={x: {api_token: sesame-open}}"], "a secret on a command line"),
        (["--set", "sql_server=DSN=ej;PWD=sesame"], "a secret on a command line"),
        (["--set", "ext_api_headers=X-AUTH-TOKEN:sesame"], "a secret on a command line"),
        (["--set", "extauth_program=/bin/a sesame"], "a secret on a command line"),
        (["--set", "acl=[1"], "acl, line 2: it is no YAML"),
        (["--set", "acl="], "acl: the value is empty"),
        (["--set", "=5"], "--set wants OPTION=YAML"),
        (["--set", "a", "--set", "b"], "give one such option"),
        (["--set", "a=1", "--all"], "give one"),
        (["--take", "a", "--all"], "give one"),
    ],
)
def test_a_wrong_command_line_is_one_sentence(
    config: str, arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", config, "config", *arguments]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert "sesame" not in said


def test_a_secret_comes_from_standard_input(
    config: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Own-sesame\n"))
    assert main(["--config", config, "config", "--set", "sql_password", "--yes"]) == 3
    assert "sesame" not in "".join(capsys.readouterr())
