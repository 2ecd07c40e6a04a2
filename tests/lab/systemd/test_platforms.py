"""Hosts as NixOS, Fedora, Ubuntu and ProcessOne have them: a pair of each joins.

NixOS's settings are kept.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.lab.lab import Lab
from ejtui.lab.people import DOMAIN
from ejtui.lab.place import HOSTS
from tests.lab.cli.driver import Ejtui
from tests.lab.layouts import layout
from tests.lab.layouts.asking import asked
from tests.lab.layouts.layout import PROCESSONE
from tests.lab.systemd import units
from tests.lab.systemd.booted import booted, why_not
from tests.skipping import skip_for

_LAYOUT = Path(__file__).with_name("nixos.sh").read_text()
_FEDORA = Path(__file__).with_name("fedora.sh").read_text()
_UBUNTU = Path(__file__).with_name("ubuntu.sh").read_text()
_PROCESSONE = Path(__file__).with_name("processone.sh").read_text()
_INSTALLED = (Path(layout.__file__).with_name("processone.sh")).read_text()


@pytest.mark.catalogue
async def test_a_host_whose_configuration_makes_its_files(fresh_systemd_lab: Lab) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    for host in HOSTS:
        lab.run(host, ["sh", "-euc", _LAYOUT, "sh", f"ejabberd@{host}"], timeout=120)
    found = await asked(lab, "second")
    assert (found.kind, found.node) == ("nixos", "ejabberd@second")
    assert found.ejabberdctl == "/run/current-system/sw/bin/ejabberdctl"
    assert found.ejabberdctl_cfg == "/nix/store/0c-ejabberdctl.cfg"
    assert (found.spool_dir, found.log_dir) == ("/var/lib/ejabberd", "/var/log/ejabberd")

    lab.run("second", ["sed", "-i", "/ first$/d", "/etc/hosts"])
    status, answer = ejtui.json("repair", "unresolvable", "--yes")
    assert status == 1, answer
    assert "networking.extraHosts" in answer["error"]["message"]
    address = lab.place.read_state()["addresses"]["first"]
    assert f"{address} first" in answer["error"]["message"]
    lab.run("second", ["sh", "-c", 'echo "$1 first" >>/etc/hosts', "sh", address])

    joined_and_apart_again(lab, ejtui)


@pytest.mark.catalogue
async def test_fedora_s_layout(fresh_systemd_lab: Lab) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    for host in HOSTS:
        lab.run(host, ["sh", "-euc", _FEDORA], timeout=120)
        found = await asked(lab, host)
        assert (found.kind, found.node) == ("fedora", f"ejabberd@{host}")
        assert found.ejabberdctl == "/usr/bin/ejabberdctl"
        assert found.ejabberdctl_cfg == "/etc/ejabberd/ejabberdctl.cfg"
    joined_and_apart_again(lab, ejtui)


@pytest.mark.catalogue
@pytest.mark.releases
async def test_ubuntu_s_layout(tmp_path: Path) -> None:
    skip_for(why_not())
    with booted(tmp_path, "sid", "sid", ("sudo-rs", "rust-coreutils")) as lab:
        ejtui = Ejtui(lab)
        for host in HOSTS:
            lab.run(host, ["sh", "-euc", _UBUNTU], timeout=120)
            found = await asked(lab, host)
            assert (found.kind, found.node) == ("debian", f"ejabberd@{host}")
            leads_to = lab.run(host, ["readlink", "-f", found.ejabberdctl_cfg]).stdout.decode()
            assert leads_to.strip() == "/etc/default/ejabberd"
        lab.run("second", ["sed", "-i", "/ first$/d", "/etc/hosts"])
        status, answer = ejtui.json("repair", "unresolvable", "--yes")
        assert status == 0, answer["error"]
        joined_and_apart_again(lab, ejtui)


@pytest.mark.catalogue
async def test_processone_s_layout_with_its_own_unit(fresh_systemd_lab: Lab) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    for host in HOSTS:
        for script in (_PROCESSONE, _INSTALLED):
            lab.run(host, ["sh", "-euc", script], timeout=120)
        lab.run(host, ["systemctl", "enable", "--now", units.EJABBERD], timeout=120)
        found = await asked(lab, host)
        assert (found.kind, found.node) == ("processone", f"ejabberd@{host}")
        assert found.ejabberdctl == PROCESSONE.ejabberdctl
        assert found.spool_dir == f"/opt/ejabberd/database/ejabberd@{host}"
    theirs, own = (_registered(lab, host) for host in HOSTS)
    assert theirs != own

    # What the installer's unit starts is given to it again by a repair, too.
    lab.run("second", ["chmod", "644", "/opt/ejabberd/.erlang.cookie"])
    status, answer = ejtui.json("repair", "cookie-mode", "--yes")
    assert status == 0, answer["error"]
    status, answer = ejtui.json("join", "--yes")
    assert status == 0, answer["error"]
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer["findings"]
    assert _registered(lab, "second") == theirs
    for host in HOSTS:
        units.restart(lab, host)
        units.well_kept(lab, host)
    status, answer = ejtui.json("rollback", "--yes")
    assert status == 0, answer["error"]
    assert [_registered(lab, host) for host in HOSTS] == [theirs, own]
    for host in HOSTS:
        units.well_kept(lab, host)


def _registered(lab: Lab, host: str) -> list[str]:
    argv = [PROCESSONE.ejabberdctl, "registered_users", DOMAIN]
    return sorted(lab.run(host, argv).stdout.decode().split())


def joined_and_apart_again(lab: Lab, ejtui: Ejtui) -> None:
    status, answer = ejtui.json("join", "--yes")
    assert status == 0, answer["error"]
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer["findings"]
    status, answer = ejtui.json("rollback", "--yes")
    assert status == 0, answer["error"]
    for host in HOSTS:
        assert units.settled(lab, host) == "active"
