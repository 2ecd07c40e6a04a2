"""The pages of text: help, and the log of what was run."""

from __future__ import annotations

from itertools import groupby

from ejtui.ui.state.actions import ACTIONS, BACKUP_ACTIONS, FINDING_ACTIONS, TABLE_ACTIONS, Action
from ejtui.ui.state.models import LogLine
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import BLANK, Line, Part, Tone, line, pad, wrap

_KEY = 11

_ABOUT = (
    "ejtui joins second to first in eleven steps. A step is done when both nodes say so; so you "
    "may leave at any time, and go on later from where the nodes stand.",
    "Before anything is taken you are asked, and No is what Enter answers.",
    "Type into the erl pane to take it over, at any moment; F2 hands it back, and ejtui looks at "
    "both nodes again before it goes on.",
)


def help_page(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """Every key, what it does, and why it cannot be used now; then the signs."""
    made: list[Line] = []
    for text in _ABOUT:
        made += [*wrap(text, width), BLANK]
    for group, actions in groupby(sorted(ACTIONS, key=_group_order), key=lambda a: a.group):
        made.append(line(Part(group, Tone.STRONG)))
        for action in actions:
            made += _key_lines(action, state, width, glyphs)
        made.append(BLANK)
    places = {
        "In the tables": TABLE_ACTIONS,
        "In the findings": FINDING_ACTIONS,
        "In the backups": BACKUP_ACTIONS,
    }
    for place, keys in places.items():
        made.append(line(Part(place, Tone.STRONG)))
        for action in keys:
            made += _key_lines(action, state, width, glyphs)
        made.append(BLANK)
    return [*made, *_signs(glyphs)]


def _group_order(action: Action) -> int:
    groups = list(dict.fromkeys(action.group for action in ACTIONS))
    return groups.index(action.group)


def _key_lines(action: Action, state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    reason = action.why_not(state)
    key = glyphs.key(action.key, action.shown_key)
    told = wrap(f"{action.title}. {action.tooltip}", width - _KEY - 2)
    made = [line("  ", Part(pad(key, _KEY), Tone.KEY), *told[0])]
    made += [line(" " * (_KEY + 2), *row) for row in told[1:]]
    if reason:
        rows = wrap(f"Not now: {reason}.", width - _KEY - 2, Tone.QUIET)
        made += [line(" " * (_KEY + 2), *row) for row in rows]
    return made


def _signs(glyphs: Glyphs) -> list[Line]:
    meanings = (
        (glyphs.same, "both nodes say the same", Tone.QUIET),
        (glyphs.differs, "the nodes differ", Tone.DIFFERS),
        (glyphs.done, "done: both nodes say so", Tone.GOOD),
        (glyphs.going, "under way, or next", Tone.GOING),
        (glyphs.failed, "failed, or not reached", Tone.TROUBLE),
        (glyphs.cursor, "what you look at", Tone.FOCUS),
    )
    made = [line(Part("Signs", Tone.STRONG))]
    made += [line("  ", Part(pad(sign, _KEY), tone), meaning) for sign, meaning, tone in meanings]
    return made


_LOG_TONES = {
    "command": Tone.CODE,
    "state": Tone.STRONG,
    "person": Tone.YOURS,
    "error": Tone.TROUBLE,
}


def log_page(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """What was run: when, where, and what it was or said; the newest last."""
    if not state.log:
        return [line(Part("Nothing was run on this pair yet.", Tone.QUIET))]
    made: list[Line] = []
    for entry in state.log:
        made += _log_lines(entry, width, glyphs)
    return made


def _log_lines(entry: LogLine, width: int, glyphs: Glyphs) -> list[Line]:
    head = f"{entry.time}  "
    where = f"{entry.where}  " if entry.where else ""
    sign = {"command": "$ ", "error": f"{glyphs.failed} ", "evidence": f"{glyphs.dot} "}
    tone = _LOG_TONES.get(entry.kind, Tone.PLAIN)
    rows = wrap(sign.get(entry.kind, "") + entry.text, width - len(head) - len(where), tone)
    made = [line(Part(head, Tone.QUIET), Part(where, Tone.QUIET), *rows[0])]
    return [*made, *(line(" " * (len(head) + len(where)), *row) for row in rows[1:])]
