"""The pages of text: help, and the log of what was run."""

from __future__ import annotations

from collections.abc import Sequence

from ejtui.ui.state.actions import Action
from ejtui.ui.state.keys import ABOUT, SIGNS, WORDS, groups
from ejtui.ui.state.models import LogLine
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, line, pad, wrap

_KEY = 11


def help_page(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """Every key, what it does, and why it cannot be used now; then the signs."""
    made: list[Line] = []
    for text in ABOUT:
        made += [*wrap(text, width), BLANK]
    for title, actions in groups():
        made.append(line(Span(title, Tone.STRONG)))
        for action in actions:
            made += _key_lines(action, state, width, glyphs)
        made.append(BLANK)
    return [*made, *_signs(glyphs)]


def _key_lines(action: Action, state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    reason = action.why_not(state)
    key = glyphs.key(action.key, action.shown_key)
    wrapped = wrap(f"{action.title}. {action.tooltip}", width - _KEY - 2)
    made = [line("  ", Span(pad(key, _KEY), Tone.KEY), *wrapped[0])]
    made += [line(" " * (_KEY + 2), *row) for row in wrapped[1:]]
    if reason:
        rows = wrap(f"Not now: {reason}.", width - _KEY - 2, Tone.QUIET)
        made += [line(" " * (_KEY + 2), *row) for row in rows]
    return made


_SIGN_TONES = {
    "same": Tone.QUIET,
    "differs": Tone.DIFFERS,
    "done": Tone.GOOD,
    "going": Tone.GOING,
    "failed": Tone.TROUBLE,
    "dot": Tone.QUIET,
    "up": Tone.GOOD,
    "half": Tone.DIFFERS,
    "down": Tone.TROUBLE,
    "cursor": Tone.FOCUS,
}


def _signs(glyphs: Glyphs) -> list[Line]:
    made = [line(Span("Signs", Tone.STRONG))]
    for name, meaning in SIGNS:
        sign = Span(pad(str(getattr(glyphs, name)), _KEY), _SIGN_TONES[name])
        made.append(line("  ", sign, meaning))
    return [*made, *(line("  ", Span(pad(word, _KEY)), meaning) for word, meaning in WORDS)]


_LOG_TONES = {
    "command": Tone.CODE,
    "state": Tone.STRONG,
    "person": Tone.YOURS,
    "error": Tone.TROUBLE,
}


def log_page(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """What was run: when, where, and its output; the newest last."""
    if not state.log:
        return [line(Span("Nothing was run on this pair yet.", Tone.QUIET))]
    return log_lines(state.log, width, glyphs)


def log_lines(log: Sequence[LogLine], width: int, glyphs: Glyphs) -> list[Line]:
    """The lines, each day below its date."""
    made: list[Line] = []
    day = ""
    for entry in log:
        if entry.day != day:
            made += [*([BLANK] if made else []), line(Span(entry.day, Tone.STRONG))]
            day = entry.day
        made += _log_line(entry, width, glyphs)
    return made


def _log_line(entry: LogLine, width: int, glyphs: Glyphs) -> list[Line]:
    head = f"{entry.time}  "
    sign = {"command": "$ ", "error": f"{glyphs.failed} ", "evidence": f"{glyphs.dot} "}
    tone = _LOG_TONES.get(entry.kind, Tone.PLAIN)
    rows = wrap(sign.get(entry.kind, "") + entry.text, width - len(head), tone)
    made = [line(Span(head, Tone.QUIET), *rows[0])]
    return [*made, *(line(" " * len(head), *row) for row in rows[1:])]
