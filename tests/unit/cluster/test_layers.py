"""The line of each layer: what was seen, and where that ends, whose fault it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ejtui.cluster.diagnosis.layers import looks
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.facts.node import NodeFacts, PairFacts, PeerFacts
from tests.unit.cluster.conftest import FIRST, SECOND, Story

SILENT = "second (op@h): h port 22 cannot be reached: no route to host. See whether it is up."


def _seen(facts: PairFacts) -> dict[str, str]:
    return {look.layer: look.seen for look in looks(Case(facts), {})}


def _way(broken: str, why: str = "") -> dict[str, Any]:
    return {"peers": {FIRST: PeerFacts(FIRST, "10.0.0.9", 40000, broken, "", why)}}


def test_a_port_that_answers_is_no_connection_of_nodes(story: Story) -> None:
    assert _seen(story.strangers())["distribution"] == (
        "first's port answers second; second's port answers first"
    )
    assert _seen(story.joined())["distribution"].startswith("second connects to first;")


def test_a_layer_that_fails_shows_what_failed_and_on_whose_side(story: Story) -> None:
    refused = _way("epmd", "connection refused (econnrefused)")
    seen = _seen(story.second_is(story.joined(), **refused))
    assert seen["epmd"].startswith(
        "from second: first's epmd: connection refused (econnrefused); second's answers"
    )
    assert seen["port"].startswith("from second: not tried without an epmd;")
    seen = _seen(story.second_is(story.joined(), **_way("tcp", "no answer within 2.5 s")))
    assert seen["distribution"].startswith("from second: first's port: no answer within 2.5 s;")
    assert seen["port"].startswith(f"{FIRST} at port 40000;")


def test_of_a_stopped_node_the_other_is_not_blamed(story: Story) -> None:
    facts = story.first_is(
        story.cleaned(), peers={SECOND: PeerFacts(SECOND, broken="port", why="epmd knows no such")}
    )
    seen = _seen(facts)
    assert seen["port"].endswith("; from first: not tried, second is stopped")
    assert seen["distribution"].endswith("; from first: not tried, second is stopped")
    assert seen["schema"] == "first: has cookie; second: no schema is seen there"


def test_of_a_host_that_is_not_reached_nothing_is_claimed(story: Story) -> None:
    gone = NodeFacts.unreachable("second", SILENT, "")
    facts = replace(story.first_is(story.strangers(), peers={}), second=gone)
    seen = _seen(facts)
    assert seen["host"] == ("first: answers; second: h port 22 cannot be reached: no route to host")
    ways = {seen[name] for name in ("resolve", "epmd", "port", "distribution")}
    assert ways == {"not tried: second cannot be asked"}
    assert seen["cookie"] == "first: a1a1a1; second: not known"
    assert seen["schema"] == "first: has cookie; second: not known"


def test_tables_without_a_copy_are_counted(story: Story) -> None:
    seen = _seen(story.connected())["tables"]
    assert seen.endswith("second: 0 of 0 can be read, 4 have no copy there")
    assert "no copy" not in _seen(story.joined())["tables"]
