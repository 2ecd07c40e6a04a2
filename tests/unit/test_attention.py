"""Title, bell and notification: what is written for each kind of terminal."""

from __future__ import annotations

import pytest

from ejtui.attention import Attention

BELL = "\x07"


@pytest.mark.parametrize(
    ("environ", "written"),
    [
        ({"TERM": "xterm-256color"}, BELL),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/s"}, BELL),
        ({"TERM": "xterm", "LC_TERMINAL": "iTerm2"}, "\x1b]9;first is asked\x07\x07"),
        ({"TERM": "xterm", "TERM_PROGRAM": "WezTerm"}, "\x1b]9;first is asked\x07\x07"),
        ({"TERM": "foot-extra"}, "\x1b]777;notify;ejtui;first is asked\x07\x07"),
        ({"TERM": "linux"}, ""),
        ({"TERM": "dumb"}, ""),
        ({}, ""),
    ],
)
def test_a_call(environ: dict[str, str], written: str) -> None:
    made: list[str] = []
    Attention(made.append, environ, on=True).call("first is\nasked")
    assert "".join(made) == written


def test_a_title_is_given_and_taken_back() -> None:
    made: list[str] = []
    attention = Attention(made.append, {"TERM": "xterm"}, on=True)
    attention.title("one")
    attention.title("one")
    attention.title("two\x1b]0;three\x07; four")
    attention.end()
    attention.end()
    assert made[0] == "\x1b[22;2t\x1b]2;one\x07"
    assert made[1].count("\x1b") == 1
    assert made[1].count("\x07") == 1
    assert ";" not in made[1].removeprefix("\x1b]2;")
    assert made[2:] == ["\x1b]2;\x07\x1b[23;2t"]


def test_nothing_is_written_where_it_is_switched_off() -> None:
    made: list[str] = []
    attention = Attention(made.append, {"TERM": "xterm"}, on=False)
    attention.title("one")
    attention.call("two")
    attention.end()
    assert made == []
