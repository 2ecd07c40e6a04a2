"""The command line from outside: codes, messages, the one object of --json."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ejtui import __version__
from ejtui.cli.arguments import COMMANDS as ALL_COMMANDS
from ejtui.cli.arguments import command_line, subparsers

PAIR = """
first = "a"
second = "b"
[nodes.a]
address = "unresolvable.invalid"
[nodes.b]
address = "unresolvable.invalid"
"""
COMMANDS = ("status", "plan", "join", "rollback")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(PAIR)
    return file


def ejtui(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ejtui", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | environment,
    )


def test_version_before_and_after_the_command() -> None:
    assert ejtui("--version").stdout == f"ejtui {__version__}\n"
    assert ejtui("join", "--version").stdout == f"ejtui {__version__}\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_are_no_trouble(closed: str) -> None:
    script = f'exec "$0" -m ejtui help data {closed}'
    ran = subprocess.run(
        ["sh", "-c", script, sys.executable],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_help_names_every_command_and_fits_80_columns() -> None:
    text = ejtui("--help", COLUMNS="80").stdout
    assert all(f"  {command} " in text for command in (*COMMANDS, "lab"))
    for command in ((), *((each,) for each in (*COMMANDS, "lab"))):
        lines = ejtui(*command, "--help", COLUMNS="80").stdout.splitlines()
        assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("frobnicate",), "invalid choice: 'frobnicate'"),
        (("stauts",), "invalid choice: 'stauts'; did you mean status?"),
        (("backups", "purne"), "did you mean prune?"),
        (("join", "--until", "cleandv"), "did you mean cleandb?"),
        (("repair", "cookie-mismach"), "did you mean cookie-mismatch?"),
        (("status", "--frob"), "unrecognized arguments: --frob"),
        (("--first",), "expected one argument"),
        (("join", "--unti", "sync"), "unrecognized arguments"),
        (("status", "--yes"), "usage: ejtui status"),
        (("check", "--quiet"), "usage: ejtui check"),
        (("lab", "--quiet"), "usage: ejtui lab"),
        (("help", "lba"), "did you mean lab?"),
        (("setup",), "setup needs both hosts"),
        (("setup", "--first", "a b", "--second", "b"), "'a b' is not a host name"),
    ],
)
def test_a_wrong_command_line_ends_with_2(arguments: tuple[str, ...], said: str) -> None:
    done = ejtui(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_no_configuration_ends_with_2_and_the_next_action(command: str, tmp_path: Path) -> None:
    done = ejtui(command, XDG_CONFIG_HOME=str(tmp_path))
    assert done.returncode == 2
    assert "[nodes.first]" in done.stderr
    assert "ejtui lab" in done.stderr


def test_the_app_without_a_configuration_and_without_a_terminal(tmp_path: Path) -> None:
    done = ejtui(XDG_CONFIG_HOME=str(tmp_path))
    assert done.returncode == 2
    assert "there is no configuration here yet" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("command", ["status", "plan", "join"])
def test_json_is_one_object_also_for_an_error(command: str, tmp_path: Path) -> None:
    done = ejtui(command, "--json", "--config", str(tmp_path / "nowhere.toml"))
    assert done.returncode == 2
    assert done.stderr == ""
    error = json.loads(done.stdout)["error"]
    assert error["kind"] == "configuration"
    assert error["file"] == str(tmp_path / "nowhere.toml")


def test_json_is_one_object_also_for_a_wrong_command_line() -> None:
    done = ejtui("status", "--json", "--frob")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["kind"] == "usage"


def test_common_options_stand_before_or_after_the_command(config: Path) -> None:
    for arguments in (
        ("--config", str(config), "--first", "b", "status"),
        ("status", "--first", "b", "--config", str(config)),
        ("--config", str(config), "status", "--first", "b"),
    ):
        done = ejtui(*arguments)
        assert done.returncode == 2
        assert 'first and second are both "b"' in done.stderr


def test_the_app_wants_a_terminal(config: Path) -> None:
    done = ejtui("--config", str(config))
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr


def test_a_hostile_file_name_is_shown_not_obeyed() -> None:
    done = ejtui("status", "--config", "/nowhere/\x1b[2J\x07\udcff")
    assert done.returncode == 2
    assert r"\x1b[2J\x07" in done.stderr
    assert all(c.isprintable() or c == "\n" for c in done.stderr)


@pytest.mark.parametrize("command", ["status", "plan"])
def test_hosts_that_do_not_resolve_end_with_3(command: str, config: Path) -> None:
    done = ejtui(command, "--json", "--config", str(config))
    assert done.returncode == 3, done.stdout
    answer = json.loads(done.stdout)
    assert answer["first"]["reachable"] is False
    assert "unresolvable.invalid" in answer["first"]["error"]


def test_a_reader_that_goes_away_is_no_mistake() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "ejtui", "join", "--bogus", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as program:
        assert program.stdout
        assert program.stderr
        program.stdout.close()
        assert program.stderr.read() == b""


def test_state_that_cannot_be_written_is_one_line_and_stops_nothing(
    config: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    state = str(tmp_path / "file")
    done = ejtui("join", "--yes", "--config", str(config), XDG_STATE_HOME=state)
    assert done.returncode == 3
    [line] = done.stderr.splitlines()
    assert line.startswith("ejtui: the journal cannot be written: ")
    assert f"{state}/ejtui" in line
    assert "Traceback" not in done.stdout + done.stderr
    done = ejtui("status", "--config", str(config), XDG_STATE_HOME=state)
    assert (done.returncode, done.stderr) == (3, "")


def test_nothing_is_said_of_a_reader_who_has_gone() -> None:
    """As after `ejtui help findings | head -1`: neither an error nor a traceback."""
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "w") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "ejtui", "help", "findings"],
            stdout=gone,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("history", "show", "99"), "there is no run 99"),
        (("history", "play", "20200101T000000Z"), "there is no run 20200101T000000Z"),
        (("history", "export", "99"), "there is no run 99"),
        (("lab", "fault", "cookie-mismach"), "did you mean cookie-mismatch?"),
    ],
)
def test_a_name_that_is_nothing_is_a_wrong_command_line(
    arguments: tuple[str, ...], said: str, config: Path, tmp_path: Path
) -> None:
    given = arguments if arguments[0] == "lab" else (*arguments, "--config", str(config))
    ran = ejtui(*given, XDG_STATE_HOME=str(tmp_path))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr
    ran = ejtui("history", "show", "--config", str(config), XDG_STATE_HOME=str(tmp_path))
    assert ran.returncode == 1, "the last run of none is no wrong name"


def test_of_the_commands_that_are_not_named_only_the_name_is_read() -> None:
    named = subparsers(command_line(["check", "--json"]))
    assert set(named) == {each.name for each in ALL_COMMANDS}
    assert named["check"]._actions
    assert not any(parser._actions for name, parser in named.items() if name != "check")
