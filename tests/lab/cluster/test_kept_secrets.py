"""What root alone may read stays root's."""

from __future__ import annotations

from ejtui.cluster.repairs.tools import keep
from ejtui.lab import breakage
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.hostile import as_root, as_service


def test_the_firewalls_rules_are_not_handed_to_ejabberds_user(fresh_lab: Lab) -> None:
    as_root(fresh_lab, f"rm -rf {keep.ROOTS}", host="first")
    breakage.block_port(fresh_lab, "first", 4369)
    status, answer = Ejtui(fresh_lab).json("repair", "epmd-unreachable", "--yes")
    assert status == 0, answer
    find = f"find $1 {keep.ROOTS} -name ruleset.nft 2>/dev/null || true"
    assert as_service(fresh_lab, find, host="first") == ""
    [kept] = as_root(fresh_lab, find, host="first").split()
    assert keep.ROOTS in answer["repair"]["backup"]
    assert as_root(fresh_lab, f"stat -c '%u %a' {kept}", host="first").split() == ["0", "600"]
    assert "dport 4369 drop" in as_root(fresh_lab, f"cat {kept}", host="first")
