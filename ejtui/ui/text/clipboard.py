"""What is copied to the operator's own clipboard, and the way there through terminals."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from ejtui.ui.render import findings, step
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import Line

_UNBROKEN = 10_000
"""A width in which no line is broken: what is pasted elsewhere must not be."""

_SCREEN_PIECE = 76
"""GNU screen passes on short strings only."""


def finding_text(state: ViewState, glyphs: Glyphs) -> str:
    """The findings screen's lower pane: a finding with its evidence and its repair."""
    return _plain(findings.detail(state, _UNBROKEN, glyphs))


def step_text(state: ViewState, glyphs: Glyphs) -> str:
    """The step pane: the commands, and what the nodes reported."""
    return _plain(step.step_pane(state, _UNBROKEN, glyphs))


def _plain(lines: list[Line]) -> str:
    return "".join("".join(part.text for part in row).rstrip() + "\n" for row in lines)


def clipboard(text: str, environ: Mapping[str, str]) -> str:
    """The sequence (OSC 52) with which a terminal takes that text into its clipboard.

    GNU screen passes it on only inside its own escape sequence.
    """
    data = base64.b64encode(text.encode("utf-8", "backslashreplace")).decode()
    if "STY" not in environ:
        return f"\x1b]52;c;{data}\x07"
    pieces = [data[at : at + _SCREEN_PIECE] for at in range(0, len(data), _SCREEN_PIECE)]
    return "\x1bP\x1b]52;c;" + "\x1b\\\x1bP".join(pieces) + "\x07\x1b\\"
