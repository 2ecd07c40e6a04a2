"""Rules about large tables: what is near the limit, and what is long in copying."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ejtui.cluster.facts.examination import Examined
from ejtui.cluster.facts.node import DISC, DISC_ONLY, RAM, PairFacts, TableFacts
from tests.unit.cluster.rules import codes, only


def with_table(story: Any, name: str, size: int, storage: str = DISC_ONLY) -> PairFacts:
    """Two nodes that are not joined; first has a table of so many bytes."""
    facts = story.same_cookie()
    own = TableFacts(name, storage, size=size // 100, memory=size, where_to_read=story.first)
    return story.first_is(facts, tables=(*facts.first.tables, own))  # type: ignore[no-any-return]


def test_a_file_near_the_limit_is_named_with_its_size(story: Any) -> None:
    finding = only(with_table(story, "offline_msg", 1_700_000_000))
    assert (finding.code, finding.node) == ("table-near-limit", "first")
    assert finding.subjects == ("offline_msg",)
    assert "1.7 GB of 2.1 GB" in finding.evidence[0]


@pytest.mark.parametrize(("size", "storage"), [(1_500_000_000, DISC_ONLY), (5_000_000_000, DISC)])
def test_what_has_room_or_lives_in_memory_is_not(story: Any, size: int, storage: str) -> None:
    assert codes(with_table(story, "offline_msg", size, storage)) == []


def test_on_both_nodes_it_is_one_finding(story: Any) -> None:
    facts = story.joined()
    tables = tuple(
        replace(each, storage=DISC_ONLY, memory=1_900_000_000) if each.name == "passwd" else each
        for each in facts.first.tables
    )
    facts = story.second_is(story.first_is(facts, tables=tables), tables=tables)
    assert [each for each in codes(facts) if each == "table-near-limit"] == ["table-near-limit"]


@pytest.mark.parametrize(
    ("name", "code", "storage"),
    [
        ("archive_msg", "mam-in-mnesia", DISC_ONLY),
        ("pubsub_item", "pubsub-in-mnesia", DISC_ONLY),
        ("pubsub_state", "pubsub-in-mnesia", RAM),
    ],
)
def test_what_must_be_copied_is_named(story: Any, name: str, code: str, storage: str) -> None:
    large = with_table(story, name, 900_000_000, storage)
    finding = only(large)
    assert (finding.code, finding.severity, finding.subjects) == (code, "warning", (name,))
    assert "its copy takes about 100 s" in finding.evidence[0]
    assert codes(large, Examined(remote=frozenset({name}))) == [], "it is not copied"
    assert codes(with_table(story, name, 90_000_000, storage)) == [], "it is small"
