"""Light or dark, by the terminal's reply: whole, late, in pieces, or never."""

from __future__ import annotations

import pytest

from ejtui.ui.background import BackgroundReply, can_be_asked
from ejtui.ui.text.lines import Tone
from ejtui.ui.text.theme import THEMES, looks, theme_name

DARK, LIGHT = "\x1b]11;rgb:1212/1616/1c1c\x1b\\", "\x1b]11;rgb:ff/ff/f0\x07"


@pytest.mark.parametrize(("reply", "light"), [(DARK, False), (LIGHT, True)])
def test_the_reply_is_taken_out_of_what_is_typed(reply: str, light: bool) -> None:
    assert BackgroundReply().take(f"a{reply}b") == ("ab", light)


@pytest.mark.parametrize("reply", [DARK, LIGHT])
def test_it_may_come_in_any_two_pieces(reply: str) -> None:
    for at in range(1, len(reply)):
        background = BackgroundReply()
        before, nothing = background.take("x" + reply[:at])
        assert nothing is None
        after, light = background.take(reply[at:] + "y")
        assert before + after == "xy"
        assert light is (reply == LIGHT)


def test_escape_alone_is_handed_on_at_the_next_pause() -> None:
    background = BackgroundReply()
    assert background.take("\x1b") == ("", None)
    assert background.pause() == "\x1b"


def test_nothing_is_held_once_the_terminal_has_replied_to_something_later() -> None:
    background = BackgroundReply()
    background.stop()
    assert background.take("\x1b") == ("\x1b", None)


@pytest.mark.parametrize("keys", ["\x1bOP", "\x1b[A", "\x1b[<0;3;4M", "\x1b[200~]11;\x1b[201~"])
def test_other_sequences_are_left_alone(keys: str) -> None:
    assert BackgroundReply().take(keys) == (keys, None)


def test_who_would_show_the_question_is_not_asked() -> None:
    for kind in ("linux", "dumb", "vt100", "ansi", ""):
        assert not can_be_asked({"TERM": kind})
    for kind in ("xterm-256color", "tmux-256color", "screen", "foot", "rxvt-unicode"):
        assert can_be_asked({"TERM": kind})


def test_every_theme_has_every_tone() -> None:
    assert {theme_name(light=a, sixteen=b) for a in (True, False) for b in (True, False)} == {
        theme.name for theme in THEMES
    }
    for theme in THEMES:
        assert set(looks(theme.name)) == set(Tone)
