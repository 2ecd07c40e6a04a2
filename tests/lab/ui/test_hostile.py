"""Hosts that mean ill: what they print and how they name files obeys nobody's terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ejtui.lab.lab import Lab
from tests.lab.ui import scenarios
from tests.lab.ui.tmux import Tmux

# A title, the clipboard, questions that a terminal answers, and a way through tmux to the terminal
# around it; for printf.
SEQUENCES = (
    r"\033]0;owned\007\033]2;owned\033\\\033]52;c;b3duZWQ=\007\033]52;c;?\007"
    r"\033[c\033[>c\033[6n\033[5n\033[21t\005\033Pq\033\\"
    r"\033Ptmux;\033\033]0;owned\007\033\\\033kowned\033\\"
)
WRITE = 'for each in /dev/pts/[0-9]*; do printf "$1" > "$each"; done'
SPOOL = "/var/lib/ejabberd"
NAMES = [
    b"owned\x1b]0;owned\x07.DCD",
    b"two\nlines.DCD",
    b"quo\"ted' $(touch owned) `id`.DCD",
    b"\xff\xfe\x9b31m.DCD",
    b"-rf *.DCD",
    "\u202eltr\u2028世.DCD".encode(),
]


def test_what_an_erl_prints_reaches_the_pane_alone(lab: Lab, tmp_path: Path) -> None:
    # Without --no-bell ejtui itself gives the terminal a title.
    with scenarios.app(lab, tmp_path, 120, 40, "--no-bell") as screen:
        screen.listen()
        untouched = screen.told
        screen.until("next: ")
        screen.keys("s")
        screen.until("Open erl on which node?")
        screen.keys("1")
        screen.until("(ejabberd@first)1>")
        # Straight to the erl's terminal, past whatever erl makes of control characters.
        lab.run("first", ["sh", "-c", WRITE, "sh", SEQUENCES + "mar" + "ker"])
        screen.until("marker")
        assert screen.told == untouched
        # What the pane's own terminal answers is erl's to read; it goes on after it.
        screen.keys("Enter")
        scenarios.enter(screen, ".")
        screen.until("syntax error")
        scenarios.enter(screen, '"al" ++ "ive".')
        screen.until('"alive"')
        assert screen.told == untouched
        screen.keys("F2")
        screen.until("? help")
        scenarios.leave(screen)


def test_the_same_bytes_are_obeyed_where_nobody_stands_between(tmp_path: Path) -> None:
    """So what is untouched above, was kept from it."""
    argv = ["sh", "-c", 'read go; printf "$1"; echo printed; cat', "sh", SEQUENCES]
    with Tmux(tmp_path, argv, 80, 24) as screen:
        screen.listen()
        untouched = screen.told
        screen.keys("Enter")
        screen.until("printed")
        screen.until(lambda _: screen.told != untouched)
        assert "owned" in screen.told


@pytest.fixture
def hostile_names(lab: Lab) -> Iterator[None]:
    """Files of root's in second's spool, with names that mean ill."""
    make = 'cd "$1"; shift; for each; do : > "./$each"; done'
    argv: list[str] = ["sh", "-c", make, "sh", SPOOL]
    names = [name.decode("utf-8", "surrogateescape") for name in NAMES]
    lab.run("second", [*argv, *names])
    yield
    lab.run("second", ["sh", "-c", 'cd "$1"; shift; for each; do rm "./$each"; done', "sh", SPOOL,
                       *names])  # fmt: skip


@pytest.mark.usefixtures("hostile_names")
@pytest.mark.parametrize(
    "command",
    ["check", *(pytest.param(name, marks=pytest.mark.catalogue) for name in ("status", "plan"))],
)
def test_names_of_files_are_shown_as_text_and_json_stays_json(lab: Lab, command: str) -> None:
    argv = [sys.executable, "-m", "ejtui", "--config", str(lab.config_path), command]
    ran = subprocess.run(argv, capture_output=True, timeout=120, check=False)
    assert ran.returncode in (0, 1)
    for character in ran.stdout.decode() + ran.stderr.decode():
        assert character.isprintable() or character == "\n", repr(character)
    answer = subprocess.run([*argv, "--json"], capture_output=True, timeout=120, check=False)
    read = json.loads(answer.stdout)
    assert json.loads(json.dumps(read, allow_nan=False)) == read
    assert answer.stderr == b""
    if command == "check":
        assert "dir-root-owned" in [each["code"] for each in read["findings"]]
        assert ".DCD" in json.dumps(read["findings"])
    absent = lab.run("second", ["sh", "-c", f"ls {SPOOL}/owned /root/owned 2>/dev/null"],
                     check=False)  # fmt: skip
    assert absent.stdout == b""
