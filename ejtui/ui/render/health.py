"""Whether the pair is well, in as many words as there is room for."""

from __future__ import annotations

from ejtui.ui.render.pair import in_keys
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import Line, Span, Tone, line


def health_words(state: ViewState, glyphs: Glyphs) -> tuple[Line, Line, Line]:
    """How many findings and the worst of them, or how well it is: in full, in brief, briefest."""
    words = _words(state, glyphs)
    if words is None:
        checking = line(Span(f"checking{glyphs.cut}" if state.checking else "", Tone.QUIET))
        return (checking,) * 3
    tone, long, short = words
    more = f" {glyphs.cut}" if state.checking else ""
    return (
        (*line(Span(long, tone)), *_when(state, glyphs)),
        line(Span(f"{long}{more}", tone)),
        line(Span(f"{short}{more}", tone)),
    )


def worst_tone(state: ViewState) -> Tone:
    """The tone of the worst finding."""
    worst = next(iter(state.findings), None)
    return Tone.TROUBLE if worst and worst.severity == "error" else Tone.DIFFERS


def counted(state: ViewState) -> str:
    """How many findings there are; warnings where they are no more."""
    count = len(state.findings)
    errors = any(finding.severity == "error" for finding in state.findings)
    word = "finding" if errors else "warning"
    return f"{count} {word}{'' if count == 1 else 's'}"


def verdict(state: ViewState, glyphs: Glyphs) -> tuple[Tone, str]:
    """How well it is where nothing is found, in a sentence."""
    if state.diagnosis is None:
        return Tone.QUIET, f"The check is running{glyphs.cut}"
    if state.overtaken:
        return Tone.QUIET, f"What was {state.checked}; nothing is looked at while it runs"
    if state.outdated:
        return Tone.DIFFERS, f"{glyphs.half} What was {state.checked}: r checks them again"
    if state.diagnosis.healthy:
        word = "healthy" if state.diagnosis.joined else "not joined"
        return Tone.GOOD, f"{glyphs.done} {word}: every layer was looked at, nothing is wrong"
    if state.diagnosis.standing:
        condition = state.condition
        half_done = condition is not None and condition.situation.value == "half-done"
        standing = in_keys(condition) if condition and half_done else state.diagnosis.standing
        return Tone.DIFFERS, f"{glyphs.half} {standing}"
    return Tone.DIFFERS, (
        f"{glyphs.half} nothing wrong was found, but not everything could be looked at"
    )


def _words(state: ViewState, glyphs: Glyphs) -> tuple[Tone, str, str] | None:
    worst = next(iter(state.findings), None)
    if state.overtaken:
        # What was seen before is no word about what is being changed.
        return None
    if worst:
        rest = len(state.findings) - 1
        more = f" +{rest}" if rest else ""
        return (
            worst_tone(state),
            f"{glyphs.up} {counted(state)}: {worst.code}{more}",
            f"{glyphs.up} {worst.code}{more}",
        )
    if state.diagnosis is None:
        return None
    if state.outdated:
        return Tone.DIFFERS, f"{glyphs.half} changed since the check", f"{glyphs.half} changed"
    if state.diagnosis.healthy:
        word = f"{glyphs.done} {'healthy' if state.diagnosis.joined else 'nothing wrong'}"
        return Tone.GOOD, word, word
    if state.diagnosis.standing:
        word = f"{glyphs.half} half done"
        return Tone.DIFFERS, word, word
    return (
        Tone.DIFFERS,
        f"{glyphs.half} not everything could be looked at",
        f"{glyphs.half} not all looked at",
    )


def _when(state: ViewState, glyphs: Glyphs) -> Line:
    """When it was last checked, or that it is checked now."""
    if state.checking:
        return line(Span(f"  checking{glyphs.cut}", Tone.QUIET))
    if state.outdated and state.findings:
        return line(Span("  changed since", Tone.DIFFERS))
    at = state.diagnosis.at[:5] if state.diagnosis else ""
    return line(Span(f"  checked {at}" if at else "", Tone.QUIET))
