"""Join, repair and rollback interrupted at moments of chance: nothing is lost, all comes to an end.

`pytest -m interruptions --points 50 --seed 1 --hosts systemd`: so many points of each kind, by
that seed, on hosts that boot a systemd; `--hosts lab`: on those of the lab.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from ejtui.lab.lab import Lab
from tests.lab.interruptions import strikes, table
from tests.lab.interruptions.rounds import Round, kinds_of

PER_ROUND = 4
COMMONEST = ("ejtui", "power")
"""Of every run. The others have tests that aim at them: a cut link, a first that is killed, a full
disk, a supervisor, an erl."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    points = metafunc.config.getoption("points") or 1
    metafunc.parametrize("number", range(-(-points // PER_ROUND)))


@pytest.fixture
def hosts(request: pytest.FixtureRequest) -> Lab:
    """Two hosts of the form that `--hosts` names, with two nodes that are not joined."""
    form = request.config.getoption("hosts")
    lab = request.getfixturevalue("fresh_systemd_lab" if form == "systemd" else "fresh_lab")
    assert isinstance(lab, Lab)
    return lab


@pytest.mark.interruptions
@pytest.mark.timeout(3600)
def test_a_round(
    hosts: Lab,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
    number: int,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    seed, points = request.config.getoption("seed"), request.config.getoption("points")
    chance = random.Random(f"{seed} {number}")  # noqa: S311 - to be made again by its seed
    form = request.config.getoption("hosts")
    print(f"round {number} of --points {points} --seed {seed} --hosts {form}")
    named = request.config.getoption("kinds")
    only = named.split(",") if named else strikes.KINDS if points else COMMONEST
    chosen = [each for each in strikes.kinds(hosts) if each in only]
    kinds = kinds_of(number, points or 1, PER_ROUND, chosen, chance)
    run = Round(hosts, kinds, chance, say=lambda line: print(line, flush=True))
    try:
        run()
    finally:
        for point in run.told():
            record_property(table.POINT, point)
        record_property(table.HELP, dict(run.helped))
