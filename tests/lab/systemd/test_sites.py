"""Two sites whose hosts have one short name: their nodes get long names and become one cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from ejtui import paths
from ejtui.cluster.journal import Journal
from ejtui.lab.lab import Lab
from ejtui.lab.people import DOMAIN
from ejtui.lab.place import HOSTS
from ejtui.ui.session import own_shell
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl, engine
from tests.lab.cluster.operator import joined_with_the_operator
from tests.lab.systemd import sites, stock, units

LONG = {host: f"ejabberd@{name}" for host, name in sites.FULL.items()}
SHORT = f"ejabberd@{sites.SHORT}"


def registered(lab: Lab, host: str, domain: str = "localhost") -> list[str]:
    return ctl(lab, host, "registered_users", domain)


async def joined_and_apart_again(
    lab: Lab, ejtui: Ejtui, accounts: Mapping[str, Sequence[str]], domain: str
) -> None:
    """Join, an erl shell in each node, check, takeover, rollback."""
    async with engine(lab) as one:
        await joined_with_the_operator(one, "sync")
        await one.pair.refresh()
        journal = Journal(paths.journal_file(one.pair.name), one.pair.name)
        for node in (one.pair.first, one.pair.second):
            shell = await own_shell.open_on(node, node.facts, 80, 24, journal, one.pair.recordings)
            try:
                await shell.ready()
                assert LONG[node.role] in await shell.command("node().")
            finally:
                await shell.close()
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer["findings"]
    assert registered(lab, "second", domain) == sorted(accounts["first"])
    status, answer = ejtui.json("rollback", "--yes")
    assert status == 0, answer["error"]
    for host in HOSTS:
        assert registered(lab, host, domain) == sorted(accounts[host])
        assert units.settled(lab, host) == "active"


@pytest.mark.catalogue
async def test_stock_hosts_of_two_sites_get_long_names_and_join(fresh_systemd_lab: Lab) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    stock.install(lab)
    sites.call(lab)
    status, answer = ejtui.json("check")
    assert [each["code"] for each in answer["findings"]] == ["both-localhost"], answer["findings"]
    status, answer = ejtui.json("repair", "both-localhost", "--yes")
    assert status == 0, answer["error"]
    assert {host: answer[host]["name"] for host in HOSTS} == LONG
    await joined_and_apart_again(lab, ejtui, stock.ACCOUNTS, "localhost")


@pytest.mark.catalogue
def test_fresh_images_of_one_name_are_left_as_they_are(fresh_systemd_lab: Lab) -> None:
    """Two hosts of one image, neither of which got a name."""
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    stock.install(lab)
    for host in HOSTS:
        script = 'hostname "$1"; printf "127.0.0.1 localhost\\n127.0.1.1 $1\\n" >/etc/hosts'
        lab.run(host, ["sh", "-euc", script, "sh", "debian"])
    pids = [units.vm_pids(lab, host) for host in HOSTS]
    status, answer = ejtui.json("repair", "both-localhost", "--yes")
    assert (status, answer["changed"]) == (1, False), answer
    assert "both hosts are called debian" in answer["error"]["message"]
    assert "hostnamectl set-hostname" in answer["error"]["message"]
    assert [units.vm_pids(lab, host) for host in HOSTS] == pids
    for host in HOSTS:
        assert registered(lab, host) == sorted(stock.ACCOUNTS[host])


@pytest.mark.catalogue
async def test_a_pair_that_has_long_names_joins_and_comes_apart(fresh_systemd_lab: Lab) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    sites.call(lab)
    for host in HOSTS:
        sites.name_node(lab, host, LONG[host])
        lab.run(host, ["ejabberdctl", "register", f"of_{host}", DOMAIN, "secret-of-it"])
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer["findings"]
    await joined_and_apart_again(lab, ejtui, {host: [f"of_{host}"] for host in HOSTS}, DOMAIN)


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        pytest.param(SHORT, SHORT, "name-in-use", id="one-short-name"),
        pytest.param(SHORT, f"chat@{sites.SHORT}", "name-style", id="two-short-names"),
        pytest.param(SHORT, "ejabberd@localhost", "dist-loopback", id="second-of-localhost"),
        pytest.param(SHORT, LONG["second"], "name-style", id="second-long-already"),
    ],
)
@pytest.mark.catalogue
def test_names_that_two_sites_cannot_keep_become_long_ones(
    fresh_systemd_lab: Lab, first: str, second: str, code: str
) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    sites.call(lab)
    for host, node in (("first", first), ("second", second)):
        sites.name_node(lab, host, node)
        lab.run(host, ["ejabberdctl", "register", f"of_{host}", DOMAIN, "secret-of-it"])
    status, answer = ejtui.json("check")
    assert [each["code"] for each in answer["findings"]] == [code], answer["findings"]

    status, answer = ejtui.json("repair", code, "--yes")
    assert status == 0, answer["error"]
    alive = second.partition("@")[0]
    assert answer["first"]["name"] == LONG["first"]
    assert answer["second"]["name"] == f"{alive}@{sites.FULL['second']}"
    for host in HOSTS:
        assert registered(lab, host, DOMAIN) == [f"of_{host}"]
    status, answer = ejtui.json("check")
    assert answer["findings"] == [], answer["findings"]
