"""A connection that the system refuses: its likely cause, and on which host that is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ejtui.cluster.diagnosis.diagnose import findings, stopping
from ejtui.cluster.facts.node import NodeFacts, PairFacts, PeerFacts
from ejtui.cluster.finding import Finding
from tests.unit.cluster.conftest import FIRST, SECOND
from tests.unit.cluster.rules import codes


def stopped(node: str, posix: str) -> PeerFacts:
    return PeerFacts(
        node, address="10.0.0.1", broken="epmd", code="epmd-unreachable", why=posix, posix=posix
    )


def found(story: Any, from_second: str, from_first: str) -> list[Finding]:
    """What is found where the ways end with these words of the system, "" for one that is well."""
    facts = story.same_cookie()
    ways = {"second": (FIRST, from_second), "first": (SECOND, from_first)}
    sides = {
        role: replace(
            facts.of(role), peers={node: stopped(node, posix) if posix else PeerFacts(node)}
        )
        for role, (node, posix) in ways.items()
    }
    return [
        each
        for each in findings(PairFacts(sides["first"], sides["second"]))
        if each.code == "epmd-unreachable"
    ]


@pytest.mark.parametrize(
    ("posix", "cause"),
    [
        ("einval", "blackhole route on second"),
        ("eacces", "route on second prohibits"),
        ("eperm", "second's own firewall"),
        ("enetunreach", "second has no route"),
        ("eaddrnotavail", "second has no address"),
    ],
)
@pytest.mark.parametrize("back", ["", "etimedout"])
def test_a_host_that_does_not_let_its_own_out(
    story: Any, posix: str, cause: str, back: str
) -> None:
    [finding] = found(story, posix, back)
    assert finding.node == "second"
    assert cause in finding.explanation
    assert "second" in finding.repair


def test_the_other_way_tells_why_there_is_no_answer(story: Any) -> None:
    [finding] = found(story, "etimedout", "einval")
    assert finding.node == "first"
    assert "blackhole route on first" in finding.explanation
    assert len([line for line in finding.evidence if line.startswith("from ")]) == 2


def test_unreachable_is_a_route_where_no_answer_comes_back_either(story: Any) -> None:
    [finding] = found(story, "ehostunreach", "etimedout")
    assert (finding.node, "route on second" in finding.explanation) == ("second", True)
    [finding] = found(story, "ehostunreach", "")
    assert (finding.node, "rejects it with ICMP" in finding.explanation) == ("first", True)


def test_silence_is_a_firewall_as_before(story: Any) -> None:
    [finding] = found(story, "etimedout", "")
    assert finding.node == "first"
    assert "open TCP port 4369" in finding.repair


def test_a_probe_that_fails_is_no_missing_installation(story: Any) -> None:
    facts = story.strangers()
    blind = NodeFacts.blind("second", "snapshot: badarg (crashed)", SECOND, "probe-failed")
    assert codes(PairFacts(facts.first, blind)) == ["probe-failed"]
    some = replace(facts.second, failed=("spool: badarg in ejtui_disk:spool",))
    [finding] = stopping(findings(PairFacts(facts.first, some)))
    assert finding.code == "probe-failed"
    assert "ejtui_disk:spool" in finding.evidence[0]


def test_a_probe_that_was_lost_is_no_missing_installation(story: Any) -> None:
    facts = story.strangers()
    blind = NodeFacts.blind("second", "the probe on second ended (lost)", SECOND, "probe-lost")
    [finding] = findings(PairFacts(facts.first, blind))
    assert finding.code == "probe-failed"
    assert "ended or stopped answering" in finding.title
    assert "a mistake in ejtui" not in finding.explanation


def test_an_unknown_layer_is_passed_by_nothing() -> None:
    assert not PeerFacts(SECOND, broken="probe").passed("resolve")
