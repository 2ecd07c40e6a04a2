"""The question before a join changes anything, for all of it at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cluster.join import forecast
from ejtui.cluster.join.steps.cleandb import CleanDb
from ejtui.cluster.operations import agreement, set_aside
from ejtui.cluster.question import Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ejtui.cluster.facts.node import PairFacts
    from ejtui.cluster.run.context import StepContext


async def ask(context: StepContext, *, whole: bool) -> None:
    """Asks before second's cookie is replaced, which is the first change of a join.

    With `whole` the same question names what the join sets aside later, so that the step that does
    asks again only where it finds something else. Raises Refused.
    """
    facts = context.facts
    aside = None
    if whole and CleanDb().takes(facts):
        context.say("comparing second's database with first's; nothing is changed yet")
        aside = await forecast.read(context.pair, facts)
    asked = questions(facts, aside.lines()) if aside else ()
    if aside is None or not asked:
        await context.ask(cookie_question(facts))
        return
    *doubts, own = asked
    for doubt in doubts:
        await agreement.ask_once(context, doubt)
    await context.ask(own)
    context.pair.agreed.add(set_aside.agreed(aside))


def questions(facts: PairFacts, aside: Sequence[str]) -> Sequence[Question]:
    """The questions before second's own database goes, the last with what becomes of its cookie.

    The lines of `aside` name what goes. None where second has none. Pure.
    """
    asked = CleanDb().asked(facts, aside)
    if not asked or facts.first.cookie.sha256 == facts.second.cookie.sha256:
        return asked
    *doubts, own = asked
    return (*doubts, replace(own, takes=(*own.takes, cookie_line(facts))))


def cookie_question(facts: PairFacts) -> Question:
    """Asks before second gets first's cookie. Pure."""
    return Question(
        title="Replace second's cookie?",
        takes=(cookie_line(facts),),
        consequence=(
            "second's running node takes it at once; nodes that have the old one cannot connect to "
            "second any more. A rollback restores it."
        ),
        yes_label="Replace it",
    )


def cookie_line(facts: PairFacts) -> str:
    """What becomes of second's cookie, shown by its digest."""
    first, second = facts.first.cookie.digits, facts.second.cookie.digits
    if not second:
        return f"second, {facts.second.node}: it gets first's cookie {first} now"
    return (
        f"second, {facts.second.node}: its cookie {second} is replaced by first's {first} now, and "
        "kept in the backup"
    )
