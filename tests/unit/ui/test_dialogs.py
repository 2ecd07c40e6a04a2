"""Dialogs: Enter alone answers No."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ejtui.ui.state.models import ErrorView, QuestionView
from ejtui.ui.state.view_state import Typist, ViewState
from tests.patience import SECONDS

if TYPE_CHECKING:
    from .conftest import Screens, Show

States = Mapping[str, Callable[[], ViewState]]
QUESTION = QuestionView(
    "Set second's own database aside?",
    ("1 account lives on second alone: guest@chat.example",),
    "second stops and takes first's database; a rollback brings its own back.",
    "Set it aside",
)


async def _asked(screens: Screens, *keys: str) -> bool:
    asking = asyncio.create_task(screens.app.ask(QUESTION))
    await screens.settle()
    assert "guest@chat.example" in screens.text
    assert "rollback" in screens.text
    await screens.press(*keys)
    return await asyncio.wait_for(asking, SECONDS)


@pytest.mark.parametrize(("width", "height"), [(120, 40), (80, 24), (60, 20)])
@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("enter",), False),
        (("escape",), False),
        (("n",), False),
        (("y",), True),
        (("tab", "enter"), True),
        (("right", "left", "enter"), False),
    ],
)
async def test_only_a_yes_is_a_yes(
    show: Show, states: States, width: int, height: int, keys: tuple[str, ...], answer: bool
) -> None:
    async with show(states["before"](), width, height) as screens:
        assert await _asked(screens, *keys) is answer


@pytest.mark.parametrize(("width", "height"), [(120, 40), (80, 24), (60, 20)])
@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("enter",), False),
        (("escape",), False),
        (("y", "escape"), False),
        (("y", "e", "s", "enter", "escape"), False),
        ((*"swappedroles", "home", *["right"] * 7, "minus", "enter"), True),
        ((*"wrong", "enter", "ctrl+u", *"swapped", "minus", *"roles", "enter"), True),
    ],
)
async def test_a_word_is_typed_where_a_yes_is_not_enough(
    show: Show, states: States, width: int, height: int, keys: tuple[str, ...], answer: bool
) -> None:
    async with show(states["before"](), width, height) as screens:
        asking = asyncio.create_task(screens.app.ask(replace(QUESTION, consent="swapped-roles")))
        await screens.settle()
        for shown in ("guest@chat.example", "rollback", "Type swapped-roles to go on"):
            assert shown in screens.text
        await screens.press(*keys)
        assert await asyncio.wait_for(asking, SECONDS) is answer
        assert not screens.done, "a key went to the app behind it"


async def test_a_wrong_word_is_said_to_be_wrong(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        asking = asyncio.create_task(screens.app.ask(replace(QUESTION, consent="swapped-roles")))
        await screens.settle()
        await screens.press(*"yes", "enter")
        assert "That is not swapped-roles" in screens.text
        await screens.press("escape")
        assert not await asking


async def test_a_question_goes_when_whoever_asked_is_stopped(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        asking = asyncio.create_task(screens.app.ask(QUESTION))
        await screens.settle()
        asking.cancel()
        await screens.settle()
        assert "guest@chat.example" not in screens.text


async def test_a_key_for_a_question_that_another_covers_answers_neither(
    show: Show, states: States
) -> None:
    """It was handed on before the other question was there, and is handled only afterwards."""
    other = replace(QUESTION, title="Another question?")
    async with show(states["before"](), 80, 24) as screens:
        asking = asyncio.create_task(screens.app.ask(QUESTION))
        await screens.settle()
        below = screens.app.screen
        asked_too = asyncio.create_task(screens.app.ask(other))
        await screens.settle()
        below.dismiss("yes")
        await screens.settle()
        assert "Another question?" in screens.text
        await screens.press("n")
        assert not await asyncio.wait_for(asked_too, SECONDS)
        assert not asking.done()
        assert "Set second's own database aside?" in screens.text
        await screens.press("y")
        assert await asyncio.wait_for(asking, SECONDS)


async def test_a_question_that_is_withdrawn_below_help_goes_when_it_is_seen_again(
    show: Show, states: States
) -> None:
    async with show(states["before"](), 80, 24) as screens:
        asking = asyncio.create_task(screens.app.ask(QUESTION))
        await screens.settle()
        await screens.press("f1")
        asking.cancel()
        await screens.settle()
        assert "help:" in screens.text
        await screens.press("escape")
        assert "guest@chat.example" not in screens.text


async def test_an_error_says_what_where_why_and_what_next(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        screens.app.show_trouble(ErrorView("It broke", "second", "a firewall", "open port 4369"))
        await screens.settle()
        for shown in ("It broke", "Where: second", "a firewall", "Next: open port 4369"):
            assert shown in screens.text
        await screens.press("enter")
        assert "It broke" not in screens.text


async def test_stopping_asks_first(show: Show, states: States) -> None:
    async with show(states["during"](), 80, 24) as screens:
        await screens.press("escape")
        assert re.search(r"Step 7, Tables, has been running for \d+ s\.", screens.text)
        await screens.press("enter")
        assert ("cancel",) not in screens.asked
        await screens.press("escape", "y")
        assert ("cancel",) in screens.asked


async def test_what_runs_asks_nothing_while_it_is_asked_whether_to_stop(
    show: Show, states: States
) -> None:
    async with show(states["during"](), 80, 24) as screens:
        await screens.press("escape")
        asking = asyncio.create_task(screens.app.ask(QUESTION))
        await screens.settle()
        assert "Step 7, Tables" in screens.text
        assert "guest@chat.example" not in screens.text
        await screens.press("enter")
        assert "guest@chat.example" in screens.text
        await screens.press("enter")
        assert not await asyncio.wait_for(asking, SECONDS)


async def test_leaving_says_what_is_under_way(show: Show, states: States) -> None:
    async with show(states["during"](), 80, 24) as screens:
        await screens.press("q")
        assert "Step 7, Tables, has been running for" in screens.text
        text = " ".join(screens.text.replace("┃", " ").split())
        assert "The erl of the join on second is open. If it is busy, or first would wait" in text
        assert "the next ejtui finds it; else it ends with ejtui." in text
        await screens.press("n")
        assert screens.app.is_running
        await screens.press("q", "y")
        assert ("close",) in screens.asked


async def test_leaving_asks_nothing_where_nothing_is_lost(show: Show, states: States) -> None:
    async with show(states["joined"](), 80, 24) as screens:
        await screens.press("q")
        assert ("close",) in screens.asked
        assert screens.app.return_code == 0


async def test_a_shell_is_opened_on_the_node_that_is_chosen(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        await screens.press("s", "2")
        assert ("open_shell", "second") in screens.asked
        await screens.press("s", "escape")
        assert screens.asked[-1] == ("open_shell", "second")


async def test_an_open_erl_of_ones_own_is_named_when_leaving(show: Show, states: States) -> None:
    state = replace(states["joined"](), typist=Typist.YOURS, shell_on="first")
    async with show(state, 80, 24) as screens:
        await screens.press("q")
        assert "The erl on first is open" in screens.text


@pytest.mark.parametrize(("options", "repeated"), [(3, True), (1, False)])
async def test_a_title_that_the_frame_cuts_stands_whole_below_it(
    show: Show, states: States, options: int, repeated: bool
) -> None:
    names = ", ".join(("auth_method", "mod_last", "mod_muc_admin")[:options])
    title = f"Give {names} first's values in /etc/ejabberd/ejabberd.yml on second?"
    async with show(states["before"](), 80, 24) as screens:
        asking = asyncio.create_task(screens.app.ask(replace(QUESTION, title=title)))
        await screens.settle()
        rows = screens.text.splitlines()
        assert sum("Give auth_method" in row for row in rows) == 1 + repeated
        assert "ejabberd.yml on second?" in screens.text
        await screens.press("enter")
        assert await asyncio.wait_for(asking, SECONDS) is False
