"""Options that the unit of ejabberd gives its VM: found, named by file and line, repaired."""

from __future__ import annotations

import pytest

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.systemd import units

DROPIN = "/etc/systemd/system/ejabberd.service.d/options.conf"
_SET = """
mkdir -p "${1%/*}"
cat >"$1"
systemctl daemon-reload
systemctl restart ejabberd
"""
_OPTIONS = """[Service]
Environment=FIREWALL_WINDOW=4390
Environment="ERL_OPTIONS=-setcookie WithoutEffect"
Environment="ERL_ZFLAGS=-setcookie FromTheUnit -kernel shell_history disabled"
"""


@pytest.mark.catalogue
def test_a_cookie_that_a_unit_gives_moves_into_the_file(systemd_lab: Lab) -> None:
    lab, ejtui = systemd_lab, Ejtui(systemd_lab)
    lab.run("second", ["sh", "-euc", _SET, "sh", DROPIN], stdin=_OPTIONS.encode())
    assert units.settled(lab, "second") == "active"
    status, answer = ejtui.json("check")
    [finding] = answer["findings"]
    assert (status, finding["code"], finding["node"]) == (1, "cookie-by-option", "second"), answer
    assert f"{DROPIN}, line 4" in str(finding["evidence"])
    assert "line 3" not in str(finding["evidence"]), "ejabberdctl.cfg sets it, too, and wins"
    assert "`ps`" in finding["explanation"]

    status, answer = ejtui.json("repair", "cookie-by-option", "--yes")
    assert (status, answer["findings"]) == (0, []), answer
    assert "FromTheUnit" not in str(answer)
    left = ejtui.inside("second", "cat", DROPIN)
    assert '"ERL_ZFLAGS=-kernel shell_history disabled"' in left.replace("= ", "=")
    assert "FromTheUnit" not in left
    units.restart(lab, "second")
    assert units.settled(lab, "second") == "active"
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer
    assert "FromTheUnit" not in ejtui.inside("second", "ps", "ax", "-o", "args=")


_NAMED = """
mkdir -p "${1%/*}"
sed -i 's/^ERLANG_NODE=.*/ERLANG_NODE=ejabberd@elsewhere/' /etc/default/ejabberd
printf '[Service]\nEnvironment="ERLANG_NODE_ARG=ejabberd@second"\n' >"$1"
systemctl daemon-reload
"""


@pytest.mark.catalogue
def test_a_name_that_a_unit_gives_is_the_node_s(fresh_systemd_lab: Lab) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    lab.run("second", ["systemctl", "stop", "ejabberd"])
    lab.run("second", ["sh", "-euc", _NAMED, "sh", DROPIN])
    lab.run("second", ["systemctl", "start", "ejabberd"], timeout=120)
    assert units.settled(lab, "second") == "active"
    status, answer = ejtui.json("status")
    assert answer["second"]["name"] == "ejabberd@second", answer
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer


_LOOPBACK = """[Service]
Environment="ERL_ZFLAGS=-kernel inet_dist_use_interface {127,0,0,1}"
"""


@pytest.mark.catalogue
def test_an_address_that_a_unit_gives_is_named_and_ejabberd_runs_on(
    fresh_systemd_lab: Lab,
) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    lab.run("second", ["sh", "-euc", _SET, "sh", DROPIN], stdin=_LOOPBACK.encode())
    assert units.settled(lab, "second") == "active"
    before = ejtui.inside("second", "systemctl", "show", "-P", "MainPID", "ejabberd")
    status, answer = ejtui.json("check")
    assert [each["code"] for each in answer["findings"]] == ["dist-loopback"], answer
    status, answer = ejtui.json("repair", "dist-loopback", "--yes")
    assert status == 1, answer
    named = "second's ERL_ZFLAGS (ejabberd's unit) has inet_dist_use_interface"
    assert named in answer["error"]["message"]
    assert "Nothing was changed" in answer["error"]["message"]
    after = ejtui.inside("second", "systemctl", "show", "-P", "MainPID", "ejabberd")
    assert (units.settled(lab, "second"), after) == ("active", before)


@pytest.mark.catalogue
def test_a_port_that_a_unit_gives_is_taken_back(fresh_systemd_lab: Lab) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    port = b"[Service]\nEnvironment=ERL_DIST_PORT=5210\n"
    lab.run("second", ["sh", "-euc", _SET, "sh", DROPIN], stdin=port)
    assert units.settled(lab, "second") == "active"
    status, answer = ejtui.json("check")
    assert [each["code"] for each in answer["findings"]] == ["dist-port-differs"], answer
    status, answer = ejtui.json("repair", "dist-port-differs", "--yes")
    assert (status, answer["findings"]) == (0, []), answer
    units.restart(lab, "second")
    assert units.settled(lab, "second") == "active"
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer


@pytest.mark.catalogue
def test_a_name_that_a_unit_gives_is_not_edited_in_vain(fresh_systemd_lab: Lab) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    name = b'[Service]\nEnvironment="ERLANG_NODE_ARG=ejabberd@elsewhere"\n'
    refused = _SET.replace("restart ejabberd", "restart ejabberd || :")
    lab.run("second", ["sh", "-euc", refused, "sh", DROPIN], stdin=name, timeout=120)
    before = ejtui.inside("second", "cat", "/etc/default/ejabberd")
    status, answer = ejtui.json("check")
    assert "renamed" in [each["code"] for each in answer["findings"]], answer
    status, answer = ejtui.json("repair", "renamed", "--yes")
    assert status == 1, answer
    assert "second's unit gives the node its name" in answer["error"]["message"]
    assert "Nothing was changed" in answer["error"]["message"]
    assert ejtui.inside("second", "cat", "/etc/default/ejabberd") == before
