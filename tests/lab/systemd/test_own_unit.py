"""An operator's own unit starts ejabberd; the package's is there, and disabled."""

from __future__ import annotations

import pytest

from ejtui.lab.faults.node import RUNS, second
from ejtui.lab.lab import Lab
from ejtui.lab.people import DOMAIN, GUEST
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl
from tests.lab.systemd import units
from tests.lab.systemd.test_hosts import THEIRS

OWN = "chat.service"

_SET = """
systemctl disable --now ejabberd
cat >"/etc/systemd/system/$1"
systemctl daemon-reload
systemctl enable --now "$1"
"""
_UNIT = """[Unit]
Description=Our chat
Requires=epmd.service
After=epmd.service network.target
[Service]
Type=notify
NotifyAccess=all
User=ejabberd
Group=ejabberd
ExecStart=/usr/bin/nice -n 1 /usr/sbin/ejabberdctl foreground
ExecStop=/bin/sh -c '/usr/sbin/ejabberdctl stop && /usr/sbin/ejabberdctl stopped'
Restart=on-failure
RestartSec=5
TimeoutSec=300
[Install]
WantedBy=multi-user.target
"""


def well_kept(lab: Lab) -> None:
    """ejabberd is the own unit's, alone, and the package's has not been touched."""
    assert units.settled(lab, "second", OWN) == "active"
    assert units.enabled(lab, "second", OWN) == "enabled"
    assert units.vm_pids(lab, "second") == units.processes(lab, "second", unit=OWN)
    assert units.active(lab, "second") == "inactive"
    assert units.enabled(lab, "second") == "disabled"


@pytest.mark.catalogue
def test_a_join_and_a_rollback_keep_to_it(fresh_systemd_lab: Lab) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    backups = "[Service]\nType=oneshot\nExecStart=/usr/sbin/ejabberdctl backup /tmp/x\n"
    backups += "[Install]\nWantedBy=multi-user.target\n"
    path = "/etc/systemd/system/chat-backup.service"
    lab.run("second", ["tee", path], stdin=backups.encode())
    lab.run("second", ["systemctl", "enable", "chat-backup"])
    lab.run("second", ["sh", "-euc", _SET, "sh", OWN], stdin=_UNIT.encode(), timeout=120)
    second(lab).until(RUNS)
    well_kept(lab)
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer

    status, answer = ejtui.json("join", "--yes")
    assert status == 0, answer
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer
    well_kept(lab)
    assert ctl(lab, "second", "registered_users", DOMAIN) == THEIRS

    ran = ejtui("rollback", "--yes")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    second(lab).until(RUNS)
    well_kept(lab)
    assert ctl(lab, "second", "registered_users", DOMAIN) == [GUEST]
