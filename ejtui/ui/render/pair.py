"""The state of the pair in full: what is true, what is broken, and the keys that go on from it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ejtui.ui.state.reasons import ghost_of_another_cluster, why_not_here
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, line, wrap

if TYPE_CHECKING:
    # Not needed before the first paint.
    from ejtui.cluster.condition.condition import Condition, Situation

_GOOD = ("healthy", "joined")
_TROUBLE = ("broken", "unknown", "first-gone", "other-cluster", "one-node")
_JOIN = re.compile(r"`ejtui(?: [^`]*)? join`")
_ROLLBACK = re.compile(r"`ejtui(?: [^`]*)? rollback(?! --without-first)(?: [^` ]+)?`")
_BY_KEYS = ("To bring over what it alone has: ", "To undo the join: ")
"""How lines of a join's end begin whose commands are the keys b and u, which stand below."""
_MOST = 5
"""So many findings are named here; `f` has all."""


def tone_of(situation: Situation) -> Tone:
    """Good where nothing is broken, trouble where something is; else it differs."""
    if situation.value in _GOOD:
        return Tone.GOOD
    return Tone.TROUBLE if situation.value in _TROUBLE else Tone.DIFFERS


def sign_of(situation: Situation, glyphs: Glyphs) -> str:
    """The sign that stands before it."""
    signs = {Tone.GOOD: glyphs.done, Tone.TROUBLE: glyphs.failed}
    return signs.get(tone_of(situation), glyphs.half)


def in_keys(condition: Condition) -> str:
    """The state in a sentence; what goes on with something half done, or undoes it, as its key."""
    text = condition.text
    if condition.situation.value != "half-done":
        return text
    text = _JOIN.sub("`a`", text)
    return _ROLLBACK.sub("`u`", text)


def half_done_lines(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """What a join or a rollback has left half done, whole; nothing while something runs."""
    condition = state.condition
    if state.work is not None or condition is None or condition.situation.value != "half-done":
        return []
    sign = sign_of(condition.situation, glyphs)
    return wrap(in_keys(condition), width, Tone.DIFFERS, first=f"{sign} ")


def beside_checklist(state: ViewState, width: int, glyphs: Glyphs, shown: str = "") -> list[Line]:
    """What a checklist's rows do not show: what is half done, or what is found, with its key; else
    whose accounts a join keeps. A finding whose title is `shown` already is not named again."""
    if half_done := half_done_lines(state, width, glyphs):
        return half_done
    condition = state.condition
    not_joined = condition is not None and condition.situation.value == "not-joined"
    if state.work is not None or not not_joined or state.overtaken:
        return []
    finding = state.shown_finding
    if finding is None:
        kept = _whose_accounts(state)
        more = (state.second.accounts or 0) > (state.first.accounts or 0)
        return wrap(kept, width, Tone.DIFFERS if more else Tone.QUIET) if kept else []
    made = [] if finding.title == shown else _findings(state, width, glyphs, 1)
    if finding.severity == "warning" and finding.explanation:
        made += wrap(finding.explanation, width, Tone.QUIET, first="  ")
    return made + _key_lines(_repair_keys(state), width)


def _whose_accounts(state: ViewState) -> str:
    """What a join keeps and what it sets aside, where both keep their accounts in Mnesia."""
    # Not needed before the first paint.
    from ejtui.cluster.facts.details import REMOTE, STORAGE_WORDS

    first, second = state.first, state.second
    kept = next((table for table in state.tables if table.name == "passwd"), None)
    if kept is None or STORAGE_WORDS[REMOTE] in (kept.first, kept.second):
        return ""
    if first.accounts is None or not second.accounts:
        return ""
    return (
        f"A join keeps {first.name}'s database, {_accounts(first.accounts)}. {second.name}'s, "
        f"{_accounts(second.accounts)}, goes into a backup: you are asked before."
    )


def _accounts(count: int) -> str:
    return f"{count} account{'' if count == 1 else 's'}"


def pair_pane(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """What stands in the checklist's place where no join is the subject."""
    condition = state.condition
    if condition is None:
        return []
    sign, tone = sign_of(condition.situation, glyphs), tone_of(condition.situation)
    made = wrap(in_keys(condition), width, tone, first=f"{sign} ")
    if state.checking:
        made.append(line(Span(f"checking{glyphs.cut}", Tone.GOING)))
    elif state.checked:
        made += wrap(
            state.checked, width, Tone.DIFFERS if state.overtaken or state.outdated else Tone.QUIET
        )
    made += _key_lines(_repair_keys(state), width)
    made += [BLANK, *_findings(state, width, glyphs)] if state.findings else []
    good = condition.joined and condition.situation.value in _GOOD
    if state.closing and (good or state.undone):
        made.append(BLANK)
        keys = state.undoes_join and not state.undone
        lines = [text for text in state.closing if not (keys and text.startswith(_BY_KEYS))]
        made += [row for text in lines for row in wrap(text, width)]
    return [*made, BLANK, *_key_lines(_keys(state), width)]


def _key_lines(keys: list[tuple[str, str]], width: int) -> list[Line]:
    made: list[Line] = []
    for key, what in keys:
        before = f"{key} " if key else ""
        rows = wrap(what, max(1, width - len(before)))
        made.append(line(Span(before, Tone.KEY), *rows[0]))
        made += [line(" " * len(before), *row) for row in rows[1:]]
    return made


def _findings(state: ViewState, width: int, glyphs: Glyphs, most: int = _MOST) -> list[Line]:
    made: list[Line] = []
    for finding in state.findings[:most]:
        tone = Tone.TROUBLE if finding.severity == "error" else Tone.DIFFERS
        text = f"{finding.code} on {finding.on or finding.node}: {finding.title}"
        made += wrap(text, width, tone, first=f"{glyphs.up} ")
        if finding.settled_by:
            not_sure = f"Not certain. What settles it: {finding.settled_by}."
            made += wrap(not_sure, width, Tone.YOURS, first="  ")
    more = len(state.findings) - most
    return [*made, line(Span(f"and {more} more", Tone.QUIET))] if more > 0 else made


def _repair_keys(state: ViewState) -> list[tuple[str, str]]:
    """What repairs the leading finding; nothing while something is being changed."""
    finding = state.shown_finding
    if finding is None or not finding.repair_view.title or state.overtaken:
        return []
    if ghost_of_another_cluster(state, finding):
        others = (each for each in state.findings if each.code == "other-cluster")
        finding = next(others, finding)
    condition = state.condition
    if condition and condition.situation.value == "first-gone" and "join" in condition.command:
        first, second = state.first.name, state.second.name
        return [("", f"In a terminal, `{condition.command}` joins {first} to {second}: the same "
                     "join with the two exchanged")]  # fmt: skip
    if none := why_not_here(state, finding):
        return [("", f"No repair from here: {none}")]
    on = f"{finding.code} on {finding.on or finding.node}"
    return [("m", f"repairs {on}: {finding.repair_view.title}")]


def _keys(state: ViewState) -> list[tuple[str, str]]:
    condition = state.condition
    made: list[tuple[str, str]] = []
    if state.findings:
        made.append(("f", "shows the evidence, why, and every layer"))
    if condition and condition.situation.value == "half-done":
        made.append(("u", "goes on with the rollback"))
    elif condition and condition.joined and state.undoes_join:
        made.append(("b", "lists the backups; o there brings over what a backup alone has"))
        second = state.second.name
        made.append(("u", f"undoes a join of ejtui's: {second} goes back to its own database"))
    if state.undone:
        made.append(("a", "joins them again; you are asked before anything is taken"))
        made.append(("b", "lists the backups: what second had until now, too"))
    made.append(("r", "asks both nodes again, and checks them"))
    made.append(("1-9", "show the first steps of a join"))
    return made
