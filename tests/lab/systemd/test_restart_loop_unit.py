"""A unit that restarts ejabberd, and ejabberd's own unit that starts again and again, in a join."""

from __future__ import annotations

import pytest

from ejtui.cluster.run.events import Event, StepEnded, StepReport
from ejtui.lab.faults.node import second
from ejtui.lab.lab import Lab
from ejtui.lab.people import GUEST
from tests.lab.cluster.engine import ctl, engine
from tests.lab.systemd import units

KEEPER = "keeper.service"

# Code 3 is ejabberdctl's for a node that does not run.
_LOOP = """
while sleep 1; do
    ejabberdctl status >/dev/null 2>&1
    [ $? != 3 ] || ejabberdctl start
done
"""
_BEGIN = [
    "systemd-run", "--quiet", f"--unit={KEEPER}", "--collect", "--property=KillMode=process",
    "sh", "-c", _LOOP,
]  # fmt: skip

# As a tool that manages configuration does: what must run is unmasked and started, and logged.
_MANAGED = """
while sleep 1; do
    systemctl is-active --quiet ejabberd && continue
    systemctl unmask --runtime ejabberd
    logger -t puppet-agent "Service[ejabberd]/ensure: changed 'stopped' to 'running'"
    systemctl start ejabberd
done
"""
_MANAGE = ["systemd-run", "--quiet", f"--unit={KEEPER}", "--collect", "sh", "-c", _MANAGED]

# Its start fails as long as there is that file, and systemd tries again.
_FAILS = """
to=/etc/systemd/system/ejabberd.service.d
mkdir -p $to
touch /run/fails
printf '[Unit]\\nStartLimitIntervalSec=0\\n[Service]\\nRestart=always\\nRestartSec=1\\n' >$to/x.conf
printf 'ExecStartPre=/bin/sh -c "! test -e /run/fails"\\n' >>$to/x.conf
systemctl daemon-reload
systemctl restart --no-block ejabberd
until [ "$(systemctl show -P SubState ejabberd)" = auto-restart ]; do sleep 0.1; done
"""


@pytest.mark.catalogue
@pytest.mark.parametrize("begin", [_BEGIN, _MANAGE], ids=["ejabberdctl", "systemctl"])
async def test_the_unit_is_named_with_what_stops_it(
    fresh_systemd_lab: Lab, begin: list[str]
) -> None:
    lab = fresh_systemd_lab
    node = second(lab)

    def after_cleandb(event: Event) -> None:
        if isinstance(event, StepEnded) and event.id == "cleandb" and event.state == "done":
            lab.run("second", begin)
            node.until("lists:keymember(ejabberd, 1, application:which_applications(5000))")

    try:
        async with engine(lab) as one:
            one.on_event = after_cleandb
            assert not await one.runner.run_on()
            [finding] = one.last.findings
            assert finding.code == "restart-loop"
            text = "\n".join(finding.evidence)
            assert KEEPER in text, text
            if begin is _MANAGE:
                assert "ejabberd.service runs it, which something unmasks or starts" in text
                assert "changed 'stopped' to 'running'" in text, text
            else:
                assert f"systemctl stop {KEEPER}" in finding.repair
            assert ctl(lab, "second", "registered_users", "chat.example") == [GUEST]
    finally:
        lab.run("second", ["systemctl", "stop", KEEPER], check=False)


@pytest.mark.catalogue
async def test_a_unit_that_starts_again_and_again_is_stopped(fresh_systemd_lab: Lab) -> None:
    lab = fresh_systemd_lab
    lab.run("second", ["sh", "-euc", _FAILS], timeout=60)
    seen: list[str] = []

    def in_the_move(event: Event) -> None:
        if isinstance(event, StepReport) and "own database moved into" in event.line:
            lab.run("second", ["rm", "/run/fails"])
            seen.append(units.active(lab, "second"))

    async with engine(lab) as one:
        one.on_event = in_the_move
        assert await one.runner.run_on(), one.last
        assert seen[0] != "activating"
        assert units.active(lab, "second") == "active"
        await one.roll_back()
    # It did not run before the join.
    lab.run("second", ["systemctl", "start", units.EJABBERD], timeout=60)
    second(lab).until("lists:keymember(ejabberd, 1, application:which_applications(5000))")
    assert ctl(lab, "second", "registered_users", "chat.example") == [GUEST]
