"""`ejtui rollback` on real nodes: second as it was, its account too."""

from __future__ import annotations

import json

import pexpect
import pytest

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui


@pytest.mark.catalogue
def test_there_and_back(fresh_lab: Lab) -> None:
    ejtui = Ejtui(fresh_lab)
    assert ejtui("join", "--yes").returncode == 0

    ran = ejtui("rollback")
    assert ran.returncode == 1
    assert "guest@chat.example" in ran.stderr
    assert len(ejtui.ctl("second", "registered_users", "chat.example")) == 25

    child = ejtui.on_terminal("rollback")
    child.expect_exact("Type yes to go on: ")
    child.sendline("yes")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert ejtui.ctl("second", "registered_users", "chat.example") == ["guest"]
    assert ejtui.ctl("second", "list_cluster") == ["ejabberd@second"]
    assert ejtui.ctl("first", "list_cluster") == ["ejabberd@first"]

    ran = ejtui("rollback", "--yes")
    assert ran.returncode == 1
    assert "there is no backup of a join to roll back" in ran.stderr


@pytest.mark.catalogue
def test_several_backups_are_listed_and_one_is_named(fresh_lab: Lab) -> None:
    ejtui = Ejtui(fresh_lab)
    assert ejtui("join", "--yes").returncode == 0
    backups = f"{fresh_lab.form.home('second')}/ejtui-backups"
    stamp = ejtui.inside("second", "ls", backups).strip()
    # An older one beside it, as a join that somebody ended by hand leaves it.
    older = json.loads(ejtui.inside("second", "cat", f"{backups}/{stamp}/manifest.json"))
    older |= {"stamp": "20200101T000000Z", "place": f"{backups}/20200101T000000Z"}
    fresh_lab.run("second", ["mkdir", older["place"]], service=True)
    line = json.dumps(older).encode() + b"\n"
    manifest = f"{older['place']}/manifest.json"
    fresh_lab.run("second", ["sh", "-c", f"cat > {manifest}"], stdin=line, service=True)

    ran = ejtui("rollback", "--yes")
    assert ran.returncode == 2
    listed = [each for each in ran.stderr.splitlines() if f"  {ejtui.named} rollback 20" in each]
    assert [each.split()[4] for each in listed] == [stamp, "20200101T000000Z"]
    assert "1 account: guest@chat.example" in listed[0]

    assert ejtui("rollback", "--yes", "nowhere").returncode == 1
    ran = ejtui("rollback", "--yes", stamp)
    assert ran.returncode == 0, ran.stderr
    assert ejtui.ctl("second", "registered_users", "chat.example") == ["guest"]
