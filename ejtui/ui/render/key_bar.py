"""The last line: the keys that matter now, or a notice."""

from __future__ import annotations

from collections.abc import Sequence

from ejtui.ui.state.actions import ACTIONS, Action
from ejtui.ui.state.view_state import Typist, ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import Line, Span, Tone, fit, line, width_of, wrap

_GAP = 3
"""Blanks behind a key; behind the last one they need no room."""


def erl_keys_line(state: ViewState, width: int, glyphs: Glyphs, rows_back: int = 0) -> Line:
    """What stands there while erl has the keyboard; how many rows back the operator looks."""
    does = "hands the shell back" if state.typist is Typist.OPERATOR else "leaves"
    lines = f"{rows_back} line{'' if rows_back == 1 else 's'}"
    where = f" {lines} back: PgDn goes on   " if rows_back else " Your keys go to erl   "
    return fit(
        line(where, Span(f"F2 or Ctrl+] {does}", Tone.YOURS), "   ", Span("F1", Tone.KEY), " help"),
        width,
        glyphs.cut,
    )


def keys_line(state: ViewState, width: int, glyphs: Glyphs) -> Line:
    """The key bar of the main screen: what can be used now."""
    return offered_line(state, able(state), width, glyphs)


def able(state: ViewState) -> list[Action]:
    """What can be done now on the main screen."""
    return [action for action in ACTIONS if action.why_not(state) is None]


def offered_line(state: ViewState, actions: Sequence[Action], width: int, glyphs: Glyphs) -> Line:
    """The keys of these actions, the most urgent first, as many as there is room for.

    What cannot be used now gives way first.
    """
    shown = _keys(state, _with_room(state, actions, width, glyphs), glyphs)
    return fit(shown, width, glyphs.cut)


def key_at(state: ViewState, actions: Sequence[Action], width: int, glyphs: Glyphs, x: int) -> str:
    """The key whose name or action stands at that cell of the same line; "" for none."""
    shown = _with_room(state, actions, width, glyphs)
    _blank, *parts = _keys(state, shown, glyphs)
    end = 1
    for action, key, does in zip(shown, parts[::2], parts[1::2], strict=True):
        begins, end = end, end + width_of((key, does))
        if begins <= x < end - _GAP:
            return action.key
    return ""


def _with_room(
    state: ViewState, actions: Sequence[Action], width: int, glyphs: Glyphs
) -> list[Action]:
    offered = _offered(state, actions)
    while width_of(_keys(state, offered, glyphs)) - _GAP > width and len(offered) > 2:
        offered.remove(max(offered, key=lambda action: _gives_way(state, action)))
    return offered


def notice_lines(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """The message that stands where the keys are; a long one on several lines."""
    sign = glyphs.failed if state.notice_is_trouble else glyphs.dot
    tone = Tone.TROUBLE if state.notice_is_trouble else Tone.PLAIN
    return wrap(state.notice, width, tone, first=f" {sign} ")


def covered_line() -> Line:
    """What stands there while a dialog lies over the screen."""
    return line(Span(" The frame above has the keys; Esc closes it.", Tone.QUIET))


def _offered(state: ViewState, actions: Sequence[Action]) -> list[Action]:
    named = [
        action
        for action in actions
        if action.footer
        and action.offers(state)
        and (action.urgent(state) or not action.only_urgent)
    ]
    return sorted(named, key=lambda each: (0, each.rank) if each.urgent(state) else (1, 0))


def _gives_way(state: ViewState, action: Action) -> tuple[bool, int]:
    return action.why_not(state) is not None, 0 if action.urgent(state) else action.rank


def _keys(state: ViewState, offered: list[Action], glyphs: Glyphs) -> Line:
    made: Line = (Span(" "),)
    for action in offered:
        usable = action.why_not(state) is None
        key = glyphs.key(action.key, action.shown_key.split(" ")[0])
        if action.id in ("choose", "read"):
            key = action.shown_key
        made = (
            *made,
            Span(key, Tone.KEY if usable else Tone.FRAME),
            Span(f" {action.called(state)}{' ' * _GAP}", Tone.PLAIN if usable else Tone.FRAME),
        )
    return made
