"""How fast it goes, and how long second will be out of service."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from ejtui.cluster.facts.node import NodeFacts, PairFacts, SpoolFacts, SpoolFile, TableFacts
from ejtui.cluster.journal import Journal
from ejtui.cluster.operations import outage
from ejtui.cluster.pace import Pace
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Event, StepProgress
from ejtui.cluster.run.operation import repair_of

if TYPE_CHECKING:
    from ejtui.cluster.pair.pair import Pair


def test_a_pace_is_known_after_a_while() -> None:
    pace = Pace(0, 100.0)
    assert pace.seen(10, 1000, 100.5) == (0.0, "")
    assert pace.seen(100, 1000, 110.0) == (10.0, "about 90 s left")
    assert pace.seen(1000, 1000, 120.0) == (50.0, "")


def test_one_that_goes_on_counts_from_where_it_began() -> None:
    pace = Pace(500, 0.0)
    assert pace.seen(600, 1000, 10.0) == (10.0, "about 40 s left")
    assert not pace.goes_on(10)


def test_every_progress_with_a_total_has_a_rate_and_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 10.0, 20.0])
    monkeypatch.setattr("ejtui.cluster.run.context.time.monotonic", lambda: next(clock))
    seen: list[Event] = []
    context = _context(_pair(), Journal(tmp_path / "journal", "a+b"), seen)
    context.progress(0, 1000, "bytes", "checksums")
    context.progress(500, 1000, "bytes", "checksums")
    context.progress(7, 0, "records")
    first, half, unknown = cast("list[StepProgress]", seen)
    assert (first.rate, first.left) == (0.0, "")
    assert (half.rate, half.left) == (50.0, "about 10 s left")
    assert (unknown.rate, unknown.left) == (0.0, "")


def test_the_estimate_grows_with_both_databases() -> None:
    small, large = _pair(), _pair(held=3_000_000_000, own=40_000_000_000)
    assert outage.estimate_line(small) == (
        "second's users are out for about 20 s; first's are not."
    )
    assert outage.estimate_line(large) == (
        "second's users are out for about 14 min; first's are not, but who writes to passwd on "
        "first waits for about 3 min while it is copied (0 records, 3.0 GB)."
    )
    stopped = replace(small, second=replace(small.second, ejabberd=False))
    assert outage.estimate_line(stopped) == ""


def _pair(held: int = 1_000, own: int = 1_000) -> PairFacts:
    first = NodeFacts(
        name="first", node="e@first", vm="up", ejabberd=True,
        tables=(TableFacts("passwd", "disc_copies", memory=held),),
    )  # fmt: skip
    spool = SpoolFacts(True, files=(SpoolFile("passwd.DCD", own),))
    second = NodeFacts(name="second", node="e@second", vm="up", ejabberd=True, spool=spool)
    return PairFacts(first, second)


def _context(facts: PairFacts, journal: Journal, seen: list[Event]) -> StepContext:
    async def yes(_question: Any) -> bool:
        return True

    operation = repair_of("cookie-mismatch")
    return StepContext(operation, cast("Pair", None), facts, yes, seen.append, journal)
