"""The dialog in which an option's value is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from ejtui.ui.state.models import TextQuestionView
from ejtui.ui.state.view_state import ViewState
from tests.patience import SECONDS

if TYPE_CHECKING:
    from .conftest import Screens, Show

States = Mapping[str, Callable[[], ViewState]]

ASKED = TextQuestionView(
    "shaper_rules in second's ejabberd.yml", "max_user_sessions: 10",
    ("First has: a value that is not shown.", "Write the value in YAML."),
)  # fmt: skip


async def answered(screens: Screens, question: TextQuestionView, *keys: str) -> str | None:
    asking = asyncio.create_task(screens.app.ask_text(question))
    await screens.settle()
    await screens.press(*keys)
    return await asyncio.wait_for(asking, SECONDS)


@pytest.mark.parametrize(("width", "height"), [(120, 40), (80, 24), (60, 20)])
async def test_it_shows_what_is_there_and_what_was_wrong(
    show: Show, states: States, width: int, height: int
) -> None:
    wrong = TextQuestionView(ASKED.title, ASKED.text, ASKED.explains, "line 1: it is no YAML")
    async with show(states["before"](), width, height) as screens:
        asking = asyncio.create_task(screens.app.ask_text(wrong))
        await screens.settle()
        for text in (ASKED.title, ASKED.text, *ASKED.explains, wrong.trouble, "Ctrl+S"):
            assert text in screens.text, text
        await screens.press("escape")
        assert await asking is None
        assert ASKED.title not in screens.text


@pytest.mark.parametrize(("count", "more"), [(7, ""), (8, "and 1 line more in first's")])
async def test_what_first_has_is_shown_line_by_line_and_leaves_room_to_write(
    show: Show, states: States, count: int, more: str
) -> None:
    lines = ["default: always", "assume_mam_usage: true", *(f"x{n}: {n}" for n in range(count - 2))]
    asked = TextQuestionView(
        "mod_mam in second's ejabberd.yml", "default: never", ("First has:", "Write it in YAML."),
        first="\n".join(lines),
    )  # fmt: skip
    async with show(states["before"](), 80, 24) as screens:
        asking = asyncio.create_task(screens.app.ask_text(asked))
        await screens.settle()
        shown = [f"  {each}" for each in lines[:7]]
        for text in ("First has:", *shown, more, "Write it in YAML.", "default: never", "Ctrl+S"):
            assert text in screens.text, text
        assert ("x6" in screens.text, "more in" in screens.text) == (False, bool(more))
        await screens.press("escape")
        assert await asking is None


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("ctrl+s",), "max_user_sessions: 10"),
        (("backspace", "1", "ctrl+s"), "max_user_sessions: 11"),
        (("enter", "a", "question_mark", "q", "ctrl+s"), "max_user_sessions: 10\na?q"),
        (("x", "escape"), None),
    ],
)
async def test_every_key_is_text_but_the_two(
    show: Show, states: States, keys: tuple[str, ...], answer: str | None
) -> None:
    async with show(states["before"](), 80, 24) as screens:
        assert await answered(screens, ASKED, *keys) == answer


async def test_a_secret_is_typed_unseen(show: Show, states: States) -> None:
    hidden = TextQuestionView("sql_password in second's ejabberd.yml", hidden=True)
    async with show(states["before"](), 80, 24) as screens:
        asking = asyncio.create_task(screens.app.ask_text(hidden))
        await screens.settle()
        await screens.press(*"sesame")
        assert "sesame" not in screens.text
        await screens.press("enter")
        assert await asyncio.wait_for(asking, SECONDS) == "sesame"
