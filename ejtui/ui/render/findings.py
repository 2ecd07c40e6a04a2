"""The findings: a line each, and everything about the one looked at, its repair included."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.ui.render.health import counted, verdict
from ejtui.ui.render.step import command_lines
from ejtui.ui.state.reasons import why_not_here
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, cut, fit, line, pad, wrap

if TYPE_CHECKING:
    # Not needed before the first paint.
    from ejtui.ui.state.models import FindingView, RepairView

_SEVERITY = 8
_CODE = 18
_NODE = 10
_LONG = 200
"""Evidence of more characters, a log's as a rule, is shortened above the repair."""


def findings_title(state: ViewState, glyphs: Glyphs) -> tuple[Line, Line]:
    """How many there are, and how old the check is."""
    title = counted(state) if state.findings else "findings"
    when = f"checking{glyphs.cut}" if state.checking else state.checked or "not checked"
    tone = Tone.DIFFERS if state.overtaken or state.outdated else Tone.QUIET
    return line(Span(title, Tone.STRONG)), line(Span(when, Tone.GOING if state.checking else tone))


def finding_rows(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """One line a finding, the worst first; where there is none, how well it is."""
    if not state.findings:
        tone, text = verdict(state, glyphs)
        return wrap(text, width, tone)
    return [_row(finding, state, width, glyphs) for finding in state.findings]


def _row(finding: FindingView, state: ViewState, width: int, glyphs: Glyphs) -> Line:
    looked_at = finding is state.shown_finding
    code = min(_CODE, max(len(each.code) for each in state.findings))
    node = min(_NODE, max(len(each.on) for each in state.findings))
    made = line(
        Span(f"{glyphs.cursor if looked_at else ' '} ", Tone.FOCUS),
        Span(pad(finding.severity, _SEVERITY), tone_of(finding)),
        Span(pad(cut(finding.code, code, glyphs.cut), code),
             Tone.CURSOR if looked_at else Tone.STRONG),
        Span("  " + pad(cut(finding.on, node, glyphs.cut), node + 2), Tone.QUIET),
        finding.title,
    )  # fmt: skip
    return fit(made, width, glyphs.cut)


def tone_of(finding: FindingView) -> Tone:
    """An error is trouble; a warning is not yet."""
    return Tone.TROUBLE if finding.severity == "error" else Tone.DIFFERS


def detail_title(state: ViewState) -> Line:
    """The code of the finding looked at, or what stands there instead."""
    finding = state.shown_finding
    text = f"{finding.code} on {finding.on}" if finding else "what was looked at"
    return line(Span(text, Tone.STRONG))


def detail(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """How the last repair ended, the finding looked at with its repair, and the layers."""
    finding = state.shown_finding
    made = _outcome(state, width, glyphs, finding)
    if finding is not None:
        made += [*_finding(finding, width, glyphs), BLANK]
        # What is not to be done in this state is not shown as what could be run.
        view = replace(finding.repair_view, why_none=why_not_here(state, finding))
        made += [*repair_lines(view, finding.repair, width), BLANK]
        made += _whole_evidence(finding, width, glyphs)
    return made + _layers(state, width, glyphs)


def _outcome(
    state: ViewState, width: int, glyphs: Glyphs, finding: FindingView | None
) -> list[Line]:
    """How the last repair ended; in one line above a finding that is not its own."""
    repaired = state.repaired
    if repaired is None:
        return []
    sign, tone = (glyphs.done, Tone.GOOD) if repaired.well else (glyphs.failed, Tone.TROUBLE)
    made = wrap(repaired.text, width, tone, first=f"{sign} ")
    if finding is not None and finding.code != repaired.code:
        return [*made, BLANK]
    return [*made, *_bullets(repaired.evidence, width, glyphs), BLANK]


def _finding(finding: FindingView, width: int, glyphs: Glyphs) -> list[Line]:
    made = wrap(finding.title, width, tone_of(finding), first=f"{glyphs.failed} ")
    if finding.settled_by:
        made += wrap(f"Not certain. What settles it: {finding.settled_by}.", width, Tone.YOURS)
    made += _bullets(tuple(_shortened(text, glyphs) for text in finding.evidence), width, glyphs)
    if finding.explanation:
        made += [BLANK, *wrap(finding.explanation, width)]
    if finding.consequences:
        made += [BLANK, line(Span("Its consequences:", Tone.STRONG))]
        made += _bullets(finding.consequences, width, glyphs)
    return made


def _shortened(text: str, glyphs: Glyphs) -> str:
    """Evidence in so few words that the consequences and the repair stay in sight."""
    return text if len(text) <= _LONG else f"{text[:_LONG].rstrip()}{glyphs.cut}"


def _whole_evidence(finding: FindingView, width: int, glyphs: Glyphs) -> list[Line]:
    """What was shortened above, whole."""
    long = tuple(text for text in finding.evidence if len(text) > _LONG)
    if not long:
        return []
    head = wrap("The shortened evidence, whole:", width, Tone.STRONG)
    return [*head, *_bullets(long, width, glyphs), BLANK]


def repair_lines(repair_view: RepairView, advice: str, width: int) -> list[Line]:
    """What its repair runs, where and as whom, and what is lost; or why there is no repair."""
    # Not needed before the first paint.
    from ejtui.cluster.finding import OF_THE_REPAIR

    if repair_view.why_none:
        none = _labelled("No repair from here", repair_view.why_none, width)
        # An advice that is none is the same once more.
        return none if advice.startswith("none") else _advice(advice, width) + none
    if not repair_view.title:
        return _advice(advice, width)
    made = _labelled("The repair", repair_view.title, width)
    made += cost_lines(repair_view, width)
    made += command_lines(repair_view.commands, "It runs", width)
    if advice.startswith(OF_THE_REPAIR):
        return _advice(advice, width) + made
    # Two ways in one place would leave open which of them the key takes.
    return [*made, BLANK, *_labelled("By hand", advice, width)] if advice else made


def _advice(advice: str, width: int) -> list[Line]:
    return _labelled("To repair it", advice, width) if advice else []


def cost_lines(repair_view: RepairView, width: int) -> list[Line]:
    """What a repair cannot undo, and what it keeps first."""
    kept = repair_view.backup or "nothing"
    return [
        *_labelled("What it costs", repair_view.cannot_undo, width),
        *_labelled("Backed up before", kept, width),
    ]


def _labelled(label: str, text: str, width: int) -> list[Line]:
    first, *others = wrap(text, width, first=f"{label}: ", rest="  ")
    head, rest = first[0].text[: len(label) + 1], first[0].text[len(label) + 1 :]
    return [line(Span(head, Tone.STRONG), rest), *others]


def _bullets(texts: tuple[str, ...], width: int, glyphs: Glyphs) -> list[Line]:
    return [row for text in texts for row in wrap(text, width, first=f"  {glyphs.dot} ")]


def _layers(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    diagnosis = state.diagnosis
    if diagnosis is None:
        return []
    signs = {
        True: (glyphs.done, Tone.GOOD),
        False: (glyphs.failed, Tone.TROUBLE),
        None: (glyphs.half, Tone.DIFFERS),
    }
    column = max((len(look.layer) for look in diagnosis.layers), default=0) + 4
    when = f"What was looked at, {state.checked}:" if state.checked else "What was looked at:"
    made = wrap(when, width, Tone.STRONG)
    for look in diagnosis.layers:
        sign, tone = signs[look.well]
        rows = wrap(look.seen, width - column)
        made.append(line(Span(sign, tone), f" {look.layer:<{column - 2}}", *rows[0]))
        made += [line(" " * column, *row) for row in rows[1:]]
    return made
