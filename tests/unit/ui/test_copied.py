"""What is copied, and how it is sent to the terminal."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.clipboard import clipboard, finding_text, step_text
from ejtui.ui.text.glyphs import UNICODE

if TYPE_CHECKING:
    from .conftest import Show

States = Mapping[str, Callable[[], ViewState]]
TEXT = "mnesia:info().\n" * 40 + "ü ✓\n"


def _taken(sequence: str) -> str:
    """What a terminal takes from the sequence."""
    found = re.fullmatch(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", sequence)
    assert found is not None
    return base64.b64decode(found[1]).decode()


def test_a_terminal_takes_the_very_text() -> None:
    assert _taken(clipboard(TEXT, {"TERM": "xterm"})) == TEXT


def test_gnu_screen_is_told_in_short_strings_to_pass_it_on() -> None:
    strings = re.findall(r"\x1bP(.*?)\x1b\\", clipboard(TEXT, {"STY": "1.x"}), re.DOTALL)
    assert len(strings) > 5
    assert max(map(len, strings)) < 256
    assert _taken("".join(strings)) == TEXT


def test_a_finding_is_copied_whole_and_without_breaks(states: States) -> None:
    text = finding_text(states["sick"](), UNICODE)
    finding = states["sick"]().shown_finding
    assert finding is not None
    for part in (finding.title, *finding.evidence, finding.explanation):
        assert part in text
    for command in finding.repair_view.commands:
        assert command.text in text


def test_a_step_is_copied_with_its_exact_commands(states: States) -> None:
    state = states["before"]()
    assert state.shown_step is not None
    text = step_text(state, UNICODE)
    assert state.shown_step.commands
    assert all(command.text in text for command in state.shown_step.commands)
    assert not any(line.endswith(" ") for line in text.splitlines())


@pytest.mark.parametrize("keys", [("c",), ("f", "c")])
async def test_the_key_says_that_it_was_copied(
    show: Show, states: States, keys: tuple[str, ...]
) -> None:
    async with show(states["sick"](), 80, 24) as screens:
        await screens.press(*keys)
        assert "copied, where your terminal" in screens.lines[-1]


async def test_nothing_but_ascii_in_the_palette_where_there_is_nothing_else(
    show: Show, states: States
) -> None:
    async with show(states["before"](), 80, 24, ascii_only=True) as screens:
        await screens.press("ctrl+p")
        assert "what to do" in screens.text
        assert screens.text.isascii()
