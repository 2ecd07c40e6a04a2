"""A second that is an image of first's host: under first's own node name, and how it gets out."""

from __future__ import annotations

import pytest

from ejtui.lab.lab import Lab
from ejtui.lab.people import DOMAIN
from ejtui.lab.place import HOSTS
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl
from tests.lab.systemd import stock, units

_IMAGE = """
systemctl stop ejabberd
tar -c -C / var/lib/ejabberd etc/ejabberd etc/default/ejabberd etc/ssh/ssh_host_ed25519_key
systemctl start ejabberd
"""
_LAY_OUT = """
systemctl stop ejabberd
find /var/lib/ejabberd -mindepth 1 -delete
tar -x -p --numeric-owner -C /
sed -i '/ first$/d' /etc/hosts
echo '127.0.1.1 first' >>/etc/hosts
systemctl restart ssh
systemctl start ejabberd
ejabberdctl register later chat.example secret-of-later
"""


_STOCK_IMAGE = """
systemctl stop ejabberd
tar -c -C / var/lib/ejabberd etc/ejabberd etc/default/ejabberd
systemctl start ejabberd
"""
_STOCK_LAY_OUT = """
systemctl stop ejabberd
find /var/lib/ejabberd -mindepth 1 -delete
tar -x -p --numeric-owner -C /
systemctl start ejabberd
ejabberdctl register later localhost secret-of-later
"""


def registered(lab: Lab, host: str, domain: str = DOMAIN) -> list[str]:
    return ctl(lab, host, "registered_users", domain)


def clone(lab: Lab) -> None:
    """Makes second's host of an image of first's; then it got a host name, and an account."""
    image = lab.run("first", ["sh", "-euc", _IMAGE], timeout=120).stdout
    lab.run("second", ["sh", "-euc", _LAY_OUT], stdin=image, timeout=120)
    # ssh knows the key, as of a host that was cloned with it.
    lines = dict(line.split(maxsplit=1) for line in lab.place.known_hosts.read_text().splitlines())
    [key] = [key for at, key in lines.items() if at.startswith("first,")]
    lab.place.write(lab.place.known_hosts, "".join(f"{at} {key}\n" for at in lines))


@pytest.mark.catalogue
def test_a_clone_under_firsts_name_joins_under_its_own(fresh_systemd_lab: Lab) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    theirs = registered(lab, "first")
    clone(lab)
    assert registered(lab, "second") == sorted([*theirs, "later"])

    status, answer = ejtui.json("check")
    [finding] = answer["findings"]
    assert (status, finding["code"], finding["node"]) == (1, "same-database", "second"), finding
    status, answer = ejtui.json("join", "--yes")
    assert (status, answer["changed"]) == (1, False), answer

    status, answer = ejtui.json("repair", "same-database", "--yes")
    assert (status, answer["findings"]) == (0, []), (answer["error"], answer["findings"])
    assert {host: answer[host]["name"] for host in HOSTS} == {
        "first": "ejabberd@first",
        "second": "ejabberd@second",
    }
    assert "ERLANG_NODE=ejabberd@second" in str(answer["repair"]["commands"])
    for host in HOSTS:
        assert registered(lab, host) == theirs
        assert ctl(lab, host, "list_cluster") == ["ejabberd@first", "ejabberd@second"]
        assert units.settled(lab, host) == "active"

    # What the clone alone had is kept.
    status, answer = ejtui.json("bring-over", "--yes")
    assert status == 0, answer
    for host in HOSTS:
        assert registered(lab, host) == sorted([*theirs, "later"])


@pytest.mark.catalogue
@pytest.mark.parametrize("runs", [True, False], ids=["running", "stopped"])
def test_a_clone_of_a_stock_host_joins_in_one_command(fresh_systemd_lab: Lab, runs: bool) -> None:
    """Both are named after localhost, and neither host knows the other one's name."""
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    stock.install(lab)
    image = lab.run("first", ["sh", "-euc", _STOCK_IMAGE], timeout=120).stdout
    lab.run("second", ["sh", "-euc", _STOCK_LAY_OUT], stdin=image, timeout=120)
    if not runs:
        lab.run("second", ["systemctl", "stop", units.EJABBERD], timeout=120)
    status, answer = ejtui.json("check")
    assert (status, answer["findings"][0]["code"]) == (1, "same-database"), answer["findings"]

    status, answer = ejtui.json("repair", "same-database", "--yes")
    assert (status, answer["findings"]) == (0, []), (answer["error"], answer["findings"])
    assert answer["changed"] is True
    for host in HOSTS:
        assert registered(lab, host, "localhost") == sorted(stock.ACCOUNTS["first"])
        assert ctl(lab, host, "list_cluster") == ["ejabberd@first", "ejabberd@second"]
        assert "ejtui" not in lab.run(host, ["epmd", "-names"]).stdout.decode()
        units.well_kept(lab, host)
    status, answer = ejtui.json("bring-over", "--yes")
    assert status == 0, answer
    assert "later" in registered(lab, "first", "localhost")
