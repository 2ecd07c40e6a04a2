"""A short run of the fuzz, always the same, on a real terminal and through a real probe."""

from __future__ import annotations

from tests.fuzz.__main__ import run
from tests.fuzz.screens import RealTerminal
from tests.fuzz.spool import Spool

SEED = 5
FOREVER = 3600.0


async def test_nothing_printed_reaches_the_terminal_around_the_pane() -> None:
    outcome = await run(RealTerminal(), SEED, FOREVER, None, 5)
    assert not outcome.broken
    assert "still, and nothing typed" in outcome.canary


async def test_names_of_files_stay_names() -> None:
    outcome = await run(Spool(), SEED, FOREVER, None, 3)
    assert not outcome.broken
    assert outcome.inputs > 30
