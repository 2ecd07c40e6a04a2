"""Nodes that meet by another distribution than plain TCP on IPv4, given wherever options are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ejtui import paths
from ejtui.cluster.journal import Journal
from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from ejtui.lab.people import DOMAIN, GUEST, people
from ejtui.ui.session import own_shell
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import engine
from tests.lab.cluster.operator import joined_with_the_operator

THEIRS = sorted(person.user for person in people("first"))

_OPTFILE = """[{server,[{certfile,"/etc/ejabberd/dist.pem"},{secure_renegotiate,true}]},
 {client,[{verify,verify_none},{secure_renegotiate,true}]}].
"""
_PEM = """
cd /etc/ejabberd
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=ejabberd -days 9 \\
    -keyout key.pem -out cert.pem
cat key.pem cert.pem >dist.pem
rm key.pem cert.pem
chown ejabberd dist.pem
"""
_IPV6 = {"first": "fd00:e1::1", "second": "fd00:e1::2"}


def tls(node: LabNode, protocol: str = "inet_tls") -> None:
    node.script(_PEM)
    node.script('cat >"$1"', "/etc/ejabberd/ssl_dist.conf", stdin=_OPTFILE.encode())
    options = f"-proto_dist {protocol} -ssl_dist_optfile /etc/ejabberd/ssl_dist.conf"
    node.script('echo "ERL_OPTIONS=\\"\\$ERL_OPTIONS $1\\"" >>/etc/default/ejabberd', options)


def ipv6_addresses(node: LabNode) -> None:
    node.run("ip", "address", "add", f"{_IPV6[node.host]}/64", "dev", "peer", "nodad")
    for host, address in _IPV6.items():
        node.script('sed -i "/ $1\\$/d" /etc/hosts; echo "$2 $1" >>/etc/hosts', host, address)


def ipv6(node: LabNode) -> None:
    ipv6_addresses(node)
    node.script("printf '# IPv6 alone\\n-proto_dist inet6_tcp\\n' >/etc/ejabberd/vm.args")


def ipv6_tls(node: LabNode) -> None:
    ipv6_addresses(node)
    tls(node, "inet6_tls")


def fixed_port(node: LabNode) -> None:
    node.configure(ERL_DIST_PORT="5210")


def epmd_port(node: LabNode) -> None:
    node.script('echo "export ERL_EPMD_PORT=5369" >>/etc/default/ejabberd')


async def shells_on_both(lab: Lab) -> None:
    """An erl shell in each running node, as the key `s` opens one."""
    async with engine(lab) as one:
        await one.pair.refresh()
        journal = Journal(paths.journal_file(one.pair.name), one.pair.name)
        for node in (one.pair.first, one.pair.second):
            facts, recordings = node.facts, one.pair.recordings
            shell = await own_shell.open_on(node, facts, 80, 24, journal, recordings)
            try:
                await shell.ready()
                assert node.platform.node in await shell.command("node().")
            finally:
                await shell.close()


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(tls, id="tls"),
        pytest.param(ipv6, id="ipv6", marks=pytest.mark.catalogue),
        pytest.param(ipv6_tls, id="ipv6-tls", marks=pytest.mark.catalogue),
        pytest.param(fixed_port, id="fixed-port", marks=pytest.mark.catalogue),
        pytest.param(epmd_port, id="epmd-port", marks=pytest.mark.catalogue),
    ],
)
async def test_a_pair_joins_with_the_operator_at_the_shell_and_comes_apart(
    fresh_lab: Lab, given: Callable[[LabNode], None]
) -> None:
    lab, ejtui = fresh_lab, Ejtui(fresh_lab)
    for node in (first(lab), second(lab)):
        node.stop()
        given(node)
    for host in ("first", "second"):
        lab.run(host, lab.form.starting(host))
    for host in ("first", "second"):
        lab.run(host, [lab.form.ejabberdctl(host), "started"], check=False)

    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer["findings"]
    async with engine(lab) as one:
        await joined_with_the_operator(one, "sync")
    await shells_on_both(lab)
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer["findings"]
    assert ejtui.ctl("second", "registered_users", DOMAIN) == THEIRS
    status, answer = ejtui.json("rollback", "--yes")
    assert status == 0, answer["error"]
    assert ejtui.ctl("second", "registered_users", DOMAIN) == [GUEST]
