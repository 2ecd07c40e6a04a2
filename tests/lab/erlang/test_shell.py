"""The shell on real erls, on this computer.

More releases are driven where EJTUI_ERL_ROOTS names directories (separated by colons) that hold
an unpacked system with an erl each; that needs root.
"""

from __future__ import annotations

import asyncio
import os
import resource
import secrets
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from ejtui.config import HostConfig
from ejtui.erlang.shell.shell import Control, OperatorTookOver, Shell, ShellSyntaxError
from ejtui.erlang.terminal.recorder import Recorder
from ejtui.hosts import Host, open_host
from tests.lab.erlang.conftest import answers, until
from tests.patience import SECONDS

ROOTS = ["", *filter(None, os.environ.get("EJTUI_ERL_ROOTS", "").split(":"))]


@dataclass
class Erls:
    """Where erls of one release can be started, with an epmd of the test's own."""

    host: Host
    root: str
    port: str
    home: Path

    async def open(self, recorder: Recorder | None = None) -> Shell:
        node = f"shell{secrets.token_hex(4)}@localhost"
        argv = ["erl", "-sname", node, "-start_epmd", "false"]
        if self.root:
            argv = ["chroot", self.root, *argv]
        shell = await Shell.open(
            self.host,
            argv,
            env={"ERL_EPMD_PORT": self.port, "HOME": "/tmp" if self.root else str(self.home)},
            columns=80,
            rows=24,
            recorder=recorder,
            node=node,
        )
        await shell.ready(30)
        return shell


@pytest.fixture(scope="session")
def epmd() -> Iterator[str]:
    """An epmd on loopback; yields its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(["epmd", "-address", "127.0.0.1", "-port", str(port)]) as process:
        until("epmd", lambda: answers(port))
        yield str(port)
        process.terminate()


@pytest_asyncio.fixture(params=ROOTS, ids=lambda root: Path(root).name or "installed")
async def erls(request: pytest.FixtureRequest, epmd: str, tmp_path: Path) -> AsyncIterator[Erls]:
    host = open_host(HostConfig(name="here", address="local"))
    await host.connect()
    yield Erls(host, request.param, epmd, tmp_path)
    await host.close()


@pytest_asyncio.fixture
async def shell(erls: Erls) -> AsyncIterator[Shell]:
    shell = await erls.open()
    yield shell
    await shell.close()


async def test_commands_are_never_out_of_step(shell: Shell) -> None:
    for number in range(20):
        assert await shell.command(f"{number} + 1000.", 30) == str(number + 1000)
    assert await shell.command('io:format("one~ntwo~n").', 30) == "one\ntwo\nok"
    assert await shell.command("X = " + " + ".join(["1"] * 60) + ".", 30) == "60"
    assert "divide" in await shell.command("catch erlang:error(divide).", 30)
    assert await shell.command("timer:sleep(300).", 30) == "ok"
    assert "Total" in await shell.command("i().", 20)
    assert await shell.command("{io:columns(), io:rows()}.", 30) == "{{ok,80},{ok,24}}"


@pytest.mark.parametrize("wrong", ["foo(.", "foo bar.", "foo(..", 'X = "abc.', "[1, 2 | ."])
async def test_what_erl_does_not_understand_is_said(shell: Shell, wrong: str) -> None:
    with pytest.raises(ShellSyntaxError):
        await shell.command(wrong, 30)
    assert await shell.command("3 + 4.", 30) == "7"


async def test_error_reports_at_any_moment_do_no_harm(shell: Shell) -> None:
    report = 'error_logger:error_msg("report ~p~n", [N])'
    await shell.command(
        f"spawn(fun() -> [begin timer:sleep(20), {report} end || N <- lists:seq(1, 100)] end).", 10
    )
    for number in range(25):
        answer = await shell.command(f"{number} + 1000.", 20)
        assert str(number + 1000) in answer
        await asyncio.sleep(0.03)


LEFT_BEHIND = {
    "half a line": b"halt()",
    "an expression not entered": b"halt().",
    "the cursor in the middle": b"lists:seq(1, 2)\x1b[D\x1b[D\x1b[D",
    "an unfinished expression": b"foo(\r",
    "an open string": b'X = "abc\r',
    "an open string and half a line": b'X = "abc\rdef',
    "the break menu": b"\x03",
    "the break menu over half a line": b"halt().\x03",
    "job control": b"\x07",
    "half a choice in job control": b"\x07k",
    "a second job": b"\x07s\rc\r",
    "the question whether to go on": b"i().\r",
    "a search in the history": b"\x12for",
    "a completion": b"lists:m\t",
    "an evaluation": b"timer:sleep(1200).\r",
    "an evaluation and keys typed ahead": b"timer:sleep(1200).\rhalt()",
    "nothing": b"5 + 5.\r",
}


@pytest.mark.parametrize("keys", LEFT_BEHIND.values(), ids=LEFT_BEHIND)
async def test_whatever_the_operator_leaves_the_next_command_is_answered(
    shell: Shell, keys: bytes
) -> None:
    await shell.command("1 + 1.", 30)
    shell.key(keys)
    await asyncio.sleep(0.5)
    assert shell.typist is Control.OPERATOR
    shell.hand_back()
    await shell.wait_handed_back(30)
    assert await shell.command("3 + 4.", 30) == "7"
    assert await shell.command("node().", 30) in (shell.node, f"'{shell.node}'")


async def test_taking_over_in_the_middle_of_a_command(shell: Shell) -> None:
    command = asyncio.create_task(shell.command("timer:sleep(1500).", 20))
    await asyncio.sleep(0.3)
    shell.key(b"1 + ")
    with pytest.raises(OperatorTookOver):
        await command
    shell.key(b"1.\r")
    shell.hand_back()
    await shell.wait_handed_back(30)
    assert "\n2" in "\n".join(shell.screen.frame.lines)
    assert await shell.command("6 * 7.", 30) == "42"


async def test_keys_reach_erl_as_typed(shell: Shell) -> None:
    encode = shell.screen.encode_key
    for text in ("40 + ", "2", ". "):
        shell.key(text.encode())
    for key in ("home", "end", "backspace", "left", "right", "enter"):
        shell.key(encode(key))
    await _shows(shell, "42")
    shell.key(encode("up"))  # erl drops what comes in one piece with it.
    await _shows(shell, f"({shell.node})2> 40 + 2.")
    for key in ("ctrl+a", "ctrl+e", "enter"):
        shell.key(encode(key))
    await _shows(shell, f"({shell.node})3>")
    shell.key(shell.screen.encode_paste("50 +\n5.\n"))
    await _shows(shell, "55")


async def _shows(shell: Shell, line: str) -> None:
    deadline = time.monotonic() + SECONDS
    while line not in shell.screen.frame.lines:
        assert time.monotonic() < deadline, "\n".join(shell.screen.frame.lines)
        await asyncio.sleep(0.01)


async def test_erl_wraps_at_the_size_it_was_given(shell: Shell) -> None:
    for columns, rows in ((40, 10), (120, 30), (23, 7), (80, 24)):
        shell.resize(columns, rows)
        await _knows_size(shell, f"{{{{ok,{columns}}},{{ok,{rows}}}}}")
        assert max(map(len, (await shell.command("lists:seq(1, 200).", 30)).split("\n"))) <= columns


async def _knows_size(shell: Shell, size: str) -> None:
    """erl knows another size when its terminal has sent it."""
    deadline = time.monotonic() + SECONDS
    while "".join((await shell.command("{io:columns(), io:rows()}.", 30)).split()) != size:
        assert time.monotonic() < deadline, f"erl does not know the size {size}"


async def test_quitting_ends_with_the_process(shell: Shell) -> None:
    await shell.quit(30)
    assert shell.ended


async def test_a_flood_leaves_the_memory_flat(erls: Erls, tmp_path: Path) -> None:
    if erls.root:
        pytest.skip("once is enough")
    path = tmp_path / "flood.cast"
    shell = await erls.open(Recorder(path, 80, 24, "flood", ["seventy-seven"]))
    flood = '[io:format("line ~p of a flood~n", [N]) || N <- lists:seq(1, {})], done.'
    await shell.command(flood.format(20_000), 60)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = await shell.command(flood.format(100_000), 120)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert answer.endswith("line 100000 of a flood\ndone")
    assert after - before < 30_000  # kilobytes
    assert "seventy-seven" in await shell.command('"seventy-" ++ "seven".', 30)
    await shell.quit()
    await shell.close()
    assert "seventy-seven" not in path.read_text()
    assert "line 100000 of a flood" in path.read_text()
