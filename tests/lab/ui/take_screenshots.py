"""Take the pictures in `screenshots/`: `python -m tests.lab.ui.take_screenshots`.

The scenarios are those of the end-to-end tests, run on a lab that is made for them and taken away
again; each picture is what tmux showed at that moment.
"""

from __future__ import annotations

import io
import re
import tempfile
from functools import partial
from pathlib import Path

from rich.ansi import AnsiDecoder
from rich.console import Console
from rich.terminal_theme import MONOKAI, TerminalTheme
from rich.text import Text

from ejtui.lab import faults
from ejtui.lab.lab import down, up
from ejtui.lab.place import Place
from tests.lab.ui import scenarios
from tests.lab.ui.tmux import Tmux

PICTURES = Path(__file__).parents[3] / "screenshots"
_CELL = 12.2
"""How wide Rich draws one cell."""
_ADVANCE = 1233 / 2048
"""How wide a character of the font is, in its size."""
_BLANK = "&#160;"
_THEME = TerminalTheme(
    (18, 22, 28), (214, 219, 227), [MONOKAI.ansi_colors[number] for number in range(8)]
)


def main() -> None:
    """Make every picture at every size."""
    with tempfile.TemporaryDirectory(prefix="ejtui-") as directory:
        place = Place(Path(directory) / "lab")
        lab = up(yes=True, say=print, place=place)
        try:
            lab.reset()
            work = Path(directory) / "setup"
            work.mkdir()
            with scenarios.bare(lab, work, 80, 24) as screen:
                scenarios.enter_hosts(screen, partial(_take, screen))
                scenarios.accept(screen, partial(_take, screen))
            for columns, rows in scenarios.SIZES:
                lab.reset()
                work = Path(directory) / f"{columns}x{rows}"
                work.mkdir()
                state = {"XDG_STATE_HOME": str(work)}
                with scenarios.app(lab, work, columns, rows, **state) as screen:
                    scenarios.join_and_look(screen, partial(_take, screen))
            for code, columns, rows in scenarios.FAULTS:
                lab.reset()
                faults.make(code, lab=lab)
                work = Path(directory) / code
                work.mkdir()
                state = {"XDG_STATE_HOME": str(work)}
                with scenarios.app(lab, work, columns, rows, **state) as screen:
                    scenarios.mend(screen, code, partial(_take, screen))
        finally:
            down(place)


def _take(screen: Tmux, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / f"{name}-{screen.columns}x{screen.rows}.svg"
    path.write_text(svg(screen.styled, screen.columns, path.stem))
    print(path)


def svg(styled: str, columns: int, title: str) -> str:
    """What a terminal showed, as a picture that needs nothing from elsewhere."""
    console = Console(
        width=columns, record=True, file=io.StringIO(), force_terminal=True,
        color_system="truecolor", legacy_windows=False,
    )  # fmt: skip
    # All of it at once: tmux does not repeat a colour that goes on in the next line.
    rows = Text("\n").join(AnsiDecoder().decode(styled.rstrip("\n")))
    console.print(rows, no_wrap=True, overflow="crop", crop=True, end="")
    drawn = console.export_svg(title=title, theme=_THEME, unique_id=title)
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r"<!--.*?-->", "", drawn, flags=re.DOTALL)
    drawn = drawn.replace("Fira Code", "DejaVu Sans Mono")
    # As wide as a cell even where a viewer does not stretch text to its `textLength`.
    drawn = drawn.replace("font-size: 20px", f"font-size: {_CELL / _ADVANCE:.3f}px")
    return re.sub(r'x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"([^>]*)>([^<]*)<', _placed,
                  drawn) + "\n"  # fmt: skip


def _placed(text: re.Match[str]) -> str:
    """A piece of text from its first character that is no blank: some viewers drop blanks there."""
    x, y, length, rest, shown = text.groups()
    bare = re.sub(f"^(?:{_BLANK})+", "", shown)
    moved = _CELL * shown[: len(shown) - len(bare)].count(_BLANK)
    place, left = float(x) + moved, float(length) - moved
    return f'x="{place:g}" y="{y}" textLength="{left:g}"{rest}>{bare}<'


if __name__ == "__main__":
    main()
