"""systemd starts no ejabberd while a join needs it down, and may again afterwards."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from ejtui.cluster.acts import unit_mask
from ejtui.cluster.run.events import Event, StepReport, StepStarted
from ejtui.lab.faults.node import first
from ejtui.lab.lab import Lab
from ejtui.lab.people import GUEST
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl, engine
from tests.lab.cluster.test_fixed_files import READ_ONLY, fixed
from tests.lab.systemd import units

MASKED = "masked-runtime"

# Whatever ends its VM, systemd starts it again at once: also one that ended in order.
_ALWAYS = """
to=/etc/systemd/system/ejabberd.service.d
mkdir -p $to
printf '[Service]\\nRestart=always\\nRestartSec=1\\n' > $to/always.conf
systemctl daemon-reload
"""


async def test_an_operator_s_own_mask_is_left_alone(systemd_lab: Lab) -> None:
    systemd_lab.run("second", ["systemctl", "mask", "--runtime", units.EJABBERD])
    try:
        async with engine(systemd_lab) as one:
            await unit_mask.mask(one.pair.second)
            await unit_mask.release(one.pair.second)
        assert units.enabled(systemd_lab, "second") == MASKED
    finally:
        systemd_lab.run("second", ["systemctl", "unmask", "--runtime", units.EJABBERD])


async def test_the_next_run_undoes_the_mask_of_one_that_was_killed(systemd_lab: Lab) -> None:
    async with engine(systemd_lab) as one:
        await unit_mask.mask(one.pair.second)
        one.pair.second.undo_at_close = None  # Nobody is there any more who would undo it.
    assert units.enabled(systemd_lab, "second") == MASKED
    async with engine(systemd_lab) as one:
        assert await one.runner.run_on(), one.last
    assert units.enabled(systemd_lab, "second") == "enabled"
    assert units.active(systemd_lab, "second") == "active"


async def test_the_unit_is_masked_while_files_are_moved_and_free_after(
    fresh_systemd_lab: Lab,
) -> None:
    fresh_systemd_lab.run("second", ["sh", "-c", _ALWAYS])
    seen: list[tuple[str, int]] = []

    def in_the_move(event: Event) -> None:
        if isinstance(event, StepReport) and "own database moved into" in event.line:
            start = fresh_systemd_lab.run(
                "second", ["systemctl", "start", units.EJABBERD], check=False
            )
            seen.append((units.enabled(fresh_systemd_lab, "second"), start.returncode))

    async with engine(fresh_systemd_lab) as one:
        one.on_event = in_the_move
        joining = asyncio.create_task(one.runner.run_on("config"))
        assert await joining, one.last
        assert len(seen) == 1
        assert seen[0][0] == MASKED
        assert seen[0][1] != 0
        assert await one.runner.run_on(), one.last
        assert units.enabled(fresh_systemd_lab, "second") == "enabled"
        assert units.active(fresh_systemd_lab, "second") == "active"
        await one.roll_back()
    assert units.enabled(fresh_systemd_lab, "second") == "enabled"
    assert ctl(fresh_systemd_lab, "second", "registered_users", "chat.example") == [GUEST]


async def test_a_run_that_is_cancelled_leaves_no_mask(fresh_systemd_lab: Lab) -> None:
    async with engine(fresh_systemd_lab) as one:
        joining = asyncio.create_task(one.runner.run_on())

        def at_config(event: Event) -> None:
            if isinstance(event, StepStarted) and event.id == "config":
                assert units.enabled(fresh_systemd_lab, "second") == MASKED
                joining.cancel()

        one.on_event = at_config
        with suppress(asyncio.CancelledError):
            await joining
    assert units.enabled(fresh_systemd_lab, "second") == "enabled"


async def test_a_unit_of_etc_is_kept_down_by_a_drop_in(systemd_lab: Lab) -> None:
    """As ProcessOne's packages have it: a mask in /run does not hide a file in /etc."""
    place = "/etc/systemd/system/ejabberd.service"
    systemd_lab.run(
        "second", ["sh", "-c", f'cp "$(systemctl show -P FragmentPath ejabberd)" {place}; '
                   "systemctl daemon-reload"])  # fmt: skip
    start = ["systemctl", "start", units.EJABBERD]
    async with engine(systemd_lab) as one:
        systemd_lab.run("second", ["systemctl", "stop", units.EJABBERD], timeout=120)
        # Nobody needs to change anything in /etc for it.
        with fixed(systemd_lab, place, READ_ONLY), fixed(systemd_lab, "/etc", READ_ONLY):
            assert await unit_mask.mask(one.pair.second) == ""
            assert systemd_lab.run("second", start, check=False).returncode != 0
            assert units.active(systemd_lab, "second") != "active"
            await unit_mask.release(one.pair.second)
        systemd_lab.run("second", start, timeout=120)
        assert units.active(systemd_lab, "second") == "active"


async def test_where_systemd_cannot_be_kept_from_it_nothing_begins(systemd_lab: Lab) -> None:
    """Where units of one boot are written is read-only: named before ejabberd is stopped."""
    run = "/run/systemd/system"
    systemd_lab.run("second", ["systemctl", "start", units.EJABBERD], timeout=120)
    [before] = units.vm_pids(systemd_lab, "second")
    with fixed(systemd_lab, run, READ_ONLY):
        status, answer = Ejtui(systemd_lab).json("join", "--yes")
        text = answer["error"]["message"]
        assert (status, f"on second, {run} is mounted read-only" in text) == (1, True), answer
        assert f"mount -o remount,rw {run}" in text
        assert units.vm_pids(systemd_lab, "second") == [before]
        async with engine(systemd_lab) as one:
            assert await unit_mask.mask(one.pair.second) != ""
            assert unit_mask.MARK not in ls(systemd_lab, unit_mask.MARK)
    assert units.enabled(systemd_lab, "second") != MASKED


def ls(lab: Lab, path: str) -> str:
    return lab.run("second", ["ls", "-d", path], check=False).stdout.decode()


@pytest.mark.catalogue
async def test_a_rollback_waits_for_a_first_that_systemd_starts_again(
    fresh_systemd_lab: Lab,
) -> None:
    """Killed, it is down for the seconds of RestartSec: that is no first that does not run."""
    async with engine(fresh_systemd_lab) as one:
        assert await one.runner.run_on(), one.last
        first(fresh_systemd_lab).kill()
        await one.roll_back()
        assert any("systemd starts ejabberd again" in said.line for said in one.of(StepReport))
    assert ctl(fresh_systemd_lab, "second", "registered_users", "chat.example") == [GUEST]
    assert ctl(fresh_systemd_lab, "first", "list_cluster") == ["ejabberd@first"]
