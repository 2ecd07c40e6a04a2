"""The step pane: what a step will run, where and as whom, why, and what the nodes reported."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from ejtui.amounts import amount
from ejtui.ui.render.checklist import WITH_DETAILS
from ejtui.ui.render.pair import beside_checklist, half_done_lines
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, line, wrap, wrap_code

if TYPE_CHECKING:
    from ejtui.cluster.run.events import StepProgress
    from ejtui.ui.state.models import CommandView, FindingView, StepView

_NEWEST = 5
_BYTES = "bytes"
_STATES = {
    "done": ("done", Tone.GOOD),
    "todo": ("to do", Tone.GOING),
    "failed": ("failed", Tone.TROUBLE),
    "blocked": ("waits", Tone.QUIET),
}


_GUIDE = "https://docs.ejabberd.im/admin/guide/clustering/"


def step_pane(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """Everything about the step looked at, as many lines as it needs."""
    step = state.shown_step
    if step is None:
        return wrap("The checklist comes when both nodes have answered.", width, Tone.QUIET)
    made = []
    if width < WITH_DETAILS:
        leads = (
            beside_checklist(state, width, glyphs, step.detail)
            if step is state.current
            else half_done_lines(state, width, glyphs)
        )
        made = [*leads, BLANK] if leads else []
    made += _head(step, state, width)
    made += _running(step, state, width, glyphs)
    evidence = state.evidence_of(step.id)
    if state.work and state.work.step == step.id:
        # What happens now comes first, the newest of it.
        made += _evidence(evidence[-_NEWEST:], width, glyphs)
        evidence = ()
    for finding in step.findings:
        made += [BLANK, *finding_lines(finding, width, glyphs)]
    if step.why:
        made += [BLANK, *wrap(step.why, width)]
    made += command_lines(step.commands, "It ran" if step.state == "done" else "It runs", width)
    made += _evidence(evidence, width, glyphs)
    if step.reference:
        documented = f'The documented step is "{step.reference}".'
        text = f'{documented} See ejabberd\'s guide, "Clustering": {_GUIDE}'
        made += [BLANK, *wrap(text, width, Tone.QUIET)]
    return made


def pane_title(state: ViewState) -> Line:
    """The pane's title: the step's number and name."""
    step = state.shown_step
    return line(Span(_name(step), Tone.STRONG)) if step else line("step")


def _name(step: StepView) -> str:
    return f"step {step.number} {step.title}" if step.number else step.title


def finding_lines(finding: FindingView, width: int, glyphs: Glyphs) -> list[Line]:
    """A finding: its title, the evidence, why, and its repair."""
    # Behind the code: the title may end with a node's name itself.
    on = f" on {finding.on or finding.node}" if finding.node else ""
    made = wrap(f"{finding.title} ({finding.code}{on})", width, Tone.TROUBLE,
                first=f"{glyphs.failed} ")  # fmt: skip
    for text in finding.evidence:
        made += wrap(text, width, Tone.PLAIN, first=f"  {glyphs.dot} ")
    if finding.explanation:
        made += wrap(finding.explanation, width, Tone.QUIET, first="  ")
    if finding.repair:
        made += wrap(f"To repair it: {finding.repair}", width, Tone.PLAIN, first="  ")
    return made


def _head(step: StepView, state: ViewState, width: int) -> list[Line]:
    running = state.work is not None and state.work.step == step.id
    word, tone = ("running", Tone.GOING) if running else _STATES.get(
        step.state, (step.state, Tone.PLAIN)
    )  # fmt: skip
    if running and state.waits_for_operator:
        return [line(Span("waits for you: F2 hands back", Tone.YOURS))]
    if running and state.work and state.work.stopping:
        word, tone = "stopping at a safe place", Tone.DIFFERS
    where = {"both": "on both nodes"}.get(step.where, f"on {step.where}" if step.where else "")
    made = [line(Span(word, tone), Span(f"  {where}", Tone.QUIET))]
    if step.detail and not running:
        made += wrap(step.detail, width)
    return made


def _running(step: StepView, state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    work = state.work
    if work is None or work.step != step.id or work.counting is None:
        return []
    return progress_lines(work.counting, width, glyphs)


def progress_lines(progress: StepProgress, width: int, glyphs: Glyphs) -> list[Line]:
    """A bar, and below it what is being done and how long it will take."""
    count = f" {_counted(progress)}"
    room = max(4, min(24, width - len(count)))
    full = round(room * min(1.0, progress.done / progress.total)) if progress.total else 0
    bar = glyphs.full * full, glyphs.empty * (room - full)
    made = [line(Span(bar[0], Tone.GOING), Span(bar[1], Tone.FRAME), count)]
    pieces = [progress.what] if progress.what else []
    if progress.rate:
        pieces.append(f"{_many(progress.rate, progress.unit)}/s")
    if progress.left:
        pieces.append(progress.left)
    return made + _flowing(pieces, width, f" {glyphs.dot} ")


def _flowing(pieces: list[str], width: int, between: str) -> list[Line]:
    """The pieces one behind the other, none broken that fits a line."""
    rows: list[str] = []
    for piece in pieces:
        if rows and len(rows[-1]) + len(between) + len(piece) <= width:
            rows[-1] += between + piece
        else:
            rows.append(piece)
    return [line for row in rows for line in wrap(row, width, Tone.QUIET)]


def _counted(progress: StepProgress) -> str:
    if progress.unit == _BYTES:
        total = f" of {amount(round(progress.total))}" if progress.total else ""
        return f"{amount(round(progress.done))}{total}"
    total = f" of {progress.total:,.0f}" if progress.total else ""
    # A part of one is not shown as one.
    return f"{int(progress.done):,}{total} {progress.unit}".rstrip()


def _many(count: float, unit: str) -> str:
    return amount(round(count)) if unit == _BYTES else f"{count:,.0f} {unit}".rstrip()


def command_lines(commands_shown: tuple[CommandView, ...], verb: str, width: int) -> list[Line]:
    """Commands, exact, below where and as whom they are run."""
    # Not needed before the first paint.
    from ejtui.cluster.acts.command_words import prompt

    made: list[Line] = []
    for (host, user, inside), commands in groupby(commands_shown, key=_place_of):
        whom = f"as {user}" if user else ""
        where = ", ".join(part for part in (f"on {host}", whom, inside) if part)
        made += [BLANK, *wrap(f"{verb}, {where}:", width, Tone.STRONG)]
        for command in commands:
            first = prompt(command.place, command.text) or "  "
            made += wrap_code(command.text, width, first=first)
    return made


def _place_of(command: CommandView) -> tuple[str, str, str]:
    from ejtui.cluster.acts.command_words import within

    return command.host, command.user, within(command.place, command.text)


def _evidence(evidence: tuple[str, ...], width: int, glyphs: Glyphs) -> list[Line]:
    if not evidence:
        return []
    made: list[Line] = [BLANK, line(Span("What the nodes reported:", Tone.STRONG))]
    for text in evidence:
        made += wrap(text, width, Tone.PLAIN, first=f"{glyphs.dot} ")
    return made
