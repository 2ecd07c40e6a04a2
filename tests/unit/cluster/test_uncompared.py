"""A join's step Administration where second does not run, or nothing can be compared."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.carry_over import comparison
from ejtui.cluster.errors import Refused, StepFailed
from ejtui.cluster.facts.settings import NodeSettings
from ejtui.cluster.join.steps.administration import CompareAdministration
from ejtui.cluster.pair.storage_choices import Choices
from tests.samples import PLATFORM
from tests.unit.cluster.rules import DOWN
from tests.unit.cluster.test_administration import loaded, setting

MNESIA, LDAP = (loaded(auth_method=setting(each)) for each in ("mnesia", "ldap"))


def a_join(story: Any, monkeypatch: Any, file: NodeSettings, *, yes: bool = True) -> Any:
    """At its step Administration: second is stopped, and has this file."""
    both = story.strangers()
    facts = replace(both, second=replace(both.second, reachable=True, **DOWN))

    async def of_first(_: object) -> NodeSettings:
        return MNESIA

    async def of_second(_: object) -> NodeSettings:
        return file

    monkeypatch.setattr(comparison, "with_file", of_first)
    monkeypatch.setattr(comparison, "of_second", of_second)
    nodes = [
        SimpleNamespace(name=name, facts=facts.of(name), platform=PLATFORM)
        for name in ("first", "second")
    ]
    pair = SimpleNamespace(
        first=nodes[0], second=nodes[1], facts=facts, administration=None, agreed=set()
    )
    questions: list[Any] = []

    async def refresh() -> Any:
        return facts

    async def ask(question: Any) -> None:
        questions.append(question)
        if not yes:
            raise Refused(question.title)

    return SimpleNamespace(
        pair=pair, choices=Choices(), refresh=refresh, ask=ask, questions=questions
    )


async def run(context: Any) -> list[str]:
    return list(await CompareAdministration().run(context))


async def test_the_file_of_a_stopped_second_is_compared(story: Any, monkeypatch: Any) -> None:
    same = a_join(story, monkeypatch, replace(MNESIA, in_file=True, certified=frozenset()))
    assert "second's file has what first has loaded" in (await run(same))[0]
    other = a_join(story, monkeypatch, replace(LDAP, in_file=True))
    with pytest.raises(StepFailed, match="auth_method: mnesia on first, ldap on second"):
        await run(other)
    assert not same.questions + other.questions


async def test_where_nothing_could_be_compared_the_join_asks(story: Any, monkeypatch: Any) -> None:
    no = a_join(story, monkeypatch, NodeSettings(in_file=True), yes=False)
    with pytest.raises(Refused):
        await run(no)
    yes = a_join(story, monkeypatch, NodeSettings(in_file=True))
    for _ in range(2):
        assert "not compared, as was agreed" in (await run(yes))[0]
    broken = a_join(story, monkeypatch, NodeSettings(in_file=True, refused=True))
    await run(broken)
    for [question] in (yes.questions, broken.questions):
        assert "nothing could be compared" in question.takes[0]
    assert "its own reader refuses /etc/ejabberd/ejabberd.yml" in question.takes[0]


async def test_a_file_that_ejabberd_refuses_wants_its_own_word(
    story: Any, monkeypatch: Any
) -> None:
    """A join would end an ejabberd that may not start again."""
    refused = NodeSettings(in_file=True, refused=True, why="unknown option: no_such_option")
    yes = a_join(story, monkeypatch, replace(MNESIA, unloaded=refused))
    await run(yes)
    await run(yes)
    [question] = yes.questions
    assert question.consent == "config-refused"
    assert "no_such_option" in question.takes[0]
    no = a_join(story, monkeypatch, replace(MNESIA, unloaded=refused), yes=False)
    with pytest.raises(Refused):
        await run(no)
    assert not no.choices.decided
