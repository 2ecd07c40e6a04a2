"""A name server that takes its time: everything else goes on, and nobody has to wait for it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ejtui.config import HostConfig
from ejtui.hosts import Unreachable, open_host
from ejtui.hosts.ssh import options
from tests.lab.hosts import name_server
from tests.lab.hosts.daemons import Daemon, daemon

if TYPE_CHECKING:
    from tests.lab.hosts.conftest import Sshd

# A separate network with nothing but a loopback, and the name server on it.
_SETUP = r"""
set -e
ip link set lo up
printf 'nameserver 127.0.0.1\noptions timeout:30 attempts:5\n' > "$1/resolv.conf"
printf 'hosts: dns\n' > "$1/nsswitch.conf"
for file in resolv.conf nsswitch.conf; do
  [ -e "/etc/$file" ] || : > "/etc/$file"
  mount --bind "$1/$file" "/etc/$file"
done
shift
exec "$@"
"""


@dataclass(frozen=True)
class Slow:
    """The network with the name server, and a sshd there."""

    daemon: Daemon
    enter: tuple[str, ...]
    directory: Path

    @property
    def asked(self) -> Path:
        return self.directory / "asked"

    @property
    def may(self) -> Path:
        return self.directory / "may"

    def run(self, what: str, settings: str, address: str) -> str:
        """Do one of the things at the end of this file, there; returns its output."""
        (self.directory / "ssh_config").write_text(settings)
        argv = [*self.enter, sys.executable, __file__, what, str(self.directory), address]
        argv += [str(self.daemon.port), str(self.daemon.sshd.work / "id")]
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=100, env={"PYTHONPATH": _ROOT}
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


_ROOT = str(Path(__file__).parents[3])


@pytest.fixture
def slow(sshd: Sshd, tmp_path: Path) -> Iterator[Slow]:
    argv = [*sshd.inside, "unshare", "-m", "-n", "--kill-child", "--fork"]
    server = [sys.executable, name_server.__file__, str(tmp_path / "asked"), str(tmp_path / "may")]
    with subprocess.Popen(
        [*argv, "sh", "-c", _SETUP, "sh", str(tmp_path), *server], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"listens\n"
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        enter = ("nsenter", "-t", _last(children[0]), "-m", "-n", "-p")
        made = daemon(sshd, tmp_path, enter=enter)
        names = ["slow.example", "slow.lab.example"]
        key = made.known.split(" ", 1)[1]
        lines = [f"[{name}]:{made.port} {key}" for name in names]
        (tmp_path / "known_hosts").write_text("".join(lines))
        yield Slow(made, enter, tmp_path)
        process.kill()


def _last(pid: str) -> str:
    """The process that this one's only children lead to."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return _last(children[0]) if children else pid


def test_everything_goes_on_while_a_name_is_waited_for(slow: Slow) -> None:
    assert slow.run("wait", "", "slow.example") == "the loop is free\nopsh\n"
    assert "slow.example\n" in slow.asked.read_text()


def test_it_can_be_given_up_and_left_at_once(slow: Slow) -> None:
    assert slow.run("give_up", "", "slow.example") == "the loop is free\ngiven up\n"
    # The program has ended, and there is still no answer.
    assert not slow.may.exists()


def test_it_is_bounded_and_named(slow: Slow) -> None:
    said = slow.run("bounded", "", "slow.example")
    assert said.startswith("resolves: no name server replied in time for slow.example")


def test_names_that_ssh_makes_canonical(slow: Slow) -> None:
    slow.may.touch()
    settings = (
        "CanonicalizeHostname yes\nCanonicalDomains lab.example\n"
        "Match canonical host *.lab.example\n  User opbash\n"
    )
    assert slow.run("wait", settings, "slow") == "the loop is free\nopbash\n"
    assert "slow.lab.example\n" in slow.asked.read_text()


# What is done there.
def _config(directory: Path, address: str, port: str, key: str) -> HostConfig:
    return HostConfig(
        "first",
        address,
        port=int(port),
        identity_file=key,
        become="none",
        ssh_config=str(directory / "ssh_config"),
        known_hosts=str(directory / "known_hosts"),
    )


async def _there(what: str, directory: Path, config: HostConfig) -> None:
    if what == "bounded":
        options.CONNECT_SECONDS = 1.0
    user = None if (directory / "ssh_config").read_text() else "opsh"
    host = open_host(HostConfig(**{**vars(config), "user": user}))
    connecting = asyncio.create_task(host.connect())
    for _ in range(3000):
        if (directory / "asked").exists():
            break
        await asyncio.sleep(0.01)
    else:
        raise AssertionError("no name was asked for in 30 s")
    if what == "bounded":
        try:
            await connecting
        except Unreachable as error:
            print(f"{error.layer}: {error.what}")
        return
    print("the loop is free")
    if what == "give_up":
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        print("given up")
        return
    (directory / "may").touch()
    await connecting
    print((await host.run(["id", "-un"])).stdout.decode(), end="")
    await host.close()


if __name__ == "__main__":
    work = Path(sys.argv[2])
    asyncio.run(_there(sys.argv[1], work, _config(work, *sys.argv[3:])))
