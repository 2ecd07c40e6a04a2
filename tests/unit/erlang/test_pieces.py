"""Lists that are longer than one answer may be."""

from __future__ import annotations

import sys
import tracemalloc
from typing import Any

import pytest

from ejtui.erlang.probe import lines, pieces, row_list
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.probe.pieces import Pieces, TooMany, whole
from ejtui.erlang.probe.questions.typed import typed
from ejtui.erlang.terms.etf import Atom

ROWS = {(7, 0): "ann\x1fa\x1ebob\x1fa", (7, 1): "eve\x1fb"}


async def take(text: int, number: int) -> Any:
    return ROWS[text, number]


async def test_rows_of_pieces_are_those_of_the_whole() -> None:
    said = await whole({"accounts": (Atom("pieces"), 7, 2), "doubts": ["x"]}, take)
    assert said == {"accounts": Pieces(ROWS.values()), "doubts": ["x"]}
    wanted = [["ann", "a"], ["bob", "a"], ["eve", "b"]]
    assert list(lines.rows(said["accounts"], 2, list)) == wanted
    assert list(lines.rows("\x1e".join(ROWS.values()), 2, list)) == wanted
    assert list(lines.rows("", 2, list)) == []


@pytest.mark.parametrize(
    "answer", [("pieces", 7, 2), (Atom("pieces"), "7", 2), (Atom("pieces"), 7), [], None, "x"]
)
async def test_any_other_answer_stays_as_it_is(answer: Any) -> None:
    assert await whole(answer, take) is answer


async def test_what_is_too_much_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooMany, match="201 pieces"):
        await whole((Atom("pieces"), 7, 201), take)
    monkeypatch.setattr(pieces, "MOST", 12)
    with pytest.raises(TooMany):
        await whole((Atom("pieces"), 7, 2), take)


async def test_a_wide_character_makes_no_others_wide() -> None:
    """As text, one of them would have each other one take four bytes."""

    async def one(_text: int, _number: int) -> Any:
        return "\U0001f600" + "x" * 1_000_000

    found = await whole((Atom("pieces"), 7, 1), one)
    assert sys.getsizeof(found.data) < 1_200_000


def test_no_more_rows_are_read_than_there_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_list, "MOST_ROWS", 2)
    assert len(list(lines.rows("a\x1fb\x1ea\x1fb", 2, list))) == 2
    for text in ("a\x1fb\x1e" * 3, "\x1e".join("abc"), Pieces(["a\x1fb"] * 3)):
        with pytest.raises(row_list.TooManyRows, match="more than 2 rows"):
            list(lines.rows(text, 2, list))
    with pytest.raises(ProbeError) as refused, typed("a list"):
        list(lines.rows("a\x1fb\x1e" * 3, 2, list))
    assert refused.value.code == "too-large"


def test_nothing_is_made_of_separators_alone() -> None:
    """A hostile row of millions of fields, or millions of empty rows, take nothing."""
    tracemalloc.start()
    try:
        assert list(lines.rows("\x1e" * 4_000_000, 2, list)) == []
        assert list(lines.rows("\x1f" * 4_000_000, 2, list)) == []
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
