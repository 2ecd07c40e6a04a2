"""Many accounts on first: what is shown of their copy, and how they are read afterwards."""

from __future__ import annotations

from itertools import groupby, pairwise
from pathlib import Path

import pytest

from ejtui.amounts import amount
from ejtui.cluster.backups import online
from ejtui.cluster.diagnosis.rules.database import large
from ejtui.cluster.facts.node import DISC
from ejtui.cluster.join.check import check
from ejtui.cluster.join.steps import tables
from ejtui.cluster.operations import accounts
from ejtui.cluster.run.events import StepProgress
from ejtui.lab.lab import Lab
from tests.lab.cluster.engine import Engine, engine
from tests.lab.crowd import fill

CROWD = 4000


def by_table(one: Engine, step: str) -> dict[str, list[StepProgress]]:
    """What a step reported of each thing it copied."""
    shown = [each for each in one.of(StepProgress) if each.id == step]
    return {what: list(those) for what, those in groupby(shown, key=lambda each: each.what)}


async def large_tables_are_named(one: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """By limits that these tables reach."""
    with monkeypatch.context() as limits:
        limits.setattr(large, "NEAR", 100_000)
        limits.setattr(large, "LARGE", 1)
        limits.setattr(large, "ARCHIVE", ("roster",))
        found = {each.code: each for each in (await check(one.pair)).findings}
    assert set(found["table-near-limit"].subjects) >= {"passwd", "roster"}
    assert found["mam-in-mnesia"].subjects == ("roster",)
    assert "pubsub_node" in found["pubsub-in-mnesia"].subjects


async def test_what_is_told_of_a_copy_is_true(
    fresh_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is chosen here is remembered there.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(tables, "LOOK_AFTER", 0.0)
    people, contacts = fill(fresh_lab, CROWD)
    assert (people, contacts) == (CROWD + 25, 3 * CROWD + 100)
    async with engine(fresh_lab) as one:
        await large_tables_are_named(one, monkeypatch)
        one.pair.choices.choose("roster", DISC)
        assert await one.runner.run_on("tables"), one.last
        facts = one.pair.facts
        shown = [each for each in one.of(StepProgress) if each.id == "tables"]
        assert {(each.unit, each.total) for each in shown} == {("tables", shown[0].total)}
        assert all(a.done <= b.done for a, b in pairwise(shown))
        assert shown[-1].done == shown[-1].total > 0
        passwd = facts.first.table("passwd")
        assert passwd is not None
        for what in (f" of {contacts:,} records", f" of {amount(passwd.memory)}"):
            assert any(what in each.what for each in shown), {each.what for each in shown}
        assert all(table.size == facts.first.table(table.name).size  # type: ignore[union-attr]
                   for table in facts.second.tables if not table.local_content)  # fmt: skip

        reading = by_table(one, "cleandb")[online.PHASES["scanning"]]
        assert reading[-1].done <= reading[-1].total >= people + contacts

        read: list[tuple[int, int]] = []
        said = await accounts.read_through(one.pair.second, one.pair.first, read.append)
        assert (said.asked, said.read, said.missing) == (people, people, ())
        assert said.through == 0, "ejabberd does not run there yet"
        own = await accounts.read_through(one.pair.first, one.pair.first, read.append)
        assert (own.read, own.through) == (people, people // 5), "some of them through ejabberd"
