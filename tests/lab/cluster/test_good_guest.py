"""What looking at a pair leaves on its hosts: nothing in a log, and no new name in a node."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from ejtui.cluster.join.check import check
from ejtui.lab.faults.node import LabNode
from ejtui.lab.lab import Lab
from tests.lab.cluster.engine import engine

HOSTS = ("first", "second")
LOGS = "/var/log/ejabberd"
SUDO_LOG = "/run/sudo.log"
ROUNDS = 3
LOGINS = 2 + ROUNDS
MOST_OF_A_LOGIN = 5000
"""Bytes of sudo's log: in a system's log each thousand is a line."""


def logged(lab: Lab, host: str) -> list[str]:
    """Every line of ejabberd's logs."""
    text = lab.run(host, ["sh", "-c", f"cat {LOGS}/*.log"]).stdout.decode()
    return text.splitlines()


def left(lab: Lab, host: str) -> list[str]:
    """Files, processes and names at epmd, without those of the lab's own question."""
    script = (
        "find /tmp /run /root /home /etc /var/lib/ejabberd -xdev ! -name sudo.log -type f;"
        " ps ax -o args= | grep -v 'ps ax\\|find\\|grep\\|ejtui-lab'; epmd -names"
    )
    return sorted(lab.run(host, ["sh", "-c", script]).stdout.decode().splitlines())


def by_sudo(lab: Lab, host: str) -> int:
    return lab.run(host, ["cat", SUDO_LOG], check=False).stdout.count(b"COMMAND=")


def logged_by_sudo(lab: Lab, host: str) -> int:
    return len(lab.run(host, ["cat", SUDO_LOG], check=False).stdout)


def atoms(lab: Lab, host: str) -> int:
    return int(LabNode(lab, host).ask("erlang:system_info(atom_count)"))


async def visits(lab: Lab) -> None:
    """Two ejtui at once that look again and again, one that comes and goes, and a check each."""
    async with AsyncExitStack() as stack:
        pairs = [(await stack.enter_async_context(engine(lab))).pair for _ in range(2)]
        for _ in range(ROUNDS):
            await asyncio.gather(*(pair.refresh() for pair in pairs))
            async with engine(lab) as other:
                await check(other.pair)


async def test_looking_leaves_nothing_on_a_pair_that_is_not_joined(fresh_lab: Lab) -> None:
    for host in HOSTS:
        fresh_lab.run(host, ["sed", "-i", f"1i Defaults logfile={SUDO_LOG}", "/etc/sudoers"])
    lines = {host: logged(fresh_lab, host) for host in HOSTS}
    files = {host: left(fresh_lab, host) for host in HOSTS}
    await visits(fresh_lab)
    assert [by_sudo(fresh_lab, host) for host in HOSTS] == [2 * LOGINS] * 2, "more than a login's"
    for host in HOSTS:
        assert logged_by_sudo(fresh_lab, host) <= LOGINS * MOST_OF_A_LOGIN
    assert {host: left(fresh_lab, host) for host in HOSTS} == files
    known = {host: atoms(fresh_lab, host) for host in HOSTS}
    by_asking = {host: atoms(fresh_lab, host) - known[host] for host in HOSTS}
    await visits(fresh_lab)
    for host in HOSTS:
        assert logged(fresh_lab, host)[len(lines[host]) :] == []
        gained = atoms(fresh_lab, host) - known[host] - 2 * by_asking[host]
        assert gained == 0, "names that the node keeps"
