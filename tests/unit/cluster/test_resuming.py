"""What is resumed and what is not, on a pair of hosts that refuse every connection."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from ejtui.cluster.errors import Refused, StepFailed
from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.run.events import Event, HostAwaited, StepEnded, StepStarted
from ejtui.cluster.run.resume import Resuming
from ejtui.config import Config, HostConfig
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import BecomeFailed, NotInstalled, Unreachable
from tests.patience import SECONDS
from tests.samples import step

LOST = HostAwaited(("first", "second"), 0)


class Run:
    """A run in which something happens after its start, and that then ends in `error` or not."""

    def __init__(self, pair: Pair) -> None:
        self.events: list[Event] = []
        self.waits = asyncio.Event()
        self.resuming = Resuming(pair, self._hear)
        self.runs = 0
        self.happens: Callable[[], None] = lambda: None
        self.error: Exception | None = None

    async def __call__(self) -> bool:
        self.runs += 1
        self.resuming.hear(StepStarted(step("sync")))
        self.happens()
        if self.error:
            raise self.error
        return False

    def _hear(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, HostAwaited):
            self.waits.set()

    @property
    def told(self) -> list[Event]:
        """The events that are not of the run itself."""
        return [event for event in self.events if not isinstance(event, StepStarted | StepEnded)]


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Config]:
    """Two hosts at a port that nobody listens on, and that nobody takes meanwhile."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
        hosts = {
            name: HostConfig(name, "127.0.0.1", user="op", port=port)
            for name in ("first", "second")
        }
        yield Config("first", "second", hosts)


@pytest.fixture
async def pair(nobody: Config) -> AsyncIterator[Pair]:
    pair = Pair(nobody)
    yield pair
    await pair.close()


@pytest.fixture
def run(pair: Pair) -> Run:
    return Run(pair)


def lost(pair: Pair) -> None:
    """Both had answered, and do so no more."""
    for node in (pair.first, pair.second):
        node.line.well()
        node.line.failed()


async def test_hosts_that_were_never_reached_are_not_waited_for(run: Run) -> None:
    assert not await run.resuming.run(run)
    assert (run.runs, run.told) == (1, [])


async def test_hosts_that_were_lost_before_are_not_waited_for(pair: Pair, run: Run) -> None:
    lost(pair)
    assert not await run.resuming.run(run)
    assert (run.runs, run.told) == (1, [])


async def test_hosts_lost_meanwhile_are_waited_for_so_long(pair: Pair, run: Run) -> None:
    run.happens = lambda: lost(pair)
    assert not await run.resuming.run(run, 0)
    assert (run.runs, run.told) == (1, [LOST])


async def test_an_error_is_raised_after_the_waiting(pair: Pair, run: Run) -> None:
    run.happens = lambda: lost(pair)
    run.error = StepFailed("second is not reached")
    with pytest.raises(StepFailed):
        await run.resuming.run(run, 0)
    assert (run.runs, run.told) == (1, [LOST])


@pytest.mark.parametrize("by", ["raising", "telling"])
async def test_a_refusal_is_final(pair: Pair, run: Run, by: str) -> None:
    def refused() -> None:
        lost(pair)
        if by == "telling":
            run.resuming.hear(StepEnded(step("cleandb"), "todo", "answered No"))

    run.happens = refused
    run.error = Refused("answered No") if by == "raising" else None
    with pytest.raises(Refused) if run.error else nullcontext():
        assert not await run.resuming.run(run)
    assert (run.runs, run.told) == (1, [])


FOR_A_PERSON = [
    BecomeFailed("first", "op@first", "sudo refuses the password", "Give another."),
    NotInstalled("first", "op@first", "there is no erl", "Install it."),
    ProbeError("crashed", "badarg"),
    ProbeError("garbled", "no state of a node"),
    *(
        Unreachable("first", "op@first", "refused", "See.").at(layer)
        for layer in ("settings", "host key", "authentication")
    ),
]


@pytest.mark.parametrize("trouble", FOR_A_PERSON, ids=str)
async def test_what_waiting_does_not_cure_is_not_waited_for(
    pair: Pair, run: Run, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    async def refresh(self: Node, _peers: object = ()) -> NodeFacts:
        self.trouble = trouble
        return self.facts

    monkeypatch.setattr(Node, "refresh", refresh)
    monkeypatch.setattr(Node, "_connected", True)
    run.happens = lambda: lost(pair)
    async with asyncio.timeout(SECONDS):
        assert not await run.resuming.run(run)
    assert (run.runs, run.told) == (1, [])


async def test_cancelling_ends_the_waiting(pair: Pair, run: Run) -> None:
    run.happens = lambda: lost(pair)
    waiting = asyncio.create_task(run.resuming.run(run))
    async with asyncio.timeout(SECONDS):
        await run.waits.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert run.told == [HostAwaited(("first", "second"), math.inf)]
