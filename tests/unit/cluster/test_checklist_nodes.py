"""The names of both nodes in the checklist: whether they fit, resolve, and reach each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ejtui.cluster.facts.node import (
    PeerFacts,
)
from ejtui.cluster.join.checklist import derive
from tests.unit.cluster.test_checklist import NONE, at_hand, findings


def test_styles_differ(story: Any) -> None:
    facts = story.second_is(story.same_cookie(), node="ejabberd@second.example")
    assert at_hand(facts) == ("preflight", "failed")
    assert findings(facts) == ["name-style"]


def test_the_same_name(story: Any) -> None:
    assert findings(story.second_is(story.same_cookie(), node=story.first)) == ["name-in-use"]


def test_no_name_at_all(story: Any) -> None:
    facts = story.second_is(story.same_cookie(), node="ejabberd second")
    assert findings(facts) == ["name-style"]


def test_localhost_across_machines(story: Any) -> None:
    facts = story.second_is(story.same_cookie(), node="second@localhost")
    assert findings(facts) == ["dist-loopback"]


def test_both_localhost_is_one_finding(story: Any) -> None:
    name = "ejabberd@localhost"
    facts = story.second_is(story.strangers(), node=name, hostname="second")
    facts = story.first_is(facts, node=name, hostname="first")
    assert findings(facts) == ["both-localhost"]


@pytest.mark.parametrize("broken", ["", "handshake"])
@pytest.mark.parametrize("address", ["127.0.1.1", "::1", "10.0.0.2"])
def test_a_name_that_leads_back_to_its_own_host(story: Any, address: str, broken: str) -> None:
    code = "not-connected" if broken else ""
    back = PeerFacts(story.first, address, 4000, broken=broken, code=code)
    own = {"addresses": ("10.0.0.2",), "hostname": "second", "peers": {story.first: back}}
    facts = story.second_is(story.same_cookie(), **own)
    facts = story.first_is(facts, addresses=("10.0.0.1",), hostname="first")
    assert findings(facts) == ["wrong-peer-address"]


@pytest.mark.parametrize(
    ("os_pid", "schema", "found"),
    [
        ("8", "of-the-old-first", ["wrong-peer-address"]),
        ("7", "of-the-old-first", []),  # It got another database just now.
        ("8", "cookie-of-first", []),  # It was started again just now.
        ("", "", []),
    ],
)
def test_a_name_that_leads_to_a_third_host(
    story: Any, os_pid: str, schema: str, found: list[str]
) -> None:
    there = PeerFacts(story.first, "10.0.0.9", 4000, os_pid=os_pid, schema=schema)
    facts = story.second_is(story.same_cookie(), peers={story.first: there})
    assert findings(story.first_is(facts, os_pid="7")) == found


@pytest.mark.parametrize("broken", ["epmd", "tcp"])
@pytest.mark.parametrize(("address", "known"), [("10.0.0.9", False), ("10.0.0.1", True)])
def test_a_closed_way_to_an_address_that_is_not_the_peers(
    story: Any, broken: str, address: str, known: bool
) -> None:
    there = PeerFacts(story.first, address, 4000, broken=broken, posix="etimedout")
    own = {"addresses": ("10.0.0.2",), "hostname": "second", "peers": {story.first: there}}
    facts = story.second_is(story.same_cookie(), **own)
    facts = story.first_is(facts, addresses=("10.0.0.1", "fd00::1"), hostname="first")
    [finding] = [each for state in derive(facts, NONE) for each in state.findings]
    evidence = "on first: its addresses are 10.0.0.1, fd00::1; 10.0.0.9 is none of them"
    assert (evidence in finding.evidence) != known, finding
    assert ("give first its address in second's hosts file" in finding.repair) != known, finding


@pytest.mark.parametrize(("why", "by_ipv6"), [("first (inet6): no such host", True), ("", False)])
def test_a_node_that_asks_for_ipv6_alone_is_named(story: Any, why: str, by_ipv6: bool) -> None:
    lost = PeerFacts(story.first, "", 0, broken="resolve", code="unresolvable", why=why)
    facts = story.second_is(story.same_cookie(), peers={story.first: lost})
    [finding] = [each for state in derive(facts, NONE) for each in state.findings]
    assert ("-proto_dist" in finding.explanation) == by_ipv6
    assert ("-proto_dist" in finding.repair) == by_ipv6


@pytest.mark.parametrize(("vm", "found"), [("unknown", ["named-by-address"]), ("up", [])])
def test_an_address_that_is_gone(story: Any, vm: str, found: list[str]) -> None:
    own = {"addresses": ("10.0.0.2",), "hostname": "second", "node": "ejabberd@10.0.0.9"}
    facts = story.second_is(story.same_cookie(), vm=vm, **own)
    facts = story.first_is(facts, node="ejabberd@first.example", addresses=("10.0.0.1",))
    assert findings(facts) == found


@pytest.mark.parametrize("name", ["ejabberd@first", "ejabberd@localhost"])
def test_a_clone_under_first_s_name_is_one_finding(story: Any, name: str) -> None:
    facts = story.same_cookie()
    own = {"node": name, "db_nodes": (name,), "running_db_nodes": (name,)}
    schema = replace(facts.first.schema, disc_copies=(name,))
    at = {"hostname": "second", "addresses": ("10.0.0.2",)}
    facts = story.second_is(facts, schema=schema, **own, **at)
    at = {"hostname": "first", "addresses": ("10.0.0.1",)}
    facts = story.first_is(facts, schema=schema, **own, **at)
    assert findings(facts) == ["same-database"]


def test_one_name_at_two_sites_is_not_one_host(story: Any) -> None:
    there = {"node": "ejabberd@localhost", "hostname": "chat"}
    facts = story.second_is(story.strangers(), addresses=("10.0.0.2",), **there)
    facts = story.first_is(facts, addresses=("10.0.0.1",), **there)
    assert not facts.one_host
    assert findings(facts) == ["both-localhost"]


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("ejabberd@chat", "ejabberd@chat", ["name-in-use"]),
        ("ejabberd@chat", "second@chat", ["name-style"]),
        ("ejabberd@chat", "ejabberd@localhost", ["dist-loopback"]),
        ("ejabberd@chat", "ejabberd@chat.south.example", ["name-style"]),
        ("ejabberd@chat.north.example", "ejabberd@chat.south.example", []),
    ],
)
def test_short_names_at_two_sites(story: Any, first: str, second: str, found: list[str]) -> None:
    back = {first: PeerFacts(first, "127.0.1.1", 4000)} if "." not in first else {}
    at = {"hostname": "chat", "peers": back}
    facts = story.second_is(story.same_cookie(), node=second, addresses=("10.0.0.2",), **at)
    facts = story.first_is(facts, node=first, addresses=("10.0.0.1",), hostname="chat")
    assert findings(facts) == found


@pytest.mark.parametrize(
    ("here", "there", "one"),
    [
        (("10.0.0.1", "172.17.0.1"), ("10.0.0.1", "172.17.0.1", "172.18.0.1"), True),
        (("10.0.0.1", "172.18.0.1"), ("10.0.0.1",), True),
        (("10.0.0.1", "172.17.0.1", "172.18.0.1"), ("10.0.0.2", "172.17.0.1", "172.18.0.1"),
         False),
        ((), ("10.0.0.1",), False),
        ((), (), True),
    ],
)  # fmt: skip
def test_one_host_while_addresses_of_containers_come_and_go(
    story: Any, here: tuple[str, ...], there: tuple[str, ...], one: bool
) -> None:
    facts = story.second_is(story.strangers(), hostname="chat", addresses=here)
    assert story.first_is(facts, hostname="chat", addresses=there).one_host is one


def test_localhost_on_one_machine(story: Any) -> None:
    facts = story.second_is(story.same_cookie(), node="second@localhost", hostname="here")
    facts = story.first_is(facts, node="first@localhost", hostname="here")
    names = ("first", "second")
    facts = story.first_is(story.second_is(facts, epmd=names), epmd=names)
    assert findings(facts) == []


def test_a_refused_handshake_with_equal_files(story: Any) -> None:
    peer = PeerFacts(story.first, "", None, "handshake", "cookie-mismatch", "challenge")
    facts = story.second_is(story.same_cookie(), peers={story.first: peer})
    assert at_hand(facts) == ("preflight", "failed")
    assert findings(facts) == ["cookie-mismatch"]
