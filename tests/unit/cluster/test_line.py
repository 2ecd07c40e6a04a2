"""A host that does not answer: since when, and how long until it is tried again."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from ejtui.cluster.pair.connection import FIRST_WAIT, LONGEST_WAIT, ConnectionState
from ejtui.cluster.pair.node import Node
from ejtui.config import HostConfig


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_each_failure_doubles_the_wait_up_to_the_longest() -> None:
    clock = Clock()
    line = ConnectionState(clock)
    assert line.due
    waits = []
    for _ in range(8):
        line.failed()
        waits.append(line.wait)
        assert not line.due
        clock.seconds += line.wait
        assert line.due
    assert waits == [1, 2, 4, 8, 16, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]


def test_since_is_when_it_began_and_an_answer_ends_it() -> None:
    line = ConnectionState(Clock())
    line.silent(3)
    began = line.since
    assert began is not None
    assert line.next_try is None
    line.failed()
    line.failed()
    assert line.since == began
    assert line.next_try is not None
    assert line.next_try > began
    line.trying()
    assert (line.since, line.next_try) == (began, None)
    line.well()
    assert (line.since, line.wait) == (None, 0)
    line.failed()
    assert line.wait == FIRST_WAIT


def test_a_loss_is_counted_once_and_only_of_a_host_that_had_answered() -> None:
    line = ConnectionState(Clock())
    line.failed()
    assert (line.losses, line.lost) == (0, False)
    line.well()
    line.silent(3)
    line.failed()
    line.failed()
    assert (line.losses, line.lost) == (1, True)
    line.well()
    assert (line.losses, line.lost) == (1, False)
    line.failed()
    assert line.losses == 2


@pytest.fixture
def refused() -> Iterator[int]:
    """A port that nobody listens on, and that nobody takes meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


async def test_a_host_that_refuses_is_tried_when_its_time_has_come_or_at_once_on_request(
    refused: int,
) -> None:
    node = Node(HostConfig("first", "127.0.0.1", user="op", port=refused))
    clock = Clock()
    node.line = ConnectionState(clock)
    seen = []
    for _ in range(3):
        facts = await node.refresh()
        assert not facts.reachable
        assert await node.refresh() == facts
        seen.append((node.trouble, node.line.wait))
        clock.seconds += node.line.wait
    assert [wait for _, wait in seen] == [1, 2, 4]
    await node.refresh()
    tried = node.trouble
    await node.refresh()
    assert node.trouble is tried
    node.line.try_now()
    await node.refresh()
    assert node.trouble not in [tried, *(trouble for trouble, _ in seen)]
    await node.close()


async def test_two_who_ask_at_once_make_one_attempt(refused: int) -> None:
    node = Node(HostConfig("first", "127.0.0.1", user="op", port=refused))
    node.line = ConnectionState(Clock())
    await asyncio.gather(node.refresh(), node.refresh())
    assert node.line.wait == FIRST_WAIT
    await node.close()
