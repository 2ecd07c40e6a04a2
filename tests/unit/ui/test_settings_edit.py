"""A value written for second's ejabberd.yml: a No, or a refusal, loses nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ejtui.cluster.carry_over import comparison, request, run
from ejtui.cluster.carry_over.request import Both, Wanted
from ejtui.cluster.carry_over.run import Taken
from ejtui.cluster.errors import Refused, StepFailed
from ejtui.hosts import HostError
from ejtui.ui.session.settings import SettingsPart
from ejtui.ui.state.models import TextQuestionView

KEY = ("max_user_sessions", "")
DONE = Taken(True, (), (), (), (), (), ("max_user_sessions",))


class Voice:
    """Writes these texts in turn; None is Esc."""

    def __init__(self, *answers: str | None) -> None:
        self.answers = list(answers)
        self.asked: list[TextQuestionView] = []

    def apply(self, _news: object) -> None:
        """Nothing is shown."""

    async def ask_text(self, question: TextQuestionView) -> str | None:
        self.asked.append(question)
        return self.answers.pop(0)


class Writes:
    """What writing ends with, in turn."""

    def __init__(self) -> None:
        self.ends: list[Exception | None] = []

    async def take(self, _pair: object, _wanted: Wanted, *_how: object) -> Taken:
        if (end := self.ends.pop(0)) is not None:
            raise end
        return DONE


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Writes:
    made = Writes()
    monkeypatch.setattr(run, "take", made.take)
    return made


@pytest.fixture(autouse=True)
def second_has_10(monkeypatch: pytest.MonkeyPatch) -> None:
    async def values(_pair: object, _option: str, host: str) -> Both:
        from ejtui.cluster.administration.new_value import read_value

        return Both("20", read_value("max_user_sessions", "10").value, host)

    async def same(_pair: object) -> tuple[Sequence[object], Sequence[object]]:
        return (), ()

    monkeypatch.setattr(request, "values_of", values)
    monkeypatch.setattr(comparison, "side_by_side", same)


def part(voice: Voice) -> SettingsPart:
    pair = SimpleNamespace(choices=SimpleNamespace(decided=frozenset()))
    changes = SimpleNamespace(pair=pair, voice=voice, ask=None, emit=None, lock=None)
    return SettingsPart(cast("Any", changes))


async def test_after_a_no_the_text_is_there_with_the_reason(writes: Writes) -> None:
    voice = Voice("11", "12")
    no = Refused("answered No: Set max_user_sessions? Nothing was changed.")
    writes.ends = [no, None]
    ended = await part(voice).edit(KEY)
    assert ended == "second's ejabberd.yml has your max_user_sessions; nothing differs now"
    assert [each.text for each in voice.asked] == ["10", "11"]
    assert [each.trouble for each in voice.asked] == ["", str(no)]
    assert "This is what you have written; it is not in the file." in voice.asked[1].explains
    assert {(each.explains[0], each.first) for each in voice.asked} == {("First has:", "20")}


async def test_what_ejabberd_refuses_can_be_written_on_and_given_up(writes: Writes) -> None:
    voice = Voice("eleven", None, None)
    edits = part(voice)
    why = StepFailed("ejabberd's own reader on second refuses the new ejabberd.yml")
    writes.ends = [why]
    assert await edits.edit(KEY) == "nothing was changed"
    assert (voice.asked[1].text, voice.asked[1].trouble) == ("eleven", str(why))
    await edits.edit(KEY)
    assert voice.asked[2].text == "10", "what was given up is forgotten"


async def test_a_lost_host_loses_no_text(writes: Writes) -> None:
    voice = Voice("11", "11")
    edits = part(voice)
    writes.ends = [HostError("second", "second", "no answer", "look"), None]
    with pytest.raises(HostError):
        await edits.edit(KEY)
    await edits.edit(KEY)
    assert voice.asked[1].text == "11"
