"""A help page in the app's tones."""

from __future__ import annotations

from functools import partial

from ejtui.help import page
from ejtui.help.layout import Mark, laid_out
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import Line, Span, Tone, line

_TONES = {
    Mark.TEXT: Tone.PLAIN,
    Mark.HEADING: Tone.STRONG,
    Mark.KEY: Tone.KEY,
    Mark.CODE: Tone.CODE,
}


def topic_lines(topic: str, _state: ViewState, width: int, _glyphs: Glyphs) -> list[Line]:
    """The page of a topic, wrapped to `width` cells."""
    rows = laid_out(page(topic), width)
    return [line(*(Span(piece.text, _TONES[piece.mark]) for piece in row)) for row in rows]


def topic_page(topic: str) -> partial[list[Line]]:
    """The painter of a topic's page."""
    return partial(topic_lines, topic)
