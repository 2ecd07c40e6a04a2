"""The one list of actions: keys, footer, palette and help; and each reason why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ejtui.ui.action_handlers import ActionHandlers
from ejtui.ui.render.key_bar import erl_keys_line, keys_line
from ejtui.ui.state.actions import ACTIONS, BACKUP_ACTIONS, BY_ID, FINDING_ACTIONS, TABLE_ACTIONS
from ejtui.ui.state.models import LogLine
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import UNICODE
from ejtui.ui.text.lines import plain

if TYPE_CHECKING:
    from .conftest import Show

States = Mapping[str, Callable[[], ViewState]]


def test_ids_and_keys_are_each_used_once() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
    assert len({action.key for action in ACTIONS}) == len(ACTIONS)
    for others in (TABLE_ACTIONS, FINDING_ACTIONS, BACKUP_ACTIONS):
        assert len({action.key for action in others}) == len(others)


@pytest.mark.parametrize(
    "action",
    [*ACTIONS, *FINDING_ACTIONS[:2], BACKUP_ACTIONS[0], *BACKUP_ACTIONS[2:4]],
    ids=lambda action: str(action.id),
)
def test_each_action_can_be_done_and_says_what_it_does(action: object) -> None:
    assert hasattr(ActionHandlers, action.id)  # type: ignore[attr-defined]
    assert len(action.tooltip) > 10  # type: ignore[attr-defined]
    assert action.title  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("state", "action", "reason"),
    [
        ("before", "run_step", None),
        ("before", "run_on", None),
        ("before", "cancel", "nothing is running"),
        ("during", "run_step", "Tables is running: Esc stops it"),
        ("during", "cancel", None),
        ("during", "shell", "Tables is running: its erl is shown here"),
        ("operator types", "run_on", "Tables waits for you: F2 or Ctrl+] hands the shell back"),
        ("joined", "run_on", "every step is done"),
        ("joined", "roll_back", None),
        ("unreachable", "run_step", "second: not reached"),
        ("unreachable", "shell", None),
        ("asking", "run_on", "the nodes have not answered yet"),
        ("asking", "tables", "no node has reported its tables yet"),
        ("asking", "findings", "the nodes have not answered yet"),
        ("failed", "findings", None),
        ("well", "findings", None),
        ("well", "repair", "nothing is known to be wrong"),
        ("failed", "repair", "the check has not found it yet"),
        ("sick", "repair", None),
        ("warned", "repair", "Mnesia writes it to disk once that ends"),
        ("repairing", "repair", "repair of cookie-mismatch is running: Esc stops it"),
        ("sick", "check", None),
        ("repairing", "check", "repair of cookie-mismatch is running: Esc stops it"),
    ],
)
def test_why_an_action_cannot_be_done_now(
    states: States, state: str, action: str, reason: str | None
) -> None:
    assert BY_ID[action].why_not(states[state]()) == reason


def test_a_step_that_is_not_at_hand_says_what_it_waits_for(states: States) -> None:
    state = replace(states["before"](), looked_at="sync")
    assert BY_ID["run_step"].why_not(state) == "step 6 waits for step 2, magic cookies"


async def test_a_key_that_cannot_be_used_gives_the_reason_until_the_next_key(
    show: Show, states: States
) -> None:
    async with show(states["during"](), 80, 24) as screens:
        await screens.press("enter")
        assert "Run the step: Tables is running: Esc stops it" in screens.lines[-1]
        await screens.press("down")
        assert "? help" in screens.lines[-1]
        assert not screens.done


async def test_keys_ask_the_session(show: Show, states: States) -> None:
    async with show(states["before"](), 120, 40) as screens:
        await screens.press("enter", "a", "u", "r")
        assert screens.done == [
            ("run_step", "cookies"),
            ("run_on",),
            ("roll_back",),
            ("ask_again",),
        ]


async def test_the_next_erl_is_opened_with_the_room_of_its_pane(show: Show, states: States) -> None:
    async with show(states["before"](), 120, 40) as screens:
        assert screens.asked[-1] == ("resize_shell", 72, 30)
        await screens.pilot.resize_terminal(80, 24)
        await screens.settle()
        assert screens.asked[-1] == ("resize_shell", 80, 18)


@pytest.mark.parametrize(("width", "height"), [(120, 40), (80, 24), (60, 20)])
async def test_the_footer_offers_what_is_needed_at_every_width(
    show: Show, states: States, width: int, height: int
) -> None:
    async with show(states["before"](), width, height) as screens:
        for offered in ("⏎ run step", "a run on", "? help", "q quit"):
            assert offered in screens.lines[-1]


async def test_help_lists_every_action_with_its_key(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        await screens.press("f1")
        seen = ""
        for _ in range(12):
            seen += screens.text
            await screens.press("pagedown")
        for action in (*ACTIONS, *TABLE_ACTIONS, *FINDING_ACTIONS, *BACKUP_ACTIONS):
            assert f"{action.title}." in seen
        assert "Not now: nothing is running." in seen
        await screens.press("escape")
        assert "1 Preflight" in screens.text


async def test_the_palette_finds_an_action_and_does_it(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        await screens.press("ctrl+p")
        await screens.press(*"stop")
        assert "not now: nothing is running" in screens.text
        await screens.press(*["backspace"] * 4, *"run on")
        assert "Run the step" not in screens.text
        await screens.press("enter")
        assert ("run_on",) in screens.asked


async def test_help_turns_to_the_pages_of_the_command_line(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        await screens.press("f1")
        assert "help: keys (1 of" in screens.text
        await screens.press("right")
        assert "help: join (2 of" in screens.text
        assert "The join" in screens.text
        await screens.press("left", "left")
        assert "help: evidence" in screens.text
        await screens.press("escape")
        assert "help:" not in screens.text


@pytest.mark.parametrize("key", ["f1", "question_mark"])
@pytest.mark.parametrize("opened_by", ["", "t", "f", "b", "l"])
async def test_help_opens_on_every_screen(
    show: Show, states: States, opened_by: str, key: str
) -> None:
    async with show(states["sick"](), 80, 24) as screens:
        await screens.press(*opened_by)
        before = screens.text
        await screens.press(key)
        assert "help: keys" in screens.text
        await screens.press(key)
        assert screens.text == before


@pytest.mark.parametrize("opened_by", ["t", "f", "b", "l", "question_mark"])
async def test_the_palette_opens_on_every_screen(
    show: Show, states: States, opened_by: str
) -> None:
    async with show(states["sick"](), 80, 24) as screens:
        await screens.press(opened_by, "ctrl+p", *"rollback")
        assert "Roll back" in screens.text
        await screens.press("enter")
        assert screens.done[-1] == ("roll_back",)
        assert screens.app.screen is screens.app.main


async def test_the_palette_says_when_nothing_is_found_and_can_be_cleared(
    show: Show, states: States
) -> None:
    async with show(states["before"](), 80, 24) as screens:
        await screens.press("ctrl+p", *"xyz")
        assert "Nothing has that in its name; Ctrl+U clears it." in screens.text
        await screens.press("ctrl+u")
        assert "Run the step" in screens.text


async def test_a_question_mark_is_text_where_text_is_typed(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        await screens.press("t", "slash", "a", "question_mark")
        assert "a?" in screens.text
        await screens.press("f1")
        assert "help: keys" in screens.text


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+q"])
@pytest.mark.parametrize("opened_by", ["", "t", "f", "question_mark"])
async def test_leaving_works_on_every_screen_and_says_what_goes_on(
    show: Show, states: States, opened_by: str, key: str
) -> None:
    async with show(states["during"](), 80, 24) as screens:
        await screens.press(*([opened_by] if opened_by else []), key)
        assert "Leave ejtui?" in screens.text
        assert "ejabberd on first goes on" in screens.text
        await screens.press("y")
        assert screens.done == [("close",)]


async def test_the_key_bar_leads_with_what_matters_now(show: Show, states: States) -> None:
    for name, leads in (
        ("before", "⏎ run step   a run on"), ("during", "Esc stop"), ("healthy", "u roll back"),
        ("sick", "m repair   f findings   u roll back"), ("unreachable", "r ask again"),
        ("operator types", "Esc stop   F2 hand back"), ("asking", "? help"),
    ):  # fmt: skip
        for width in (80, 120):
            async with show(states[name](), width, 24) as screens:
                shown = screens.lines[-1].strip()
                assert shown.startswith(leads), (name, shown)
                assert "? help   q quit" in shown


@pytest.mark.parametrize("width", [80, 120])
async def test_the_key_bar_has_what_means_something_now_and_can_be_used(
    show: Show, states: States, width: int
) -> None:
    for name, made in states.items():
        shown = plain(keys_line(made(), width, UNICODE))
        able = {action.footer for action in ACTIONS if action.why_not(made()) is None}
        assert {each.split(" ", 1)[1] for each in shown.strip().split("   ")} <= able
        never_run = name in ("before", "failed", "unreachable", "well", "warned", "asking")
        if never_run:
            assert not re.search(r"roll back|backups|history|log  ", shown), (name, shown)
    run = replace(states["before"](), log=(LogLine("today", "14:02:00", "state", "x"),))
    shown = plain(keys_line(run, 120, UNICODE))
    assert all(each in shown for each in ("b backups", "h history", "l log"))
    apart = replace(run.second, settings_apart=3)
    assert "a run on   e settings" in plain(keys_line(replace(run, second=apart), width, UNICODE))
    async with show(states["before"](), width, 24) as screens:
        await screens.press("b")
        assert ("list_backups",) in screens.done, "what the key bar leaves out works all the same"


async def test_a_key_that_changes_nothing_here_shows_why(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        await screens.press("z")
        assert "room for one pane at a time: Tab shows the next one" in screens.lines[-1]
        await screens.press("home")
        assert "the current step is shown already" in screens.lines[-1]
        await screens.press("3", "home")
        assert "shown already" not in screens.lines[-1]
    async with show(states["asking"](), 120, 40) as screens:
        await screens.press("z")
        assert "room for one pane" not in screens.text
        await screens.press("3")
        assert "the steps are not known yet" in screens.lines[-1]


async def test_what_is_looked_for_is_found_and_marked(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        await screens.press("question_mark", "slash", *"clipboard")
        assert "/clipboard" in screens.lines[0]
        await screens.press("enter")
        assert "to your clipboard" in screens.text
        assert "1 of 2" in screens.lines[0]
        await screens.press("n")
        assert "2 of 2" in screens.lines[0]
        await screens.press("N")
        assert "1 of 2" in screens.lines[0]
        await screens.press("escape")
        assert "Esc closes" in screens.lines[0]
        await screens.press("slash", *"no such word", "enter")
        assert "no no such word here" in screens.lines[0]
        await screens.press("escape", "home")
        assert "ejtui joins second" in screens.lines[1]
        await screens.press("end")
        assert "ejtui joins second" not in screens.text


@pytest.mark.parametrize(
    ("back", "shown"), [(0, "Your keys go to erl"), (1, "1 line back: PgDn"), (12, "12 lines back")]
)
def test_how_far_back_the_operator_looks_in_erl_is_seen_at_80(
    states: States, back: int, shown: str
) -> None:
    text = plain(erl_keys_line(states["operator types"](), 80, UNICODE, back))
    assert shown in text
    assert text.endswith("F1 help")
