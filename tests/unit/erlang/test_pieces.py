"""Lists that are longer than one answer may be."""

from __future__ import annotations

from typing import Any

import pytest

from ejtui.erlang.probe import lines, pieces
from ejtui.erlang.probe.pieces import Pieces, TooMany, whole
from ejtui.erlang.terms.etf import Atom

ROWS = {(7, 0): "ann\x1fa\x1ebob\x1fa", (7, 1): "eve\x1fb"}


async def take(text: int, number: int) -> Any:
    return ROWS[text, number]


async def test_rows_of_pieces_are_those_of_the_whole() -> None:
    said = await whole({"accounts": (Atom("pieces"), 7, 2), "doubts": ["x"]}, take)
    assert said == {"accounts": Pieces(ROWS.values()), "doubts": ["x"]}
    wanted = [["ann", "a"], ["bob", "a"], ["eve", "b"]]
    assert list(lines.rows(said["accounts"], 2)) == wanted
    assert list(lines.rows("\x1e".join(ROWS.values()), 2)) == wanted
    assert list(lines.rows("", 2)) == []


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
