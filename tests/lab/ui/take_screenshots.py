"""Take the pictures in `screenshots/`: `python -m tests.lab.ui.take_screenshots [PART …]`.

The scenarios are those of the end-to-end tests, run on a lab that is made for them and taken away
again; each picture is what tmux showed at that moment.
"""

from __future__ import annotations

import argparse
import io
import re
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.ansi import AnsiDecoder
from rich.console import Console
from rich.terminal_theme import MONOKAI, TerminalTheme
from rich.text import Text

from ejtui.lab import faults
from ejtui.lab.lab import Lab, down, up
from ejtui.lab.place import Place
from tests.lab.cluster.becoming import asking
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


def main(wanted: Sequence[str]) -> None:
    """Make every picture at every size, or those of some parts."""
    with tempfile.TemporaryDirectory(prefix="ejtui-") as directory:
        place = Place(Path(directory) / "lab")
        lab = up(yes=True, say=print, place=place)
        try:
            for name in wanted or PARTS:
                lab.reset()
                work = Path(directory) / name
                work.mkdir()
                PARTS[name](lab, work)
        finally:
            down(place)


def _setup(lab: Lab, work: Path) -> None:
    with scenarios.bare(lab, work, 80, 24) as screen:
        scenarios.enter_hosts(screen, partial(_take, screen))
        scenarios.accept(screen, partial(_take, screen))


def _dialogs(lab: Lab, work: Path) -> None:
    known = work / "known_hosts"
    for words, goes_on in (
        (("setup", "--known-hosts", str(known)), scenarios.unknown_key),
        (("setup", "--known-hosts", str(known)), scenarios.changed_key),
        ((), scenarios.no_such_host),
        ((), scenarios.changed_value),
    ):
        if goes_on is scenarios.changed_key:
            # Second's key in the place of first's.
            text = lab.place.known_hosts.read_text()
            lines = [line.split() for line in text.splitlines()]
            known.write_text(
                "".join(
                    f"{one[0]} {' '.join(other[1:])}\n"
                    for one, other in zip(lines, lines[::-1], strict=True)
                )
            )
        with scenarios.bare(lab, work, 80, 24, *words) as screen:
            goes_on(screen, partial(_take, screen))
    with asking(lab), scenarios.bare(lab, work, 80, 24) as screen:
        scenarios.asked_for_a_secret(screen, partial(_take, screen))


def _join(lab: Lab, work: Path) -> None:
    for columns, rows in scenarios.SIZES:
        lab.reset()
        with scenarios.app(lab, work, columns, rows, XDG_STATE_HOME=str(work)) as screen:
            scenarios.join_and_look(screen, partial(_take, screen))


def _findings(lab: Lab, work: Path) -> None:
    for code, columns, rows in scenarios.FAULTS:
        lab.reset()
        faults.make(code, lab=lab)
        with scenarios.app(lab, work, columns, rows, XDG_STATE_HOME=str(work)) as screen:
            scenarios.repair(screen, code, partial(_take, screen))


def _line(lab: Lab, work: Path) -> None:
    with scenarios.app(lab, work, 80, 24, XDG_STATE_HOME=str(work)) as screen:
        scenarios.unreachable(lab, screen, partial(_take, screen))


PARTS = {
    "setup": _setup, "dialogs": _dialogs, "join": _join, "findings": _findings, "line": _line,
}  # fmt: skip


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
    parser = argparse.ArgumentParser(description="Take the pictures of the README.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parts = parser.parse_args().parts
    if strange := [part for part in parts if part not in PARTS]:
        parser.error(f"there is no part {strange[0]}: it should be one of {', '.join(PARTS)}")
    main(parts)
