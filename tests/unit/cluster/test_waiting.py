"""How long writers wait while a table is copied, and the order that keeps it short."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ejtui.cluster.facts.node import DISC_ONLY, REMOTE, TableFacts
from ejtui.cluster.join.steps.tables import Tables
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.tables import waiting
from ejtui.cluster.tables.copies import Copy
from ejtui.cluster.tables.order import order


def table(name: str, records: int, size: int = 0, **more: Any) -> TableFacts:
    return TableFacts(name, DISC_ONLY, size=records, memory=size, **more)


def ordered(*tables: TableFacts) -> list[str]:
    return [copy.table.name for copy in order([Copy(each, DISC_ONLY, REMOTE) for each in tables])]


def test_the_estimate_goes_by_records_and_by_bytes() -> None:
    assert waiting.estimate(table("empty", 0)) < 0.1
    assert waiting.estimate(table("many", 900_000)) == pytest.approx(10)
    assert waiting.estimate(table("heavy", 10, 150_000_000)) == pytest.approx(10)


def test_a_wait_that_nobody_notices_is_not_named() -> None:
    assert waiting.longest([]) is None
    assert waiting.longest([table("few", 100)]) is None
    wait = waiting.longest([table("few", 100), table("roster", 600_000, 70_000_000)])
    assert wait is not None
    assert wait.line == (
        "who writes to roster on first waits for about 6.7 s while it is copied "
        "(600,000 records, 70.0 MB)"
    )


def test_the_plan_has_the_longest_wait_of_what_is_left(story: Any) -> None:
    facts = story.connected()
    assert "waits" not in Tables().state(facts, Choices()).detail
    tables = tuple(replace(each, size=600_000) for each in facts.first.tables)
    large = story.first_is(facts, tables=tables)
    assert "on first waits for about 6.7 s" in Tables().state(large, Choices()).detail


def test_the_smallest_first_and_small_ones_between_the_large() -> None:
    small = [table(name, number) for number, name in enumerate("abcdefg")]
    assert ordered(*reversed(small)) == list("abcdefg")
    assert ordered(table("L", 10**6), *small) == ["a", "b", "c", "d", "L", "e", "f", "g"]
    both = ordered(table("M", 2 * 10**6), table("L", 10**6), *small)
    assert both == ["a", "b", "c", "L", "d", "e", "M", "f", "g"]
    assert ordered(table("M", 2 * 10**6), table("L", 10**6)) == ["L", "M"]
