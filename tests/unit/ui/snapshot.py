"""A screen as text: its lines, and below each of them one letter a cell for how it looks.

The letters' meaning, in the dark and in the light theme, stands at the end. A letter stands for
what both themes show there, so that one text holds both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.style import Style
from textual.strip import Strip

Cells = list[tuple[str, Style]]
Looks = tuple[str, str]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def snapshot(screens: Sequence[tuple[str, Sequence[Strip], Sequence[Strip]]]) -> str:
    """Those screens, each with its title, its strips when dark, and when light.

    What most characters look like has no letter, and a frame has one at its corners alone.
    """
    shown = [(title, _cells(dark), _cells(light)) for title, dark, light in screens]
    count = Counter(
        looks
        for _title, dark, light in shown
        for row, other in zip(dark, light, strict=True)
        for cell, looks in _both(row, other)
        if cell not in "─│ "
    )
    letters: dict[Looks, str] = {count.most_common(1)[0][0]: " "}
    made: list[str] = []
    for title, dark, light in shown:
        made.append(f"== {title}")
        for row, other in zip(dark, light, strict=True):
            made += _rows(row, other, letters)
    made.append("== looks: dark, light")
    made += [f"{letter} {dark}, {light}" for (dark, light), letter in letters.items()]
    return "\n".join(made) + "\n"


def _rows(dark: Cells, light: Cells, letters: dict[Looks, str]) -> list[str]:
    text = "".join(cell for cell, _style in dark).rstrip()
    assert text == "".join(cell for cell, _style in light).rstrip()
    shown = "".join(_letter(cell, looks, letters) for cell, looks in _both(dark, light)).rstrip()
    return [f"|{text}", f" {shown}"] if shown else [f"|{text}"]


def _both(dark: Cells, light: Cells) -> Iterator[tuple[str, Looks]]:
    for (cell, one), (_cell, other) in zip(dark, light, strict=True):
        yield cell, (_look(one), _look(other))


def _letter(cell: str, looks: Looks, letters: dict[Looks, str]) -> str:
    if cell in "─│" or (cell == " " and "reverse" not in looks[0]):
        return " "
    return letters.setdefault(looks, _LETTERS[len(letters) - 1])


def _cells(strips: Sequence[Strip]) -> list[Cells]:
    return [
        [(cell, style or Style()) for text, style, _control in strip for cell in text]
        for strip in strips
    ]


def _look(style: Style) -> str:
    words = [word for word in ("bold", "reverse") if getattr(style, word)]
    colour, ground = (
        each.name if each and not each.is_default else "" for each in (style.color, style.bgcolor)
    )
    return " ".join(filter(None, (colour, ground and f"on {ground}", *words)))
