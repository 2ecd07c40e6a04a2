"""What the app shows and what a check saw are made alike, or a check never counts as the newest."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from ejtui.cluster.diagnosis.look import diagnosis, outdated
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.facts.node import NodeFacts, PairFacts, PeerFacts
from ejtui.cluster.pair import node as node_module
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.pair import Pair
from ejtui.config import Config, HostConfig

LOCAL = "ejabberd@localhost"


def _pair(facts: PairFacts, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """A pair whose nodes report these."""
    hosts = {name: HostConfig(name, "127.0.0.1", port=1) for name in ("first", "second")}
    pair = Pair(Config("first", "second", hosts))

    async def look(node: Node) -> NodeFacts:
        node.facts = facts.of(node.role)
        return node.facts

    monkeypatch.setattr(pair, "look", look)
    return pair


async def test_a_check_of_two_stock_nodes_is_of_the_facts_that_are_shown(
    story: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are called ejabberd@localhost, as packages install them: each finds itself there."""
    itself = {LOCAL: PeerFacts(LOCAL, "127.0.0.1", None, "epmd", "epmd-unreachable", "refused")}
    facts = story.first_is(story.strangers(), node=LOCAL, hostname="first", peers=itself)
    facts = story.second_is(facts, node=LOCAL, hostname="second", peers=itself)
    pair = _pair(facts, monkeypatch)
    seen = await pair.refresh()
    check = diagnosis(seen, Case(seen))
    assert outdated(check, facts), "as they were asked they count as others"
    assert pair.newest == seen
    assert not outdated(check, pair.newest)


class Answers:
    """A probe that answers each question when it is let."""

    lost = None
    heard = 0.0

    def __init__(self) -> None:
        self.asked: list[asyncio.Future[str]] = []

    async def snapshot(self, _peers: object) -> str:
        self.asked.append(asyncio.get_running_loop().create_future())
        return await self.asked[-1]


async def test_an_answer_to_an_earlier_question_replaces_none_to_a_later_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A look and a check ask one node at once, and their answers overtake each other."""
    probe, node = Answers(), Node(HostConfig("second", "127.0.0.1"))
    monkeypatch.setattr(node, "_probe", probe)
    monkeypatch.setattr(node, "_platform", object())
    monkeypatch.setattr(
        node_module,
        "node_facts",
        lambda name, _platform, said: replace(NodeFacts(name), ejabberd_version=said),
    )
    look, check = (asyncio.create_task(node.refresh()) for _ in range(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first, second = probe.asked
    second.set_result("after the change")
    assert (await check).ejabberd_version == "after the change"
    first.set_result("before the change")
    assert (await look).ejabberd_version == "after the change"
    assert node.facts.ejabberd_version == "after the change"
