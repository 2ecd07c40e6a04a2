"""Every fault on hosts with systemd: repaired, and ejabberd is its unit's again on both."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ejtui.lab import faults
from ejtui.lab.faults.node import second
from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.repair_table import cells, row
from tests.lab.systemd import units
from tests.tables import row_of, table

ROW = row_of(__name__)
"""Under this name a test's report has its row's cells."""

HEAD = (
    "code", "made", "named first", "repaired", "check after", "first's 25 on first", "on second",
    "second's own", "took", "units after", "units restarted",
)  # fmt: skip


@pytest.mark.catalogue
@pytest.mark.parametrize("code", faults.FAULTS)
def test_made_named_repaired_and_left_to_its_unit(
    fresh_systemd_lab: Lab, record_property: Callable[[str, object], None], code: str
) -> None:
    lab = fresh_systemd_lab
    if faults.FAULTS[code].needs_joined:
        units.joined_by_ejabberdctl(lab)
        second(lab).restart()
    seen = row(lab, code)
    kept, restarted = "", ""
    try:
        if seen.well and seen.checked:
            kept = "; ".join(unit_of(lab, host) for host in HOSTS)
            for host in HOSTS:
                units.restart(lab, host)
                units.well_kept(lab, host)
            status, answer = Ejtui(lab).json("check")
            restarted = f"exit {status}"
            assert (status, answer["findings"]) == (0, []), answer["findings"]
    finally:
        record_property(ROW, (*cells(seen), kept, restarted))
    assert seen.well, seen.trouble


def unit_of(lab: Lab, host: str) -> str:
    """The unit's state, which must be what an operator expects of it."""
    units.well_kept(lab, host)
    shown = units.show(lab, host, "ActiveState", "SubState")
    return f"{host} {shown['ActiveState']} ({shown['SubState']}), one VM"


def markdown(rows: list[tuple[str, ...]]) -> str:
    """The whole table, from the rows' cells in any order."""
    order = list(faults.FAULTS)
    return table(HEAD, sorted(rows, key=lambda each: order.index(each[0])))
