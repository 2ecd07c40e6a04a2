"""What a backup has to offer, as it is told, and through which node it would be written."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster import bringover
from ejtui.cluster.bringover_offer import KeptAccount, LeftOut, Offer
from ejtui.cluster.bringover_source import Source
from ejtui.cluster.errors import StepFailed
from ejtui.erlang.terms import Atom
from tests.unit.cluster.test_records import MANIFEST

SOURCE = Source("20260101T000000Z", MANIFEST.database, MANIFEST)
ONLINE = Source("20260102T000000Z-partitioned", "/b/20260102T000000Z-partitioned/second.BUP")


def account(user: str, state: str, **holds: int) -> KeptAccount:
    return KeptAccount(user, "chat.example", state, ("SCRAM-SHA-1",), holds)


def offer(*accounts: KeptAccount) -> Offer:
    return Offer(SOURCE, "ejabberd@second", "2 files are as its manifest says", accounts)


def test_a_backup_goes_by_its_stamp_and_its_paths() -> None:
    assert {MANIFEST.stamp, MANIFEST.place, MANIFEST.database} <= set(SOURCE.named)
    assert {ONLINE.name, ONLINE.path} <= set(ONLINE.named)
    assert SOURCE.term == (Atom("directory"), MANIFEST.database)
    assert ONLINE.term == (Atom("file"), ONLINE.path)


def test_what_belongs_to_an_account() -> None:
    told = account("guest", "new", offline_msg=2, roster=1, vcard=1, vcard_search=1, odd=3)
    assert (
        told.belongings
        == "password SCRAM-SHA-1, waiting messages (2), contacts (1), vCard, odd (3)"
    )


def test_conflicts_are_named_and_those_there_are_one_line() -> None:
    all_of_them = offer(
        account("guest", "new"),
        account("ben", "taken"),
        account("amelie", "same"),
        account("chidi", "same"),
        account("far", "unserved"),
    )
    assert [each.user for each in all_of_them.new] == ["guest"]
    assert [each.user for each in all_of_them.conflicts] == ["ben", "far"]
    told = "\n".join(all_of_them.lines())
    assert "ben@chat.example: conflict: the cluster has an account of that name" in told
    assert "far@chat.example: conflict: the cluster does not serve its host" in told
    assert "in the cluster already, with this password: amelie@chat.example, chidi" in told


def test_what_is_left_out_or_doubtful_is_said() -> None:
    said = Offer(
        ONLINE,
        "ejabberd@first",
        "read",
        (),
        (LeftOut("pubsub_node", 2, "not by account"), LeftOut("pubsub_item", 1, "not by account")),
        ("LATEST.LOG was never closed",),
    )
    assert said.lines()[1:] == [
        "doubtful: LATEST.LOG was never closed",
        "left out: pubsub_node (2), pubsub_item (1): not by account",
    ]
    assert json.loads(json.dumps(said.to_json()))["left_out"][0] == {
        "table": "pubsub_node",
        "records": 2,
        "why": "not by account",
    }


def test_the_node_that_writes(story: Any) -> None:
    pair: Any = SimpleNamespace(first=object(), second=object())
    assert bringover._through(pair, story.joined()) is pair.second
    assert bringover._through(pair, story.quitted()) is pair.first


@pytest.mark.parametrize("moment", ["strangers", "shell_alone", "copied"])
def test_not_into_another_database_than_the_cluster_s(story: Any, moment: str) -> None:
    pair: Any = SimpleNamespace(first="first", second="second")
    with pytest.raises(StepFailed, match="not with ejabberd in first's cluster"):
        bringover._through(pair, getattr(story, moment)())


def test_not_while_ejabberd_is_down_on_first(story: Any) -> None:
    facts = story.first_is(story.joined(), ejabberd=False)
    with pytest.raises(StepFailed, match="must run on first"):
        bringover._through(SimpleNamespace(), facts)  # type: ignore[arg-type]
