"""The tables screen: both nodes side by side, filter, sort, and the choice for second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ejtui.cluster.condition.condition import Condition, Situation
from ejtui.ui.render import tables
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import UNICODE
from ejtui.ui.text.lines import plain

if TYPE_CHECKING:
    from .conftest import Show

States = Mapping[str, Callable[[], ViewState]]


@pytest.mark.parametrize(("width", "height"), [(120, 40), (100, 30), (80, 24), (60, 20)])
async def test_storage_on_both_nodes_in_the_web_admins_words(
    show: Show, states: States, width: int, height: int
) -> None:
    async with show(states["during"](), width, height) as screens:
        await screens.press("t", *"/motd", "enter")
        [row] = [line for line in screens.lines[2:-4] if "motd" in line]
        assert "RAM and disc copy" in row
        assert "remote copy" in row
        assert "≠" in row
        assert {len(line) for line in screens.lines} == {width}
        assert "150 records on first, " in screens.text


async def test_filter_sort_and_only_what_differs(show: Show, states: States) -> None:
    async with show(states["joined"](), 120, 40) as screens:
        await screens.press("t")
        assert "tables 17 of 17" in screens.text
        await screens.press(*"/rost", "enter")
        assert "tables 2 of 17" in screens.text
        assert "vcard" not in screens.text
        await screens.press("slash", "escape", "o")
        assert "by records" in screens.text
        assert "vcard_search" in screens.lines[3]
        await screens.press("d")
        assert "no table fits" in screens.text


def test_each_sort_has_its_order(states: States) -> None:
    state = states["during"]()
    by = {
        name: tables.shown_tables(state, tables.TableControls(sort=name)) for name in tables.SORTS
    }
    assert [table.name for table in by["name"]] == sorted(table.name for table in by["name"])
    assert by["records"][0].records == max(table.records or 0 for table in state.tables)
    assert by["size"][0].size == max(table.size or 0 for table in state.tables)
    assert by["differences"][0].differs
    assert not by["differences"][-1].differs


async def test_the_copy_for_second_is_chosen_there(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        await screens.press("t", *"/roster", "enter", "enter")
        assert "first holds roster as: RAM and disc copy." in screens.text
        await screens.press("1")
        assert ("set_storage", "roster", "ram_copies") in screens.asked


async def test_a_table_of_each_nodes_own_cannot_be_chosen(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        await screens.press("t", *"/commands", "enter", "enter")
        assert "ejabberd_commands: each node's own" in screens.lines[-1]
        assert not [call for call in screens.asked if call[0] == "set_storage"]


async def test_nothing_is_chosen_while_a_step_runs(show: Show, states: States) -> None:
    async with show(states["during"](), 80, 24) as screens:
        await screens.press("t", *"/roster", "enter", "enter")
        assert "Tables is running" in screens.lines[-1]


def test_amounts_are_for_people() -> None:
    from ejtui.amounts import amount

    assert [amount(size) for size in (None, 0, 999, 1000, 123_456, 7_800_000_000)] == [
        "?", "0 B", "999 B", "1.0 kB", "123 kB", "7.8 GB",
    ]  # fmt: skip


def test_what_second_has_already_is_no_promise(states: States) -> None:
    def shown(state: ViewState) -> str:
        row = next(each for each in state.tables if each.chosen == each.second)
        return plain(tables.detail(state, row, 80, UNICODE)[1])

    joined = Condition(Situation.HEALTHY, True, "joined", "Joined and healthy.")
    assert "second holds: " in shown(replace(states["joined"](), condition=joined))
    apart = Condition(Situation.NOT_JOINED, False, "not joined", "Not joined.")
    assert "second will hold: " in shown(replace(states["joined"](), condition=apart))
