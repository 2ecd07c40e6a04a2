"""Two hosts fresh from the package: one finding, one repair, one join, and a rollback."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl
from tests.lab.systemd import stock, units
from tests.lab.systemd.booted import booted, why_not
from tests.skipping import skip_for


def registered(lab: Lab, host: str) -> list[str]:
    return ctl(lab, host, "registered_users", "localhost")


@pytest.mark.catalogue
def test_stock_hosts_are_joined_with_two_commands(fresh_systemd_lab: Lab) -> None:
    joined_and_apart_again(fresh_systemd_lab, "bookworm")


@pytest.mark.catalogue
@pytest.mark.parametrize("suite", ["trixie", "sid"])
def test_stock_hosts_of_other_releases_are_too(tmp_path: Path, suite: str) -> None:
    skip_for(why_not())
    with booted(tmp_path, suite, suite) as lab:
        joined_and_apart_again(lab, suite)


def joined_and_apart_again(lab: Lab, suite: str) -> None:
    """The repair that check names, and a join; then everything as it was, by a rollback."""
    ejtui = Ejtui(lab)
    stock.install(lab, suite)
    status, answer = ejtui.json("check")
    assert status == 1
    [finding] = answer["findings"]
    assert (finding["code"], finding["node"]) == ("both-localhost", "both"), finding

    status, answer = ejtui.json("repair", "both-localhost", "--yes")
    assert status == 0, answer
    names = {host: answer[host]["name"] for host in HOSTS}
    assert names == {"first": "ejabberd@first", "second": "ejabberd@second"}
    shown = " ".join(each["text"] for each in answer["repair"]["commands"])
    assert all(f"ERLANG_NODE={name}" in shown for name in names.values())
    assert "INET_DIST" not in shown
    for host in HOSTS:
        assert registered(lab, host) == sorted(stock.ACCOUNTS[host])

    status, answer = ejtui.json("join", "--yes")
    assert status == 0, answer
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer
    for host in HOSTS:
        assert registered(lab, host) == sorted(stock.ACCOUNTS["first"])
        units.well_kept(lab, host)

    ran = ejtui("rollback", "--yes")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for host in HOSTS:
        assert registered(lab, host) == sorted(stock.ACCOUNTS[host])
        units.restart(lab, host)
        units.well_kept(lab, host)
        assert units.active(lab, host, "epmd.socket") == "active"
