"""The mesh of all nodes that the pair is connected to: where it has a hole."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ejtui.cluster.facts.examination import Hole, NodeExam
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import Peer, ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair

MOST_STRANGERS = 5
"""So many nodes beyond the pair are tried."""

_NODE = re.compile(r"node '?([^\s'@]+@[^\s',]+)")

Reach = Mapping[str, tuple[str, str]]
"""Node -> the layer that is broken on the way to it, "" when none, and why."""


async def holes(pair: Pair, first: NodeExam, second: NodeExam, names: list[str]) -> list[Hole]:
    """The nodes that one of the pair reaches and the other does not.

    Asked of those that either is connected to, and of those that global reported it cut off: the
    connections come and go while it does.
    """
    met = set(first.connected) & set(second.connected)
    known = {*first.connected, *second.connected, *_cut_off(first), *_cut_off(second)}
    strangers = sorted(known - met - set(names))[:MOST_STRANGERS]
    if not (strangers and first.asked and second.asked):
        return []
    one, two = await asyncio.gather(
        _reach(pair.first, first, strangers, pair.second.as_peer),
        _reach(pair.second, second, strangers, pair.first.as_peer),
    )
    return [
        Hole(role, name, *here[name])
        for role, here, there in (("second", two, one), ("first", one, two))
        for name in strangers
        if name in here and here[name][0] and name in there and not there[name][0]
    ]


def _cut_off(exam: NodeExam) -> set[str]:
    """The nodes that its log names where global cut a connection."""
    return {
        name
        for entry in exam.log.known
        if entry.code == "overlapping"
        for name in _NODE.findall(entry.text)
    }


async def _reach(node: Node, exam: NodeExam, strangers: list[str], connected: Peer | None) -> Reach:
    """How far the node's host reaches them; one that it does not meet has the other's cookie."""
    cookie = connected.cookie if connected else ""
    unmet = [name for name in strangers if name not in exam.connected]
    try:
        ways = await asyncio.gather(*(questions.way(node.probe, name, cookie) for name in unmet))
    except (ProbeError, HostError):
        return {}
    reach = {name: ("", "") for name in strangers if name in exam.connected}
    for name, way in zip(unmet, ways, strict=True):
        reach[name] = ("" if way.broken == "mnesia" else way.broken, way.why)
    return reach
