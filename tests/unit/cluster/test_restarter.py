"""Who restarts ejabberd: read from ps and a cgroup, named in the finding restart-loop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ejtui.cluster.acts import unit_mask
from ejtui.cluster.acts.act import commands
from ejtui.cluster.backups import restart_loop
from ejtui.cluster.facts.node import DISC, SchemaFacts, TableFacts
from ejtui.cluster.operations.vm.restarter import Restarter, cause, finding, place, processes
from ejtui.cluster.pair.plan import Target
from tests.unit.cluster.test_repairs import platform

PS = """\
    1     0 /sbin/init
  300     1 sh /root/keep.sh
  410   300 /bin/sh /usr/sbin/ejabberdctl status
  411   410 /usr/lib/erlang/erts-13/bin/beam.smp -sname ctl-1 -s ejabberd_ctl
  500     1 /usr/lib/erlang/erts-13/bin/beam.smp -sname ejabberd@second -s ejabberd
"""
FOREGROUND = """\
    1     0 /sbin/tini -- /start
   20     1 runsv ejabberd --password hunter2
   21    20 /bin/sh /usr/sbin/ejabberdctl foreground
   22    21 /usr/lib/erlang/erts-13/bin/beam.smp -sname ejabberd@second -s ejabberd
"""
FORTY = "0123456789abcdef0123456789abcdef01234567"


def test_a_loop_is_caught_at_its_call_of_ejabberdctl() -> None:
    [keeper] = cause(processes(PS), 500)
    assert (keeper.pid, keeper.args) == (300, "sh /root/keep.sh")


def test_the_parents_of_the_vm_come_first() -> None:
    [runsv] = cause(processes(FOREGROUND), 22)
    assert runsv.pid == 20
    assert "hunter2" not in runsv.shown


def test_nobody_at_it_is_nobody() -> None:
    quiet = "\n".join(line for line in PS.splitlines() if "ejabberdctl" not in line)
    assert cause(processes(quiet), 500) == []
    assert cause(processes("garbage\n x y\n"), 500) == []


@pytest.mark.parametrize(
    ("cgroup", "unit", "container"),
    [
        ("0::/system.slice/ejabberd.service\n", "ejabberd.service", ""),
        ("1:name=systemd:/system.slice/keep.service\n0::/\n", "keep.service", ""),
        (f"0::/docker/{FORTY}\n", "", FORTY[:12]),
        (
            f"0::/machine.slice/libpod-{FORTY}.scope\n",
            f"libpod-{FORTY}.scope",
            FORTY[:12],
        ),
        ("0::/\n", "", ""),
        ("0::/user.slice/user@1.service/keep;reboot.service\n", "", ""),
        ("0::/user.slice/user@1.service/$(id).service\n", "", ""),
        ("0::/user.slice/user@1.service/--now.service\n", "", ""),
    ],
)
def test_the_unit_and_the_container_of_a_cgroup(cgroup: str, unit: str, container: str) -> None:
    assert place(cgroup) == (unit, container)


def test_the_finding_names_it_and_what_to_do() -> None:
    [keeper] = cause(processes(PS), 500)
    named = finding("lyon", "ejabberd@second", Restarter("500", keeper), ["it has its own"])
    assert named.code == "restart-loop"
    assert any("process 300 starts it: sh /root/keep.sh" in line for line in named.evidence)
    assert "stop process 300" in named.repair
    unit = finding("lyon", "n", Restarter("5", keeper, unit="keep.service"), ())
    assert "systemctl stop keep.service" in unit.repair
    nobody = finding("lyon", "n", Restarter(""), ())
    assert "find and stop" in nobody.repair
    assert any("was not seen" in line for line in nobody.evidence)


AGENT = """\
    1     0 /sbin/init
  300     1 /usr/bin/ruby /usr/bin/puppet agent
  410   300 sudo systemctl start ejabberd
  411   410 systemctl start ejabberd
  500     1 /usr/lib/erlang/erts-13/bin/beam.smp -sname ejabberd@second -s ejabberd
"""


def test_who_has_systemd_start_it_is_named() -> None:
    [agent] = cause(processes(AGENT), 500)
    assert agent.pid == 300
    assert cause(processes(AGENT.replace("start ejabberd", "start prosody")), 500) == []
    assert cause(processes(AGENT.replace("start ejabberd", "status ejabberd")), 500) == []
    [agent] = cause(processes(AGENT.replace("ejabberd", "chat")), 500, "chat")
    own = "ejabberd.service"
    seen = Restarter("500", agent, (), "puppet.service", "", own, ("puppet[300]: token=x started",))
    named = finding("lyon", "n", seen, ())
    assert "systemctl stop puppet.service" in named.repair
    assert "lyon: the journal: puppet[300]: token=… started" in named.evidence
    unseen = finding("lyon", "n", Restarter("500", None, (), own, "", own), ())
    assert "stop what unmasks or starts ejabberd.service there" in unseen.repair
    assert any("which something unmasks or starts" in line for line in unseen.evidence)
    caught = finding("lyon", "n", Restarter("500", agent, (), own, "", own), ())
    assert "stop process 300" in caught.repair


OPENRC = """\
    1     0 /sbin/init
  300     1 supervise-daemon ejabberd --start /usr/sbin/ejabberdctl -- foreground
  410   300 /bin/sh /usr/sbin/ejabberdctl foreground
  411   410 /usr/lib/erlang/erts-13/bin/beam.smp -sname ejabberd@second -s ejabberd
"""
LOOP = """\
    1     0 /sbin/init
  300     1 sh -c while true; do ejabberdctl foreground; done
  410   300 /bin/sh /usr/sbin/ejabberdctl foreground
  411   410 /usr/lib/erlang/erts-13/bin/beam.smp -sname ejabberd@second -s ejabberd
"""


@pytest.mark.parametrize(
    ("table", "above", "advice"),
    [
        (OPENRC, "supervise-daemon ejabberd", "rc-service ejabberd stop"),
        (FOREGROUND, "runsv ejabberd", "sv down ejabberd"),
        (LOOP, "sh -c while true", "stop process 300"),
        (OPENRC.replace("daemon ejabberd", "daemon $(id)"), "$(id)", "stop process 300"),
    ],
)
def test_a_supervisor_is_named_with_its_service(table: str, above: str, advice: str) -> None:
    keeper, *rest = cause(processes(table), 411 if table is not FOREGROUND else 22)
    named = finding("lyon", "n", Restarter("411", keeper, tuple(rest)), ())
    assert any(above in line for line in named.evidence), named.evidence
    assert advice in named.repair


def test_what_is_shown_of_it_cannot_act_on_the_terminal() -> None:
    [hostile] = cause(processes("300 1 \x1b[31msh evil\n9 300 ejabberdctl status\n"), 1)
    assert "\x1b" not in hostile.shown


def test_a_stray_ejabberd_is_one_that_is_no_member(story: Any) -> None:
    up = {"vm": "up", "started": "ejabberd", "mnesia": "yes"}
    empty = story.second_is(story.cleaned(), **up, schema=SchemaFacts("disc_copies", "new"))
    assert restart_loop.stray(empty)
    assert not restart_loop.stray(story.second_is(story.copied(), started="ejabberd"))
    assert not restart_loop.stray(story.second_is(story.shell_alone(), started="mnesia"))
    assert not restart_loop.stray(story.cleaned())


def test_systemd_alone_is_masked() -> None:
    plain = platform("second")
    assert unit_mask.unit(plain) == ""
    assert unit_mask.mask_acts(Target("lyon", plain)) == []
    managed = replace(plain, stop=("systemctl", "stop", "ejabberd"))
    assert unit_mask.unit(managed) == "ejabberd.service"
    [shown] = commands(unit_mask.mask_acts(Target("lyon", managed)))
    assert (shown.as_user, shown.text) == ("root", "systemctl mask --runtime ejabberd.service")
    assert unit_mask.unit(replace(plain, stop=("rcctl", "stop", "ejabberd"))) == ""


def test_one_with_accounts_did_not_come_up_empty(story: Any) -> None:
    """Somebody has registered there meanwhile: that database is set aside, too."""
    stray = story.second_is(story.cleaned(), vm="up", started="ejabberd", accounts=0)
    assert restart_loop.came_up_empty(stray)
    for accounts in (1, None):
        used = story.second_is(story.cleaned(), vm="up", started="ejabberd", accounts=accounts)
        assert not restart_loop.came_up_empty(used)


@pytest.mark.parametrize(("records", "empty"), [(0, True), (3, False)])
def test_with_accounts_in_sql_the_records_of_users_count(
    story: Any, records: int, empty: bool
) -> None:
    roster = TableFacts("roster", DISC, disc_copies=(story.second,), size=records)
    index = TableFacts("pubsub_index", DISC, disc_copies=(story.second,), size=1)
    up = {"vm": "up", "started": "ejabberd", "mnesia": "yes", "accounts": 25}
    stray = story.second_is(story.cleaned(), tables=(index, roster), **up)
    assert restart_loop.came_up_empty(stray) == empty
