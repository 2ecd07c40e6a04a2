"""What a join reports that it sets aside, and whether the roles are right."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.facts.set_aside import Differing, SetAside
from ejtui.cluster.join import forecast
from ejtui.cluster.join.steps import cleandb
from ejtui.cluster.operations import set_aside
from ejtui.erlang.probe.client import ProbeError
from tests.samples import PLATFORM
from tests.unit.cluster.test_records import MANIFEST

FIRST = NodeFacts("first", "ejabberd@first", accounts=25, hostname="first")
SECOND = NodeFacts("second", "ejabberd@chat2", accounts=1, hostname="second.example.net")
FACTS = PairFacts(FIRST, SECOND)
ALL = SetAside(
    alone=("guest@x",),
    differing=(
        Differing("ben@x", "other", {"roster": 2, "offline_msg": 1}),
        Differing("cy@x", "unknown"),
        Differing("di@x", "same", {"odd": 3}),
    ),
    rooms=("tea@conference.x", "hall@conference.x (first has another)"),
    groups=("team@x",),
    nodes=("news@pubsub.x",),
    tables={"oauth_token": 4},
    unread=("private_storage has 300000 records",),
)


def test_every_kind_has_its_line() -> None:
    assert ALL.lines() == (
        "1 account lives on second alone: guest@x",
        "2 accounts of both differ on second: ben@x (another password, waiting messages (1), "
        "contacts (2)), di@x (odd (3))",
        "1 account of both has passwords that cannot be compared: cy@x",
        "2 rooms: tea@conference.x, hall@conference.x (first has another)",
        "1 shared roster group: team@x",
        "1 pubsub node: news@pubsub.x",
        "other records: oauth_token (4)",
        "not compared: private_storage has 300000 records",
    )
    assert SetAside().lines() == ("no account lives on second alone",)
    assert "could not be read" in SetAside(alone=None).lines()[0]


def test_a_long_list_is_cut_for_people_and_whole_in_json() -> None:
    many = SetAside(alone=tuple(f"u{n:03}@x" for n in range(500)))
    assert "and 480 more" in many.lines()[0]
    assert len(json.loads(json.dumps(many.to_json()))["accounts"]) == 500
    differing = tuple(Differing(f"u{n}@x", "other", {"roster": 5}) for n in range(500))
    line = SetAside(differing=differing).lines()[1]
    assert line.startswith("500 accounts of both differ on second: u0@x (another password, con")
    assert line.endswith(" and 495 more")
    assert len(line) < 400


def test_the_question_names_nodes_hosts_and_what_survives() -> None:
    asked = set_aside.question(FACTS, ALL.lines(), "35 files", "/b/1")
    assert asked.takes[-2:] == (
        "second, ejabberd@chat2 on second.example.net: 35 files",
        "first, ejabberd@first: 25 accounts survive, and all else of its database",
    )
    assert "/b/1" in asked.consequence
    assert not asked.consent


@pytest.mark.parametrize(
    ("first", "second", "doubted"),
    [
        (0, 8, True),
        (0, 1, True),
        (1, 8, True),
        (25, 100, True),
        (0, 0, False),
        (1, 4, False),
        (25, 1, False),
        (25, 75, False),
        (None, 8, False),
        (25, None, False),
    ],
)
def test_swapped_roles_are_doubted(first: int | None, second: int | None, doubted: bool) -> None:
    facts = PairFacts(replace(FIRST, accounts=first), replace(SECOND, accounts=second))
    asked = set_aside.swapped(facts)
    assert (asked is not None) is doubted
    if asked is not None:
        assert asked.consent == "swapped-roles"
        assert f"second {second}" in asked.title


def test_what_was_read_counts_more_than_the_facts() -> None:
    unread = PairFacts(replace(FIRST, accounts=0), replace(SECOND, accounts=None))
    assert set_aside.swapped(unread) is None
    assert set_aside.swapped(unread, 8) is not None


def test_first_s_accounts_that_nobody_can_count_want_a_word_besides() -> None:
    unread = PairFacts(replace(FIRST, accounts=None), replace(SECOND, accounts=None))
    asked = set_aside.doubt(unread, 8)
    assert asked is not None
    assert asked.consent == "unknown-accounts"
    assert "8 accounts, which are set aside" in asked.takes[1]
    assert set_aside.doubt(unread, 0) is None
    assert set_aside.doubt(FACTS) is None


def _pair(ran: bool, *answers: Any) -> tuple[Any, PairFacts, list[tuple[Any, ...]]]:
    """A pair of other cookies, whose probes answer one after the other."""
    said, asked = iter(answers), []

    async def ask(*question: Any, **_: object) -> Any:
        asked.append(question)
        answer = next(said)
        if isinstance(answer, Exception):
            raise answer
        return answer

    node = SimpleNamespace(probe=SimpleNamespace(ask=ask), platform=PLATFORM)
    mnesia = "yes" if ran else "no"
    both = [replace(each, vm="up" if ran else "down", mnesia=mnesia, ejabberd=ran)
            for each in (FIRST, SECOND)]  # fmt: skip
    cookies = [replace(each, cookie=replace(each.cookie, sha256=each.name)) for each in both]
    return SimpleNamespace(first=node, second=node), PairFacts(cookies[0], cookies[1]), asked


async def test_ahead_of_a_join_the_cookie_goes_sealed_to_the_comparison_alone() -> None:
    nothing: dict[str, Any] = {"alone": "guest\tx", "differ": "", "rooms": [], "groups": [],
                               "nodes": [], "tables": {}, "unread": []}  # fmt: skip
    pair, facts, asked = _pair(True, "key", "sealed", nothing)
    await forecast.read(pair, facts)
    assert [each[0] for each in asked] == ["secret_key", "sealed_cookie", "set_aside"]
    assert asked[1][1] == "key"
    assert asked[2][-1] == "sealed"


async def test_ahead_of_a_join_what_cannot_be_read_is_named() -> None:
    pair, facts, _ = _pair(False, ProbeError("rpc", "torn"))
    aside = await forecast.read(pair, facts)
    assert aside.alone is None
    assert "torn" in aside.unread[0]


def test_what_nobody_could_read_wants_a_word_besides() -> None:
    asked = set_aside.unknown(FACTS)
    assert (asked.consent, asked.destructive) == ("unknown-accounts", True)
    assert "ejabberd@chat2 on second.example.net" in asked.takes[0]
    assert "25 accounts survive" in asked.takes[1]


async def test_what_the_probe_said_becomes_names() -> None:
    class Probe:
        async def ask(self, *_: Any, **__: Any) -> Any:
            return {
                "alone": "guest\x1fx",
                "both": 2,
                "differ": "ben\x1fx\x1funknown\x1froster:1,odd:2\x1ejunk",
                "rooms": [("tea", "conference.x", "alone"), ("hall", "conference.x", "other")],
                "groups": [],
                "nodes": [],
                "tables": {"motd": 1},
                "unread": [],
            }

    class Node:
        probe = Probe()

        class platform:
            node = "ejabberd@first"

    class Both:
        first = second = Node()

    said = await set_aside.compare(Both(), lambda _: None)  # type: ignore[arg-type]
    assert said.alone == ("guest@x",)
    assert said.differing == (Differing("ben@x", "unknown", {"odd": 2, "roster": 1}),)
    assert said.rooms == ("hall@conference.x (first has another)", "tea@conference.x")
    assert said.tables == {"motd": 1}


class Silent:
    """A probe that compares nothing, and that knows of accounts where it may."""

    def __init__(self, there: list[tuple[str, str]] | None) -> None:
        self.there = there

    async def ask(self, question: str, *_: Any, **__: Any) -> Any:
        if question == "lives_there" and self.there is not None:
            return "\x1e".join("\x1f".join(account) for account in self.there)
        raise ProbeError("timeout", "nothing came", question)


@pytest.mark.parametrize(
    ("there", "alone", "why"),
    [
        ([("ben", "x")], ("guest@x",), "nothing came"),
        (None, ("ben@x", "guest@x"), "which of them first has"),
    ],
)
async def test_what_cannot_be_compared_does_not_end_a_join(
    there: list[tuple[str, str]] | None, alone: tuple[str, ...], why: str
) -> None:
    node = SimpleNamespace(probe=Silent(there), platform=SimpleNamespace(node="ejabberd@first"))
    context: Any = SimpleNamespace(
        pair=SimpleNamespace(first=node, second=node),
        say=lambda _: None,
        progress=lambda *_: None,
    )
    manifest = replace(MANIFEST, stage="begun", accounts=("ben@x", "guest@x"), rooms=("tea@c.x",))
    aside = await cleandb._compared(context, manifest)
    assert (aside.alone, aside.rooms) == (alone, ("tea@c.x",))
    assert why in aside.lines()[-1]
    unread = await cleandb._compared(context, replace(manifest, accounts=None))
    assert unread.alone is None
