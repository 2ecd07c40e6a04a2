"""A repair killed in its middle leaves nothing lost, and the same command again completes it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ejtui import paths
from ejtui.config import load
from ejtui.lab import faults
from ejtui.lab.lab import Lab
from ejtui.lab.people import DOMAIN, GUEST
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl
from tests.lab.cluster.repair_table import THEIRS, kept
from tests.patience import SECONDS

MOMENTS = [
    # second has no database any more, and the join has not started
    ("schema-split", "own database moved into"),
    # the erl of the join runs, its schema still in memory
    ("schema-split", '"started", "step": "sync"'),
    # second has its master, and does not run
    ("partitioned", "second: ended by"),
    # it loads from its master, which it keeps
    ("partitioned", "starting ejabberd on second"),
    # second is down under its old name
    ("name-style", "second: ended by"),
    # its configuration has the new name, under which it never ran
    ("name-style", "ERLANG_NODE="),
]


@pytest.mark.catalogue
@pytest.mark.parametrize(("code", "moment"), MOMENTS)
def test_killed_and_run_again(
    fresh_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, moment: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    faults.make(code, lab=fresh_lab)
    ejtui = Ejtui(fresh_lab)
    _killed(ejtui, code, moment)
    status, answer = ejtui.json("repair", code, "--yes")
    assert status == 0, answer
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, [])
    first = set(ctl(fresh_lab, "first", "registered_users", DOMAIN))
    second = set(ctl(fresh_lab, "second", "registered_users", DOMAIN))
    assert first >= THEIRS
    if code == "name-style":
        assert second == {GUEST}
        return
    assert second == first
    assert kept(fresh_lab, "while_apart_on_second" if code == "partitioned" else GUEST)


def _killed(ejtui: Ejtui, code: str, moment: str) -> None:
    """Run the repair, and kill it as soon as the journal holds these words."""
    journal = paths.journal_file(load(ejtui.lab.config_path).pair)
    repair = ejtui.start("repair", code, "--yes")
    try:
        end = time.monotonic() + SECONDS
        while not (journal.exists() and moment in journal.read_text()):
            assert repair.poll() is None, repair.communicate()
            assert time.monotonic() < end, f"it did not come to {moment!r}"
            time.sleep(0.01)
    finally:
        repair.kill()
        repair.communicate()
