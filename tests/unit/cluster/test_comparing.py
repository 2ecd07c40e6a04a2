"""What a repair shows of both sides before one of them is given up: nothing is invented."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.operations import accounts
from ejtui.cluster.repairs.tools import comparing
from ejtui.cluster.repairs.tools.comparing import Sides
from ejtui.erlang.probe.questions import Content

MANY = tuple(f"user{n}@chat.example" for n in range(26))
GUEST = ("guest@chat.example",)


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (MANY, GUEST, ("first's 26 accounts stay, 26 of them on first alone",
                       "second has 1 account, 1 of them on second alone: guest@chat.example")),
        (MANY, None, ("first's 26 accounts stay",
                      "second's accounts could not be read now; its database is kept whole")),
        (None, GUEST, ("first's accounts stay; they could not be read now",
                       "second has 1 account; which of them first has, too, is not known")),
        (None, None, ("first's accounts stay; they could not be read now",
                      "second's accounts could not be read now; its database is kept whole")),
    ],
    ids=["both", "second not read", "first not read", "neither"],
)  # fmt: skip
def test_what_was_not_read_is_in_no_number(
    first: tuple[str, ...] | None, second: tuple[str, ...] | None, shown: tuple[str, str]
) -> None:
    assert Sides(first, second, (), ()).lines() == shown


def test_first_may_be_the_one_that_gives_up() -> None:
    lines = Sides(MANY, None, (), (), loser="first").lines()
    assert lines[0] == "second's accounts stay; they could not be read now"
    assert lines[1] == "first has 26 accounts; which of them second has, too, is not known"


def test_what_second_alone_had_is_not_nothing_where_it_was_not_read() -> None:
    assert Sides(MANY, None, (), ()).on_second_alone == "accounts that could not be read"
    assert Sides(MANY, MANY, (), ()).on_second_alone == "no accounts"
    assert Sides(None, GUEST, (), ()).on_second_alone.startswith("guest@chat.example (first")


async def test_what_each_side_alone_has_is_compared_beside_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads = set()

    def without(wanted: Sequence[str], known: Sequence[str]) -> Sequence[str]:
        threads.add(threading.current_thread())
        return tuple(name for name in wanted if name not in known)

    async def read(*_: object) -> Content:
        return Content((("guest", "chat.example"),))

    async def changed(_: object) -> tuple[str, ...]:
        return ()

    monkeypatch.setattr(accounts, "without", without)
    monkeypatch.setattr(comparing, "_content", read)
    monkeypatch.setattr(comparing, "_changed", changed)
    context: Any = SimpleNamespace(pair=SimpleNamespace(first=1, second=2), on_first=False)
    sides = await comparing.on_disc(context, "/one", "/two")
    assert sides.lines()[1] == "first has 1 account, 0 of them on first alone: none"
    assert sides.on_second_alone == "no accounts"
    assert threads
    assert threading.current_thread() not in threads


async def test_however_many_one_side_alone_has_they_are_listed_in_a_file() -> None:
    many = tuple(f"user{n:06}@chat.example" for n in range(accounts.LISTED + 1))
    sides = Sides((), many, (), ()).compare()
    kept = json.loads(await comparing.listing("second", sides.only_second))
    assert kept == {"only_second": list(many)}
