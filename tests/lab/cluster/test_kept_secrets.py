"""What root alone may read stays root's, and no secret of a configuration passes through sudo."""

from __future__ import annotations

from ejtui.cluster.repairs.tools import keep
from ejtui.lab import breakage, faults
from ejtui.lab.faults.node import first
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.hostile import as_root, as_service

_LOGS = "Defaults log_input, log_output, !compress_io, iolog_dir=/run/sudo-io\n"
_WORD = "HiddenWordOfTheirs"


def test_no_secret_of_a_configuration_stands_in_sudos_log(fresh_lab: Lab) -> None:
    """ejabberdctl.cfg is changed on its host; what stands there besides is not sent."""
    cookie = breakage.read_cookie(fresh_lab, "first").strip()
    node = first(fresh_lab)
    node.configure(ERL_OPTIONS=f"-setcookie {cookie.decode()}", SQL_PASSWORD=_WORD)
    faults.make("dist-loopback", lab=fresh_lab)
    before = as_root(fresh_lab, f"cat {node.control_file}", host="first")
    fresh_lab.run("first", ["sh", "-c", "cat >>/etc/sudoers"], stdin=_LOGS.encode())
    status, answer = Ejtui(fresh_lab).json("repair", "dist-loopback", "--yes")
    assert status == 0, answer
    after = as_root(fresh_lab, f"cat {node.control_file}", host="first")
    line = "INET_DIST_INTERFACE=127.0.0.1\n"
    assert after == before.replace(line, f"#{line}") != before
    log = as_root(fresh_lab, "find /run/sudo-io -type f -exec cat {} +", host="first")
    assert "ejtui_probe" in log
    assert not [secret for secret in (cookie.decode(), _WORD) if secret in log]


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
