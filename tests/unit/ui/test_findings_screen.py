"""The troubleshooter on the screens: the health, each finding whole, and its repair."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ejtui.ui.render.health import worst_tone
from ejtui.ui.state.models import ErrorView, HolderView, RepairResult
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.lines import Tone

from .conftest import MISMATCH, OVERLOAD, WELL

if TYPE_CHECKING:
    from .conftest import Screens, Show

States = Mapping[str, Callable[[], ViewState]]
SIZES = ((120, 40), (80, 24), (60, 20))


# The first line


@pytest.mark.parametrize(
    ("state", "width", "shown"),
    [
        (
            "sick",
            120,
            "✓ joined, both nodes agree  ● 2 findings: cookie-mismatch +1  checked 14:02",
        ),
        ("sick", 80, "✓ joined  ● 2 findings: cookie-mismatch +1"),
        ("sick", 60, "✓ joined  ● cookie-mismatch +1"),
        ("warned", 120, "next: 2 Magic cookies  ● 1 warning: overload  checked 14:02"),
        ("warned", 60, "● overload"),
        ("well", 80, "1 of 11 done · next: 2 Magic cookies  ✓ nothing wrong"),
        ("well", 60, "next: 2 Magic cookies  ✓ nothing wrong"),
        ("healthy", 80, "✓ joined, both nodes agree  ✓ healthy"),
        ("unsure", 120, "◐ not everything could be looked at  checked 14:03"),
        ("unsure", 80, "next: 2 Magic cookies  ◐ not all looked at"),
        ("unsure", 60, "◐ not all looked at"),
        ("repairing", 80, "▶ repair of cookie-mismatch · N s "),
    ],
)
async def test_how_well_it_is_stands_in_the_first_line(
    show: Show, states: States, state: str, width: int, shown: str
) -> None:
    async with show(states[state](), width, 24) as screens:
        assert shown in re.sub(r"· \d+ s", "· N s", screens.lines[0])
        assert "…" not in screens.lines[0]


async def test_a_check_under_way_is_said(show: Show, states: States) -> None:
    async with show(replace(states["before"](), checking=True), 80, 24) as screens:
        assert "checking…" in screens.lines[0]
        await screens.show(replace(states["well"](), checking=True))
        assert "✓ nothing wrong …" in screens.lines[0]


async def test_healthy_gives_way_to_who_is_changing_the_pair(show: Show, states: States) -> None:
    holder = HolderView("anna@desk", "join: tables", "14:02")
    async with show(replace(states["healthy"](), holder=holder), 120, 40) as screens:
        assert "anna@desk is changing this pair since 14:02 (join: tables)" in screens.lines[0]
        assert "healthy" not in screens.lines[0]
        await screens.show(replace(states["sick"](), holder=holder))
        assert "anna@desk is changing this pair since 14:02 (join: tables)" in screens.lines[0]
        assert "cookie-mismatch" not in screens.lines[0]


def test_an_error_looks_worse_than_a_warning(states: States) -> None:
    assert worst_tone(states["sick"]()) is Tone.TROUBLE
    assert worst_tone(states["warned"]()) is Tone.DIFFERS


def test_what_steps_name_is_shown_until_a_check_has_found_more(states: States) -> None:
    failed = states["failed"]()
    assert [finding.code for finding in failed.findings] == ["epmd-unreachable"]
    assert replace(failed, diagnosis=WELL).findings == failed.findings
    sick = states["sick"]().diagnosis
    assert replace(failed, diagnosis=sick).findings == (MISMATCH, OVERLOAD)


# The screen


async def _read(screens: Screens) -> str:
    """All that the screen shows of the finding, page by page, without its frame."""
    seen: list[str] = []
    for _ in range(12):
        seen += [line[1:-1].strip() for line in screens.lines]
        await screens.press("pagedown")
    return " ".join(dict.fromkeys(seen))


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_a_finding_is_told_whole(show: Show, states: States, width: int, height: int) -> None:
    async with show(states["sick"](), width, height) as screens:
        await screens.press("f")
        assert {len(line) for line in screens.lines} == {width}
        assert "» error   cookie-mismatch" in screens.lines[2]
        assert "warning overload" in screens.lines[3]
        assert "⏎ repair" in screens.lines[-1]
        assert "Esc close" in screens.lines[-1]
        text = await _read(screens)
        for told in (
            "first: .erlang.cookie 5ecfc5", "ejabberd.log, line 12", "must have the same magic",
            "Its consequences:", "each side reports that the other is stopped (partitioned)",
            "By hand: copy first's cookie to second",
            "It runs, on first, as ejabberd:", "$ cat /var/lib/ejabberd/.erlang.cookie",
            "It runs, on second, as ejabberd, in erl:", "> erlang:set_cookie(node(), COOKIE).",
            "Backed up before: the cookie file of before", "What it costs: ejabberd restarts",
            "✗ cookie", "✓ host", "◐ schema",
        ):  # fmt: skip
            assert told in text


async def test_the_arrows_choose_another_finding(show: Show, states: States) -> None:
    async with show(states["sick"](), 80, 24) as screens:
        await screens.press("f", "down")
        assert "» warning overload" in screens.lines[3]
        assert "Not certain. What settles it: the log of the next hour." in screens.text
        assert "No repair from here: Mnesia writes it to disk once" in screens.text
        await screens.press("down")
        assert "» warning overload" in screens.lines[3]
        await screens.press("up")
        assert "» error   cookie-mismatch" in screens.lines[2]


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_a_healthy_pair_shows_each_layer(
    show: Show, states: States, width: int, height: int
) -> None:
    async with show(states["healthy"](), width, height) as screens:
        await screens.press("f")
        assert "✓ healthy: every layer was looked at" in screens.text
        assert "checked 14:03:09" in screens.lines[1]
        text = await _read(screens)
        assert "✓ ejabberd ejabberd of both was seen" in " ".join(text.split())
        await screens.press("enter")
        assert "Repair what is wrong: nothing is known to be wrong" in screens.lines[-1]


async def test_two_nodes_that_are_not_joined_are_never_called_healthy(
    show: Show, states: States
) -> None:
    async with show(states["well"](), 80, 24) as screens:
        assert "healthy" not in screens.text
        await screens.press("f")
        assert "✓ not joined: every layer was looked at, nothing is wrong" in screens.text
        assert "healthy" not in screens.text


async def test_what_could_not_be_looked_at_is_said(show: Show, states: States) -> None:
    async with show(states["unsure"](), 60, 20) as screens:
        await screens.press("f")
        assert "looked at" in screens.lines[3]
        await screens.press("pagedown")
        assert "◐ tables" in screens.text
        assert "healthy" not in screens.text


@pytest.mark.parametrize("state", ["sick", "warned", "well", "unsure"])
async def test_ascii_and_exact_width(show: Show, states: States, state: str) -> None:
    for width, height in SIZES:
        async with show(states[state](), width, height, ascii_only=True) as screens:
            await screens.press("f")
            assert screens.text.isascii()
            assert {len(line) for line in screens.lines} == {width}


async def test_r_checks_again_unless_one_is_under_way(show: Show, states: States) -> None:
    async with show(states["sick"](), 80, 24) as screens:
        await screens.press("f", "r")
        assert screens.done == [("ask_again",)]
        await screens.show(replace(states["sick"](), checking=True))
        assert "checking…" in screens.lines[1]
        await screens.press("r")
        assert "Check again: a check is running" in screens.lines[-1]
        assert screens.done == [("ask_again",)]


async def test_escape_leads_back(show: Show, states: States) -> None:
    async with show(states["sick"](), 80, 24) as screens:
        await screens.press("f", "escape")
        assert "checklist │ step │ shell" in screens.text
        assert not screens.done


# Repairing


@pytest.mark.parametrize("keys", [("f", "enter"), ("f", "m"), ("m",)])
@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_mending_shows_what_is_run_and_asks(
    show: Show, states: States, width: int, height: int, keys: tuple[str, ...]
) -> None:
    async with show(states["sick"](), width, height) as screens:
        await screens.press(*keys)
        assert "Repair cookie-mismatch on second?" in screens.text
        for told in ("On first, as ejabberd:", "$ cat /var/lib/ejabberd/.erlang.cookie"):
            assert told in screens.text
        assert "n »No" in screens.text
        await screens.press("enter")
        assert not screens.done
        await screens.press(keys[-1], "y")
        assert screens.done == [("repair", MISMATCH)]
        assert "Repair cookie" not in screens.text
        assert screens.app.screen is screens.app.main


async def test_the_answers_stay_in_sight_of_a_long_question(show: Show, states: States) -> None:
    commands = tuple(
        replace(MISMATCH.repair_view.commands[0], text=f"command {number}") for number in range(60)
    )
    finding = replace(MISMATCH, repair_view=replace(MISMATCH.repair_view, commands=commands))
    state = states["sick"]()
    assert state.diagnosis is not None
    state = replace(state, diagnosis=replace(state.diagnosis, findings=(finding,)))
    async with show(state, 60, 20) as screens:
        await screens.press("m")
        assert "n »No" in screens.text
        assert "command 59" not in screens.text
        assert "What it costs: ejabberd restarts" in screens.text
        assert "Backed up before: the cookie file" in screens.text
        assert "↓ PgDn" in screens.text
        await screens.press(*["pagedown"] * 6)
        assert "command 59" in screens.text
        assert "PgDn" not in screens.text
        assert "n »No" in screens.text
        assert "command 2 " not in screens.text


async def test_a_repair_under_way_is_followed_in_the_step_pane(show: Show, states: States) -> None:
    async with show(states["repairing"](), 80, 24) as screens:
        await screens.press("tab")
        for told in ("running  on second", "second has first's cookie 5ecfc5",
                     "erlang:set_cookie"):  # fmt: skip
            assert told in screens.text
        await screens.press("escape")
        assert re.search(r"repair of cookie-mismatch has been running for \d+ s\.", screens.text)
        await screens.press("y")
        assert ("cancel",) in screens.asked


@pytest.mark.parametrize(("well", "sign"), [(True, "✓"), (False, "✗")])
async def test_the_outcome_is_stated_with_what_was_seen(
    show: Show, states: States, well: bool, sign: str
) -> None:
    repaired = RepairResult(
        "cookie-mismatch", well, "it ended so; still found: overload", ("both 5ecfc5",)
    )
    async with show(replace(states["well"](), repaired=repaired), 80, 24) as screens:
        await screens.press("f")
        assert f"{sign} it ended so; still found: overload" in screens.text
        assert "· both 5ecfc5" in screens.text


# From a failed step


async def test_a_failed_step_leads_straight_to_its_finding(show: Show, states: States) -> None:
    async with show(states["sick"](), 80, 24) as screens:
        screens.app.show_trouble(ErrorView("step 2 failed", finding=OVERLOAD.key))
        await screens.settle()
        assert "f  Show the finding" in screens.text
        await screens.press("f")
        assert "» warning overload" in screens.lines[3]
        await screens.press("escape", "f")
        assert "» warning overload" in screens.lines[3]


async def test_a_finding_that_is_gone_gives_way_to_the_worst(show: Show, states: States) -> None:
    async with show(states["sick"](), 80, 24) as screens:
        screens.app.show_findings(("epmd-down", "first", "first's epmd is down"))
        await screens.settle()
        assert "» error   cookie-mismatch" in screens.lines[2]


async def test_a_trouble_without_a_finding_offers_none(show: Show, states: States) -> None:
    async with show(states["sick"](), 80, 24) as screens:
        screens.app.show_trouble(ErrorView("it broke"))
        await screens.settle()
        assert "Show the finding" not in screens.text
        await screens.press("f")
        assert "it broke" in screens.text
