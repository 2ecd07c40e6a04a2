"""The way back to a prompt, where the clock decides."""

from __future__ import annotations

from ejtui.erlang.shell.recovery import Known, Recovery
from ejtui.erlang.terminal.terminal import TerminalScreen

P = "(n@h)"


def test_an_answer_that_was_given_twice_leaves_nothing_half_typed_behind() -> None:
    screen = TerminalScreen(60, 12)
    recovery = Recovery("n@h", Known.NOTHING, 0.0)

    def after(seconds: float, printed: str = "") -> tuple[bytes, int | None]:
        screen.feed(printed.encode())
        screen.publish()
        return recovery.step(screen.frame, 1.0, seconds)

    menu = f"{P}1> \r\nBREAK: (a)bort\r\n       (l)oaded (v)ersion (k)ill\r\n"
    assert after(1, menu) == (b"\x05\x15c\r", None)
    assert after(2) == (b"", None)
    assert after(7) == (b"\x05\x15c\r", None)
    # The first was only late: the second is the beginning of an expression.
    assert after(8, f"c\r\nc\r\n{P}1> ") == (b"\x07", None)
    assert after(9, "\r\nUser switch command\r\n --> ") == (b"\x05\x15i\r", None)
    assert after(10, "i\r\n --> ") == (b"\x05\x15c\r", None)
    assert after(11, f"c\r\n** exception exit: killed\r\n{P}1> ") == (b"", 1)
