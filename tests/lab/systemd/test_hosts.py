"""Hosts that boot a real systemd: a pair joins there and comes apart, and its units are as before.

Use the fixtures `systemd_lab` and `fresh_systemd_lab`; `units` asks systemd.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ejtui.lab.faults.node import second
from ejtui.lab.lab import Lab
from ejtui.lab.people import DOMAIN, GUEST, people
from ejtui.lab.place import HOSTS, Place
from ejtui.lab.processes import command_line, pids
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl
from tests.lab.releases import roots
from tests.lab.systemd import units
from tests.lab.systemd.booted import CGROUPS, Booted, booted, why_not
from tests.patience import SECONDS
from tests.skipping import skip_for

THEIRS = sorted(person.user for person in people("first"))


@pytest.mark.catalogue
def test_a_join_and_a_rollback_leave_the_units_as_they_were(systemd_lab: Lab) -> None:
    ejtui = Ejtui(systemd_lab)
    for host in HOSTS:
        units.well_kept(systemd_lab, host)
    status, answer = ejtui.json("join", "--yes")
    assert status == 0, answer
    assert {step["state"] for step in answer["steps"]} == {"done"}
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer
    for host in HOSTS:
        units.well_kept(systemd_lab, host)
        assert ctl(systemd_lab, host, "registered_users", DOMAIN) == THEIRS
    units.restart(systemd_lab, "second")
    assert ctl(systemd_lab, "second", "registered_users", DOMAIN) == THEIRS

    ran = ejtui("rollback", "--yes")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for host, own in (("first", THEIRS), ("second", [GUEST])):
        units.restart(systemd_lab, host)
        units.well_kept(systemd_lab, host)
        assert ctl(systemd_lab, host, "registered_users", DOMAIN) == own
        assert units.active(systemd_lab, host, "epmd.socket") == "active"


def test_a_loss_of_power_leaves_the_disk_and_systemd_starts_ejabberd(systemd_lab: Lab) -> None:
    form = systemd_lab.form
    assert isinstance(form, Booted)
    systemd_lab.run("second", ["touch", "/var/lib/ejabberd/kept", "/etc/kept", "/run/lost"])
    form.cut_power("second")
    assert Ejtui(systemd_lab).json("status")[0] == 3
    form.restore_power("second")
    systemd_lab.run("second", ["systemctl", "start", units.EJABBERD], timeout=120)
    units.well_kept(systemd_lab, "second")
    assert ctl(systemd_lab, "second", "registered_users", DOMAIN) == [GUEST]
    second(systemd_lab).register(GUEST)
    systemd_lab.run("second", ["rm", "/var/lib/ejabberd/kept", "/etc/kept"])
    assert systemd_lab.run("second", ["test", "-e", "/run/lost"], check=False).returncode == 1


def _left(root: Path) -> list[str]:
    """What there still is of a lab below that directory."""
    key = Place(root).key
    found = [f"process {pid}" for pid in pids() if str(root) in command_line(pid)]
    found += [str(path) for each in CGROUPS for path in each.glob(f"ejtui-{key}-*")]
    found += [path.name for path in Path("/sys/class/net").glob(f"ejt{key}*")]
    return [*found, *([str(root)] if root.exists() else [])]


_KILLED = """
import os, signal, sys
from pathlib import Path
from ejtui.lab.place import Place
from tests.lab.systemd.booted import Booted
place = Place(Path(sys.argv[1]))
with place.locked():
    Booted(place, {"first": "bookworm", "second": "bookworm"}).boot()
    print("booted", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.catalogue
def test_nothing_is_left_of_the_hosts_when_their_maker_is_killed(tmp_path: Path) -> None:
    skip_for(why_not())
    root = tmp_path / "lab"
    # With the releases' roots that this process knows.
    variables = {**os.environ, "XDG_CACHE_HOME": str(roots.DIRECTORY.parents[1])}
    argv = [sys.executable, "-c", _KILLED, str(root)]
    ended = subprocess.run(
        argv, cwd=Path(__file__).parents[3], env=variables, capture_output=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, b"booted\n"), ended.stderr
    deadline = time.monotonic() + SECONDS
    while (left := _left(root)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


@pytest.mark.releases
@pytest.mark.parametrize(
    "suite",
    [
        pytest.param("bullseye", marks=pytest.mark.catalogue),
        pytest.param("trixie", marks=pytest.mark.catalogue),
        pytest.param("sid", marks=pytest.mark.catalogue),
    ],
)
def test_a_pair_of_every_release_joins_and_comes_apart(tmp_path: Path, suite: str) -> None:
    skip_for(why_not())
    with booted(tmp_path, suite, suite) as lab:
        test_a_join_and_a_rollback_leave_the_units_as_they_were(lab)
