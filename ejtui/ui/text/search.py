"""Finding a text in a page, without regard to case, and marking it there."""

from __future__ import annotations

from collections.abc import Sequence

from ejtui.ui.text.lines import Line, Span, Tone, plain


def found_in(page: Sequence[Line], text: str) -> list[int]:
    """The numbers of the lines that have it; none for an empty text."""
    wanted = text.lower()
    return [y for y, row in enumerate(page) if wanted and wanted in plain(row).lower()]


def marked(page: Sequence[Line], text: str) -> list[Line]:
    """The page with each place of the text in the cursor's tone."""
    wanted = text.lower()
    return [_marked(row, wanted) if wanted in plain(row).lower() else row for row in page]


def _marked(row: Line, wanted: str) -> Line:
    whole = plain(row).lower()
    marks = [False] * len(whole)
    at = whole.find(wanted)
    while at >= 0:
        marks[at : at + len(wanted)] = [True] * len(wanted)
        at = whole.find(wanted, at + len(wanted))
    made: list[Span] = []
    position = 0
    for part in row:
        for character in part.text:
            # Lowering a few characters makes two of one; what is past the end is not marked.
            tone = Tone.CURSOR if position < len(marks) and marks[position] else part.tone
            position += 1
            if made and made[-1].tone is tone:
                made[-1] = Span(made[-1].text + character, tone)
            else:
                made.append(Span(character, tone))
    return tuple(made)
