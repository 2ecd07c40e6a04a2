"""The main screen at every size that it promises to be usable at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.widget import Widget

from ejtui.cluster.condition.condition import Known
from ejtui.cluster.condition.situations import condition
from ejtui.cluster.join.steps import STEPS
from ejtui.ui.state.models import HolderView, QuestionView, StepView
from ejtui.ui.state.view_state import LineView, Typist, ViewState
from tests.patience import SECONDS

from .conftest import together

if TYPE_CHECKING:
    from .conftest import Show

SIZES = ((120, 40), (100, 30), (100, 24), (80, 24), (60, 20))
States = Mapping[str, Callable[[], ViewState]]


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_every_state_fills_the_screen_exactly(
    show: Show, any_state: ViewState, width: int, height: int
) -> None:
    async with show(any_state, width, height) as screens:
        assert len(screens.lines) == height
        assert {len(line) for line in screens.lines} == {width}


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_both_nodes_stand_side_by_side_with_their_health(
    show: Show, states: States, width: int, height: int
) -> None:
    async with show(states["during"](), width, height) as screens:
        [head] = [line for line in screens.lines if "● running" in line]
        assert head.index("first") < head.index("● running") < head.index("second")
        assert "◐ erl shell" in head


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_what_differs_bears_a_sign_and_what_is_the_same_does_not(
    show: Show, states: States, width: int, height: int
) -> None:
    async with show(states["before"](), width, height) as screens:
        assert "5ecfc5 ≠" in screens.text
        assert "a01be3 ≠" in screens.text
    async with show(states["joined"](), width, height) as screens:
        assert "≠" not in screens.text


async def test_the_wide_screen_shows_everything_at_once(show: Show, states: States) -> None:
    async with show(states["during"](), 120, 40) as screens:
        for shown in (
            "ejabberd 23.01 OTP 25 ═", "config   not compared", "5ecfc5 ═",
            "accounts 25", "0 of 17 ≠",
            "RAM copy ≠", "RAM and disc copy ≠", "runs     with second ═",
            "members  first second ═", "»▶  7 Tables  12/39", "step 7 Tables", "12 of 39 tables",
            "4 s left", "It runs, on second, as ejabberd:", "$ erl -sname ejabberd@second",
            "passwd: RAM and disc copy", "erl on second", "ejtui is typing", "▶ 7 Tables",
        ):  # fmt: skip
            assert shown in screens.text


@pytest.mark.parametrize(("width", "height"), [(80, 24), (60, 20)])
async def test_every_tab_shows_what_is_under_way_and_who_types(
    show: Show, states: States, width: int, height: int
) -> None:
    async with show(states["operator types"](), width, height) as screens:
        seen = set()
        for _ in range(3):
            assert "▶ 7 Tables" in screens.lines[0]
            assert "waits for you" in screens.lines[0]
            assert screens.lines[4].rstrip().endswith("you are typing")
            seen.add("\n".join(screens.lines[5:-1]))
            await screens.press("tab")
        assert len(seen) == 3
        assert "11 Verify" in "".join(seen)
        assert "12 of 39 tables" in "".join(seen)


async def test_the_exact_commands_can_all_be_read_at_80_columns(show: Show, states: States) -> None:
    async with show(states["during"](), 80, 24) as screens:
        await screens.press("tab")
        typed = "".join(line.strip() + " " for line in screens.lines[5:-1])
        assert "erl -sname ejabberd@second -mnesia dir" in typed
        assert "extra_db_nodes \"['ejabberd@first']\" -s mnesia" in typed


async def test_a_long_step_scrolls(show: Show, states: States) -> None:
    async with show(states["during"](), 100, 30) as screens:
        assert "The documented step" not in screens.text
        await screens.press("tab", *["pagedown"] * 8)
        assert "The documented step" in screens.text


async def test_arrows_and_numbers_look_at_other_steps_and_home_comes_back(
    show: Show, states: States
) -> None:
    async with show(states["before"](), 120, 40) as screens:
        assert "step 2 Magic cookies" in screens.text
        await screens.press("down", "down")
        assert "step 4 Clean database" in screens.text
        await screens.press("0")
        assert "step 10 Start" in screens.text
        await screens.press("home")
        assert "step 2 Magic cookies" in screens.text


async def test_one_pane_at_a_time_on_request(show: Show, states: States) -> None:
    async with show(states["during"](), 120, 40) as screens:
        await screens.press("z")
        assert "checklist │ step │ shell" in screens.text
        assert "step 7 Tables" not in screens.text
        await screens.press("z")
        assert "step 7 Tables" in screens.text


async def test_resizing_goes_from_wide_to_tabs_and_back(show: Show, states: States) -> None:
    async with show(states["during"](), 120, 40) as screens:
        await screens.pilot.resize_terminal(80, 24)
        await screens.settle()
        assert "checklist │ step │ shell" in screens.text
        assert {len(line) for line in screens.lines} == {80}
        await screens.pilot.resize_terminal(120, 40)
        await screens.settle()
        assert "checklist │ step │ shell" not in screens.text


async def test_a_timer_that_never_fires_holds_up_no_paint(
    show: Show, states: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Textual's one-shot timers are lost when a busy computer stops them as they start."""
    async with show(states["during"](), 120, 40) as screens:
        timer = type(screens.app).set_timer
        monkeypatch.setattr(
            type(screens.app), "set_timer", lambda app, _, act: timer(app, 3600, act)
        )
        await screens.pilot.resize_terminal(80, 24)
        async with asyncio.timeout(SECONDS):
            while len(screens.lines) != 24:
                await screens.pilot.pause(0.05)
        screens.app.notice("a word to the operator")
        async with asyncio.timeout(SECONDS):
            while "a word to the operator" not in screens.text:
                await screens.pilot.pause(0.05)


async def test_an_unreachable_host_says_why_on_its_own_panel(show: Show, states: States) -> None:
    async with show(states["unreachable"](), 120, 40) as screens:
        first, second = screens.lines[2][:60], screens.lines[2][60:]
        assert "no answer on port 22" in second
        assert "ejabberd 23.01" in first
        assert "✗ second: not reached" in screens.lines[0]


@pytest.mark.parametrize(("columns", "rows"), [(120, 40), (80, 24), (60, 24)])
async def test_an_unreachable_host_says_since_when_and_when_it_is_tried_again(
    show: Show, states: States, columns: int, rows: int
) -> None:
    state = states["unreachable"]()
    tried = replace(state.second, line=LineView("05:31:20", "05:31:44"))
    async with show(replace(state, second=tried), columns, rows) as screens:
        assert "since 05:31" in screens.text
        assert "05:31:44" in screens.text
        assert "no answer on port 22" in screens.text
        for view, said in (
            (LineView("05:31:20"), "trying now"),
            (LineView("05:31:20", stands=True), "waiting"),
        ):
            screens.app.state = replace(state, second=replace(state.second, line=view))
            screens.app.paint()
            await screens.pilot.pause()
            assert said in screens.text


async def test_a_failed_step_names_its_finding(show: Show, states: States) -> None:
    async with show(states["failed"](), 120, 40) as screens:
        assert "✗ Preflight" in screens.lines[0]
        assert "● 1 finding" in screens.lines[0]
        assert "(epmd-unreachable on first)" in " ".join(screens.text.split())
        assert "To repair it: open TCP port 4369" in screens.text


async def test_watching_says_who_is_changing_what_since_when(show: Show, states: States) -> None:
    state = replace(states["before"](), holder=HolderView("anna@desk", "join: tables", "14:02"))
    async with show(state, 120, 40) as screens:
        assert "anna@desk is changing this pair since 14:02 (join: tables)" in screens.lines[0]
        await screens.press("enter")
        assert "Run the step: anna@desk is changing this pair since 14:02" in screens.lines[-1]
        await screens.press("a")
        assert "Run on: anna@desk" in screens.lines[-1]
        assert not screens.done


async def test_ascii_takes_the_place_of_every_sign(show: Show, any_state: ViewState) -> None:
    for width, height in SIZES:
        async with show(any_state, width, height, ascii_only=True) as screens:
            assert screens.text.isascii()


async def test_what_did_not_change_is_not_painted_again(show: Show, states: States) -> None:
    state = states["during"]()
    async with show(state, 120, 40) as screens:
        painted: list[str] = []
        for pane in screens.app.main.panes:
            refresh = pane.refresh

            def note(*regions: object, _id: str = str(pane.id), _r: object = refresh) -> object:
                painted.extend(f"{_id} {region.area}" for region in regions or ())  # type: ignore[attr-defined]
                return _r(*regions)  # type: ignore[operator]

            pane.refresh = note  # type: ignore[method-assign, assignment]
        await screens.show(replace(state))
        assert painted == []
        assert state.first.accounts == 25
        await screens.show(replace(state, first=replace(state.first, accounts=26)))
        assert painted == ["first 1"]


@pytest.mark.parametrize("more", [0, 2])
async def test_the_checklist_has_room_for_every_step(show: Show, states: States, more: int) -> None:
    """Also for steps that are new."""
    titles = [*(each.title for each in STEPS), *(f"New {number}" for number in range(more))]
    steps = tuple(
        StepView(f"step{number}", number, title, "second", "todo")
        for number, title in enumerate(titles, 1)
    )
    for width, height in ((120, 40), (100, 30)):
        async with show(replace(states["before"](), steps=steps), width, height) as screens:
            for each in steps:
                assert f"{each.number:>2} {each.title}" in screens.text


LONG = (
    "answered No: Give max_user_sessions, shaper_rules first's values in "
    "/etc/ejabberd/ejabberd.yml on second? Nothing was changed."
)


@pytest.mark.parametrize("key", ["", "b", "t", "e"])
async def test_a_long_message_is_read_whole_and_moves_nothing(
    show: Show, states: States, key: str
) -> None:
    async with show(states["before"](), 80, 24) as screens:
        if key:
            await screens.press(key)
        before = screens.lines
        others = [each for each in screens.app.screen.query(Widget) if each.id != "keys"]
        sizes = [each.size for each in others]
        screens.app.notice(LONG)
        await screens.settle()
        assert " ".join(screens.text.split()).endswith(LONG)
        assert screens.lines[:21] == before[:21], "only the lines below are covered"
        assert sizes == [each.size for each in others]
        screens.app.notice("")
        await screens.settle()
        assert screens.lines == before


@pytest.mark.parametrize(
    ("keys", "shown", "opens"),
    [
        ("", "t tables", "only differences"),
        ("", "? help", "help: keys"),
        ("b", "Esc close", "next: 2"),
        ("t", "d only differences", "differing only"),
    ],
)
async def test_a_key_s_name_in_the_last_line_is_a_button(
    show: Show, states: States, keys: str, shown: str, opens: str
) -> None:
    state = states["before"]()
    async with show(state, 120, 40) as screens:
        if keys:
            await screens.press(keys)
        column = screens.lines[-1].index(shown)
        await screens.pilot.click(offset=(column + 3, 39))
        await screens.until(lambda text: opens in text)
        before = screens.text
        await screens.pilot.click(offset=(0, 39))
        await screens.settle()
        assert screens.text == before, "where no key stands nothing happens"


async def test_an_erl_that_has_ended_gives_the_key_bar_back(show: Show, states: States) -> None:
    async with show(states["operator types"](), 80, 24) as screens:
        screens.app.main._keys.erl_has_keys = True
        await screens.show(screens.app.state)
        assert "Your keys go to erl" in screens.lines[-1]
        await screens.show(replace(screens.app.state, typist=Typist.NOBODY))
        assert "? help" in screens.lines[-1]


async def test_what_a_join_did_is_in_sight_when_it_ends(show: Show, states: States) -> None:
    both = condition(together(), Known((), whole=True))
    joined = replace(states["healthy"](), condition=both)
    async with show(joined, 80, 24) as screens:
        await screens.press("tab")
        assert "What was looked at" in screens.text
        await screens.show(replace(joined, closing=("second was down for 9 s.",)))
        assert "second was down for 9 s." in screens.text


@pytest.mark.parametrize("page", ["", "b", "t", "e"])
async def test_below_a_dialog_no_page_offers_its_keys(
    show: Show, states: States, page: str
) -> None:
    async with show(states["before"](), 80, 24) as screens:
        if page:
            await screens.press(page)
        offered = screens.lines[-1]
        asking = asyncio.create_task(screens.app.ask(QuestionView("Is it so?")))
        await screens.until(lambda text: "The frame above has the keys" in text)
        await screens.press("n")
        assert not await asking
        await screens.until(lambda text: text.endswith(offered))


async def test_the_end_of_a_join_is_whole_on_a_wide_screen(show: Show, states: States) -> None:
    both = condition(together(), Known((), whole=True))
    closing = (
        "first and second are one cluster, with 25 accounts; both nodes report the same.",
        "second was down for 23 s.", "Set aside: 1 account that second alone had: guest@a.example",
        "second's own database lies in /var/lib/ejabberd/ejtui-backups/20261129T222306Z on second.",
        "To bring over what it alone has: ejtui bring-over 20261129T222306Z",
        "To undo the join: ejtui rollback",
    )  # fmt: skip
    state = replace(states["healthy"](), condition=both, closing=closing)
    async with show(state, 120, 40) as screens:
        assert "1-9 show the first steps of a join" in screens.text
        # The keys for it stand below, the commands are printed on leaving.
        assert "ejtui bring-over" not in screens.text
        assert "ejtui rollback" not in screens.text
