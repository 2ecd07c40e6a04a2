"""Take the pictures in `screenshots/`: `python -m tests.lab.ui.take_screenshots`.

The scenario is the one of the end-to-end tests, run on a lab that is made for it and taken away
again; each picture is what tmux showed at that moment.
"""

from __future__ import annotations

import io
import tempfile
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from ejtui.lab.lab import down, up
from ejtui.lab.place import Place
from tests.lab.ui import scenarios
from tests.lab.ui.tmux import Tmux

PICTURES = Path(__file__).parents[3] / "screenshots"
KEPT = ("before", "question", "during", "after", "tables")


def main() -> None:
    """Make every picture at every size."""
    with tempfile.TemporaryDirectory(prefix="ejtui-") as directory:
        place = Place(Path(directory) / "lab")
        lab = up(yes=True, say=print, place=place)
        try:
            for columns, rows in scenarios.SIZES:
                lab.reset()
                work = Path(directory) / f"{columns}x{rows}"
                work.mkdir()
                state = {"XDG_STATE_HOME": str(work)}
                with scenarios.app(lab, work, columns, rows, **state) as screen:
                    scenarios.join_and_look(screen, partial(_take, screen))
        finally:
            down(place)


def _take(screen: Tmux, name: str) -> None:
    path = PICTURES / f"{name}-{screen.columns}x{screen.rows}.svg"
    path.write_text(svg(screen.styled, screen.columns, path.stem))
    print(path)


def svg(styled: str, columns: int, title: str) -> str:
    """What a terminal showed, as a picture."""
    console = Console(
        width=columns, record=True, file=io.StringIO(), force_terminal=True,
        color_system="truecolor", legacy_windows=False,
    )  # fmt: skip
    for row in styled.splitlines():
        console.print(Text.from_ansi(row), no_wrap=True, overflow="crop", crop=True)
    return console.export_svg(title=title, theme=MONOKAI)


if __name__ == "__main__":
    main()
