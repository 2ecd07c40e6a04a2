"""The emulated terminal: what it shows, keeps, encodes, and never lets through."""

from __future__ import annotations

import random
import threading
import unicodedata

import pytest
from wcwidth import wcswidth

from ejtui.erlang.terminal.terminal import TerminalScreen


def screen_of(data: bytes, columns: int = 20, rows: int = 5) -> TerminalScreen:
    """A screen on which `data` was printed."""
    screen = TerminalScreen(columns, rows)
    screen.feed(data)
    screen.publish()
    return screen


def test_shows_what_is_printed_and_where_the_cursor_is() -> None:
    frame = screen_of(b"one\r\n\x1b[31mtwo\x1b[m three").frame
    assert frame.lines[:2] == ["one", "two three"]
    assert frame.cursor == (9, 1)
    first, second = frame.rows[1].runs[:2]
    assert (first.text, first.look.foreground) == ("two", 1)
    assert second.look.foreground is None


def test_the_redraw_of_newer_releases_leaves_one_line() -> None:
    frame = screen_of(b"(n@h)1> 1+1.\r\n\x1b[A\x1b[J(n@h)1> 1+1.\r\n2\r\n(n@h)2> ").frame
    assert frame.lines[:3] == ["(n@h)1> 1+1.", "2", "(n@h)2>"]


@pytest.mark.parametrize(
    "hostile",
    [
        "\x00\x07\x0e\x0f\x7f",
        "\u202e\u2066\u200f\u061c",
        "\u200b\u200d\ufeff\u00ad\u2028\u2029",
        "\x9b31m\x9d0;title\x9c\x90q\x9c",
        "\x1b]0;title\x07\x1b]52;c;aGk=\x07\x1b]8;;http://x\x07link\x1b]8;;\x07",
        "\x1bP+q544e\x1b\\\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\",
        "e\u0301\U0001f468\u200d\U0001f469 \ue000 \U000e0041",
    ],
)
def test_nothing_that_is_shown_is_a_control_character(hostile: str) -> None:
    screen = screen_of(b"a" + hostile.encode() + b"z", columns=40)
    for row in screen.frame.rows:
        assert not {unicodedata.category(char) for char in row.text} & {"Cc", "Cf", "Zl", "Zp"}
        assert wcswidth(row.text) == 40


def test_anything_at_all_can_be_printed() -> None:
    chance = random.Random(7)  # noqa: S311
    screen = TerminalScreen(30, 8)
    parts = [b"\x1b", b"\x1b[", b"\x1b]", b"\x1bP", b"\x9b", b";", b"?", b"99999", b"h", b"r", b"J"]
    for _ in range(1500):
        noise = b"".join(chance.choice(parts) for _ in range(4)) + chance.randbytes(6)
        screen.feed(noise)
        screen.publish()
        frame = screen.frame
        assert (frame.columns, len(frame.rows)) == (30, 8)
        assert all(wcswidth(row.text) == 30 for row in frame.rows)
    screen.feed(b"\x18\x1b\\\x1bc\x0fstill there")
    screen.publish()
    assert screen.frame.lines[0] == "still there"


def test_an_unfinished_sequence_does_not_swallow_the_session() -> None:
    screen = screen_of(b"\x1b]0;" + b"x" * 20_000)
    screen.feed(b"\x1b[2J\x1b[Halive")
    screen.publish()
    assert screen.frame.lines[0] == "alive"


def test_only_reports_of_status_position_and_kind_go_back() -> None:
    screen = TerminalScreen(20, 5)
    assert screen.feed(b"ab\x1b[6n\x1b[5n\x1b[c") == b"\x1b[1;3R\x1b[0n\x1b[?62;22c"
    asks = b"\x1b]2;halt().\r\x07\x1b[21t\x1b]52;c;?\x07\x1b]10;?\x07\x05\x1bP$qm\x1b\\\x1b[18t"
    assert screen.feed(asks) == b""
    assert screen.feed(b"\x1b[8;99;99t\x1b[?3h\x1b[5i") == b""
    assert (screen.columns, screen.rows) == (20, 5)


@pytest.mark.parametrize(
    ("key", "text", "sent"),
    [
        ("a", "a", b"a"),
        ("plus", "+", b"+"),
        ("+", "+", b"+"),
        ("space", " ", b" "),
        ("ö", "ö", "ö".encode()),
        ("enter", None, b"\r"),
        ("tab", None, b"\t"),
        ("shift+tab", None, b"\x1b[Z"),
        ("backspace", None, b"\x7f"),
        ("delete", None, b"\x1b[3~"),
        ("escape", None, b"\x1b"),
        ("up", None, b"\x1b[A"),
        ("ctrl+left", None, b"\x1b[1;5D"),
        ("home", None, b"\x1b[H"),
        ("end", None, b"\x1b[F"),
        ("ctrl+c", None, b"\x03"),
        ("ctrl+d", None, b"\x04"),
        ("ctrl+g", None, b"\x07"),
        ("ctrl+underscore", None, b"\x1f"),
        ("ctrl+at", None, b"\x00"),
        ("alt+b", None, b"\x1bb"),
        ("alt+up", None, b"\x1b\x1b[A"),
    ],
)
def test_keys_are_encoded_as_xterm_does(key: str, text: str | None, sent: bytes) -> None:
    assert TerminalScreen(20, 5).encode_key(key, text) == sent


def test_cursor_keys_follow_the_mode_the_program_asked_for() -> None:
    assert screen_of(b"\x1b[?1h").encode_key("up") == b"\x1bOA"


def test_a_paste_is_data_and_bracketed_when_asked_for() -> None:
    hostile = "a\r\nb\x1b[201~\x03c\n"
    assert TerminalScreen(20, 5).encode_paste(hostile) == b"a\rb[201~c\r"
    assert screen_of(b"\x1b[?2004h").encode_paste("a\nb") == b"\x1b[200~a\rb\x1b[201~"


def test_rows_that_scroll_off_are_kept_and_wrapped_anew() -> None:
    screen = screen_of(b"".join(b"line %d\r\n" % number for number in range(20)))
    assert screen.frame.history == 16
    assert [row.text.rstrip() for row in screen.history_rows(14, 5)] == ["line 14", "line 15"]
    screen.feed(b"x" * 50 + b"\r\n" * 6)
    screen.publish()
    before = screen.frame.history
    screen.resize(10, 5)
    assert screen.frame.history == before + 2
    assert [row.text for row in screen.history_rows(screen.frame.history - 6, 5)] == ["x" * 10] * 5


def test_lines_keep_their_numbers_when_resized() -> None:
    screen = screen_of(b"one\r\n" + b"y" * 30 + b"\r\nthree\r\nfour\r\nfive\r\n(n@h)1> ")
    number = screen.frame.line_number
    assert screen.text_between(0, number) == ["one", "y" * 30, "three", "four", "five"]
    for columns, rows in ((10, 5), (40, 3), (7, 2), (20, 9)):
        screen.resize(columns, rows)
        assert screen.frame.line_number == number
        assert screen.frame.line == "(n@h)1>"
        assert screen.text_between(0, number) == ["one", "y" * 30, "three", "four", "five"]


def test_a_screen_that_is_cleared_goes_to_the_scrollback() -> None:
    screen = screen_of(b"one\r\ntwo\x1b[H\x1b[2J(n@h)1> ")
    assert screen.frame.lines[0] == "(n@h)1>"
    assert [row.text.rstrip() for row in screen.history_rows(0, 9)] == ["one", "two"]


def test_the_scrollback_is_bounded() -> None:
    screen = TerminalScreen(20, 5, history_cells=1000)
    screen.feed(b"0123456789\r\n" * 1000)
    screen.feed(b"z" * 5000)
    screen.publish()
    assert screen.frame.history <= 1000
    assert screen.frame.line_number == 1000


def test_an_unchanged_row_is_the_same_object() -> None:
    screen = screen_of(b"one\r\ntwo\r\n")
    before = screen.frame.rows
    screen.feed(b"x")
    assert screen.publish()
    after = screen.frame.rows
    assert [was is now for was, now in zip(before, after, strict=True)] == [True, True, False] + [
        True
    ] * 2
    assert not screen.publish()


def test_readers_get_their_turn_while_output_floods() -> None:
    screen = TerminalScreen(80, 24)
    flood = b"\x1b[1ma line of a flood of output\x1b[m\r\n" * 2_000
    feeder = threading.Thread(target=screen.feed, args=(flood,))
    feeder.start()
    turns = 0
    while feeder.is_alive():
        screen.history_rows(0, 1)
        turns += 1
    feeder.join()
    assert turns > 5
