"""The dialog for a password: everything is shown except what is typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest
from textual import events

from ejtui.hosts import SecretQuestion
from ejtui.ui.state.view_state import ViewState
from tests.patience import SECONDS

if TYPE_CHECKING:
    from .conftest import Screens, Show

States = Mapping[str, Callable[[], ViewState]]
SIZES = [(120, 40), (80, 24), (60, 20)]


def asked(attempt: int = 1, prompt: str = "[sudo] password for op:") -> SecretQuestion:
    return SecretQuestion("first", "op@first.example.net", "sudo", prompt, attempt)


async def answered(screens: Screens, question: SecretQuestion, *keys: str) -> str | None:
    asking = asyncio.create_task(screens.app.ask_secret(question))
    await screens.settle()
    await screens.press(*keys)
    return await asyncio.wait_for(asking, SECONDS)


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("attempt", [1, 2])
async def test_it_says_who_asks_where_and_for_which_time(
    show: Show, states: States, width: int, height: int, attempt: int
) -> None:
    async with show(states["before"](), width, height) as screens:
        asking = asyncio.create_task(screens.app.ask_secret(asked(attempt)))
        await screens.settle()
        title, prompt = "Password for op on first (sudo)", "[sudo] password for op:"
        for said in (title, "op@first.example.net", "sudo asks", prompt):
            assert said in screens.text
        assert ("attempt 2 of 3" in screens.text) is (attempt == 2)
        assert ("was wrong" in screens.text) is (attempt == 2)
        await screens.press("escape")
        assert await asking is None
        assert "sudo asks" not in screens.text


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("p", "a", "space", "1", "enter"), "pa 1"),
        (("enter", "x", "enter"), "x"),
        (("p", "backspace", "q", "enter"), "q"),
        (("p", "q", "ctrl+u", "y", "tab", "up", "enter"), "y"),
        (("q", "u", "n", "exclamation_mark", "enter"), "qun!"),
        (("p", "escape"), None),
    ],
)
async def test_what_is_typed_is_the_answer(
    show: Show, states: States, keys: tuple[str, ...], answer: str | None
) -> None:
    async with show(states["before"](), 80, 24) as screens:
        assert await answered(screens, asked(), *keys) == answer
        assert not screens.done, "a key went to the app behind it"


@pytest.mark.parametrize("ascii_only", [True, False])
async def test_what_is_typed_is_never_shown(show: Show, states: States, ascii_only: bool) -> None:
    async with show(states["before"](), 60, 20, ascii_only=ascii_only) as screens:
        asking = asyncio.create_task(screens.app.ask_secret(asked()))
        await screens.settle()
        before = screens.text
        await screens.press(*"zqxj")
        dots = screens.app.glyphs.up * 4
        assert dots in screens.text
        assert dots not in before
        assert not set("zqxj") & (set(screens.text) - set(before))
        await screens.press(*"zqxj" * 30)
        assert len(screens.lines) == 20
        await screens.press("enter")
        assert await asking == "zqxj" * 31


async def test_a_pasted_one_ends_with_its_line(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        asking = asyncio.create_task(screens.app.ask_secret(asked()))
        await screens.settle()
        screens.app.screen.post_message(events.Paste("pa'ste\nrm -rf\n"))
        await screens.settle()
        assert "pa'ste" not in screens.text
        await screens.press("enter")
        assert await asking == "pa'ste"


async def test_it_goes_when_whoever_asked_is_stopped(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        asking = asyncio.create_task(screens.app.ask_secret(asked()))
        await screens.settle()
        asking.cancel()
        await screens.settle()
        assert "sudo asks" not in screens.text


async def test_a_long_prompt_is_whole(show: Show, states: States) -> None:
    prompt = "Enter the code that was sent to the number ending in 42 (it is valid for 10 min):"
    async with show(states["before"](), 60, 20) as screens:
        asking = asyncio.create_task(screens.app.ask_secret(asked(1, prompt)))
        await screens.settle()
        assert "10 min):" in screens.text
        await screens.press("escape")
        await asking


@pytest.mark.parametrize(
    ("who", "where", "title"),
    [
        ("ssh key ~/.ssh/id_work", "op@h", "Passphrase for ~/.ssh/id_work"),
        ("password", "op@h", "Password for op on first"),
        ("doas", "op@h:2222", "Password for op on first (doas)"),
        ("keyboard-interactive", "h", "Password for first (keyboard-interactive)"),
    ],
)
def test_the_title_is_what_is_asked_for(who: str, where: str, title: str) -> None:
    assert SecretQuestion("first", where, who, "x", 1).title == title
