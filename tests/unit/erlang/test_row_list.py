"""Long lists that stay text."""

from __future__ import annotations

import tracemalloc

import pytest

from ejtui.cluster.operations import accounts
from ejtui.erlang.probe import row_list
from ejtui.erlang.probe.pieces import Pieces
from ejtui.erlang.probe.questions import typed
from ejtui.erlang.probe.row_list import RowList

MANY = 30_000
ODD = [("é", "a"), ("a-b", "x"), ("a", "x"), ("\U0001f600", "x"), ("\udcff", "x"), ("A", "x")]


def test_it_is_a_list() -> None:
    rows = RowList.of(ODD, tuple)
    assert rows == ODD
    assert [*rows] == ODD
    assert (rows[0], rows[-1]) == (ODD[0], ODD[-1])
    assert rows[1:3] == ODD[1:3]
    assert (len(rows), bool(rows), ("a", "x") in rows, ("b", "x") in rows) == (6, True, True, False)
    assert rows.where(lambda each: each[1] == "a") == [ODD[0]]
    assert rows.viewed("@".join)[1] == "a-b@x"
    assert rows != ODD[:-1]
    assert not RowList.of((), tuple)


@pytest.mark.parametrize("together", [1, 2, 50_000])
@pytest.mark.parametrize("wanted", [ODD, ODD * 3, [("a", "x")] * 20, []])
def test_it_is_sorted_in_parts(
    monkeypatch: pytest.MonkeyPatch, together: int, wanted: list[tuple[str, str]]
) -> None:
    monkeypatch.setattr(row_list, "_SORTED_TOGETHER", together)
    seen = RowList.of(wanted, "@".join).in_order(b"@")
    assert seen == sorted(map("@".join, wanted), key=accounts._key)


def test_names_are_compared_whatever_holds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    some, other = ODD[:4], ODD[2:]
    for listed in (0, 100):
        monkeypatch.setattr(accounts, "LISTED", listed)
        one, two = accounts.names(some), accounts.names(RowList.of(other, typed.pair))
        assert {*accounts.without(one, two)} == {"é@a", "a-b@x"}
        assert {*accounts.within(one, two)} == {"a@x", "\U0001f600@x"}
        assert [*accounts.parse(one)] == [*map(tuple, (n.split("@") for n in one))]
        assert accounts.without(("b@x", "a@x", "b@x"), two) == ("b@x",)


def test_a_row_of_other_fields_is_passed_over() -> None:
    assert typed.accounts("ann\x1fx\x1ealone\x1e\x1eben\x1fx\x1fmore\x1eeve\x1fy") == [
        ("ann", "x"), ("eve", "y")
    ]  # fmt: skip


def test_names_of_many_take_little_more_than_their_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """As so many objects they would take ten times as much."""
    monkeypatch.setattr(row_list, "_SORTED_TOGETHER", 1000)
    order = [each * 7919 % MANY for each in range(MANY)]
    tracemalloc.start()
    try:
        said = Pieces(
            "\x1e".join(f"person{each}\x1fchat.example" for each in order[at : at + 20_000])
            for at in range(0, MANY, 20_000)
        )
        held, text = tracemalloc.get_traced_memory()[0], len(said.data)
        tracemalloc.reset_peak()
        names = accounts.names(typed.accounts(said))
        mine = tracemalloc.get_traced_memory()[1] - held
    finally:
        tracemalloc.stop()
    assert len(names) == MANY
    assert names[:2] == ["person0@chat.example", "person10000@chat.example"]
    assert mine < 3 * text
