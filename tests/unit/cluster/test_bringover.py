"""What a backup has to offer, as it is shown, and through which node it would be written."""

from __future__ import annotations

import json
import threading
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.bring_over import done as bringover_done
from ejtui.cluster.bring_over import offer as bringover_offer
from ejtui.cluster.bring_over.consent import question
from ejtui.cluster.bring_over.done import Done
from ejtui.cluster.bring_over.offer import KeptAccount, Offer
from ejtui.cluster.bring_over.places import KeptPlace, places_of
from ejtui.cluster.bring_over.result import BroughtOver
from ejtui.cluster.bring_over.source import Source
from ejtui.cluster.bring_over.writer import alone, through_cluster
from ejtui.cluster.errors import StepFailed
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.questions import LeftTable, Offered, OfferedAccount, OfferedPlace
from ejtui.erlang.probe.row_list import RowList
from ejtui.erlang.terms.etf import Atom
from tests.unit.cluster.test_records import MANIFEST

SOURCE = Source("20260101T000000Z", MANIFEST.database, MANIFEST)
ONLINE = Source("20260102T000000Z-partitioned", "/b/20260102T000000Z-partitioned/second.BUP")


def account(user: str, state: str, **holds: int) -> KeptAccount:
    return KeptAccount(user, "chat.example", state, ("SCRAM-SHA-1",), holds)


def offer(*accounts: KeptAccount) -> Offer:
    return Offer(SOURCE, "ejabberd@second", "2 files are as in its manifest", accounts)


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


def test_conflicts_are_named_and_of_those_there_only_the_number() -> None:
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
    assert "in the cluster already: 2 of 5 accounts" in told
    assert "amelie" not in told


LACKING = KeptAccount("di", "chat.example", "same", ("plain",), {"roster": 4}, {"roster": 2})
UNCLEAR = KeptAccount("ed", "chat.example", "unclear", ("plain",), {}, {"offline_msg": 1})
PLACES = (
    KeptPlace("room", "tea", "conference.chat.example", "new"),
    KeptPlace("group", "team", "chat.example", "new", 3),
    KeptPlace("room", "hall", "conference.chat.example", "taken"),
    KeptPlace("room", "old", "conference.chat.example", "same"),
    KeptPlace("node", "news", "pubsub.chat.example", "new"),
    KeptPlace("personal", "notes", "ed@chat.example", "skipped"),
)


def test_what_the_cluster_lacks_is_named() -> None:
    all_of_it = replace(offer(LACKING, UNCLEAR), places=PLACES)
    told = "\n".join(all_of_it.lines())
    assert "di@chat.example: in the cluster, without contacts (2)" in told
    assert "its password cannot be compared; left in the backup: waiting messages (1)" in told
    assert "room tea@conference.chat.example: in the backup alone" in told
    assert "room hall@conference.chat.example: conflict: the cluster has another" in told
    assert "pubsub node news@pubsub.chat.example: in the backup alone" in told
    assert "personal pubsub node notes@ed@chat.example: not brought over, as its" in told
    assert "old@" not in told
    assert "accounts" not in told.replace("contacts", "")
    asked = question(all_of_it)
    assert (
        "1 room, 1 shared roster group, 1 pubsub node, what 1 account of the cluster lacks"
        in asked.title
    )
    assert "shared roster group team@chat.example with 3 members" in asked.takes
    assert "di@chat.example, in the cluster already: contacts (2)" in asked.takes


def test_how_it_ended_counts_each_kind() -> None:
    done = BroughtOver(offer(), (), (), places=PLACES[:1])
    assert done.summary == "0 accounts brought over, 1 room brought over"
    assert "2 rooms, 1 shared roster group" in replace(done, places=PLACES[:3]).summary


@pytest.mark.parametrize(
    ("account_state", "state"),
    [("new", "new"), ("same", "new"), ("taken", "skipped"), ("unclear", "skipped")],
)
def test_what_is_personal_goes_with_its_account(account_state: str, state: str) -> None:
    row = OfferedPlace("personal", "n", "ben@x", "new", 0)
    assert places_of([row], Done(), {"ben@x": account_state})[0].state == state
    done = Done(frozenset({"ben@x"}))
    assert places_of([row], done, {"ben@x": "same"})[0].state == "same", "removed since"


def test_what_is_unaffected_is_not_in_the_question() -> None:
    many = [account(f"u{n}", "same") for n in range(20000)]
    asked = question(offer(account("guest", "new"), *many))
    assert len(asked.takes) == 1
    assert len(offer(account("guest", "new"), *many).lines()) == 4


def test_what_was_brought_over_once_is_not_offered_again() -> None:
    done = Done.from_line(Done(frozenset({"ben@x", "cy@x"}), frozenset({"tea@c.x"})).to_line())
    same = bringover_offer._account(
        OfferedAccount(("ben", "x"), "same", ("plain",), {"roster": 1}, {"roster": 1}), done
    )
    assert (same.state, same.lacks) == ("same", {})
    assert (same.passwords, same.holds) == (("plain",), {"roster": 1})
    changed = bringover_offer._account(
        OfferedAccount(("ben", "x"), "taken", (), {}, {"roster": 1}), done
    )
    assert (changed.state, changed.lacks) == ("brought", {})
    gone = bringover_offer._account(OfferedAccount(("ben", "x"), "new", (), {}, {}), done)
    assert gone.state == "new"
    room = OfferedPlace("room", "tea", "c.x", "taken", 0)
    assert places_of([room], done, {})[0].state == "same"
    assert Done.from_line(b"nothing of ours") == Done()


def test_what_is_left_out_or_doubtful_is_said() -> None:
    said = Offer(
        ONLINE,
        "ejabberd@first",
        "read",
        (),
        (
            LeftTable("pubsub_node", 2, "not by account"),
            LeftTable("pubsub_item", 1, "not by account"),
        ),
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
    assert through_cluster(pair, story.joined()) is pair.second
    assert through_cluster(pair, story.quitted()) is pair.first


def test_without_first_second_writes_into_its_own_database(story: Any) -> None:
    pair: Any = SimpleNamespace(first=object(), second=object())
    gone = {"reachable": False, "vm": "unknown", "ejabberd": False, "mnesia": "no"}
    gone_first = story.first_is(story.strangers(), **gone)
    assert alone(pair, gone_first, SOURCE) is pair.second
    with pytest.raises(StepFailed, match="leave out --without-first"):
        alone(pair, story.joined(), SOURCE)
    for moment in (story.quitted(), story.joined()):
        facts = story.first_is(moment, **gone)
        with pytest.raises(StepFailed, match="`ejtui rollback --without-first`"):
            alone(pair, facts, SOURCE)


@pytest.mark.parametrize("moment", ["strangers", "shell_alone", "copied"])
def test_not_into_another_database_than_the_cluster_s(story: Any, moment: str) -> None:
    pair: Any = SimpleNamespace(first="first", second="second")
    with pytest.raises(StepFailed, match="not with ejabberd in first's cluster"):
        through_cluster(pair, getattr(story, moment)())


def test_not_while_ejabberd_is_down_on_first(story: Any) -> None:
    facts = story.first_is(story.joined(), ejabberd=False)
    with pytest.raises(StepFailed, match="must run on first"):
        through_cluster(SimpleNamespace(), facts)  # type: ignore[arg-type]


async def test_a_backups_accounts_are_sorted_beside_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads = []
    where = RowList.where

    def noted(*asked: Any) -> Any:
        threads.append(threading.current_thread())
        return where(*asked)

    async def held(*_: object) -> Offered:
        rows = [("guest", "new"), ("ben", "taken"), ("amelie", "same")]
        accounts = RowList.of(
            rows, lambda row: OfferedAccount((row[0], "chat.example"), row[1], (), {}, {})
        )
        return Offered(accounts, (), (), ())

    async def done(*_: object) -> Done:
        return Done()

    monkeypatch.setattr(RowList, "where", noted)
    monkeypatch.setattr(questions, "kept_accounts", held)
    monkeypatch.setattr(bringover_done, "load", done)
    monkeypatch.setattr(bringover_offer, "read_from", lambda *_: nullcontext())
    node: Any = SimpleNamespace(platform=SimpleNamespace(node="ejabberd@second"), probe=None)
    pair: Any = SimpleNamespace(second=node)
    found = await bringover_offer.read(pair, SOURCE, node, "whole")
    assert [len(each) for each in (found.new, found.conflicts, found.incomplete)] == [1, 1, 0]
    assert "in the cluster already: 1 of 3 accounts" in found.lines()
    assert threads
    assert threading.current_thread() not in threads
