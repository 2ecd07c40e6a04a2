"""Servers that allow little: sessions, connections, commands; and what they send first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ejtui.hosts import Host, HostError, Unreachable, open_host
from tests.lab.hosts.daemons import Daemon, daemon
from tests.patience import SECONDS

if TYPE_CHECKING:
    from tests.lab.hosts.conftest import Sshd

ACCEPTED = "Accepted publickey for opsh"


@asynccontextmanager
async def connected(made: Daemon, directory: Path, **changes: Any) -> AsyncIterator[Host]:
    host = open_host(made.config(made.trusting(directory), **changes))
    await host.connect()
    try:
        yield host
    finally:
        await host.close()


async def test_one_connection_is_enough_where_sshd_is_left_as_it_is(
    sshd: Sshd, tmp_path: Path
) -> None:
    made = daemon(sshd, tmp_path)
    async with connected(made, tmp_path) as host:
        process = await host.open_process(["cat"])
        terminal = await host.open_terminal(["cat"], columns=80, rows=24)
        ran = await asyncio.gather(*(host.run(["echo", str(number)]) for number in range(6)))
        assert [each.stdout for each in ran] == [b"%d\n" % number for number in range(6)]
        await terminal.close()
        await process.close()
    assert made.log.count(ACCEPTED) == 1


@pytest.mark.parametrize("sessions", [1, 2])
async def test_further_connections_where_it_allows_few_sessions(
    sshd: Sshd, tmp_path: Path, sessions: int
) -> None:
    """A probe, a terminal, and commands beside them: what a join needs."""
    made = daemon(sshd, tmp_path, f"MaxSessions {sessions}")
    async with connected(made, tmp_path) as host:
        process = await host.open_process(["cat"], user="root")
        terminal = await host.open_terminal(["cat"], columns=80, rows=24)
        ran = await asyncio.gather(*(host.run(["echo", str(number)]) for number in range(4)))
        assert [each.stdout for each in ran] == [b"%d\n" % number for number in range(4)]
        await process.write(b"still there\n")
        assert await process.readline() == b"still there\n"
        most = made.log.count(ACCEPTED)
        assert 1 < most <= 7
        # What was opened is used again.
        assert (await host.run(["id", "-un"], user="root")).stdout == b"root\n"
        assert made.log.count(ACCEPTED) == most
        await terminal.close()
        await process.close()
    assert await all_gone(made)


async def all_gone(made: Daemon) -> bool:
    for _ in range(1500):
        log = made.log
        if log.count("Disconnected from user opsh") == log.count(ACCEPTED):
            return True
        await asyncio.sleep(0.02)
    return False


async def test_no_session_at_all_is_named_after_one_more_try(sshd: Sshd, tmp_path: Path) -> None:
    made = daemon(sshd, tmp_path, "MaxSessions 0")
    async with connected(made, tmp_path) as host:
        with pytest.raises(HostError, match="MaxSessions 0") as caught:
            await host.run(["true"])
        assert "refuses to start a command" in caught.value.what
    assert made.log.count(ACCEPTED) == 2


async def test_a_second_host_behind_one_that_limits_start_ups(sshd: Sshd, tmp_path: Path) -> None:
    """Two connections begin at once where sshd takes one at a time: neither is lost."""
    made = daemon(sshd, tmp_path, "MaxStartups 1:100:1")
    hosts = [open_host(made.config(made.trusting(tmp_path))) for _ in range(3)]
    try:
        await asyncio.gather(*(host.connect() for host in hosts))
    finally:
        await asyncio.gather(*(host.close() for host in hosts))
    assert made.log.count(ACCEPTED) == 3


async def test_one_that_takes_nobody_any_more_is_named(sshd: Sshd, tmp_path: Path) -> None:
    made = daemon(sshd, tmp_path, "MaxStartups 1:100:1", "LoginGraceTime 600")
    said, writer = b"", None
    while not said.startswith(b"SSH-"):  # it is in, and stays
        reader, writer = await asyncio.open_connection(made.address, made.port)
        said = await reader.readline()
    host = open_host(made.config(made.trusting(tmp_path)))
    with pytest.raises(Unreachable, match="closed the connection halfway") as caught:
        await host.connect()
    assert "MaxStartups" in caught.value.next_action
    assert writer is not None
    writer.close()


async def test_a_long_banner_with_sequences_reaches_nobody(
    sshd: Sshd, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    banner = tmp_path / "banner"
    text = "\x1b]0;mine now\x07\x1b[2J\x1b]52;c;ZXZpbA==\x07" + "warning " * 40 + "\n"
    banner.write_text(text * 200)
    made = daemon(sshd, tmp_path, f"Banner {banner}")
    async with connected(made, tmp_path) as host:
        assert (await host.run(["echo", "in"])).stdout == b"in\n"
    host = open_host(made.config(made.trusting(tmp_path), user="nobodyatall"))
    with pytest.raises(Unreachable) as caught:
        await host.connect()
    assert "mine now" not in str(caught.value)
    assert str(caught.value).isprintable()
    out = capfd.readouterr()
    assert "mine now" not in out.out + out.err


@pytest.mark.parametrize(
    ("lines", "user"),
    [
        (("Match User opsh", "ForceCommand internal-sftp"), "opsh"),
        (("Match User opsh", "ForceCommand echo This account is closed"), "opsh"),
        (("Match User opsh", "ForceCommand /bin/false"), "opsh"),
        ((), "opno"),
    ],
)
async def test_an_account_that_runs_no_commands_is_named_at_once(
    sshd: Sshd, tmp_path: Path, lines: tuple[str, ...], user: str
) -> None:
    made = daemon(sshd, tmp_path, *lines)
    async with connected(made, tmp_path, user=user, become="none") as host:
        for attempt in (
            lambda: host.run(["true"]),
            lambda: host.open_process(["cat"]),
            lambda: host.open_terminal(["cat"], columns=80, rows=24),
        ):
            async with asyncio.timeout(SECONDS):
                with pytest.raises(HostError) as caught:
                    await attempt()
            assert f"the login shell of {user} ended without running" in caught.value.what, attempt
            assert "runs commands" in caught.value.next_action
            if "closed" in str(lines):
                assert "This account is closed" in caught.value.what


async def test_names_looked_up_by_the_server_do_no_harm(sshd: Sshd, tmp_path: Path) -> None:
    made = daemon(sshd, tmp_path, "UseDNS yes")
    async with connected(made, tmp_path) as host:
        assert (await host.run(["echo", "in"])).stdout == b"in\n"


async def test_ipv6_with_and_without_a_jump(sshd: Sshd, tmp_path: Path) -> None:
    made = daemon(sshd, tmp_path, address="::1")
    assert made.name == f"[::1]:{made.port}"
    async with connected(made, tmp_path) as host:
        assert (await host.run(["echo", "in"])).stdout == b"in\n"
    async with connected(made, tmp_path, proxy_jump=f"opbash@[::1]:{made.port}") as host:
        assert (await host.run(["echo", "in"])).stdout == b"in\n"
    assert made.log.count("Accepted publickey for opbash") == 1
    settings = tmp_path / "ssh_config"
    settings.write_text(f"Host ::1\n  Port {made.port}\n")
    config = {"proxy_jump": "opbash@::1", "ssh_config": str(settings), "port": None}
    async with connected(made, tmp_path, **config) as host:
        assert (await host.run(["echo", "in"])).stdout == b"in\n"
