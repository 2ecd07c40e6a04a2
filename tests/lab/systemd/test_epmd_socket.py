"""epmd by socket activation that listens on loopback alone: named, repaired by a drop-in."""

from __future__ import annotations

import pytest

from ejtui.lab.faults.node import second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.test_fixed_files import READ_ONLY, fixed
from tests.lab.systemd import units

DROPINS = "/etc/systemd/system/epmd.socket.d"
OURS = f"{DROPINS}/zz-ejtui.conf"
LOOPBACK = "[Socket]\nListenStream=\nListenStream=127.0.0.1:4369\n"

_SET = """
mkdir -p "$1"
cat >"$1/$2"
systemctl stop ejabberd epmd.service epmd.socket
systemctl daemon-reload
systemctl start ejabberd
"""


def listen_on_loopback(lab: Lab, dropin: str) -> None:
    lab.run("second", ["sh", "-euc", _SET, "sh", DROPINS, dropin], stdin=LOOPBACK.encode())


def unharmed(lab: Lab) -> None:
    """systemd is, ejabberd and epmd are their units', and there is one VM."""
    assert units.settled(lab, "second") == "active"
    assert units.active(lab, "second", "epmd.socket") == "active"
    assert units.vm_pids(lab, "second") == units.processes(lab, "second")
    assert units.processes(lab, "second", "epmd", "epmd.service")


def test_a_socket_unit_on_loopback_is_repaired_by_a_dropin(systemd_lab: Lab) -> None:
    lab, ejtui = systemd_lab, Ejtui(systemd_lab)
    listen_on_loopback(lab, "override.conf")
    status, answer = ejtui.json("check")
    [finding] = answer["findings"]
    assert (status, finding["code"], finding["node"]) == (1, "epmd-socket", "second"), answer
    assert "epmd.socket" in str(finding["evidence"])
    assert "127.0.0.1:4369" in str(finding["evidence"])

    listen_on_loopback(lab, "zzz-last.conf")
    status, answer = ejtui.json("repair", "epmd-socket", "--yes")
    assert status == 1, answer
    assert "127.0.0.1:4369" in answer["error"]["message"]
    assert "does not start again" not in answer["error"]["message"]
    unharmed(lab)
    assert OURS not in ejtui.inside("second", "find", DROPINS)

    lab.run("second", ["rm", f"{DROPINS}/zzz-last.conf"])
    running = second(lab).pid()
    for path, how in ((DROPINS, READ_ONLY), ("/etc", READ_ONLY)):
        with fixed(lab, path, how):
            status, answer = ejtui.json("repair", "epmd-socket", "--yes")
            text = answer["error"]["message"]
            assert (status, f"{path} " in text, how[2] in text) == (1, True, True), text
            assert f"{how[3]} {path}" in text, text
            assert second(lab).pid() == running, "nothing was stopped for it"
    status, answer = ejtui.json("repair", "epmd-socket", "--yes")
    assert (status, answer["findings"]) == (0, []), answer
    assert OURS in str(answer["repair"]["commands"])
    assert "kill" not in str(answer["repair"]["commands"])
    unharmed(lab)
    assert OURS in ejtui.inside("second", "find", DROPINS)


@pytest.mark.catalogue
def test_an_epmd_of_systemds_that_answers_no_more_is_replaced(systemd_lab: Lab) -> None:
    lab, ejtui = systemd_lab, Ejtui(systemd_lab)
    [epmd] = units.processes(lab, "second", "epmd", "epmd.service")
    lab.run("second", ["kill", "-STOP", epmd])
    status, answer = ejtui.json("check")
    assert (status, answer["findings"][0]["code"]) == (1, "epmd-silent"), answer
    status, answer = ejtui.json("repair", "epmd-silent", "--yes")
    assert (status, answer["findings"]) == (0, []), answer
    assert "systemctl stop" in str(answer["repair"]["commands"])
    unharmed(lab)
    assert units.processes(lab, "second", "epmd", "epmd.service") != [epmd]
