"""An ejabberd.yml that ejabberd's user cannot read, as an editor of root's leaves it: nothing that
runs is ended where it could not start again."""

from __future__ import annotations

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui

FILE = "/etc/ejabberd/ejabberd.yml"


def give(lab: Lab, user: str) -> None:
    lab.run("second", ["chown", f"{user}:{user}", FILE])
    lab.run("second", ["chmod", "600", FILE])


def pid(lab: Lab) -> str:
    return lab.run("second", ["pidof", "beam.smp"]).stdout.decode()


def test_second_keeps_running_in_a_join_and_a_rollback(fresh_lab: Lab) -> None:
    lab, ejtui = fresh_lab, Ejtui(fresh_lab)
    give(lab, "root")
    before = pid(lab)
    code, answer = ejtui.json("join", "--yes")
    assert (code, pid(lab)) == (1, before), answer
    assert answer["error"]["question"]["consent"] == "config-refused"
    assert "let ejabberd's user read it" in str(answer["error"]["question"]["takes"])

    give(lab, "ejabberd")
    assert ejtui("join", "--yes").returncode == 0
    give(lab, "root")
    before = pid(lab)
    ran = ejtui("rollback", "--yes")
    assert (ran.returncode, pid(lab)) == (1, before), ran.stderr
    assert "would not start again after the rollback, so nothing was changed" in ran.stderr
    assert "let ejabberd's user read it; then roll back again" in ran.stderr

    give(lab, "ejabberd")
    ran = ejtui("rollback", "--yes")
    assert ran.returncode == 0, ran.stderr
    assert ejtui.ctl("second", "registered_users", "chat.example") == ["guest"]
