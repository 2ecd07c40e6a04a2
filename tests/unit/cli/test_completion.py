"""Completion and man page: all of the command line, in real shells, and read by a real man."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from ejtui.cli.completion.commands import CommandLine, whole
from ejtui.cli.completion.files import SHELLS, files
from ejtui.cli.main import main
from tests.skipping import skip_for

PROGRAM = whole()
BIN = Path(sys.executable).parent


def all_of(command: CommandLine) -> Iterator[CommandLine]:
    yield command
    for each in command.commands:
        yield from all_of(each)


def script(shell: str, tmp_path: Path) -> Path:
    name = {"zsh": "_ejtui"}.get(shell, f"ejtui.{shell}")
    file = tmp_path / name
    file.write_text(SHELLS[shell](PROGRAM))
    return file


@pytest.mark.parametrize("shell", SHELLS)
def test_each_script_has_every_command_and_option(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    text = capsys.readouterr().out
    names = {command.name for command in all_of(PROGRAM)}
    options = {name for each in all_of(PROGRAM) for option in each.options for name in option.names}
    assert {"join", "bring-over", "fault", "completion"} <= names
    for name in names:
        assert re.search(rf"\b{name}\b", text), name
    for option in options:
        shown = re.escape(option if shell != "fish" else option.lstrip("-"))
        assert re.search(rf"{shown}\b", text), option
    assert "--words" not in {name for name in options}


def test_the_program_lists_its_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    for kind, word in (("codes", "cookie-mismatch"), ("topics", "join"), ("steps", "cleandb")):
        assert main(["completion", "--words", kind]) == 0
        assert word in capsys.readouterr().out.split()
    assert main(["completion", "--words", "nothing"]) == 0
    assert capsys.readouterr().out.split() == []
    assert main(["completion"]) == 2
    assert main(["completion", "tcsh"]) == 2


BASH = [
    (["jo"], ["join"]),
    (["st"], ["status"]),
    (["join", "--un"], ["--until"]),
    (["join", "--until", "clean"], ["cleandb"]),
    (["repair", "cookie-mism"], ["cookie-mismatch"]),
    (["repair", "--node", "fi"], ["first"]),
    (["--first", "x", "jo"], ["join"]),
    (["--config", "x", "help", "secu"], ["security"]),
    (["history", "pl"], ["play"]),
    (["history", "play", "la"], ["last"]),
    (["lab", "re"], ["reset"]),
    (["lab", "sh", "sec"], ["second"]),
    (["completion", "z"], ["zsh"]),
    (["nothing", "x"], []),
]


@pytest.mark.parametrize(("words", "found"), BASH, ids=lambda value: " ".join(value))
def test_bash_completes(words: list[str], found: list[str], tmp_path: Path) -> None:
    typed = " ".join(f"'{word}'" for word in ["ejtui", *words])
    program = (
        f"source '{script('bash', tmp_path)}'; COMP_WORDS=({typed}); "
        f'COMP_CWORD={len(words)}; _ejtui; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"},
    )
    assert (done.stdout.split(), done.stderr) == (found, "")


def test_bash_completes_a_file(tmp_path: Path) -> None:
    (tmp_path / "a file.toml").touch()
    child = shell_with(["bash", "--norc", "-i"], f"source '{script('bash', tmp_path)}'", tmp_path)
    child.send("ejtui --config a\t")
    child.expect_exact(["a\\ file.toml"])


@pytest.mark.parametrize(
    ("argv", "before"),
    [
        (["zsh", "-f", "-i"], "autoload -Uz compinit; compinit -u -D; source {script}"),
        (["fish", "--no-config", "-i"], "source {script}"),
    ],
    ids=["zsh", "fish"],
)
def test_a_real_shell_completes_at_the_tab(argv: list[str], before: str, tmp_path: Path) -> None:
    skip_for(None if shutil.which(argv[0]) else f"{argv[0]} is not installed")
    child = shell_with(argv, before.format(script=script(argv[0], tmp_path)), tmp_path)
    for typed, found in (("ejtui bring-o\t", "ver"), ("\x15ejtui join --unt\t", "il"),
                         ("\x15ejtui lab rese\t", "t"),
                         ("\x15ejtui repair cookie-mism\t", "atch"),
                         ("\x15ejtui join --until admi\t", "nistration")):  # fmt: skip
        child.send(typed)
        child.expect(f"{typed.strip()[-4:]}[^\r\n]*{found}".replace("\x15", ""))


def shell_with(argv: list[str], line: str, home: Path) -> pexpect.spawn[str]:
    """The shell once it has read that line."""
    environment = {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(home), "TERM": "xterm",
                   "LANG": "C.UTF-8"}  # fmt: skip
    child = pexpect.spawn(argv[0], argv[1:], timeout=60, encoding="utf-8", cwd=str(home),
                          env=environment)  # fmt: skip
    child.sendline(f"{line} && echo re''ady")
    child.expect_exact("ready")
    return child


def test_the_man_page_is_read_without_a_complaint(tmp_path: Path) -> None:
    skip_for(None if shutil.which("man") else "man is not installed")
    file = tmp_path / "ejtui.1"
    file.write_text(files()["share/man/man1/ejtui.1"])
    done = subprocess.run(
        ["man", "--warnings", "-l", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""},
    )
    assert (done.returncode, done.stderr) == (0, "")
    page = re.sub(r".\x08", "", done.stdout)
    for command in PROGRAM.commands:
        assert f"ejtui {command.name}" in page, command.name
    for part in ("--without-first", "130", "config.toml", "interrupted", "play RUN", "SEE ALSO"):
        assert part in page.replace("[show|play|export]", "play RUN"), part
    assert max(map(len, page.splitlines())) <= 80
