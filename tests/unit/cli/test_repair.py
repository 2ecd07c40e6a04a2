"""`ejtui repair` where there is nothing to repair with: its words and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ejtui.cli.errors import NotReached, explain
from ejtui.cli.main import main
from ejtui.cli.result import CommandResult

PAIR = """
first = "a"
second = "b"
[nodes.a]
address = "unresolvable.invalid"
[nodes.b]
address = "unresolvable.invalid"
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "config.toml"
    file.write_text(PAIR)
    return str(file)


def test_a_code_that_there_is_not_is_a_wrong_command_line(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", config, "repair", "cookie-monster"]) == 2
    said = capsys.readouterr().err
    assert "cookie-monster" in said
    assert "cookie-mismatch" in said


def test_a_code_without_a_repair_is_looked_for_like_any_other(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", config, "repair", "disc-full", "--yes", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "unreachable"


def test_a_code_must_be_given(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", config, "repair"]) == 2
    shown = capsys.readouterr().err
    assert "CODE" in shown
    assert "cookie-mismatch" in shown, "the codes are named"


def test_hosts_that_cannot_be_reached_have_their_own_exit_code(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", config, "repair", "cookie-mode", "--yes", "--json"]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert (answer["error"]["kind"], answer["changed"]) == ("unreachable", False)


def test_a_host_that_is_lost_in_a_repair_is_named_with_its_exit_code() -> None:
    lost = explain(NotReached("second: the connection was lost"), CommandResult(json=False))
    assert (lost.code, lost.kind) == (3, "unreachable")
    assert "second: the connection was lost" in lost.text
