"""The probe's typed questions: an answer of another shape is refused, and nothing is made of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.probe.questions import Entry, Read, Room, Sum, Vm, Way

Question = Callable[[questions.Asked], Awaitable[object]]


class Probe:
    """Answers everything with one thing."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    async def ask(self, question: str, *args: object, **how: Any) -> Any:
        del question, args, how
        return self._answer


WELL: list[tuple[Question, object, object]] = [
    (questions.vm, {"vm": "up", "vm_why": None}, Vm("up")),
    (lambda probe: questions.room(probe, "/"), {"free": 7, "mount": "/"}, Room(7, "/")),
    (
        lambda probe: questions.entries(probe, "/"),
        [{"name": b"caf\xe9", "type": "regular", "size": 3}],
        [Entry("caf\udce9", "regular", 3)],
    ),
    (lambda probe: questions.sums(probe, ["/a"], 1), [("/a", "00", 5)], [Sum("/a", "00", 5)]),
    (lambda probe: questions.unsafe(probe, ["/a"]), [("/a", "a link")], [("/a", "a link")]),
    (lambda probe: questions.way(probe, "a@b"), {"broken": None, "why": None}, Way()),
    (lambda probe: questions.table_progress(probe, "a@b", "t"), (4, None), (4, None)),
    (questions.listeners, [(5280, False, "/admin")], [(5280, False, "/admin")]),
    (
        lambda probe: questions.read_backup(probe, "/a", 1),
        {"tables": ["passwd"], "records": 25},
        Read(("passwd",), 25),
    ),
]


@pytest.mark.parametrize(("question", "answer", "typed"), WELL)
async def test_an_answer_has_its_type(question: Question, answer: object, typed: object) -> None:
    assert await question(Probe(answer)) == typed


@pytest.mark.parametrize("question", [question for question, _, _ in WELL])
@pytest.mark.parametrize("answer", [None, 7, "text", [1], {"other": 1}])
async def test_an_answer_of_another_shape_is_garbled(question: Question, answer: object) -> None:
    with pytest.raises(ProbeError, match="garbled"):
        await question(Probe(answer))


@pytest.mark.parametrize(
    ("question", "nothing"),
    [(questions.run_erl, ""), (questions.changes_schema, False), (questions.next_release, "")],
)
async def test_nothing_known_is_an_answer(question: Question, nothing: object) -> None:
    assert await question(Probe(None)) == nothing
