"""What the interruptions are made of: so many of each kind, and one row each in the table."""

from __future__ import annotations

import random
from collections import Counter
from types import SimpleNamespace
from typing import cast

from ejtui.lab.forms.namespaces import Namespaces
from ejtui.lab.lab import Lab
from ejtui.lab.place import Place
from tests.lab.interruptions import strikes, table
from tests.lab.interruptions.rounds import kinds_of
from tests.lab.systemd.booted import Booted


def test_all_rounds_together_have_the_points_of_each_kind() -> None:
    chance = random.Random(1)  # noqa: S311
    rounds = [kinds_of(number, 6, 4, strikes.KINDS, chance) for number in range(2)]
    assert [len(each) for each in rounds] == [28, 14]
    assert Counter(kind for each in rounds for kind in each) == dict.fromkeys(strikes.KINDS, 6)


def test_only_hosts_that_boot_lose_their_power() -> None:
    place = Place()
    labs = [SimpleNamespace(form=form) for form in (Namespaces(place), Booted(place, {}))]
    plain, booted = (strikes.kinds(cast(Lab, lab)) for lab in labs)
    assert booted == strikes.KINDS
    assert set(booted) - set(plain) == {"power"}


def test_the_table_has_a_row_for_each_kind_that_fell() -> None:
    point = {
        "kind": "power", "act": "join", "ended": "stopped with a reason", "came_to": "joined",
    }  # fmt: skip
    told: list[tuple[str, object]] = [(table.POINT, point), (table.POINT, {**point, "came_to": ""})]
    lines = table.markdown(told, 7).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:4]] == ["| second's power lost", "| all"]
    assert lines[2].endswith("| 1 | 0 | 1 |")
    assert "--seed 7" in lines[-1]
    assert table.markdown([], 7) == ""
