"""A short run of the fuzz, always the same, on what takes no host and no terminal."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fuzz.__main__ import generator, run
from tests.fuzz.inputs import mutated
from tests.fuzz.screens import Screen
from tests.fuzz.target import Target
from tests.fuzz.values import Answers, Configuration, Ejabberdctl, JsonOut

SEED = 20
FOREVER = 3600.0


@pytest.mark.parametrize(
    ("make", "count"),
    [(Configuration, 150), (Answers, 300), (Ejabberdctl, 300), (Screen, 60), (JsonOut, 8)],
)
async def test_nothing_from_elsewhere_breaks_it(make: Callable[[], Target], count: int) -> None:
    outcome = await run(make(), SEED, FOREVER, None, count)
    assert not outcome.broken
    assert outcome.inputs >= count


class Fragile(Configuration):
    """What breaks at one byte."""

    async def put(self, data: bytes) -> int:
        if b"\xff" in data:
            raise ValueError("a byte too much")
        return 1


async def test_what_breaks_is_told_with_the_way_to_make_it_again() -> None:
    outcome = await run(Fragile(), SEED, FOREVER, None, 10_000)
    assert "a byte too much" in outcome.broken
    assert f"--target 'configuration' --seed {SEED} --only " in outcome.broken
    number = int(outcome.broken.rpartition(" ")[2])
    again = await run(Fragile(), SEED, FOREVER, number, 10_000)
    assert again.broken.rpartition("input: ")[2] == outcome.broken.rpartition("input: ")[2]


def test_the_same_seed_draws_the_same() -> None:
    one, other = generator(1, "x", 2), generator(1, "x", 2)
    assert mutated(one, b"some data" * 20) == mutated(other, b"some data" * 20)
