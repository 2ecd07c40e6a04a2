"""An erl that is kept: real run_erls on this computer."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ejtui.config import HostConfig
from ejtui.erlang.shell import keeper
from ejtui.erlang.shell.erl import erl_argv, erl_env
from ejtui.erlang.shell.shell import Shell
from ejtui.hosts import Host, open_host
from ejtui.platforms import Platform
from tests.lab.erlang.conftest import Nodes, Probes, until

LONG = 600
"""Seconds that no test lasts."""

WAIT = "(fun Wait() -> %s orelse begin timer:sleep(20), Wait() end end)()"


@dataclass
class Kept:
    """One erl below one directory, and all that attached to it."""

    host: Host
    platform: Platform
    run_erl: str
    place: Path
    shells: list[Shell] = field(default_factory=list)

    @property
    def go(self) -> Path:
        """A file that a test waits for in the erl."""
        return Path(self.platform.home) / "go"

    def let_go(self) -> None:
        """Make that file."""
        self.go.touch()

    async def open(self, seconds: int = LONG) -> Shell:
        argv = keeper.with_watch(erl_argv(self.platform), seconds)
        return await self._open(keeper.keeping(self.run_erl, str(self.place), argv), again=False)

    async def again(self) -> Shell:
        return await self._open(keeper.attaching(str(self.place)), again=True)

    async def _open(self, argv: tuple[str, ...], *, again: bool) -> Shell:
        shell = await Shell.open(
            self.host,
            argv,
            env=erl_env(self.platform),
            columns=80,
            rows=24,
            node=self.platform.node,
            kept=True,
            again=again,
        )
        self.shells.append(shell)
        await shell.ready()
        return shell

    async def end(self) -> None:
        await self.host.run(keeper.ending(str(self.place)))
        for shell in self.shells:
            await shell.close()

    def brings(self) -> int:
        """The process that brings what the erl prints."""
        told = ["ps", "-o", "pid=", "--ppid", (self.place / "client").read_text().strip()]
        said = subprocess.run(told, check=True, capture_output=True).stdout.decode()
        printed = self.place / "erlang.pipe.1.r"
        [found] = [pid for pid in said.split() if Path(f"/proc/{pid}/fd/0").readlink() == printed]
        return int(found)

    def gone(self) -> bool:
        return not self.place.exists()


@pytest.fixture
async def kept(nodes: Nodes, probes: Probes) -> AsyncIterator[Kept]:
    platform = nodes.platform("kept")
    nodes.write_cookie("kept", "KEPTKEPTKEPTKEPT")
    run_erl = await (await probes("kept")).ask("run_erl")
    await probes.open.pop().close()
    host = open_host(HostConfig(name="here", address="local"))
    await host.connect()
    one = Kept(host, platform, run_erl, Path(keeper.new_place(platform)))
    yield one
    await one.end()
    await host.close()
    await asyncio.to_thread(until, "the directory to be cleared away", one.gone)


async def test_what_is_under_way_goes_on_and_is_shown_again(kept: Kept) -> None:
    shell = await kept.open()
    pid = await shell.command("os:getpid().")
    waits = WAIT % f'filelib:is_file("{kept.go}")'
    waits = f'io:format("started~n"), {waits}, io:format("it went on~n").'
    typing = asyncio.ensure_future(shell.command(waits))
    await asyncio.to_thread(until, "it to begin", lambda: "started" in shell.screen.frame.lines)
    assert shell.at_work
    typing.cancel()
    await asyncio.wait([typing])
    await shell.close()
    kept.let_go()
    shell = await kept.again()
    assert "it went on" in shell.screen.frame.lines
    assert shell.screen.frame.line.startswith(f"({kept.platform.node})3>")
    assert await shell.command("os:getpid().") == pid


async def test_keys_and_size_arrive_as_they_are(kept: Kept) -> None:
    shell = await kept.open()
    assert await shell.command("{io:columns(), io:rows()}.") == "{{ok,80},{ok,24}}"
    shell.resize(70, 20)
    assert await shell.command("{io:columns(), io:rows()}.") == "{{ok,70},{ok,20}}"
    assert await shell.command('[$\u00e9] =:= "\u00e9".') == "true"
    for left_behind in (b"halt()\x04", b"\x03"):
        shell.key(left_behind)
        shell.hand_back()
        assert await shell.command("3 + 4.") == "7"
    assert not shell.ended


async def test_a_menu_is_answered_once_however_late_it_shows(kept: Kept) -> None:
    shell = await kept.open()
    shell.key(b"halt(). \x03")
    shows = shell.screen
    await asyncio.to_thread(until, "the menu", lambda: "(k)ill" in "".join(shows.frame.lines))
    brings = kept.brings()
    os.kill(brings, signal.SIGSTOP)
    try:
        shell.hand_back()
        command = asyncio.ensure_future(shell.command("3 + 4."))
        assert not (await asyncio.wait([command], timeout=1))[0]
    finally:
        os.kill(brings, signal.SIGCONT)
    assert await command == "7"
    assert [line for line in shell.screen.frame.lines if line.endswith("c")] == ["c"]


async def test_whoever_hangs_on_a_dead_line_is_in_nobody_s_way(kept: Kept) -> None:
    hanging = await kept.open()
    shell = await kept.again()
    assert await shell.command("3 + 4.") == "7"
    assert hanging.ended
    await shell.quit()
    await asyncio.to_thread(until, "the directory to be cleared away", kept.gone)


async def test_without_ejtui_it_ends_by_itself(kept: Kept, probes: Probes) -> None:
    # A probe is there sooner, on a busy computer too.
    abandoned = 10
    shell = await kept.open(abandoned)
    probe = await probes("kept")
    assert (await probe.snapshot())["vm"] == "up"
    started = int(await shell.command("erlang:monotonic_time(second)."))
    after = started + abandoned + 2
    await shell.command(WAIT % f"erlang:monotonic_time(second) > {after}" + ".")
    snapshot = await probe.snapshot()
    [known] = snapshot["kept_erls"]
    assert (known["place"], known["os_pid"]) == (str(kept.place), snapshot["os_pid"])
    await probes.open.pop().close()
    await asyncio.to_thread(until, "the erl to end", kept.gone)
    await asyncio.to_thread(until, "the shell to see it", lambda: shell.ended)
