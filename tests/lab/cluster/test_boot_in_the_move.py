"""Power is lost while second's database moves into its backup; ejabberd is started at the boot."""

from __future__ import annotations

import json

import pytest

from ejtui.cluster.backups.move.database_move import move_order
from ejtui.lab.faults.node import LabNode, second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui

_READ = 'cat "$1"/ejtui-backups/*/manifest.json'

# The files named, from the backup back into the directory that they were moved from last.
_NOT_YET_MOVED = r"""
home=$1; shift
cd "$home"/ejtui-backups/*/
sed -i 's/"stage": "moved"/"stage": "moving"/' manifest.json
grep -q '"stage": "moving"' manifest.json
cd database
mv -- "$@" "$home"/
"""


def lost_power_behind(node: LabNode, file: str) -> None:
    """As if power was lost when this file had been moved, and those that come before it."""
    manifest = json.loads(node.script(_READ, node.home))
    names = sorted((each["name"] for each in manifest["files"]), key=lambda n: (move_order(n), n))
    node.script(_NOT_YET_MOVED, node.home, *names[names.index(file) + 1 :])
    node.start()


@pytest.mark.parametrize("way_on", ["join", "rollback"])
def test_what_a_boot_has_changed_is_seconds_own(fresh_lab: Lab, way_on: str) -> None:
    lab, ejtui = fresh_lab, Ejtui(fresh_lab)
    node = second(lab)
    node.register("ann")
    assert ejtui("join", "--yes", "--until", "cleandb").returncode == 0
    lost_power_behind(node, "passwd.DAT")
    assert ejtui.ctl("second", "registered_users", "chat.example") == []
    if way_on == "join":
        status, answer = ejtui.json("join", "--yes", "--until", "cleandb")
        assert status == 0, answer
        assert "restart-loop" not in str(answer)
    status, answer = ejtui.json("rollback", "--yes")
    assert status == 0, answer
    assert ejtui.ctl("second", "registered_users", "chat.example") == ["ann", "guest"]
