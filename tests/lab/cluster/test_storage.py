"""Changing the storage of second's copy after a join, as the tables screen does."""

from __future__ import annotations

import pytest

from ejtui.cluster.errors import LockHeld, Refused, StepFailed
from ejtui.cluster.facts.node import DISC, RAM, REMOTE
from ejtui.cluster.tables import storage as tables
from ejtui.lab.lab import Lab
from tests.lab.cluster.engine import Engine, engine, joined

SECOND = "ejabberd@second"


async def choose(one: Engine, name: str, storage: str) -> list[str]:
    return await tables.choose(one.pair, name, storage, one.asks, one.took, one.runner.lock)


async def storage(one: Engine, name: str) -> str:
    facts = await one.pair.refresh()
    first, second = facts.first.table(name), facts.second.table(name)
    assert first is not None
    assert second is not None
    assert first.storage_on(SECOND) == second.storage, "both nodes report the same"
    return second.storage


async def test_a_choice_before_a_join_is_remembered(fresh_lab: Lab) -> None:
    async with engine(fresh_lab) as one:
        [line] = await choose(one, "session", DISC)
        assert "The join will give" in line
        rows = tables.rows(await one.pair.refresh(), one.pair.choices)
        [session] = [row for row in rows if row.name == "session"]
        assert (session.second, session.wanted, session.chosen) == (RAM, DISC, True)
    async with engine(fresh_lab) as one:
        assert dict(one.pair.choices) == {"session": DISC}
        one.pair.choices.choose("session", None)


async def test_types_change_and_change_back(lab: Lab) -> None:
    await joined(lab)
    async with engine(lab) as one:
        before = await storage(one, "roster")
        for kind in (DISC, RAM, before):
            await choose(one, "roster", kind)
            assert await storage(one, "roster") == kind
            assert await one.at_hand() == "", "the checklist holds with the choice"
        one.pair.choices.choose("roster", None)


async def test_a_copy_is_removed_after_a_yes_and_made_again(lab: Lab) -> None:
    await joined(lab)
    async with engine(lab) as one:
        before = await storage(one, "roster")
        one.yes = False
        with pytest.raises(Refused):
            await choose(one, "roster", REMOTE)
        assert await storage(one, "roster") == before
        one.yes = True
        await choose(one, "roster", REMOTE)
        assert await storage(one, "roster") == REMOTE
        assert "keeps them" in one.questions[-1].takes[0]
        await choose(one, "roster", before)
        assert await storage(one, "roster") == before
        one.pair.choices.choose("roster", None)


async def test_the_last_copy_stays(lab: Lab) -> None:
    await joined(lab)
    async with engine(lab) as one:
        first, before = one.pair.first, await storage(one, "passwd")
        said = await first.probe.ask("change", "del_table_copy", ["passwd", "ejabberd@first"])
        assert said["result"] == "done"
        try:
            with pytest.raises(StepFailed, match="would be lost"):
                await choose(one, "passwd", REMOTE)
            with pytest.raises(StepFailed, match="passwd"):
                await one.roll_back()
        finally:
            added = ["passwd", "ejabberd@first", before]
            await first.probe.ask("change", "add_table_copy", added)


async def test_an_empty_table_that_second_alone_holds_stops_no_rollback(lab: Lab) -> None:
    await joined(lab)
    async with engine(lab) as one:
        first = one.pair.first
        said = await first.probe.ask("change", "del_table_copy", ["motd", "ejabberd@first"])
        assert said["result"] == "done"
        await one.roll_back()
        motd = (await one.pair.refresh()).first.table("motd")
        assert motd is not None
        assert motd.holders == ("ejabberd@first",)


@pytest.mark.catalogue
async def test_another_ejtui_is_at_work(lab: Lab) -> None:
    await joined(lab)
    async with engine(lab) as one, engine(lab) as other:
        await one.runner.lock.take("test")
        with pytest.raises(LockHeld):
            await choose(other, "roster", DISC)
        await one.runner.lock.release()
