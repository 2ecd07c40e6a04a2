"""An ejabberd that runs outside its unit, which systemd starts again and again beside it."""

from __future__ import annotations

import pytest

from ejtui.lab.faults.node import RUNS, second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl
from tests.lab.systemd import units

CODE = "outside-unit"

_INSTEAD = """
systemctl stop "$1"
ejabberdctl start
ejabberdctl started
"""

_BESIDE = """
systemctl start --no-block "$1"
until [ "$(systemctl show -P SubState "$1")" = auto-restart ]; do sleep 0.1; done
"""

_SHORT = """
mkdir -p "/run/systemd/system/$1.d"
printf "[Service]\nTimeoutStopSec=20\nRestart=no\n" >"/run/systemd/system/$1.d/short.conf"
systemctl daemon-reload
"""


def test_it_is_named_and_moved_into_the_unit_after_a_question(systemd_lab: Lab) -> None:
    lab, ejtui = systemd_lab, Ejtui(systemd_lab)
    before = ctl(lab, "second", "registered_users", "chat.example")
    lab.run("second", ["sh", "-euc", _INSTEAD, "sh", units.EJABBERD], timeout=120)
    status, answer = ejtui.json("check")
    [finding] = answer["findings"]
    assert (status, finding["code"], finding["node"]) == (1, CODE, "second"), answer
    assert "is inactive" in finding["title"]

    lab.run("second", ["sh", "-euc", _BESIDE, "sh", units.EJABBERD], timeout=120)
    outside = second(lab).pid()
    status, answer = ejtui.json("check")
    [finding] = answer["findings"]
    assert (status, finding["code"], finding["node"]) == (1, CODE, "second"), answer
    assert units.EJABBERD in str(finding["evidence"])

    # Nobody can answer: nothing is done.
    status, answer = ejtui.json("repair", CODE)
    assert status == 1, answer
    assert second(lab).pid() == outside

    status, answer = ejtui.json("repair", CODE, "--yes")
    assert (status, answer["findings"]) == (0, []), answer
    second(lab).until(RUNS)
    assert units.settled(lab, "second") == "active"
    assert units.vm_pids(lab, "second") == units.processes(lab, "second")
    assert second(lab).pid() != outside
    assert ctl(lab, "second", "registered_users", "chat.example") == before


@pytest.mark.catalogue
def test_a_vm_that_systemd_is_about_to_kill_is_restarted(fresh_systemd_lab: Lab) -> None:
    """`ejabberdctl join_cluster` by hand: ejabberd stops and starts within its VM."""
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    units.joined_by_ejabberdctl(lab)
    status, answer = ejtui.json("check")
    [finding] = answer["findings"]
    assert (status, finding["code"], finding["node"]) == (1, "unit-stopping", "second"), answer
    status, answer = ejtui.json("repair", "unit-stopping", "--yes")
    assert (status, answer["findings"]) == (0, []), answer
    units.well_kept(lab, "second")


@pytest.mark.catalogue
def test_systemd_kills_what_has_started_again_in_its_vm(fresh_systemd_lab: Lab) -> None:
    """The finding is right; here with a shorter time limit."""
    lab = fresh_systemd_lab
    second(lab).script(_SHORT, units.EJABBERD)
    before = second(lab).pid()
    units.joined_by_ejabberdctl(lab)
    assert second(lab).pid() == before
    second(lab).gone(before)
    second(lab).wait('[ "$(systemctl show -P Result "$1")" = timeout ]', units.EJABBERD)
