"""Every argv arrives byte for byte through a shell."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejtui.hosts.programs.wire import launcher, login_line, mistake
from tests.patience import SECONDS

# Bytes a program can be given at all; as Python hands them over, undecodable ones included.
arguments = st.lists(
    st.one_of(
        st.binary(max_size=60).map(lambda b: os.fsdecode(b.replace(b"\0", b""))),
        st.text(alphabet="'\"\\$`!;|&<>(){}[]*?~#%^= \t\n\r\x1b-né", max_size=30),
    ),
    max_size=8,
)
HOSTILE = [
    *("", " ", "'", '"', "\\", "\\\\'", "!", "!!", "$HOME", "$(id)", "`id`", ";id", "a\nb", "\n"),
    *("\n\n", "-n", "--", "~", "*", "%s", "\\0101", "é", "\udcff", "{a,b}", "=ls", "#x", "\\"),
    *("x" * 5000, "'" * 2000, "p", "e", "E", "\x7f\x01", "a'b\"c d\\e!f"),
]


def _through(shell: list[str], argv: list[str]) -> list[str]:
    line = login_line(["printf", "%s\\0", "start", *argv])
    said = subprocess.run([*shell, "-c", line], capture_output=True, check=True, timeout=SECONDS)
    assert said.stderr == b""
    return [os.fsdecode(arg) for arg in said.stdout.split(b"\0")[1:-1]]


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
@settings(max_examples=60, deadline=None)
@given(argv=arguments)
def test_any_bytes_arrive(shell: str, argv: list[str]) -> None:
    assert _through([shell], argv) == argv


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
def test_hostile_words_arrive(shell: str) -> None:
    assert _through([shell], HOSTILE) == HOSTILE


def test_the_line_is_plain_and_short_worded() -> None:
    line = login_line(HOSTILE)
    assert line.isascii()
    assert line.isprintable()
    assert "!" not in line
    words = line.split("'")
    assert max(map(len, words)) < 1000  # the classic csh takes 1024 bytes a word


@settings(max_examples=40, deadline=None)
@given(argv=arguments, value=st.text(alphabet="'\"\\$`!; \n=é", max_size=20))
def test_the_launcher_changes_nothing(argv: list[str], value: str) -> None:
    script = 'printf "%s\\0" "$V" "$PWD" "$@"'
    full = launcher(
        ["/bin/sh", "-c", script, "sh", *argv],
        token="feed",  # noqa: S106 - it is a marker
        become=None,
        env={"V": value},
        cwd="/",
        terminal=False,
    )
    said = subprocess.run(full, capture_output=True, check=True, timeout=SECONDS)
    mark, _, rest = said.stdout.partition(b";")
    assert mark.startswith(b"ejtui-feed-")
    assert said.stderr == mark + b";"
    assert [os.fsdecode(arg) for arg in rest.split(b"\0")[:-1]] == [value, "/", *argv]


@pytest.mark.parametrize(
    ("argv", "env", "cwd"),
    [
        ([], {}, None),
        ([""], {}, None),
        (["-x"], {}, None),
        (["a", "b\0c"], {}, None),
        (["a"], {"A B": "1"}, None),
        (["a"], {"A": "\0"}, None),
        (["a"], {}, "/\0"),
    ],
)
def test_what_no_program_can_be_given_is_named(
    argv: list[str], env: dict[str, str], cwd: str | None
) -> None:
    assert mistake(argv, env, cwd)
    assert mistake(["a", "é\n"], {"A_1": "x y"}, "/tmp") is None
