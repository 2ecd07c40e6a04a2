"""The lines that are always there: how it is, the tabs with who types, and the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.ui.render import pair
from ejtui.ui.render.health import health_words
from ejtui.ui.state.view_state import Health, NodeView, Typist, ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import Line, Span, Tone, line, spread, width_of, wrap

if TYPE_CHECKING:
    from ejtui.cluster.condition.condition import Condition
    from ejtui.ui.state.models import HolderView, Work

PANES = ("checklist", "step", "shell")


def top_line(state: ViewState, width: int, glyphs: Glyphs) -> Line:
    """Which pair it is, whether it is healthy, and what is next or running."""
    together = state.joined if state.condition is None else state.condition.joined
    broken = state.condition is not None and state.condition.broken
    known = state.connected and together is not None
    apart = known and (not together or (broken and _differ(state.first, state.second)))
    sign = glyphs.differs if apart else glyphs.same if known and not broken else glyphs.dot
    name = Span(" ejtui ", Tone.STRONG)
    nodes = line(name, Span(f" {state.first.name} {sign} {state.second.name}", Tone.QUIET))
    whole, brief, briefest = _standing(state, glyphs)
    health = health_words(state, glyphs)
    # The first of these that fits; the last where none does.
    for left, standing, well in (
        (nodes, whole, health[0]),
        (nodes, whole, health[1]),
        *((nodes, brief, well) for well in health[1:]),
        *((line(name), brief, well) for well in health[1:]),
        (line(name), briefest, health[-1]),
    ):
        gap = line("  ") if standing and well else ()
        right = (*standing, *gap, *well, Span(" "))
        if width_of(left) + 1 + width_of(right) <= width:
            break
    return spread(left, right, width, glyphs.cut)


def _differ(one: NodeView, two: NodeView) -> bool:
    """Whether both report another number of accounts, or have another cookie."""
    counts = None not in (one.accounts, two.accounts) and one.accounts != two.accounts
    return counts or bool(one.cookie and two.cookie and one.cookie != two.cookie)


def _standing(state: ViewState, glyphs: Glyphs) -> tuple[Line, Line, Line]:
    """Where the join stands: in full, in brief, and in the fewest words."""
    if state.holder:
        return _watching(state.holder)
    if state.work and state.work.waits_for and not state.work.stopping:
        return _waiting(state.work, glyphs)
    if state.work:
        return (running(state, glyphs),) * 3
    if state.condition is not None:
        return _condition(state, state.condition, glyphs)
    for node in (state.first, state.second):
        if node.silent:
            silent = line(Span(f"{glyphs.failed} {node.name}: {node.health.value}", Tone.TROUBLE))
            return (silent,) * 3
    if not state.connected:
        return (line(Span(f"asking both nodes{glyphs.cut}", Tone.QUIET)),) * 3
    if state.joined:
        joined = line(Span(f"{glyphs.done} joined", Tone.GOOD))
        return (*joined, *line(Span(", both nodes agree", Tone.GOOD))), joined, joined
    return _next(state, glyphs)


def _condition(state: ViewState, condition: Condition, glyphs: Glyphs) -> tuple[Line, Line, Line]:
    """The state of the pair; with the step that is next where a join is the subject."""
    if condition.about_join:
        whole, brief, briefest = _next(state, glyphs)
        if condition.situation.value != "not-joined" or state.current is None:
            return whole, brief, briefest
        if condition.command != "ejtui join" and state.current.state != "failed":
            # What is found beside it comes before the next step.
            return (line(Span("not joined")),) * 3
        apart = line(Span(f"not joined {glyphs.dot} "))
        return (*apart, *brief), (*apart, *brief), brief
    named = state.findings and condition.code
    # The findings beside it name what is broken.
    is_broken = condition.situation.value == "broken"
    text = condition.brief.partition(":")[0] if is_broken and named else condition.brief
    sign, tone = pair.sign_of(condition.situation, glyphs), pair.tone_of(condition.situation)
    if tone is Tone.GOOD:
        # How healthy it is stands beside it.
        joined = line(Span(f"{sign} joined", tone))
        return (*joined, *line(Span(", both nodes agree", tone))), joined, joined
    return (line(Span(f"{sign} {text}", tone)),) * 3


def _watching(holder: HolderView) -> tuple[Line, Line, Line]:
    has = "has a join open" if holder.is_idle else "is changing this pair"
    who = f"{holder.who} {has}"
    what = line(Span(f" ({holder.what})" if holder.what else "", Tone.QUIET))
    return (
        (*line(Span(f"watching: {who} since {holder.since}", Tone.YOURS)), *what),
        (*line(Span(who, Tone.YOURS)), *what),
        line(Span(who, Tone.YOURS)),
    )


def _waiting(work: Work, glyphs: Glyphs) -> tuple[Line, Line, Line]:
    waits = f"waits for {work.waits_for}"
    brief = f"{waits}, then goes on; Esc stops"
    whole = f"{glyphs.going} {work.title} {glyphs.dot} {waits} to answer, then goes on; Esc stops"
    texts = whole, brief, f"{waits}; Esc stops"
    whole_line, brief_line, briefest = (line(Span(text, Tone.DIFFERS)) for text in texts)
    return whole_line, brief_line, briefest


def _next(state: ViewState, glyphs: Glyphs) -> tuple[Line, Line, Line]:
    step = state.current
    counted = line(Span(f"{state.done} of {len(state.steps)} done", Tone.PLAIN))
    if step is None:
        return (counted,) * 3
    if step.state == "failed":
        failed = line(Span(f"{glyphs.failed} {step.title}", Tone.TROUBLE))
        return (*counted, *line(Span(f" {glyphs.dot} ", Tone.TROUBLE)), *failed), failed, failed
    going = line(Span(f"next: {step.number} {step.title}", Tone.GOING))
    return (
        (*counted, *line(Span(f" {glyphs.dot} ", Tone.GOING)), *going),
        going,
        line(Span(f"{glyphs.going} {step.number} {step.title}", Tone.GOING)),
    )


def running(state: ViewState, glyphs: Glyphs) -> Line:
    """The running step, with how long or how far."""
    work = state.work
    if work is None:
        return ()
    step = state.step(work.step)
    number = f"{step.number} " if step else ""
    text = f"{glyphs.going} {number}{work.title}"
    if state.waits_for_operator:
        return line(Span(f"{text} {glyphs.dot} waits for you", Tone.YOURS))
    if work.stopping:
        return line(Span(f"{text} {glyphs.dot} stopping", Tone.DIFFERS))
    if work.asks:
        return line(Span(f"{text} {glyphs.dot} waits for your answer", Tone.YOURS))
    if work.counting and work.counting.brief:
        text += f" {glyphs.dot} {work.counting.brief}"
    elif work.seconds:
        text += f" {glyphs.dot} {work.seconds} s"
    return line(Span(text, Tone.GOING))


def typist(state: ViewState) -> Line:
    """Who may type into the live erl."""
    if state.typist is Typist.NOBODY:
        for node in (state.first, state.second):
            if node.health is Health.ERL_SHELL:
                return line(Span(f"an erl shell is open on {node.name}", Tone.QUIET))
        return line(Span("no erl is open", Tone.QUIET))
    if state.typist is Typist.EJTUI and state.work is None:
        return line(Span("idle; yours once you type", Tone.QUIET))
    tone = Tone.GOING if state.typist is Typist.EJTUI else Tone.YOURS
    return line(Span(state.typist.value, tone))


def _in_a_join(state: ViewState) -> str:
    connects = state.step("config")
    when = f"in step {connects.number}" if connects else "in a join"
    return (
        f"The live erl shell appears here {when}, while second is connected to first. ejtui types "
        "into it; type yourself at any moment to take it over."
    )


def no_shell(state: ViewState, width: int) -> list[Line]:
    """What stands in the shell's pane while no erl is open."""
    texts = ["s opens an erl on either node now."]
    if state.about_join:
        texts.insert(0, _in_a_join(state))
    made: list[Line] = []
    for text in texts:
        made += [*wrap(text, min(width, 72), Tone.QUIET), ()]
    return made


def _label(state: ViewState, name: str) -> str:
    """The tab's name, as long as the pane's."""
    first = name == PANES[0] and not state.about_join
    return "the pair".ljust(len(name)) if first else name


def tab_line(state: ViewState, pane: str, width: int, glyphs: Glyphs) -> Line:
    """The panes' names where one is shown at a time; and in every one, who types."""
    tabs: Line = (Span(" "),)
    for name in PANES:
        tone = Tone.CURSOR if name == pane else Tone.PLAIN
        tabs = (*tabs, *line(Span(f" {_label(state, name)} ", tone)), *
                line(Span(glyphs.bar if name != PANES[-1] else "", Tone.FRAME)))  # fmt: skip
    on = f"erl on {state.shell_on}: " if state.typist is not Typist.NOBODY else ""
    who = (*line(Span(on, Tone.QUIET)), *typist(state), Span(" "))
    return spread(tabs, who, width, glyphs.cut)
