"""The checklist: every step with its state, and why it stands there where there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.ui.render import pair
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, fit, line, width_of, wrap

if TYPE_CHECKING:
    from ejtui.ui.state.models import StepView

_TITLE = 24
WITH_DETAILS = 60
"""So wide a row has room for why its step stands where it does; else the step pane has it."""
_DETAILS = {"done": Tone.QUIET, "failed": Tone.TROUBLE}


def checklist(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """One line a step. The current step and the one looked at have signs."""
    if not state.steps:
        return [line(Span(f"asking both nodes{glyphs.cut}", Tone.QUIET))]
    rows = [_row(step, state, width, glyphs) for step in state.steps]
    return [*rows, *_below(state, width, glyphs)]


def _below(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """What is half done, or found, whole, with its key; and why the current step stands, where
    its row has no room."""
    if width < WITH_DETAILS:
        return []
    current, made, shown = state.current, list[Line](), ""
    if state.work is None and current is not None and current.state == "failed":
        shown = current.detail
        if glyphs.cut in "".join(part.text for part in _row(current, state, width, glyphs)):
            made = wrap(shown, width, Tone.TROUBLE, first=f"{glyphs.failed} ")
    made += pair.beside_checklist(state, width, glyphs, shown)
    return [BLANK, *made] if made else []


def _row(step: StepView, state: ViewState, width: int, glyphs: Glyphs) -> Line:
    shown = state.shown_step
    looked_at = shown is not None and shown.id == step.id
    sign, tone = _sign(step, state, glyphs)
    mark = Span(glyphs.cursor if looked_at else " ", Tone.FOCUS)
    title = Span(f" {step.number:>2} {step.title}", Tone.STRONG if looked_at else tone_of(tone))
    row: Line = (mark, Span(sign, tone), title)
    detail = _detail(step, state)
    if detail and width >= WITH_DETAILS:
        gap = max(1, _TITLE + 6 - width_of(row))
        row = (*row, *line(" " * gap, Span(detail, _DETAILS.get(step.state, Tone.PLAIN))))
    elif detail and state.work and state.work.step == step.id:
        row = (*row, *line("  ", Span(detail, Tone.GOING)))
    return fit(row, width, glyphs.cut)


def tone_of(sign_tone: Tone) -> Tone:
    """The tone of a step's title: quiet where its sign is, else plain."""
    return Tone.QUIET if sign_tone is Tone.QUIET else Tone.PLAIN


def _sign(step: StepView, state: ViewState, glyphs: Glyphs) -> tuple[str, Tone]:
    if state.work and state.work.step == step.id:
        return glyphs.going, Tone.YOURS if state.waits_for_operator else Tone.GOING
    if step.state == "done":
        return glyphs.done, Tone.GOOD
    if step.state == "failed":
        return glyphs.failed, Tone.TROUBLE
    current = state.current
    if current and current.id == step.id:
        return glyphs.going, Tone.GOING
    return " ", Tone.QUIET


def _detail(step: StepView, state: ViewState) -> str:
    work = state.work
    if work and work.step == step.id:
        if state.waits_for_operator:
            return "waits for you"
        if work.counting:
            return work.counting.brief
        return f"{work.seconds} s" if work.seconds else ""
    # A step after the current one waits for it: its place shows that.
    return "" if step.state == "blocked" else step.detail
