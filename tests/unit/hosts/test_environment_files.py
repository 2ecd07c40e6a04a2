"""NAME=VALUE of a file as systemd's EnvironmentFile= takes it, and of what systemctl shows."""

from __future__ import annotations

import subprocess

import pytest

from ejtui import scripts
from ejtui.platforms import detection

PROGRAM = scripts.shell(detection.__file__, "environment.awk")


def read(text: str, *options: str) -> list[str]:
    argv = ["awk", *options, PROGRAM]
    ran = subprocess.run(argv, input=text, capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("# A=1\n; B=1\n C = one two \nD=\n", ["C=one two", "D="]),
        ('A="-setcookie \\\n  One"\nB=x\n', ["A=-setcookie   One", "B=x"]),
        ("A=-proto_dist \\\n  inet_tls\n", ["A=-proto_dist   inet_tls"]),
        ('A="one\ntwo"\nB=x', ["A=one two", "B=x"]),
        ('A=\'x\\$y\' \nB="\\"q\\" \\$"\n', ["A=x\\$y", 'B="q" $']),
        ('A=plain "q" z  \r\nB=x\r\n', ['A=plain "q" z', "B=x"]),
        ("no assignment\nexport A=1\n1A=x\nB=x\n", ["B=x"]),
        ("", []),
    ],
)
def test_a_file(text: str, pairs: list[str]) -> None:
    assert read(text) == pairs


def test_what_systemctl_shows() -> None:
    shown = 'A=1 "B=-setcookie \\"x y\\" \\\\ z" C= "D=e f"\n'
    assert read(shown, "-v", "shown=1") == ["A=1", 'B=-setcookie "x y" \\ z', "C=", "D=e f"]
