"""The erl of a join goes on when its connection drops, is found again, or ends automatically."""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from ejtui import paths
from ejtui.cluster.join import erl_shell
from ejtui.cluster.run.events import HostAwaited, HostBack, StepReport
from ejtui.config import load
from ejtui.hosts.ssh import options
from ejtui.lab.breakage import TABLE
from ejtui.lab.faults.node import first, second
from ejtui.lab.forms import links
from ejtui.lab.lab import Lab
from tests import patience
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import Engine, ctl, engine
from tests.lab.ui import scenarios

SECONDS = patience.SECONDS
KEPT = ".ejtui-erl.*"

# Held by a transaction of somebody's, no copy of the table comes to its end.
HELD = "roster"
COPY = f"mnesia:add_table_copy({HELD},"
"""What is typed to copy it; its bare name is the beginning of another table's, too."""
_HOLD = f"""
Me = self(),
Hold = fun() -> mnesia:write_lock_table({HELD}), Me ! held, receive go -> ok end end,
register(holds_{HELD}, spawn(fun() -> mnesia:transaction(Hold) end)),
receive held -> ok end
"""


_CHANGES_SCHEMA = (
    "[] =/= [L || L <- mnesia:system_info(held_locks), element(1, element(1, L)) =:= schema]"
)


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Journal, choices and recordings of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@contextmanager
def held(lab: Lab) -> Iterator[Callable[[], None]]:
    """Holds a table of first's; gives what lets it go, which happens at the end, too."""
    first(lab).ask(_HOLD)

    def let_go() -> None:
        first(lab).ask(f"catch holds_{HELD} ! go")

    try:
        yield let_go
    finally:
        let_go()


@contextmanager
def cut(lab: Lab) -> Iterator[None]:
    """Nothing comes from this computer to second, and nothing back."""
    rules = f"add table {TABLE}\n"
    for hook, side in (("input", "iifname"), ("output", "oifname")):
        rules += f"add chain {TABLE} {hook} {{ type filter hook {hook} priority 0; }}\n"
        rules += f'add rule {TABLE} {hook} {side} "{links.MACHINE_LINK}" drop\n'
    lab.run("second", ["nft", "-f", "-"], stdin=rules.encode())
    try:
        yield
    finally:
        lab.run("second", ["nft", f"delete table {TABLE}"])


def kept(lab: Lab) -> list[str]:
    """The directories of erls that are kept on second."""
    home = lab.form.home("second")
    listed = lab.run("second", ["find", home, "-maxdepth", "1", "-name", KEPT]).stdout
    return listed.decode().split()


async def until(what: str, condition: Callable[[], bool]) -> None:
    """Waits for a condition, and fails the test by its name."""
    end = time.monotonic() + SECONDS
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < end, f"waited {SECONDS:g} s for {what}"
        await asyncio.sleep(0.05)


def typed(lab: Lab) -> int:
    """How often that copy was typed, by the journal: earlier joins may have done so."""
    journal = paths.journal_file(load(lab.config_path).pair)
    return journal.read_text().count(COPY) if journal.exists() else 0


async def reached(lab: Lab, before: int = 0) -> None:
    """Second's erl is in the middle of the copy of the held table, typed so often before."""
    await until("the copy to be typed", lambda: typed(lab) > before)
    await asyncio.to_thread(second(lab).until, _CHANGES_SCHEMA)


@asynccontextmanager
async def copying(one: Engine) -> AsyncIterator[asyncio.Task[bool]]:
    """A join in the middle of the copy of the held table; it ends with the block."""
    before = typed(one.lab)
    run = asyncio.create_task(one.resuming.run(one.runner.run_on))
    try:
        await reached(one.lab, before)
        yield run
    finally:
        run.cancel()
        await asyncio.wait([run])


def said(one: Engine) -> str:
    return "\n".join(event.line for event in one.of(StepReport))


async def joins(one: Engine, lab: Lab, run: Awaitable[bool]) -> None:
    """This run goes on until it is joined; what was kept is cleared away."""
    assert await run, one.last
    assert "attached again" in said(one)
    assert ctl(lab, "second", "list_cluster") == ["ejabberd@first", "ejabberd@second"]
    await until("what was kept to be cleared away", lambda: not kept(lab))


@pytest.mark.catalogue
async def test_a_cut_line_ends_no_copy(fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the join goes on automatically when the connection is there again."""
    monkeypatch.setattr(options, "KEEPALIVE_SECONDS", 1.0)
    async with engine(fresh_lab) as one:
        with held(fresh_lab) as let_go:
            async with copying(one) as run:
                pid = second(fresh_lab).pid()
                assert pid
                with cut(fresh_lab):
                    await until("the run to wait", lambda: bool(one.of(HostAwaited)))
                    assert one.last.state == "failed"
                await until("the erl to be found", lambda: "attached again" in said(one))
                assert second(fresh_lab).pid() == pid
                let_go()
                await joins(one, fresh_lab, run)
        assert one.of(HostAwaited) == [HostAwaited(("second",), math.inf)]
        assert one.of(HostBack) == [HostBack()]


@pytest.mark.catalogue
async def test_a_copy_whose_mnesia_has_ended_is_not_waited_for(fresh_lab: Lab) -> None:
    """As on a full disk: the erl lives, and its shell never answers."""
    async with engine(fresh_lab) as one:
        with held(fresh_lab):
            async with copying(one) as run:
                second(fresh_lab).ask("exit(whereis(mnesia_sup), kill)")
                assert not await run
        assert "Mnesia ended on second" in one.last.detail
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on(), one.last


@pytest.mark.catalogue
async def test_the_app_goes_on_when_the_host_answers_again(fresh_lab: Lab, own_state: Path) -> None:
    with (
        held(fresh_lab) as let_go,
        scenarios.app(fresh_lab, own_state, 80, 24) as screen,
    ):
        screen.until("next: 2 Magic cookies")
        screen.keys("a")
        screen.until("guest@chat.example")
        screen.keys("y")
        await reached(fresh_lab)
        pid = second(fresh_lab).pid()
        fresh_lab.run("second", ["sh", "-c", scenarios.END_SSHD])
        try:
            screen.until("waits for second, then goes on; Esc stops")
        finally:
            fresh_lab.run("second", ["/usr/sbin/sshd"])
        journal = paths.journal_file(load(fresh_lab.config_path).pair)
        await until("the erl to be found", lambda: "attached again" in journal.read_text())
        screen.until(lambda text: "waits for second" not in text)
        assert second(fresh_lab).pid() == pid
        let_go()
        screen.until("joined, both nodes agree", SECONDS)
        screen.until("second was down for")
        scenarios.leave(screen)


async def test_an_abandoned_one_ends_by_itself(
    fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But not before the running copy has ended."""
    bound = 2
    monkeypatch.setattr(erl_shell, "ABANDONED_SECONDS", bound)
    with held(fresh_lab) as let_go:
        async with engine(fresh_lab) as one, copying(one):
            pid = second(fresh_lab).pid()
        began = int(second(fresh_lab).ask("erlang:monotonic_time(second)"))
        second(fresh_lab).until(f"erlang:monotonic_time(second) > {began + 2 * bound}")
        assert second(fresh_lab).pid() == pid
        assert len(kept(fresh_lab)) == 1
        let_go()
    await until("the erl to end", lambda: not second(fresh_lab).pid())
    await until("what was kept to be cleared away", lambda: not kept(fresh_lab))


@pytest.mark.catalogue
async def test_killed_with_its_line_cut(fresh_lab: Lab) -> None:
    ejtui = Ejtui(fresh_lab)
    with held(fresh_lab) as let_go, ejtui.start("join", "--yes") as killed:
        await reached(fresh_lab)
        pid = second(fresh_lab).pid()
        with cut(fresh_lab):
            killed.kill()
            killed.wait()
        let_go()
    _, answer = await asyncio.to_thread(ejtui.json, "status")
    assert answer["second"]["os_pid"] == pid
    async with engine(fresh_lab) as one:
        await joins(one, fresh_lab, one.runner.run_on())


@pytest.mark.catalogue
async def test_the_app_s_terminal_goes(fresh_lab: Lab, own_state: Path) -> None:
    with held(fresh_lab) as let_go:
        with scenarios.app(fresh_lab, own_state, 120, 40) as screen:
            screen.until("next: 2 Magic cookies")
            screen.keys("a")
            screen.until("guest@chat.example")
            screen.keys("y")
            await reached(fresh_lab)
            pid = second(fresh_lab).pid()
            [app] = screen.children
            os.kill(app, signal.SIGHUP)
            screen.until("ended with 130")
        [recording] = paths.recordings_dir().glob("*/*.cast")
        lines = recording.read_bytes().splitlines(keepends=True)
        assert lines[-1].endswith(b"\n")
        header, *events = [json.loads(line) for line in lines]
        assert header["version"] == 2
        printed = "".join(text for _, kind, text in events if kind == "o")
        assert COPY in printed
        assert second(fresh_lab).pid() == pid
        (own_state / "again").mkdir()
        with scenarios.app(fresh_lab, own_state / "again", 120, 40) as screen:
            screen.until("second runs the erl of a join, started at")
            let_go()
            screen.keys("a")
            screen.until("joined, both nodes agree", SECONDS)
            assert second(fresh_lab).pid() != pid
            scenarios.leave(screen)
