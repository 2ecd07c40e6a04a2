"""What is waited for is named on a terminal, and gone afterwards."""

from __future__ import annotations

import io

from ejtui.cli.render.waiting import WaitingLine

CLEAR = "\r\x1b[K"


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_it_is_gone_afterwards() -> None:
    stream = Terminal()
    line = WaitingLine(stream)
    with line.waiting("asking both nodes"):
        assert stream.getvalue() == f"{CLEAR}asking both nodes"
    assert stream.getvalue().endswith(CLEAR)


def test_it_makes_room_for_a_question() -> None:
    stream = Terminal()
    line = WaitingLine(stream)
    with line.waiting("connecting"):
        with line.paused():
            assert stream.getvalue().endswith(CLEAR)
        assert stream.getvalue().endswith("connecting")
    before = stream.getvalue()
    with line.paused():
        pass
    assert stream.getvalue() == before


def test_a_pipe_gets_nothing() -> None:
    stream = io.StringIO()
    with WaitingLine(stream).waiting("asking both nodes"):
        pass
    assert not stream.getvalue()
