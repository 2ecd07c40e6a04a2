"""`ejtui lab …`: its arguments, codes, and the lab alone."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ejtui.cli import lab_arguments
from ejtui.lab import command, lab
from ejtui.lab.place import HOSTS


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    lab_arguments.add_arguments(parser)
    return parser.parse_args(words)


def test_the_hosts_are_the_lab_s() -> None:
    assert lab_arguments.HOSTS == HOSTS


def test_a_command_inside_a_host_keeps_its_own_options() -> None:
    args = parsed("sh", "second", "ls", "--yes", "-l")
    assert (args.host, args.argv, args.yes) == ("second", ["ls", "--yes", "-l"], False)


@pytest.mark.parametrize("words", [("--yes", "up"), ("up", "--yes"), ("--yes",)])
def test_yes_is_taken_before_and_after_up(words: tuple[str, ...]) -> None:
    assert parsed(*words).yes


def test_an_unknown_host_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parsed("sh", "third", "true")
    assert left.value.code == 2
    assert "first, second" in capsys.readouterr().err.replace("'", "")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def test_without_a_lab_every_command_says_so(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(parsed("sh", "first", "true")) == 1
    assert "ejtui lab up" in capsys.readouterr().err
    assert command.run(parsed("reset")) == 1
    assert "ejtui lab up" in capsys.readouterr().err
    assert command.run(parsed("status")) == 0
    assert "down" in capsys.readouterr().out
    assert command.run(parsed("down")) == 0
    assert list(state.iterdir()) == []


def test_alone_it_takes_the_lab_down_after_the_app_whatever_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(lab, "up", lambda *_: seen.append("up"))
    monkeypatch.setattr(lab, "down", lambda: seen.append("down"))

    def app(_: object) -> int:
        seen.append("app")
        return 3

    def broken(_: object) -> int:
        raise KeyboardInterrupt

    assert command.run(parsed(), app) == 3
    with pytest.raises(KeyboardInterrupt):
        command.run(parsed(), broken)
    assert seen == ["up", "app", "down", "up", "down"]


def test_the_lab_needs_neither_screen_nor_ssh_library() -> None:
    program = (
        "import sys, ejtui.lab, ejtui.lab.command, ejtui.lab.breakage\n"
        "sys.exit(bool({'textual', 'asyncssh', 'asyncio'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.usefixtures("state")
def test_the_list_of_faults_begins_with_those_that_can_be_made(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command.run(parsed("fault")) == 0
    able, _, not_here = capsys.readouterr().out.partition("\n\nCannot be made here:\n")
    assert "cookie-mismatch" in able
    assert "cannot be made" not in able
    assert not_here.startswith("disc-full ") or "\ndisc-full " in not_here


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        ([], ["sh"]),
        (["ls", "-l"], ["ls", "-l"]),
        (["ejabberdctl"], ["ejabberdctl"]),
        (["ejabberdctl status; echo $?"], ["sh", "-c", "ejabberdctl status; echo $?"]),
    ],
)
def test_one_quoted_line_runs_in_a_shell(given: list[str], runs: list[str]) -> None:
    assert lab.shell_words(given) == runs
