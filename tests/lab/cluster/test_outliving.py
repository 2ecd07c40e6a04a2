"""The erl of a join goes on when the line to it drops, is found again, or ends by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest

from ejtui.cluster import shells
from ejtui.cluster.events import StepProgress, StepSaid
from ejtui.cluster.node import RETRY_SECONDS
from ejtui.hosts import ssh_dial
from ejtui.lab import links
from ejtui.lab.breakage import TABLE
from ejtui.lab.faults.node import first, second
from ejtui.lab.lab import Lab
from tests.lab.cluster.engine import Engine, ctl, engine

SECONDS = 60.0
KEPT = ".ejtui-erl.*"

# Held by a transaction of somebody's, no copy of the table comes to its end.
HELD = "roster"
_HOLD = f"""
Me = self(),
Hold = fun() -> mnesia:write_lock_table({HELD}), Me ! held, receive go -> ok end end,
register(holds_{HELD}, spawn(fun() -> mnesia:transaction(Hold) end)),
receive held -> ok end
"""


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
    """Nothing comes from this machine to second, and nothing back."""
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


@asynccontextmanager
async def copying(one: Engine) -> AsyncIterator[asyncio.Task[bool]]:
    """A join in the middle of the copy of the held table; it ends with the block."""
    run = asyncio.create_task(one.runner.run_on())
    try:
        await until("the copy to be under way", lambda: _copies(one) or run.done())
        assert not run.done(), one.last
        yield run
    finally:
        run.cancel()
        await asyncio.wait([run])


def _copies(one: Engine) -> bool:
    last, shell = one.of(StepProgress)[-1:], one.pair.shell
    begun = bool(last) and last[0].what.startswith(f"{HELD} (")
    return begun and shell is not None and shell.at_work


def said(one: Engine) -> str:
    return "\n".join(event.line for event in one.of(StepSaid))


async def joins(one: Engine, lab: Lab) -> None:
    """Goes on until it is joined; what was kept is cleared away."""
    assert await one.runner.run_on(), one.last
    assert "attached again" in said(one)
    assert ctl(lab, "second", "list_cluster") == ["ejabberd@first", "ejabberd@second"]
    await until("what was kept to be cleared away", lambda: not kept(lab))


async def test_a_cut_line_ends_no_copy(fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_dial, "KEEPALIVE_SECONDS", 1.0)
    async with engine(fresh_lab) as one:
        with held(fresh_lab) as let_go:
            async with copying(one) as run:
                pid = second(fresh_lab).pid()
                assert pid
                with cut(fresh_lab):
                    assert not await run, "the step was to fail, its line is cut"
                assert second(fresh_lab).pid() == pid
            until_asked = time.monotonic() + SECONDS
            while not (await one.pair.refresh()).second.asked:
                assert time.monotonic() < until_asked, "second was not reached again"
                await asyncio.sleep(RETRY_SECONDS / 10)
            assert one.pair.facts.second.os_pid == pid
            let_go()
        await joins(one, fresh_lab)


async def test_an_abandoned_one_ends_by_itself(
    fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But not before the copy that is under way has ended."""
    bound = 2
    monkeypatch.setattr(shells, "ABANDONED_SECONDS", bound)
    with held(fresh_lab) as let_go:
        async with engine(fresh_lab) as one, copying(one):
            pid = second(fresh_lab).pid()
        began = int(second(fresh_lab).ask("erlang:monotonic_time(second)"))
        second(fresh_lab).until(f"erlang:monotonic_time(second) > {began + 2 * bound}")
        assert second(fresh_lab).pid() == pid
        assert len(kept(fresh_lab)) == 1
        let_go()
    await until("the erl to end by itself", lambda: not second(fresh_lab).pid())
    await until("what was kept to be cleared away", lambda: not kept(fresh_lab))
