"""The first change of a join is asked about once, for the whole of it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.errors import Refused
from ejtui.cluster.facts.details import CookieFacts, SpoolFacts, SpoolFile
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.facts.set_aside import SetAside
from ejtui.cluster.join import first_change, forecast
from ejtui.cluster.join.steps import cleandb
from ejtui.cluster.question import Question
from tests.unit.cluster.test_records import MANIFEST
from tests.unit.cluster.test_set_aside import FIRST, SECOND

ASIDE = SetAside(alone=("guest@x",))


class Context:
    """A step's context that keeps what is asked; a `no` refuses."""

    def __init__(self, *, yes: bool = True, files: bool = True) -> None:
        cookies = [CookieFacts(sha256=each * 64) for each in "ab"]
        spool = SpoolFacts(files=(SpoolFile("schema.DAT", 1),)) if files else SpoolFacts()
        self.facts = PairFacts(
            replace(FIRST, cookie=cookies[0]), replace(SECOND, cookie=cookies[1], spool=spool)
        )
        self.pair: Any = SimpleNamespace(agreed=set())
        self.asked: list[Question] = []
        self.yes = yes

    def say(self, line: str) -> None:
        """Nobody listens."""

    def emit(self, event: object) -> None:
        """Nobody watches."""

    async def ask(self, question: Question) -> None:
        self.asked.append(question)
        if not self.yes:
            raise Refused("no")


@pytest.fixture(autouse=True)
def read(monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(*_: object) -> SetAside:
        return ASIDE

    monkeypatch.setattr(forecast, "read", read)


async def asked_at_cleandb(context: Any, aside: SetAside) -> int:
    """How many questions come again where the database is set aside."""
    before = len(context.asked)
    await cleandb._ask(context, replace(MANIFEST, accounts=("guest@x",)), aside)
    return len(context.asked) - before


async def test_one_question_for_the_whole_join() -> None:
    context: Any = Context()
    await first_change.ask(context, whole=True)
    [question] = context.asked
    assert "guest@x" in question.takes[0]
    assert "cookie" in question.takes[-1]
    assert await asked_at_cleandb(context, ASIDE) == 0
    assert await asked_at_cleandb(context, ASIDE) == 1, "a yes counts once"


async def test_what_came_since_is_asked_about_again() -> None:
    context: Any = Context()
    await first_change.ask(context, whole=True)
    assert await asked_at_cleandb(context, SetAside(alone=("guest@x", "new@x"))) == 1


async def test_a_no_is_no_yes_for_later() -> None:
    context: Any = Context(yes=False)
    with pytest.raises(Refused):
        await first_change.ask(context, whole=True)
    assert not context.pair.agreed


@pytest.mark.parametrize(("whole", "files"), [(False, True), (True, False)])
async def test_the_cookie_alone(whole: bool, files: bool) -> None:
    context: Any = Context(files=files)
    await first_change.ask(context, whole=whole)
    [question] = context.asked
    assert question.title == "Replace second's cookie?"
    assert question.destructive
    assert not context.pair.agreed


def test_where_nobody_can_be_asked_the_refusal_has_the_line_of_the_cookie_too() -> None:
    context: Any = Context()
    [question] = first_change.questions(context.facts, ["guest@x lives on second alone"])
    assert "its cookie" in question.takes[-1]
    facts = replace(context.facts, first=replace(FIRST, cookie=context.facts.second.cookie))
    [question] = first_change.questions(facts, ["guest@x lives on second alone"])
    assert not any("cookie" in line for line in question.takes), "nothing becomes of it"
