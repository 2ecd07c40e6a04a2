"""A pair of every release of Debian, and one of two releases: real hosts, real nodes each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import state_of
from tests.lab.releases import roots
from tests.lab.releases.hosts import hosts
from tests.lab.releases.matrix import HEAD, LIFE, ROW, SCENARIOS, versions
from tests.skipping import skip_for

Record = Callable[[str, object], None]

pytestmark = pytest.mark.releases


@pytest.fixture(autouse=True)
def _needs() -> None:
    skip_for(roots.why_not())


class Row:
    """A row of the table: the seconds that each scenario took."""

    def __init__(self, pair: str, lab: Lab, up: float) -> None:
        self.cells = [pair, *versions(lab), f"{up:.0f} s"]
        self._lap = time.monotonic()
        self._began = self._lap - up

    def took(self, how: str = "") -> None:
        """A scenario has come out."""
        before, self._lap = self._lap, time.monotonic()
        self.cells.append(f"{how}{self._lap - before:.0f} s")

    def left_out(self) -> None:
        """A scenario is not of this run."""
        self.cells.append("")

    def whole(self) -> list[str]:
        """The cells, with the sum, or with what went wrong."""
        missing = len(HEAD) - 1 - len(self.cells)
        rest = ["failed", *[""] * (missing - 1)] if missing else []
        return [*self.cells, *rest, f"{time.monotonic() - self._began:.0f} s"]


@contextmanager
def rowed(directory: Path, record: Record, first: str, second: str) -> Iterator[tuple[Lab, Row]]:
    """A lab of two releases, and the row that is recorded at the end."""
    for suite in (first, second):
        roots.root(suite)
    began = time.monotonic()
    with hosts(directory, first, second) as lab:
        up = time.monotonic() - began
        row = Row(first if first == second else f"{first} + {second}", lab, up)
        try:
            yield lab, row
        finally:
            record(ROW, row.whole())


# The newest is of every run, with the operator at its shell; bookworm is what all other tests run
# on, and the oldest is asked below, before it is refused.
_EVERY_RUN = {"sid": tuple(LIFE)}


@pytest.mark.parametrize(
    ("suite", "scenarios"),
    [
        *(pytest.param(each, names, id=each) for each, names in _EVERY_RUN.items()),
        *(
            pytest.param(each, tuple(SCENARIOS), id=f"{each}-whole", marks=pytest.mark.catalogue)
            for each in roots.SUITES
        ),
    ],
)
async def test_a_pair_of_one_release(
    tmp_path: Path, record_property: Record, suite: str, scenarios: tuple[str, ...]
) -> None:
    with rowed(tmp_path, record_property, suite, suite) as (lab, row):
        for name, scenario in SCENARIOS.items():
            if name in scenarios:
                await scenario(lab)
                row.took()
            else:
                row.left_out()


@pytest.mark.catalogue
@pytest.mark.parametrize(
    ("first", "second", "code", "why"),
    [
        (
            *("bookworm", "trixie", "version-differs"),
            "Tables of one release are unknown to the other",
        ),
        ("bullseye", "sid", "otp-distance", "over at most two major releases"),
    ],
)
def test_two_releases_are_refused_and_nothing_changes(
    tmp_path: Path, record_property: Record, first: str, second: str, code: str, why: str
) -> None:
    with rowed(tmp_path, record_property, first, second) as (lab, row):
        before = [state_of(lab, host) for host in HOSTS]
        status, answer = Ejtui(lab).json("join", "--yes")
        assert status == 1, answer
        found = {each["code"]: each for each in answer["findings"]}
        assert next(iter(found)) == code, answer
        assert why in found[code]["explanation"]
        assert [state_of(lab, host) for host in HOSTS] == before
        row.took(f"refused: {code}, ")
        row.cells += [""] * (len(HEAD) - 1 - len(row.cells))
