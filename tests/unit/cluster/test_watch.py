"""Hearing of changes on a node: when it starts, what is passed on, and what its end means."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.watch import WATCH_SECONDS, Watch
from ejtui.erlang.probe.client import ProbeError

RUNS = NodeFacts("second", "ejabberd@second", ejabberd=True, mnesia="yes")


class Probe:
    """Answers when the test lets it."""

    def __init__(self) -> None:
        self.tell: Callable[[bytes], None] | None = None
        self.end = asyncio.Event()
        self.fails = False

    async def ask(self, question: str, *, timeout: float, on_progress: Any) -> bytes:
        assert (question, timeout) == ("watch", WATCH_SECONDS)
        self.tell = on_progress
        await self.end.wait()
        if self.fails:
            raise ProbeError("not-connected", "no connection", question)
        return b"ended"


def watch_of(facts: NodeFacts, probe: Probe, heard: list[str]) -> Watch:
    node = SimpleNamespace(facts=facts, opened=True, probe=probe)
    return Watch(cast(Node, node), lambda: heard.append("changed"))


async def test_what_changes_is_passed_on_and_the_end_is_a_change() -> None:
    heard: list[str] = []
    probe = Probe()
    watch = watch_of(RUNS, probe, heard)
    watch.follow()
    await asyncio.sleep(0)
    assert not watch.hears, "not before the probe has subscribed"
    assert probe.tell is not None
    probe.tell(b"watching")
    assert (watch.hears, heard) == (True, [])
    probe.tell(b"changed")
    assert heard == ["changed"]
    watch.follow()
    probe.end.set()
    await asyncio.sleep(0.01)
    assert not watch.hears
    assert heard == ["changed", "changed"]


async def test_a_refusal_is_no_change_and_it_is_tried_again() -> None:
    heard: list[str] = []
    probe = Probe()
    probe.fails = True
    watch = watch_of(RUNS, probe, heard)
    watch.follow()
    probe.end.set()
    await asyncio.sleep(0.01)
    assert (watch.hears, heard) == (False, [])
    probe.tell = None
    watch.follow()
    await asyncio.sleep(0)
    assert probe.tell is not None


async def test_nobody_listens_where_ejabberd_does_not_run_and_close_ends_it() -> None:
    heard: list[str] = []
    probe = Probe()
    stopped = watch_of(NodeFacts("second", "ejabberd@second"), probe, heard)
    stopped.follow()
    await asyncio.sleep(0)
    assert probe.tell is None
    await stopped.close()
    watch = watch_of(RUNS, probe, heard)
    watch.follow()
    await asyncio.sleep(0)
    assert probe.tell is not None
    cast(Callable[[bytes], None], probe.tell)(b"watching")
    await watch.close()
    assert not watch.hears
