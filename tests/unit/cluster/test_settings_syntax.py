"""Syntax errors in ejabberdctl and its settings: read with its own shell, and named."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.diagnosis import settings_syntax
from ejtui.cluster.diagnosis.diagnose import findings, stopping
from ejtui.cluster.facts.examination import BrokenFile, Examined, NodeExam
from tests.skipping import skip_for
from tests.unit.cluster.rules import DOWN, only

WORD = "OneOfTheFile"
READS = '#!/bin/{shell}\n[ -f "$CFG" ] && . "$CFG"\n'

BROKEN = {
    "an if without fi": "A=1\nif true; then\nB=2\n",
    "an open quote": f'A=1\nERL_OPTIONS="-setcookie {WORD}\nB=2\n',
    "a word too much": "A=1\nfi\n",
    "a bracket": f"A=1\nX=1 ({WORD}) {WORD}\n",
    "a quoted word": f"A=1\nif true; then fi '{WORD}'\n",
    "Windows' line ends": "if true; then\r\nA=1\r\nfi\r\n",
}

SOUND = {
    "settings": "A=1\nif true; then B=2; fi\n",
    "what would do harm": "touch harm\nexit 3\n",
    "no line end": "A=1",
    "empty": "",
}


def seen(place: Path, text: str, *, by: str, ctl: str = READS) -> tuple[BrokenFile, ...]:
    """What the program prints of settings with that text."""
    skip_for(None if shutil.which(by) else f"packages are missing: {by}")
    program, cfg = place / "ejabberdctl", place / "ejabberdctl.cfg"
    program.write_text(ctl.replace("{shell}", by))
    cfg.write_bytes(text.encode())
    words = [str(program), str(cfg), str(settings_syntax.MOST_BYTES)]
    # The shell that a host has as sh is not this computer's choice.
    argv = ["sh", "-c", settings_syntax._PROGRAM, "syntax", *words]
    done = subprocess.run(argv, cwd=place, capture_output=True, timeout=30, check=True)
    return settings_syntax.read(tuple(done.stdout.decode().split("\0")[:-1]), str(program))


@pytest.mark.parametrize("shell", ["sh", "dash", "bash", "mksh"])
@pytest.mark.parametrize("how", BROKEN)
def test_what_the_shell_cannot_read_is_named(tmp_path: Path, shell: str, how: str) -> None:
    [file] = seen(tmp_path, BROKEN[how], by=shell)
    assert (file.path, file.shell) == (str(tmp_path / "ejabberdctl.cfg"), f"/bin/{shell}")
    assert 1 <= file.line <= BROKEN[how].count("\n") + 1
    assert file.why
    assert WORD not in file.why, "a word of the file may be a password"
    assert str(tmp_path) not in file.why


@pytest.mark.parametrize("shell", ["sh", "dash", "bash", "mksh"])
@pytest.mark.parametrize("how", SOUND)
def test_what_it_can_read_is_well_and_is_not_run(tmp_path: Path, shell: str, how: str) -> None:
    assert seen(tmp_path, SOUND[how], by=shell) == ()
    assert not (tmp_path / "harm").exists()


def test_the_shell_is_the_one_that_ejabberdctl_begins_with(tmp_path: Path) -> None:
    array = "X=(a b)\n"
    assert seen(tmp_path, array, by="bash") == ()
    assert seen(tmp_path, array, by="bash", ctl="#!/usr/bin/env -S bash -e\n. $CFG\n") == ()
    assert [file.line for file in seen(tmp_path, array, by="dash")] == [1]


@pytest.mark.parametrize(
    "ctl",
    ["#!/usr/bin/python3\n. $CFG\n", "\x7fELF\n", "#!/bin/sh\nexec /opt/ejabberdctl\n", ""],
    ids=["another language", "a program", "a wrapper", "empty"],
)
def test_where_that_shell_is_not_known_nothing_is_reported(tmp_path: Path, ctl: str) -> None:
    assert seen(tmp_path, "fi\n", by="sh", ctl=ctl) == ()


def test_ejabberdctl_itself_is_read_too(tmp_path: Path) -> None:
    [file] = seen(tmp_path, "", by="bash", ctl=f"{READS}if true; then\n")
    assert file.is_program
    assert not file.is_left_at_once


def test_a_large_file_is_left_alone(tmp_path: Path) -> None:
    assert seen(tmp_path, "#" * settings_syntax.MOST_BYTES + "\nfi\n", by="sh") == ()


def examined(*files: BrokenFile) -> Examined:
    return Examined(NodeExam(asked=True), NodeExam(asked=True, broken_files=files))


@pytest.mark.parametrize(
    ("shell", "effect"), [("/bin/dash", "next start fails"), ("/bin/bash", "none of the settings")]
)
def test_it_stops_a_join_and_is_the_cause_of_a_node_that_is_down(
    story: Any, shell: str, effect: str
) -> None:
    file = BrokenFile("/etc/default/ejabberd", shell, 7, "syntax error:\x1b[2J")
    finding = only(story.same_cookie(), examined(file))
    assert (finding.code, finding.node, finding.severity) == ("settings-syntax", "second", "error")
    assert finding.evidence == (
        f"second: /etc/default/ejabberd, line 7: syntax error:\\x1b[2J (`{shell} -n`)",
    )
    assert effect in finding.explanation
    assert stopping([finding]) == (finding,)
    down = story.second_is(story.joined(), **DOWN)
    leading = findings(down, examined(file))[0]
    assert leading.code == "settings-syntax"
    assert any("not-connected" in line for line in leading.consequences)
