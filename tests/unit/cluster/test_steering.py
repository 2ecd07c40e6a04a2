"""What a host answers does not become more than it is in root's files and rules."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.diagnosis.diagnose import findings
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import CookieFacts, NodeFacts, PairFacts
from ejtui.cluster.repairs.tools import firewall, settings
from ejtui.hosts import CommandFailed, guard
from ejtui.hosts.errors import HostError

BAD = ["", "10.0.0.1 bank.example", "10.0.0.1\n10.0.0.2", "10.0.0.1; flush ruleset", "fe80::1%e"]


@pytest.mark.parametrize("text", BAD)
def test_only_an_address_is_one(text: str) -> None:
    assert not settings.is_address(text)


@pytest.mark.parametrize("text", ["10.0.0.1", "2001:db8::1"])
def test_both_kinds_are(text: str) -> None:
    assert settings.is_address(text)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (BAD[1], "second"),
        ("10.0.0.1", "a b"),
        ("1", ""),
        ("10.0.0.1", "localhost"),
        ("10.0.0.1", "ip6-x"),
    ],
)
async def test_no_other_line_gets_into_the_hosts_file(address: str, name: str) -> None:
    nobody: Any = SimpleNamespace(name="second")
    with pytest.raises(StepFailed, match="no line for /etc/hosts"):
        await settings.host_entry(nobody, nobody, address, name)


async def test_no_other_words_get_into_a_rule() -> None:
    peer = SimpleNamespace(address=BAD[3])
    context: Any = SimpleNamespace(
        peer=SimpleNamespace(name="second", platform=SimpleNamespace(node="b@second")),
        node=SimpleNamespace(name="first"),
        node_facts=SimpleNamespace(peers={"b@second": peer}),
    )
    with pytest.raises(StepFailed, match="address"):
        await firewall._address(context)


def test_an_unsafe_cookie_is_one_finding_that_says_what_to_do() -> None:
    unsafe = CookieFacts(code="unsafe-path", why="it is a link to /etc/shadow")
    facts = PairFacts(NodeFacts("first", "a@first"), NodeFacts("second", "b@second", cookie=unsafe))
    [found] = [each for each in findings(facts) if each.code == "unsafe-path"]
    assert (found.node, found.severity) == ("second", "error")
    assert "/etc/shadow" in found.evidence[0]
    assert "by hand" in found.repair


def test_why_a_guarded_command_refused() -> None:
    def failed(code: int, said: bytes) -> HostError:
        return CommandFailed("second", "second", ["sh"], code, said)

    assert guard.reason(failed(guard.UNSAFE, b"unsafe-path: /a is a link\n")) == "/a is a link"
    assert guard.reason(failed(1, b"unsafe-path: /a is a link\n")) is None
    assert guard.reason(failed(guard.UNSAFE, b"something else")) is None
