"""Driving a shell, with the test in erl's place at the other end of the terminal."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from ejtui.erlang.shell import updates
from ejtui.erlang.shell.shell import (
    Change,
    Control,
    OperatorTookOver,
    Shell,
    ShellEnded,
    ShellSyntaxError,
    ShellTimeout,
)
from ejtui.erlang.terminal.recorder import Recorder
from tests.patience import SECONDS

P = "(n@h)"


class ErlsPlace:
    """The program's end of a terminal."""

    def __init__(self) -> None:
        self.socket, self._ours = socket.socketpair()
        self._ours.setblocking(False)
        self.sizes: list[tuple[int, int]] = []
        self.typed = b""

    async def open_terminal(
        self,
        argv: Sequence[str],  # noqa: ARG002
        *,
        user: str | None = None,  # noqa: ARG002
        env: Mapping[str, str] | None = None,  # noqa: ARG002
        cwd: str | None = None,  # noqa: ARG002
        columns: int,
        rows: int,
    ) -> ErlsPlace:
        self.sizes.append((columns, rows))
        return self

    def resize(self, columns: int, rows: int) -> None:
        self.sizes.append((columns, rows))

    async def close(self) -> None:
        self._ours.close()
        self.socket.close()

    async def prints(self, text: str) -> None:
        await asyncio.get_running_loop().sock_sendall(self._ours, text.encode())

    async def reads(self, *expected: bytes) -> None:
        """Wait for exactly these keys, one after the other."""
        for keys in expected:
            async with asyncio.timeout(SECONDS):
                while len(self.typed) < len(keys):
                    self.typed += await asyncio.get_running_loop().sock_recv(self._ours, 4096)
            assert self.typed[: len(keys)] == keys
            self.typed = self.typed[len(keys) :]

    async def reads_nothing(self, seconds: float = 0.2) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds):
                self.typed += await asyncio.get_running_loop().sock_recv(self._ours, 4096)
        assert self.typed == b""

    async def hangs_up(self) -> None:
        self._ours.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def erl() -> ErlsPlace:
    return ErlsPlace()


@pytest_asyncio.fixture
async def shell(erl: ErlsPlace) -> AsyncIterator[Shell]:
    shell = await Shell.open(erl, ["erl"], columns=40, rows=12, node="n@h")
    yield shell
    await shell.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait, with a bound, for what the driver's thread does."""
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def answers(erl: ErlsPlace, number: int, text: str, answer: str) -> None:
    """Play an erl up to OTP 25: echo, answer, next prompt."""
    await erl.reads(text.encode())
    await erl.prints(text)
    await erl.reads(b"\r")
    await erl.prints(f"\r\n{answer}\r\n{P}{number + 1}> ")


async def test_a_command_returns_what_the_screen_shows(erl: ErlsPlace, shell: Shell) -> None:
    await erl.prints(f"Eshell V13\r\n{P}1> ")
    assert await shell.ready(30) == 1
    answer, _ = await asyncio.gather(
        shell.command("foo().", 30), answers(erl, 1, "foo().", "{a,\r\n b}")
    )
    assert answer == "{a,\n b}"


async def test_nothing_is_typed_before_the_prompt(erl: ErlsPlace, shell: Shell) -> None:
    command = asyncio.create_task(shell.command("foo().", 30))
    await erl.prints("Erlang/OTP 25\r\n")
    await erl.reads_nothing()
    await erl.prints(f"{P}1> ")
    await answers(erl, 1, "foo().", "ok")
    assert await command == "ok"


async def test_the_redraw_is_not_taken_for_the_answer(erl: ErlsPlace, shell: Shell) -> None:
    await erl.prints(f"{P}1> ")
    command = asyncio.create_task(shell.command("foo().", 30))
    await erl.reads(b"foo().")
    await erl.prints("foo().")
    await erl.reads(b"\r")
    await erl.prints(f"\r\n\x1b[A\x1b[J{P}1> ")
    await asyncio.sleep(0.1)
    await erl.prints("foo().\r\n")
    assert not command.done()
    await erl.prints(f"done\r\n{P}2> ")
    assert await command == "done"
    answer, _ = await asyncio.gather(shell.command("bar().", 30), answers(erl, 2, "bar().", "next"))
    assert answer == "next"


async def test_enter_is_pressed_only_on_what_was_typed(erl: ErlsPlace, shell: Shell) -> None:
    await erl.prints(f"{P}1> ")
    command = asyncio.create_task(shell.command("foo().", 30))
    await erl.reads(b"foo().")
    await erl.prints("fo=ERROR REPORT==== now ===\r\nbad things\r\no().")
    await erl.reads(b"\x05\x15\x0c")
    await erl.prints(f"\r\n{P}1> ")
    await answers(erl, 1, "foo().", "ok")
    assert await command == "ok"


async def test_a_report_may_hide_the_prompt(erl: ErlsPlace, shell: Shell) -> None:
    await erl.prints(f"{P}1> ")
    command = asyncio.create_task(shell.command("foo().", 30))
    await erl.reads(b"foo().")
    await erl.prints("foo().")
    await erl.reads(b"\r")
    await erl.prints(f"\r\nok\r\n{P}2> =ERROR REPORT==== now ===\r\nbad\r\n")
    assert await command == "ok"
    command = asyncio.create_task(shell.command("bar().", 30))
    await erl.reads(b"\x05\x15\x0c")
    await erl.prints(f"{P}2> ")
    await answers(erl, 2, "bar().", "fine")
    assert await command == "fine"


async def test_a_long_line_is_typed_over_the_edge(erl: ErlsPlace, shell: Shell) -> None:
    text = f"io:format({'x' * 60})."
    await erl.prints(f"{P}1> ")
    command = asyncio.create_task(shell.command(text, 30))
    await erl.reads(text.encode())
    await erl.prints(text[:34] + " \b" + text[34:74] + " \b" + text[74:])
    await erl.reads(b"\r")
    await erl.prints(f"\r\nanswer\r\n{P}2> ")
    assert await command == "answer"


async def test_a_syntax_error_repeats_the_number(erl: ErlsPlace, shell: Shell) -> None:
    await erl.prints(f"{P}1> ")
    command = asyncio.create_task(shell.command("foo(.", 30))
    await erl.reads(b"foo(.")
    await erl.prints("foo(.")
    await erl.reads(b"\r")
    await erl.prints(f"\r\n* 1:5: syntax error before: '.'\r\n{P}1> ")
    with pytest.raises(ShellSyntaxError, match="syntax error before"):
        await command
    answer, _ = await asyncio.gather(shell.command("foo().", 30), answers(erl, 1, "foo().", "ok"))
    assert answer == "ok"


@pytest.mark.parametrize("text", ["foo()", "foo().\n", "a.\x03b.", "", "x\x1b[A."])
async def test_what_is_not_one_line_is_refused(shell: Shell, text: str) -> None:
    with pytest.raises(ValueError, match="full stop"):
        await shell.command(text)


async def test_a_key_of_the_operator_stops_a_command_at_once(erl: ErlsPlace, shell: Shell) -> None:
    heard: list[Change] = []
    shell.listen(heard.append)
    await erl.prints(f"{P}1> ")
    command = asyncio.create_task(shell.command("foo().", 30))
    await erl.reads(b"foo().")
    shell.key(b"x")
    with pytest.raises(OperatorTookOver):
        await command
    assert shell.typist is Control.OPERATOR
    assert Change.TYPIST in heard
    await erl.reads(b"\x05\x15", b"x")
    await erl.reads_nothing()
    with pytest.raises(OperatorTookOver):
        await shell.command("bar().")


async def test_handing_back_clears_the_line_without_running_it(
    erl: ErlsPlace, shell: Shell
) -> None:
    await erl.prints(f"{P}4> ")
    await shell.ready(30)
    shell.key(b"halt().")
    await erl.reads(b"halt().")
    await erl.prints("halt().")
    handed = asyncio.create_task(shell.wait_handed_back(30))
    await erl.reads_nothing()
    shell.hand_back()
    await erl.reads(b"\x05\x15")
    await erl.prints("\b \b" * 7)
    await handed
    assert shell.typist is Control.EJTUI
    answer, _ = await asyncio.gather(shell.command("foo().", 30), answers(erl, 4, "foo().", "ok"))
    assert answer == "ok"


async def test_the_break_menu_is_left_by_c_alone(erl: ErlsPlace, shell: Shell) -> None:
    shell.key(b"\x03")
    await erl.reads(b"\x03")
    await erl.prints(
        f"{P}1> \r\nBREAK: (a)bort (A)bort with dump\r\n"
        "       (l)oaded (v)ersion (k)ill (D)b-tables\r\n"
    )
    shell.hand_back()
    handed = asyncio.create_task(shell.wait_handed_back(30))
    await erl.reads(b"\x05\x15c\r")
    await erl.prints("c\r\n")
    await erl.reads(b"\x05\x15\x0c")
    await erl.prints(f"{P}1> ")
    await handed


async def test_an_unfinished_expression_is_dropped_by_job_control(
    erl: ErlsPlace, shell: Shell
) -> None:
    shell.key(b"foo(\r")
    await erl.reads(b"foo(\r")
    await erl.prints(f"{P}3> foo(\r\n{P}3> ")
    shell.hand_back()
    handed = asyncio.create_task(shell.wait_handed_back(30))
    await erl.reads(b"\x07")
    await erl.prints("\r\nUser switch command\r\n --> ")
    await erl.reads(b"\x05\x15i\r")
    await erl.prints("i\r\n --> ")
    await erl.reads(b"\x05\x15c\r")
    await erl.prints(f"c\r\n** exception exit: killed\r\n{P}3> ")
    await handed


async def test_an_evaluation_is_waited_for_with_a_bound(erl: ErlsPlace, shell: Shell) -> None:
    await erl.prints(f"{P}1> ")
    shell.key(b"long().\r")
    await erl.prints("long().\r\n")
    shell.hand_back()
    with pytest.raises(ShellTimeout) as caught:
        await shell.wait_handed_back(0.5)
    assert caught.value.last_lines[-1] == f"{P}1> long()."
    handed = asyncio.create_task(shell.wait_handed_back(30))
    await erl.prints(f"done\r\n{P}2> ")
    await handed


async def test_a_prompt_from_before_the_last_keys_is_not_believed(
    erl: ErlsPlace, shell: Shell
) -> None:
    await erl.prints(f"{P}1> ")
    assert await shell.ready(30) == 1
    shell.key(b"long().\r")
    shell.hand_back()
    handed = asyncio.create_task(shell.wait_handed_back(30))
    await erl.reads(b"long().\r")
    await erl.reads_nothing()
    assert not handed.done()
    await erl.prints(f"long().\r\ndone\r\n{P}2> ")
    await handed
    assert await shell.ready(30) == 2


async def test_keys_win_over_a_hand_back_under_way(erl: ErlsPlace, shell: Shell) -> None:
    await erl.prints(f"{P}1> ")
    await shell.ready(30)
    shell.key(b"a")
    shell.hand_back()
    handed = asyncio.create_task(shell.wait_handed_back(30))
    await asyncio.sleep(0)
    shell.key(b"b")
    await erl.reads(b"ab")
    await erl.reads_nothing()
    assert not handed.done()
    shell.hand_back()
    await handed


async def test_the_end_is_told_with_what_stood_on_the_screen(erl: ErlsPlace, shell: Shell) -> None:
    heard: list[Change] = []
    shell.listen(heard.append)
    await erl.prints(f"{P}1> ")
    command = asyncio.create_task(shell.command("foo().", 30))
    await erl.reads(b"foo().")
    await erl.prints("foo().\r\nkilled\r\n")
    await erl.hangs_up()
    with pytest.raises(ShellEnded, match="killed"):
        await command
    assert shell.ended
    assert heard[-1] is Change.ENDED
    shell.key(b"x")
    assert shell.typist is Control.EJTUI
    await shell.quit()


async def test_quitting_waits_for_the_end_not_for_the_prompt(erl: ErlsPlace, shell: Shell) -> None:
    await erl.prints(f"{P}1> ")
    quitting = asyncio.create_task(shell.quit(30))
    await answers(erl, 1, "q().", "ok")
    await asyncio.sleep(0.1)
    assert not quitting.done()
    await erl.hangs_up()
    await quitting
    assert shell.ended


async def test_what_never_comes_is_said(erl: ErlsPlace, shell: Shell) -> None:
    await erl.prints("Erlang/OTP 25\r\n")
    with pytest.raises(ShellTimeout, match=r"No prompt of n@h.*\n  Erlang/OTP 25"):
        await shell.ready(0.2)


async def test_a_resize_reaches_terminal_screen_and_recording(
    erl: ErlsPlace, tmp_path: Path
) -> None:
    path = tmp_path / "session.cast"
    recorder = Recorder(path, 40, 12, "erl", ["sesame"])
    shell = await Shell.open(erl, ["erl"], columns=40, rows=12, node="n@h", recorder=recorder)
    await erl.prints("open se")
    await erl.prints(f"same\r\n{P}1> ")
    await shell.ready(30)
    shell.resize(60, 20)
    shell.resize(60, 20)
    await until(lambda: len(shell.screen.frame.rows) == 20)
    await shell.close()
    assert erl.sizes[:2] == [(40, 12), (60, 20)]
    events = [json.loads(line) for line in path.read_text().splitlines()][1:]
    assert [event[2] for event in events if event[1] == "r"] == ["60x20"]
    assert "open ******" in "".join(event[2] for event in events if event[1] == "o")


async def test_reports_of_the_terminal_go_back_to_the_program_only(
    erl: ErlsPlace, shell: Shell
) -> None:
    await erl.prints("\x1b[6n")
    await erl.reads(b"\x1b[1;1R")
    assert shell.typist is Control.EJTUI


async def test_listeners_hear_of_a_burst_once(
    erl: ErlsPlace, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Change] = []
    monkeypatch.setattr(updates, "_GATHERED", 0.5)
    shell.listen(heard.append)
    began = time.monotonic()
    for number in range(50):
        await erl.prints(f"line {number}\r\n")
    await until(lambda: "line 49" in shell.screen.frame.lines)
    await until(lambda: bool(heard))
    assert len(heard) <= 1 + (time.monotonic() - began) / 0.5


async def test_a_flood_is_shown_while_it_comes(erl: ErlsPlace, shell: Shell) -> None:
    shown: set[int] = set()
    shell.listen(lambda _change: shown.add(shell.screen.frame.line_number))
    lines = 0
    async with asyncio.timeout(SECONDS):
        while len(shown) < 4 or lines < 20_000:
            await erl.prints("a line of a flood\r\n" * 50)
            lines += 50
    await until(lambda: shell.screen.frame.line_number == lines)
    await until(lambda: lines in shown)
