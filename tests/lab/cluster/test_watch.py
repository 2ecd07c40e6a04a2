"""A node that reports its changes: heard at once, and no trace of it left in the node."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.pair.watch import Watch
from ejtui.cluster.polling import until
from ejtui.lab.faults.node import LabNode
from ejtui.lab.lab import Lab
from tests import patience
from tests.lab.cluster.engine import engine

SECONDS = patience.SECONDS
LOGS = "cat /var/log/ejabberd/*.log"
TABLE = "mnesia:create_table(watched, [{ram_copies, [node()]}])"
SUBSCRIBERS = "{ets:info(mnesia_subscr, size), mnesia:system_info(subscribers)}"


class Ear:
    """What is heard, as an event that can be waited for."""

    def __init__(self) -> None:
        self._heard = asyncio.Event()

    def __call__(self) -> None:
        self._heard.set()

    async def hears(self) -> None:
        async with asyncio.timeout(SECONDS):
            await self._heard.wait()
        self._heard.clear()


async def nothing() -> None:
    """There is nothing to ask."""


async def holds(condition: Callable[[], bool]) -> None:
    await until(nothing, lambda _: condition(), what="it", seconds=SECONDS)


async def test_changes_are_heard_when_they_happen_and_leave_no_trace(fresh_lab: Lab) -> None:
    node = LabNode(fresh_lab, "second")
    before = fresh_lab.run("second", ["sh", "-c", LOGS]).stdout
    nobody = node.ask(SUBSCRIBERS)
    async with engine(fresh_lab) as one:
        second, ear = one.pair.second, Ear()
        await one.pair.refresh()
        watch = Watch(second, ear)
        watch.follow()
        await holds(lambda: watch.hears)
        assert node.ask(SUBSCRIBERS) != nobody
        node.ask(TABLE)
        await ear.hears()
        await watch.close()
        await holds(lambda: not watch.hears)
        await holds(lambda: node.ask(SUBSCRIBERS) == nobody)
        assert fresh_lab.run("second", ["sh", "-c", LOGS]).stdout == before

        watch.follow()
        await holds(lambda: watch.hears)
        node.ask("application:stop(ejabberd)")
        await ear.hears()
        await holds(lambda: not watch.hears)
        await second.refresh()
        watch.follow()
        assert not watch.hears, "nobody listens where ejabberd does not run"
        node.ask("application:start(ejabberd)")
        await second.refresh()
        watch.follow()
        await holds(lambda: watch.hears)
        await lifecycle.stop(second)
        await ear.hears()
        await watch.close()
