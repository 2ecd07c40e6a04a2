"""Leaving out the drawing of what nobody sees changes nothing that can be seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ejtui.erlang.terminal.terminal import TerminalScreen
from ejtui.erlang.terminal.unseen import unseen

COLUMNS, ROWS = 12, 4

lines = st.text("ab ~", max_size=COLUMNS).map(lambda text: text.encode() + b"\r\n")
floods = st.lists(lines, min_size=1, max_size=5 * ROWS).map(b"".join)
long_lines = st.integers(COLUMNS, 3 * COLUMNS).map(lambda count: b"x" * count + b"\r\n")
oddities = st.sampled_from(
    [
        b"half a li", "wide 世é".encode(), b"\x1b[1m", b"\x1b[0m", b"\x1b[42m ", b"\x1b[2J",
        b"\x1b[H", b"\x1b[3;5H", b"\x1b[2;3r", b"\x1b[r", b"\x1b[?1049h", b"\x1b[?1049l",
        b"\x1b[4h", b"\x1b[4l", b"\x1b[?6h", b"\x1b[?6l", b"\x1b(0", b"\x1b(B", b"\x0e", b"\x0f",
        b"\x1b", b"\x1b[", b"\x1b]0;", b"\x07", b"\n", b"\r", b"\t", b"\x08", b"\xe4\xb8", b"\x1bN",
        b"\x1b[?7l", b"\x1b[?7h", b"\x1bc",
    ]
)  # fmt: skip
outputs = st.lists(floods | long_lines | oddities, max_size=12).map(b"".join)


def shown(screen: TerminalScreen) -> object:
    """Everything of a screen that can be seen."""
    screen.publish()
    frame = screen.frame
    return frame, screen.history_rows(0, 10_000), screen.text_between(0, 10_000)


def drawn(data: bytes, piece: int) -> object:
    screen = TerminalScreen(COLUMNS, ROWS, 500)
    for start in range(0, len(data), piece):
        screen.feed(data[start : start + piece])
    return shown(screen)


@given(outputs)
def test_all_at_once_shows_what_byte_by_byte_shows(data: bytes) -> None:
    assert drawn(data, max(len(data), 1)) == drawn(data, 1)


def test_a_flood_is_left_out_up_to_the_last_screenful() -> None:
    flood = b"".join(b"%d\r\n" % number for number in range(100))
    assert unseen(b"tail\r\n" + flood, 0, COLUMNS, ROWS) == (6, 6 + flood.index(b"96"))


def test_nothing_is_left_out_of_what_is_short_wide_or_coloured() -> None:
    assert unseen(b"\n" + b"a\r\n" * 2 * ROWS, 0, COLUMNS, ROWS) is None
    assert unseen(b"\n" + (b"a" * (COLUMNS + 1) + b"\r\n") * 100, 0, COLUMNS, ROWS) is None
    assert unseen(b"\n" + b"\x1b[1ma\r\n" * 100, 0, COLUMNS, ROWS) is None
    assert unseen(b"no end of a line", 0, COLUMNS, ROWS) is None
