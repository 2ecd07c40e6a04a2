"""The app's first paint against that of an empty Textual app, on a real terminal."""

from __future__ import annotations

import tempfile
from pathlib import Path

from measure import EMPTY_APP, PYTHON, Side, by_turns, on_screen, report

from ejtui.config import EXAMPLE

RUNS = 15
HOME = b"\x1b[1;1H"


def painted(seen: bytes) -> bool:
    """Whether one whole frame is out: it begins in the corner, and the cursor goes back there."""
    return seen.count(HOME) >= 2


def first_paint(*argv: str) -> float:
    """Seconds from the program's start to the end of its first frame, at 120x40."""
    with on_screen(argv) as screen:
        return screen.until(painted, "the first frame") - screen.started


def main() -> None:
    """Print the figure."""
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory) / "config.toml"
        config.write_text(EXAMPLE)
        ours, theirs = by_turns(
            RUNS,
            lambda: first_paint(PYTHON, "-m", "ejtui", "--config", str(config)),
            lambda: first_paint(PYTHON, "-c", EMPTY_APP),
        )
    report(
        "first paint at 120x40",
        Side("ejtui", ours),
        Side("an empty Textual app", theirs),
        target="ratio at most 1.2",
        figure="first paint at 120 by 40",
    )


if __name__ == "__main__":
    main()
