"""A node whose tables wait for one that is away: waited for once in a run, and shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ejtui.cluster.facts.node import NodeFacts, TableFacts
from ejtui.cluster.journal import Journal
from ejtui.cluster.operations.vm import node_log, patience
from ejtui.cluster.operations.vm.patience import Patience
from ejtui.cluster.operations.vm.pending_start import wait_for_starts
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Event, StepReport
from ejtui.cluster.run.operation import ROLLBACK
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import DiskPair

SECOND = "ejabberd@second"


def waiting(name: str) -> TableFacts:
    holders = ("ejabberd@first", SECOND)
    return TableFacts(name, "disc_copies", disc_copies=holders, where_to_read="nowhere")


@pytest.fixture
def pair(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    """First waits for tables of second, which is stopped."""
    monkeypatch.setattr(patience, "AWAITED_SECONDS", 0.05)
    monkeypatch.setattr(node_log, "log_end", lambda *_: _nothing())
    facts = story.first_is(
        story.strangers(), ejabberd=False, started="ejabberd", starting=True, os_pid="7",
        running_db_nodes=("ejabberd@first",), tables=(waiting("passwd"),),
    )  # fmt: skip
    down = replace(facts.second, vm="down", ejabberd=False, os_pid="", mnesia="")
    return DiskPair(replace(facts, second=down), tmp_path)


async def _nothing() -> str:
    return ""


def context_of(pair: DiskPair, seen: list[Event]) -> StepContext:
    journal = Journal(pair.directory / "journal", pair.name)
    return StepContext(ROLLBACK, pair, pair.facts, lambda _: None, seen.append, journal)  # type: ignore[arg-type, return-value]


def lines(seen: list[Event]) -> list[str]:
    return [event.line for event in seen if isinstance(event, StepReport)]


async def test_what_waits_for_a_node_that_is_away_is_waited_for_once(pair: DiskPair) -> None:
    seen: list[Event] = []
    context = context_of(pair, seen)
    for roles in ((), ("first",), ("first",), ()):
        facts = await wait_for_starts(context, *roles)
        assert facts.first.starting
    assert lines(seen) == [
        f"ejabberd is starting on {pair.first.name}: waiting until it runs",
        f"ejabberd on {pair.first.facts.name} waits for tables of {SECOND}, which does not run "
        "with it: waiting up to 0.05 s for that",
        f"tables on {pair.first.facts.name} still wait for {SECOND}: going on without them",
    ]


async def test_what_is_new_of_it_is_waited_for_again(pair: DiskPair) -> None:
    seen: list[Event] = []
    context = context_of(pair, seen)
    await wait_for_starts(context, "first")
    pair.first.world.change("first", os_pid="8")
    await wait_for_starts(context, "first")
    assert len([line for line in lines(seen) if "going on without" in line]) == 2


def test_a_table_that_is_loaded_is_progress(pair: DiskPair) -> None:
    """Large tables that are loaded one after another are no wait for a node that is away."""
    clock = [0.0]
    look = Patience(10.0, lambda: clock[0])
    first: NodeFacts = pair.first.facts
    for left in range(5, 0, -1):
        tables = tuple(waiting(f"table_{number}") for number in range(left))
        assert look.over(replace(first, tables=tables), commanded=False, refused=False) == ""
        clock[0] += 8.0
    clock[0] += 8.0
    assert SECOND in look.over(first, commanded=False, refused=False)
