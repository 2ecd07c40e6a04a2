"""Connections that the system itself refuses: routes and firewalls, each in both directions."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.join.check import check
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import engine

OTHER = {"first": "second", "second": "first"}
TABLE = "inet ejtui_test"

A_CONNECTION_GIVES_UP = 120.0
"""Seconds after which the system ends the wait for an answer to a new connection."""

ROUTES = {"blackhole": "einval", "unreachable": "ehostunreach", "prohibit": "eacces"}

# What a rule for outgoing packets does, and what the connection that it stops ends with.
RULES = {
    "drop": "etimedout",
    "reject with tcp reset": "econnrefused",
    "reject with icmpx admin-prohibited": "ehostunreach",
    "reject with icmpx host-unreachable": "ehostunreach",
    "reject with icmpx no-route": "enetunreach",
}


def address(lab: Lab, host: str, of: str) -> str:
    """The address that `of` has on `host`."""
    return lab.run(host, ["getent", "ahostsv4", of]).stdout.split()[0].decode()


@pytest.fixture
def apart(lab: Lab) -> Iterator[Lab]:
    routes = {
        host: lab.run(host, ["ip", "route", "show", "table", "main"]).stdout for host in OTHER
    }
    yield lab
    for host, before in routes.items():
        table = f"add table {TABLE}\ndelete table {TABLE}\n"
        lab.run(host, ["nft", "-f", "-"], stdin=table.encode())
        lab.run(host, ["sh", "-c", "while read -r r; do ip route replace $r; done"], stdin=before)


def route(lab: Lab, host: str, kind: str) -> None:
    """A route of this kind on `host` to the other one."""
    lab.run(host, ["ip", "route", "replace", kind, address(lab, host, OTHER[host])])


def rule(lab: Lab, host: str, verdict: str, hook: str = "output") -> None:
    """A rule on `host` for epmd's port, for packets that go out or come in."""
    side = "daddr" if hook == "output" else "saddr"
    lab.run(
        host,
        ["nft", "-f", "-"],
        stdin=(
            f"add table {TABLE}\n"
            f"add chain {TABLE} here {{ type filter hook {hook} priority 0; }}\n"
            f"add rule {TABLE} here ip {side} {address(lab, host, OTHER[host])} "
            f"tcp dport 4369 {verdict}\n"
        ).encode(),
    )


async def seen(lab: Lab) -> Diagnosis:
    async with engine(lab) as one:
        return await check(one.pair)


def named(found: Diagnosis, here: str, posix: str) -> None:
    """Both hosts were asked, and the way from `here` to the other is named with its cause."""
    facts = found.facts.of(here)
    assert (facts.error, facts.failed, facts.ejabberd) == ("", (), True)
    assert "not-installed" not in {each.code for each in found.findings}
    peer = facts.peers[f"ejabberd@{OTHER[here]}"]
    assert (peer.broken, peer.code, peer.posix) == ("epmd", "epmd-unreachable", posix)
    [finding] = [each for each in found.findings if each.code == "epmd-unreachable"]
    said = " ".join(finding.evidence)
    assert posix in said or "no answer" in said
    if posix in ("einval", "eacces", "enetunreach"):
        assert finding.node == here
        assert f"oute on {here}" in finding.explanation or f"{here} has no" in finding.explanation


@pytest.mark.parametrize(
    ("kind", "here"),
    [
        ("blackhole", "first"),
        pytest.param("blackhole", "second", marks=pytest.mark.catalogue),
        pytest.param("unreachable", "first", marks=pytest.mark.catalogue),
        pytest.param("unreachable", "second", marks=pytest.mark.catalogue),
        pytest.param("prohibit", "first", marks=pytest.mark.catalogue),
        ("prohibit", "second"),
    ],
)
async def test_a_route_that_leads_nowhere(apart: Lab, here: str, kind: str) -> None:
    route(apart, here, kind)
    named(await seen(apart), here, ROUTES[kind])


@pytest.mark.catalogue
@pytest.mark.parametrize("here", ["first", "second"])
@pytest.mark.parametrize("verdict", RULES)
async def test_a_rule_for_what_goes_out(apart: Lab, here: str, verdict: str) -> None:
    rule(apart, here, verdict)
    named(await seen(apart), here, RULES[verdict])


@pytest.mark.parametrize(
    ("verdict", "posix"),
    [("reject with icmpx admin-prohibited", "ehostunreach"), ("drop", "etimedout")],
)
async def test_a_rule_for_what_comes_in(apart: Lab, verdict: str, posix: str) -> None:
    rule(apart, "first", verdict, "input")
    named(await seen(apart), "second", posix)


def test_a_join_does_not_wait_for_a_route(apart: Lab) -> None:
    route(apart, "second", "blackhole")
    began = time.monotonic()
    status, answer = Ejtui(apart).json("join", "--yes")
    assert time.monotonic() - began < A_CONNECTION_GIVES_UP
    assert status == 1
    assert "epmd-unreachable" in {each["code"] for each in answer["findings"]} or (
        "blackhole" in answer["error"]["message"]
    )
    ran = Ejtui(apart)("repair", "epmd-unreachable", "--yes")
    assert ran.returncode == 1
    assert "blackhole" in " ".join(ran.stderr.split())
