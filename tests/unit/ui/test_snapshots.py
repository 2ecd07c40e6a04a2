"""Each screen at two sizes, dark and light, as it was last found right; text and colours.

`pytest tests/unit/ui/test_snapshots.py --write-snapshots` writes them again: read the difference
before you commit it. The states of `real` are those that real nodes made; with `-m catalogue`
those that are not compared on every run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.strip import Strip

from ejtui.ui.app import EjtuiApp
from ejtui.ui.text.glyphs import UNICODE
from ejtui.ui.text.theme import THEME, THEME_LIGHT
from tests.unit.ui import kept
from tests.unit.ui.snapshot import snapshot

from .conftest import STATES, Screens, Show

DIRECTORY = Path(__file__).with_name("snapshots")
SIZES = ((80, 24), (120, 40))
SCREENS: dict[str, tuple[str, tuple[str, ...]]] = {
    "a step runs": ("during", ()),
    "the operator types": ("operator types", ()),
    "a step failed": ("failed", ()),
    "a repair runs": ("repairing", ()),
    "tables": ("before", ("t",)),
    "findings": ("sick", ("f",)),
    "question before a repair": ("sick", ("m",)),
    "question before stopping": ("during", ("escape",)),
    "palette": ("before", ("ctrl+p",)),
}
"""Screens of constructed states: the state, and the keys that lead there."""
ON_EVERY_RUN = (
    "two-strangers", "joined-by-ejtui", "joined-second-stopped",
    "joined-first-not-reached-from-here", "joined-first-stopped-and-not-reached",
    "joined-first-s-host-is-new", "second-in-a-cluster-with-a-third", "one-node-given-twice",
    "join-until-second-is-clean", "fault-cookie-mismatch", "fault-partitioned",
    "fault-schema-split", "fault-tables-waiting",
)  # fmt: skip
"""Of the states that real nodes made; the others on request."""


@pytest.fixture(autouse=True)
def _no_seconds_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is running counts no seconds."""
    monkeypatch.setattr(EjtuiApp, "_tick", lambda _app: None)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.catalogue] * (name not in ON_EVERY_RUN))
     for name in kept.names()],
)  # fmt: skip
async def test_a_state_of_real_nodes(show: Show, name: str, request: pytest.FixtureRequest) -> None:
    state = kept.read(name)
    async with show(state, *SIZES[0]) as screens:
        await _compare(screens, name, request)


@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen(show: Show, name: str, request: pytest.FixtureRequest) -> None:
    state, keys = SCREENS[name]
    async with show(STATES[state](), *SIZES[0]) as screens:
        await screens.press(*keys)
        await _compare(screens, name, request)


WHOLE_BELOW = {
    "findings": "the title, which stands whole below the list",
    "palette": "what an action does, which stands whole below the list",
    "joined-first-not-reached-from-here": "the advice, which stands whole in the pane",
    "strangers-first-not-reached": "the advice, which stands whole in the pane",
    "joined-first-stopped-and-not-reached": "the advice, which f shows whole",
    "fault-table-cookie": "the log's lines, which stand whole below the repair",
    "neither-is-reached": "the advice, which f shows whole",
}
"""Screens on which something is cut, and where it can be read."""
_STEP_OR_LOG = re.compile(r"^\|.{1,3} +\d+ [A-Z]|asking|line \d+|FATAL")


def test_nothing_is_cut_that_cannot_be_read_on_the_same_screen() -> None:
    cut = set()
    for path in DIRECTORY.glob("*.txt"):
        rows = [row for row in path.read_text(encoding="utf-8").splitlines() if row[:1] == "|"]
        # What a step reports stands whole in its pane; a log's line was shortened as it was read.
        if any(f"{UNICODE.cut} " in f"{row} " and not _STEP_OR_LOG.search(row) for row in rows):
            cut.add(path.stem)
    assert cut <= set(WHOLE_BELOW)


async def _compare(screens: Screens, name: str, request: pytest.FixtureRequest) -> None:
    made = []
    for width, height in SIZES:
        await screens.pilot.resize_terminal(width, height)
        shown = [await _strips(screens, theme) for theme in (THEME.name, THEME_LIGHT.name)]
        made.append((f"{width}x{height}", shown[0], shown[1]))
    text = snapshot(made)
    path = DIRECTORY / f"{name.replace(' ', '-')}.txt"
    if request.config.getoption("write_snapshots"):
        DIRECTORY.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), "if that is right: --write-snapshots"


async def _strips(screens: Screens, theme: str) -> Sequence[Strip]:
    screens.app.theme = theme
    await screens.settle()
    screens.app._restyle()
    await screens.settle()
    return screens.app.screen._compositor.render_strips()
