"""ssh_config's less common ways: what is understood leads to the right place, the rest is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ejtui.hosts import HostKeyChanged, HostKeyUnknown, Unreachable, open_host
from tests.lab.hosts.daemons import Daemon, daemon, generate, public

if TYPE_CHECKING:
    from tests.lab.hosts.conftest import Sshd


@pytest.fixture(scope="module")
def right(sshd: Sshd, tmp_path_factory: pytest.TempPathFactory) -> Daemon:
    """Where the settings lead."""
    return daemon(sshd, tmp_path_factory.mktemp("right"))


class Settings:
    """A ssh_config that somebody wrote, and the connection it makes."""

    def __init__(self, right: Daemon, directory: Path) -> None:
        self.right = right
        self.known = right.trusting(directory)
        self.file = directory / "ssh_config"

    async def user(self, text: str, address: str = "127.0.0.1", **changes: Any) -> str:
        """Who a program runs as with these settings; the fingerprint's host is `right`."""
        self.file.write_text(text)
        own = {"user": None, "port": None, "address": address, "ssh_config": str(self.file)}
        host = open_host(self.right.config(self.known, **(own | changes)))
        try:
            await host.connect()
            return (await host.run(["id", "-un"])).stdout.decode().strip()
        finally:
            await host.close()

    async def refused(self, text: str, address: str = "127.0.0.1", **changes: Any) -> Unreachable:
        with pytest.raises(Unreachable) as caught:
            await self.user(text, address, **changes)
        assert "\n" not in str(caught.value)
        assert caught.value.next_action
        return caught.value


@pytest.fixture
def settings(right: Daemon, tmp_path: Path) -> Settings:
    return Settings(right, tmp_path)


async def test_match_blocks_choose_the_port_and_the_user(
    settings: Settings, right: Daemon, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    text = (
        f"Match host 127.0.0.* exec \"test -e '{mark}' && test %n = 127.0.0.1\"\n  User opbash\n"
        "Match host !127.0.0.1,*\n  User wrong\n  Port 1\n"
        "Match originalhost 127.0.0.1 user nobody,opno\n  Port 1\n"
        f"Match host 127.0.0.1 user opbash,opcsh\n  Port {right.port}\n"
        f"Match all # and so on\n  User opcsh # a comment\n  Port {right.port}\n"
    )
    assert await settings.user(text) == "opcsh"
    mark.touch()
    assert await settings.user(text) == "opbash"


async def test_match_final_adds_to_what_is_known(settings: Settings, right: Daemon) -> None:
    text = (
        "Host alias\n  HostName 127.0.0.1\n  User opbash\n"
        f"Match final host 127.0.0.1\n  Port {right.port}\n  User wrong\n"
    )
    assert await settings.user(text, "alias") == "opbash"


async def test_included_files_hold_in_their_block_alone(
    settings: Settings, right: Daemon, tmp_path: Path
) -> None:
    (tmp_path / "a.conf").write_text(
        f"User opbash\nHost other\n  Port 1\nHost *\n  Port {right.port}\n"
    )
    (tmp_path / "b.conf").write_text("User opcsh\n")
    text = f"Host other\n  Include {tmp_path}/b.conf\nHost 127.*\n  Include {tmp_path}/[ab].conf\n"
    assert await settings.user(text) == "opbash"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('Match exec "test %Q = 127.0.0.1"\n  User opbash\n', "%Q"),
        ("Match sessiontype shell\n  User opbash\n", "sessiontype"),
        ("Match version foo\n  User opbash\n", "version"),
        ("Match host\n  User opbash\n", "host"),
        ("Port 22 23\n", "23"),
        ("Host 127.0.0.1\n  ProxyCommand nc %Q\n", "Q"),
    ],
)
async def test_what_is_not_understood_is_named_with_its_line(
    settings: Settings, text: str, said: str
) -> None:
    error = await settings.refused(f"# mine\n{text}", port=settings.right.port)
    assert error.layer == "settings"
    assert "its SSH settings cannot be used" in error.what
    assert said in error.what
    assert "line" in error.what or said == "Q"


async def test_a_key_for_each_port(settings: Settings, right: Daemon, tmp_path: Path) -> None:
    """A line for another port of the same address is no key of this one, and none is changed."""
    other = tmp_path / "other"
    generate(other)
    port = f"Port {right.port}\nUser opsh\n"
    settings.known.write_text(f"[127.0.0.1]:1 {public(other)}\n{right.known}")
    assert await settings.user(port) == "opsh"
    settings.known.write_text(f"[127.0.0.1]:1 {public(other)}\n")
    assert isinstance(await settings.refused(port), HostKeyUnknown)
    settings.known.write_text(f"[127.0.0.1]:{right.port} {public(other)}\n")
    assert isinstance(await settings.refused(port), HostKeyChanged)


async def test_a_proxy_command_is_used(settings: Settings, right: Daemon) -> None:
    command = (
        f"ssh -F none -i {right.sshd.work}/id -o UserKnownHostsFile={settings.known} "
        f"-o BatchMode=yes -p {right.port} -W 127.0.0.1:%p opbash@127.0.0.1"
    )
    text = f"Host behind\n  User opsh\n  Port {right.port}\n  ProxyCommand {command}\n"
    settings.known.write_text(f"{right.known}[behind]:{right.port} {public(right.key)}\n")
    assert await settings.user(text, "behind") == "opsh"
    error = await settings.refused("Host behind\n  ProxyCommand false\n", "behind")
    assert "closed the connection halfway" in error.what
    error = await settings.refused("Host behind\n  ProxyCommand no-such-program\n", "behind")
    assert "its ProxyCommand cannot be run" in error.what


async def test_the_address_to_come_from(settings: Settings, right: Daemon) -> None:
    text = f"BindAddress 127.0.0.2\nAddressFamily inet\nPort {right.port}\nUser opsh\n"
    assert await settings.user(text) == "opsh"
    assert "Connection from 127.0.0.2 port " in right.log
