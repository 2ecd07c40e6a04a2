"""Commands in what is shown, as they reach the pair that the app shows and no other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ejtui.ui.state.models import DiagnosisView, ErrorView, FindingView, QuestionView
    from ejtui.ui.state.updates import Update

Worded = Callable[[Sequence[str]], Iterable[str]]
"""Gives lines with the options that chose this pair in each command that they name."""


def of_update(news: Update, worded: Worded) -> Update:
    """The same news, with its commands so."""
    if worded is tuple:
        return news
    # Not needed before the first paint.
    from ejtui.ui.state.backups import BackupsListed
    from ejtui.ui.state.diagnosis_updates import CheckEnded
    from ejtui.ui.state.updates import JoinClosed, LeftHalfDone, RolledBack, Seen, WorkEnded

    match news:
        case Seen() if news.condition is not None:
            text = _one(news.condition.text, worded)
            return replace(news, condition=replace(news.condition, text=text))
        case BackupsListed():
            note, trouble = worded((news.note, news.trouble))
            return replace(news, note=note, trouble=trouble)
        case JoinClosed() | RolledBack():
            return replace(news, lines=tuple(worded(news.lines)))
        case WorkEnded() | LeftHalfDone():
            return replace(news, text=_one(news.text, worded))
        case CheckEnded() if news.diagnosis is not None:
            return replace(news, diagnosis=_of_diagnosis(news.diagnosis, worded))
    return news


def of_question(question: QuestionView, worded: Worded) -> QuestionView:
    """The same question, with its commands so; those that have a key here as that key."""
    return replace(
        question,
        takes=tuple(worded([_in_keys(text) for text in question.takes])),
        consequence=_one(_in_keys(question.consequence), worded),
    )


def _in_keys(text: str) -> str:
    return _KEYED.sub(lambda found: _KEYS[found[1]], text)


_KEYS = {
    "backups": "`b`",
    "bring-over": "`b`, then `o`,",
    "check": "`f`",
    "config": "`e`",
    "join": "`a`",
    "rollback": "`u`",
}
"""What a command of this name, without a word more, is in the app."""

_KEYED = re.compile(f"`ejtui ({'|'.join(_KEYS)})`")


def of_trouble(trouble: ErrorView, worded: Worded) -> ErrorView:
    """The same error, with its commands so."""
    what, where, why, after = worded(
        (trouble.what, trouble.where, trouble.why, trouble.next_action)
    )
    return replace(trouble, what=what, where=where, why=why, next_action=after)


def _of_diagnosis(seen: DiagnosisView, worded: Worded) -> DiagnosisView:
    found = tuple(_of_finding(each, worded) for each in seen.findings)
    return replace(seen, findings=found, standing=_one(seen.standing, worded))


def _of_finding(found: FindingView, worded: Worded) -> FindingView:
    why, repair, none = worded((found.explanation, found.repair, found.repair_view.why_none))
    view = replace(found.repair_view, why_none=none)
    return replace(found, explanation=why, repair=repair, repair_view=view)


def _one(text: str, worded: Worded) -> str:
    [line] = worded((text,))
    return line
