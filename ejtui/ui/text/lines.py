"""Lines of text in named tones: what the painters make, and what every pane shows.

A tone is a meaning, not a colour; `theme` defines how each looks. Text that came from a host is
cleaned here, so that nothing from a host can reach the terminal as a control sequence.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from ejtui.cleaning import clean
from ejtui.wrapping import joined, parted


class Tone(Enum):
    """What a piece of text means."""

    PLAIN = "plain"
    STRONG = "strong"
    QUIET = "quiet"
    GOOD = "good"
    DIFFERS = "differs"
    TROUBLE = "trouble"
    GOING = "going"
    YOURS = "yours"
    KEY = "key"
    CODE = "code"
    CURSOR = "cursor"
    FRAME = "frame"
    FOCUS = "focus"


class Span(NamedTuple):
    """A piece of one line in one tone."""

    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Span, ...]
BLANK: Line = ()
_PIECE = re.compile(r"[^/]*/|[^/]+$")


def line(*parts: str | Span) -> Line:
    """One line of parts; a bare text is in the plain tone. Empty parts are left out."""
    made = (Span(part) if isinstance(part, str) else part for part in parts)
    return tuple(Span(clean(part.text), part.tone) for part in made if part.text)


def plain(shown: Iterable[Span]) -> str:
    """The line's text alone."""
    return "".join(part.text for part in shown)


def width_of(shown: Iterable[Span]) -> int:
    """The line's width in cells."""
    return sum(cell_len(part.text) for part in shown)


def pad(text: str, width: int) -> str:
    """The cleaned text, cut or filled with blanks to exactly `width` cells."""
    return set_cell_size(clean(text), max(0, width))


def cut(text: str, width: int, sign: str) -> str:
    """The cleaned text, ending with `sign` where it does not fit in `width` cells.

    It ends at a word: half a number would be another one.
    """
    text = clean(text)
    if cell_len(text) <= width:
        return text
    return _beginning(text, width, sign) + sign if width > 0 else ""


def _beginning(text: str, width: int, sign: str) -> str:
    """What stands before the sign: whole words where they fill half of the room."""
    kept = set_cell_size(text, max(0, width - cell_len(sign)))
    words = kept.rpartition(" ")[0].rstrip()
    return f"{words} " if 2 * cell_len(words) >= width else kept


def fit(shown: Line, width: int, sign: str) -> Line:
    """The line cut at a word to `width` cells, ending with `sign` where something was lost."""
    if width_of(shown) <= width:
        return shown
    kept: list[Span] = []
    whole = plain(shown).rstrip()
    if cell_len(whole) <= width:
        # Blanks alone are lost.
        left, sign = whole, ""
    else:
        left = _beginning(whole, width, sign)
    for part in shown:
        if not part.text.startswith(left[: len(part.text)]) or len(left) <= len(part.text):
            kept.append(Span(left + sign if width > 0 else "", part.tone))
            break
        kept.append(part)
        left = left[len(part.text) :]
    return tuple(kept)


def spread(left: Line, right: Line, width: int, sign: str, fill: str = " ") -> Line:
    """Two lines in one, the second against the right edge; the first gives way."""
    right = fit(right, width, sign)
    left = fit(left, max(0, width - width_of(right) - 1), sign) if right else fit(left, width, sign)
    gap = max(0, width - width_of(left) - width_of(right))
    return (*left, Span(fill * gap, Tone.FRAME if fill != " " else Tone.PLAIN), *right)


def wrap(
    text: str, width: int, tone: Tone = Tone.PLAIN, *, first: str = "", rest: str | None = None
) -> list[Line]:
    """The text on as many lines of `width` cells as it needs, its own line ends kept.

    `first` stands before the first line, `rest` (as wide blanks by default) before the others.
    """
    rest = " " * cell_len(first) if rest is None else rest
    made: list[Line] = []
    for paragraph in text.splitlines() or [""]:
        prefix = first if not made else rest
        made += [
            (Span(parted(row), tone),)
            for row in _Wrapper(
                max(8, width),
                initial_indent=prefix,
                subsequent_indent=rest,
                break_on_hyphens=False,
                drop_whitespace=True,
            ).wrap(joined(clean(paragraph), width - cell_len(rest)))
            or [prefix]
        ]
    return made


class _Wrapper(textwrap.TextWrapper):
    """Breaks a path that is too long for a line behind its slashes."""

    def _split(self, text: str) -> list[str]:
        room = self.width - len(self.subsequent_indent)
        pieces: list[str] = []
        for word in super()._split(text):
            pieces += _PIECE.findall(word) if len(word) > room else [word]
        return pieces


def wrap_code(
    text: str, width: int, *, first: str = "", rest: str = "  ", tone: Tone = Tone.CODE
) -> list[Line]:
    """A command, exact: broken after blanks where it can be, nothing dropped or joined."""
    made: list[Line] = []
    for row in text.splitlines() or [""]:
        words = [word + " " for word in clean(row).split(" ")]
        words[-1] = words[-1][:-1]
        made += _flow(words, max(8, width), first, rest, tone)
    return made


def _flow(words: Sequence[str], width: int, first: str, rest: str, tone: Tone) -> list[Line]:
    made: list[Line] = []
    prefix, current = first, ""
    for word in words:
        if current and cell_len(prefix + current + word) > width:
            made.append(line(Span(prefix, Tone.QUIET), Span(current, tone)))
            prefix, current = rest, ""
        while cell_len(prefix + word) > width:
            room = width - cell_len(prefix)
            at = word.rfind("/", 1, room) + 1 or room
            made.append(line(Span(prefix, Tone.QUIET), Span(word[:at], tone)))
            prefix, word = rest, word[at:]
        current += word
    made.append(line(Span(prefix, Tone.QUIET), Span(current, tone)))
    return made
