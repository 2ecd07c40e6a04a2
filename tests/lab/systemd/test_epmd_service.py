"""epmd as a service without a socket: started again, and let listen on every address."""

from __future__ import annotations

import pytest

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.systemd import units

EPMD = "epmd.service"

_SET = """
systemctl stop ejabberd epmd.service epmd.socket
systemctl mask epmd.socket
cat >/etc/systemd/system/epmd.service
systemctl daemon-reload
systemctl enable epmd.service
systemctl start ejabberd
"""
_UNIT = """[Unit]
Description=epmd, without a socket
[Service]
User=epmd
{environment}
ExecStart=/usr/bin/epmd
[Install]
WantedBy=multi-user.target
"""


def without_socket(lab: Lab, environment: str = "") -> None:
    text = _UNIT.format(environment=environment).encode()
    lab.run("second", ["sh", "-euc", _SET], stdin=text, timeout=120)
    assert units.settled(lab, "second") == "active"


def well_kept(lab: Lab) -> None:
    """ejabberd and epmd are their units', each alone."""
    assert units.settled(lab, "second") == "active"
    assert units.vm_pids(lab, "second") == units.processes(lab, "second")
    [epmd] = units.processes(lab, "second", "epmd", EPMD)
    seen = lab.run("second", ["pidof", "epmd"]).stdout.decode().split()
    assert seen == [epmd]


@pytest.mark.catalogue
def test_one_that_was_stopped_is_started_in_its_unit(fresh_systemd_lab: Lab) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    without_socket(lab)
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer
    stop = ["systemctl", "stop", "--job-mode=ignore-dependencies", EPMD]
    lab.run("second", stop)
    status, answer = ejtui.json("check")
    assert (status, answer["findings"][0]["code"]) == (1, "epmd-down"), answer
    status, answer = ejtui.json("repair", "epmd-down", "--yes")
    assert (status, answer["findings"]) == (0, []), answer
    well_kept(lab)


@pytest.mark.catalogue
def test_one_that_listens_on_loopback_alone_gets_a_dropin(fresh_systemd_lab: Lab) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    without_socket(lab, "Environment=ERL_EPMD_ADDRESS=127.0.0.1")
    status, answer = ejtui.json("check")
    assert (status, answer["findings"][0]["code"]) == (1, "epmd-unreachable"), answer
    status, answer = ejtui.json("repair", "epmd-unreachable", "--yes")
    assert (status, answer["findings"]) == (0, []), answer
    assert "/etc/systemd/system/epmd.service.d/zz-ejtui.conf" in str(answer["repair"])
    well_kept(lab)
    units.restart(lab, "second")
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer
