"""Every argv, through every login shell, noisy profiles and all, over a real sshd."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ejtui.hosts import Host, HostError

if TYPE_CHECKING:
    from tests.lab.hosts.conftest import Sshd

SHELLS = ["opsh", "opbash", "opcsh", "opmksh"]
HOSTILE = [
    *("", " ", "'", '"', "\\", "\\\\'", "!", "!!", "$HOME", "$(id)", "`id`", ";id", "a\nb", "\n"),
    *("\n\n", "-n", "--", "~", "*", "%s", "\\0101", "é", "\udcff", "{a,b}", "=ls", "#x", "^a^b"),
    *("x" * 20000, "'" * 3000, "\\!", "\x7f\x01", "a'b\"c d\\e!f", "ejtui-1-2;"),
]
arguments = st.lists(
    st.one_of(
        st.binary(max_size=60).map(lambda b: os.fsdecode(b.replace(b"\0", b""))),
        st.text(alphabet="'\"\\$`!;|&<>(){}[]*?~#%^= \t\n\r\x1b-né", max_size=30),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
async def hosts(sshd: Sshd) -> AsyncIterator[Mapping[str, Host]]:
    """One connected host for each login shell."""
    async with AsyncExitStack() as stack:
        yield {user: await stack.enter_async_context(sshd.host(user)) for user in SHELLS}


def _parts(said: bytes) -> list[str]:
    return [os.fsdecode(part) for part in said.split(b"\0")[:-1]]


@pytest.mark.parametrize("user", SHELLS)
@settings(max_examples=30, deadline=None)
@given(argv=arguments)
@example(argv=HOSTILE)
async def test_any_argv_arrives(hosts: Mapping[str, Host], user: str, argv: list[str]) -> None:
    output = await hosts[user].run(["printf", "%s\\0", "start", *argv])
    assert _parts(output.stdout) == ["start", *argv]
    assert output.stderr == b""


@pytest.mark.parametrize("user", SHELLS)
@pytest.mark.parametrize("become", ["sudo", "doas"])
async def test_it_arrives_as_another_user_too(sshd: Sshd, user: str, become: str) -> None:
    script = 'printf "%s\\0" "$(id -un)" "$HOME" "$PWD" "$V" "$@"'
    async with sshd.host(user, become=become) as host:
        for who, home in (("svc", "/home/svc"), ("root", "/root")):
            output = await host.run(
                ["sh", "-c", script, "sh", *HOSTILE], user=who, env={"V": "a 'b'\n!"}
            )
            assert _parts(output.stdout) == [who, home, "/", "a 'b'\n!", *HOSTILE]
            assert output.stderr == b""


async def test_root_steps_down_to_a_user_without_a_shell(sshd: Sshd) -> None:
    async with sshd.host("root") as host:
        output = await host.run(["sh", "-c", 'printf "%s\\0" "$@"', "sh", *HOSTILE], user="svc")
        assert _parts(output.stdout) == HOSTILE
        assert (await host.run(["id", "-un"], user="svc")).stdout == b"svc\n"


@pytest.mark.parametrize("user", SHELLS)
async def test_bytes_pass_unchanged_both_ways(hosts: Mapping[str, Host], user: str) -> None:
    data = bytes(range(256)) * 2000
    for who in (None, "svc"):
        script = ["sh", "-c", "cat; cat /etc/hosts >&2"]
        output = await hosts[user].run(script, user=who, stdin=data)
        assert output.stdout == data
        assert output.stderr == (await hosts[user].run(["cat", "/etc/hosts"])).stdout


@pytest.mark.parametrize("user", SHELLS)
async def test_a_terminal_shows_the_program_alone(hosts: Mapping[str, Host], user: str) -> None:
    host = hosts[user]
    terminal = await host.open_terminal(["printf", "%s", "a'b!$x"], columns=90, rows=33)
    terminal.socket.setblocking(True)
    said = b""
    while data := await asyncio.to_thread(terminal.socket.recv, 4096):
        said += data
    assert said == b"a'b!$x"
    assert await terminal.wait() == 0
    await terminal.close()


async def test_a_login_shell_that_runs_nothing_is_named(sshd: Sshd) -> None:
    async with sshd.host("opno", become="none") as host:
        with pytest.raises(HostError, match=r"login shell of opno .* not available"):
            await host.run(["true"])
