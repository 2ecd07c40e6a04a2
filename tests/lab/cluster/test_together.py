"""Two ejtuis on one pair, and an operator at the shell."""

from __future__ import annotations

import asyncio

import pytest

from ejtui.cluster.errors import LockHeld
from ejtui.cluster.pair import lock
from ejtui.cluster.question import Question
from ejtui.cluster.run.events import Event, ShellOpened, StepProgress
from ejtui.lab.lab import Lab
from tests.lab.cluster.engine import engine
from tests.lab.cluster.operator import joined_with_the_operator
from tests.patience import SECONDS


async def test_a_dead_holder_holds_nothing(lab: Lab) -> None:
    async with engine(lab) as one, engine(lab) as other:
        await one.runner.lock.take("test")
        with pytest.raises(LockHeld):
            await other.runner.lock.take("test")
        await one.pair.close()
        await other.runner.lock.take("test")
        await other.runner.lock.release()


@pytest.mark.parametrize("held", [False, True])
async def test_whoever_is_stopped_while_it_takes_the_lock_can_give_it_back(
    lab: Lab, held: bool
) -> None:
    async with engine(lab) as one, engine(lab) as other:
        if held:
            await one.runner.lock.take("one thing")
        saying = asyncio.create_task(one.runner.lock.take("and another"))
        await asyncio.sleep(0)  # it has asked, and is not answered
        saying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await saying
        assert one.runner.lock.held is held
        assert (await lock.holder(other.pair) is not None) is held
        await one.runner.lock.release()
        assert await lock.holder(one.pair) is None
        assert await lock.holder(other.pair) is None
        await other.runner.lock.take("test")
        await other.runner.lock.release()


async def test_one_ejtui_at_a_time(fresh_lab: Lab) -> None:
    async with engine(fresh_lab) as one, engine(fresh_lab) as other:
        asked, answer = asyncio.Event(), asyncio.Event()

        async def slowly(question: Question) -> bool:
            asked.set()
            await answer.wait()
            return False

        one.answers = slowly
        run = asyncio.create_task(one.runner.run_on())
        await asyncio.wait_for(asked.wait(), SECONDS)
        seen = await lock.holder(other.pair)
        assert seen is not None
        assert "process" in seen.who
        assert seen.what == "join: clean database"
        with pytest.raises(LockHeld, match=r"process .* since "):
            await other.runner.run_on()
        with pytest.raises(LockHeld):
            await other.runner.run_step("cleandb")
        assert await other.at_hand() == "cleandb", "watching is free"
        answer.set()
        await run
        assert await lock.holder(other.pair) is None
        assert not await _sockets(fresh_lab)


async def _sockets(lab: Lab) -> bytes:
    found = b""
    for host in ("first", "second"):
        home = lab.form.home(host)
        found += lab.run(host, ["find", home, "-maxdepth", "1", "-name", "*.lock"]).stdout
    return found


@pytest.mark.catalogue
@pytest.mark.parametrize("step", ["sync", "tables"])
async def test_the_operator_types_in_the_middle(fresh_lab: Lab, step: str) -> None:
    async with engine(fresh_lab) as one:
        await joined_with_the_operator(one, step)


async def test_the_operator_ends_the_shell(fresh_lab: Lab) -> None:
    """ejtui looks at the nodes, opens another one, and goes on."""
    async with engine(fresh_lab) as one:

        def quits(event: Event) -> None:
            if isinstance(event, StepProgress) and event.id == "tables" and event.done == 3:
                one.on_event = lambda _: None
                shell = one.pair.live_shell
                assert shell is not None
                shell.key(b"\x15q().\r")

        one.on_event = quits
        assert await asyncio.wait_for(one.runner.run_on(), SECONDS), one.last
        assert len(one.of(ShellOpened)) == 2
