"""An ejabberd that runs outside its unit, which systemd starts again and again beside it."""

from __future__ import annotations

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
