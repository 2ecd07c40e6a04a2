"""The states of ejabberd's unit: each is named where ejabberd does not run, with the journal."""

from __future__ import annotations

from typing import Any

import pytest

from ejtui.lab.faults.node import first, second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import joined
from tests.lab.systemd import units

DROPIN = "/run/systemd/system/ejabberd.service.d/state.conf"

_FAILS = """
systemctl stop ejabberd
mkdir -p "${1%/*}"
cat >"$1" <<END
[Service]
Restart=$2
RestartSec=90
ExecStartPre=/bin/sh -c "echo no such volume; exit 9"
END
systemctl daemon-reload
journald=$(systemctl show -p MainPID --value systemd-journald)
kill -STOP "$journald"
systemctl start ejabberd || true
kill -CONT "$journald"
"""
# The journal reads what a process printed when that one is gone, as on a busy host: it knows its
# unit then, and no longer its start.
_PRINTED = '[ "$(journalctl -u ejabberd.service | grep -c "no such volume")" -ge "$1" ]'
_WELL = """
rm -f "$1"
systemctl daemon-reload
systemctl reset-failed ejabberd || true
systemctl restart ejabberd
"""


def named(ejtui: Ejtui) -> tuple[dict[str, Any], str]:
    """The one finding, and its evidence."""
    _, answer = ejtui.json("check")
    [finding] = answer["findings"]
    return finding, "\n".join(finding["evidence"])


def test_a_unit_that_failed_waits_to_start_again_or_is_masked(systemd_lab: Lab) -> None:
    lab, ejtui = systemd_lab, Ejtui(systemd_lab)
    node = second(lab)
    node.script(_FAILS, DROPIN, "no")
    assert units.settled(lab, "second") == "failed"
    node.wait(_PRINTED, "1")
    finding, evidence = named(ejtui)
    assert (finding["code"], finding["node"]) == ("not-connected", "second"), finding
    assert f"{units.EJABBERD} failed (exit-code)" in evidence
    assert f"journalctl -u {units.EJABBERD}: no such volume" in evidence

    node.script(_FAILS, DROPIN, "on-failure")
    node.wait(_PRINTED, "2")
    finding, evidence = named(ejtui)
    assert finding["code"] == "not-connected", finding
    assert "starts it again and again" in evidence
    assert "no such volume" in evidence

    node.script(_WELL, DROPIN)
    node.script('systemctl stop "$1"; systemctl mask --runtime "$1"', units.EJABBERD)
    finding, evidence = named(ejtui)
    assert finding["code"] == "not-connected", finding
    assert f"{units.EJABBERD} is masked" in evidence
    assert f"systemctl unmask {units.EJABBERD}" in finding["repair"]
    status, answer = ejtui.json("repair", "not-connected", "--node", "second", "--yes")
    assert (status, units.enabled(lab, "second")) == (1, "masked-runtime"), answer
    assert "masked" in answer["error"]["message"]
    node.script('systemctl unmask --runtime "$1"; systemctl start "$1"', units.EJABBERD)


@pytest.mark.catalogue
async def test_a_unit_that_waits_for_tables(fresh_systemd_lab: Lab) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    await joined(lab)
    for host in ("second", "first"):
        lab.run(host, ["systemctl", "stop", units.EJABBERD], timeout=120)
    second(lab).begin()
    second(lab).wait('[ "$(systemctl show -P SubState "$1")" = start ]', units.EJABBERD)
    second(lab).until("mnesia:system_info(is_running) =/= no")
    _, answer = ejtui.json("check")
    found = {each["code"]: "\n".join(each["evidence"]) for each in answer["findings"]}
    assert f"{units.EJABBERD} is activating (start)" in found["tables-waiting"], found
    assert "longer than 5min" in found["tables-waiting"]
    status, answer = ejtui.json("repair", "tables-waiting", "--yes")
    assert (status, answer["findings"]) == (0, []), answer
    assert first(lab).pid()
    assert units.settled(lab, "second") == "active"
