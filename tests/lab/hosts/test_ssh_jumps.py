"""Ways through jump hosts: each one's key is checked, and the one that is broken is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ejtui.config import HostConfig
from ejtui.hosts import HostKeyChanged, HostKeyUnknown, Unreachable, open_host
from ejtui.hosts.ssh.known_hosts import remember
from tests.lab.hosts.daemons import Daemon, daemon, fingerprint, generate, public

if TYPE_CHECKING:
    from tests.lab.hosts.conftest import Sshd


@pytest.fixture(scope="module")
def chain(sshd: Sshd, tmp_path_factory: pytest.TempPathFactory) -> tuple[Daemon, Daemon, Daemon]:
    """Two jump hosts and what is behind them, with a key each, on ports of one address."""
    directory = tmp_path_factory.mktemp("chain")
    near, far, target = (daemon(sshd, directory) for _ in range(3))
    return near, far, target


def through(chain: tuple[Daemon, Daemon, Daemon], known: Path) -> HostConfig:
    near, far, target = chain
    jumps = f"opbash@127.0.0.1:{near.port},opcsh@127.0.0.1:{far.port}"
    return target.config(known, proxy_jump=jumps)


async def said(config: HostConfig) -> bytes:
    host = open_host(config)
    await host.connect()
    try:
        return (await host.run(["sh", "-c", "id -un"])).stdout
    finally:
        await host.close()


async def refused(config: HostConfig) -> Unreachable:
    host = open_host(config)
    with pytest.raises(Unreachable) as caught:
        await host.connect()
    await host.close()
    return caught.value


async def test_two_jump_hosts_are_both_gone_through(
    chain: tuple[Daemon, Daemon, Daemon], tmp_path: Path
) -> None:
    near, far, target = chain
    before = [each.log.count("Accepted publickey") for each in chain]
    assert await said(through(chain, near.trusting(tmp_path, far, target))) == b"opsh\n"
    after = [each.log.count("Accepted publickey") for each in chain]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 1]
    assert near.log.count("Accepted publickey for opbash") == after[0]
    assert far.log.count("Accepted publickey for opcsh") == after[1]


async def test_each_key_is_asked_about_in_turn_from_the_nearest(
    chain: tuple[Daemon, Daemon, Daemon], tmp_path: Path
) -> None:
    known = tmp_path / "known_hosts"
    config = through(chain, known)
    near, far, target = chain
    wheres = [
        f"opbash@127.0.0.1:{near.port}, the jump host to 127.0.0.1:{far.port}",
        f"opcsh@127.0.0.1:{far.port}, the jump host to 127.0.0.1:{target.port}",
        "opsh@127.0.0.1",
    ]
    for each, where in zip(chain, wheres, strict=True):
        error = await refused(config)
        assert isinstance(error, HostKeyUnknown)
        assert error.fingerprint == fingerprint(each.key)
        assert error.where == where
        remember(error)
    assert known.read_text() == near.known + far.known + target.known
    assert await said(config) == b"opsh\n"


def _another_key(chain: tuple[Daemon, Daemon, Daemon], known: Path, broken: int) -> HostConfig:
    other = known.parent / "other"
    generate(other)
    text = known.read_text().replace(public(chain[broken].key), public(other))
    known.write_text(text)
    return through(chain, known)


def _no_port(chain: tuple[Daemon, Daemon, Daemon], known: Path, broken: int) -> HostConfig:
    config = through(chain, known)
    port = f":{chain[broken].port}"
    jump = str(config.proxy_jump).replace(port, ":1")
    return replace(config, proxy_jump=jump, port=1 if broken == len(chain) - 1 else config.port)


def _nobody(chain: tuple[Daemon, Daemon, Daemon], known: Path, broken: int) -> HostConfig:
    config = through(chain, known)
    user = ("opbash", "opcsh", "opsh")[broken]
    jump = str(config.proxy_jump).replace(user, "nobodyatall")
    return replace(config, proxy_jump=jump, user=str(config.user).replace(user, "nobodyatall"))


@pytest.mark.parametrize(
    ("break_", "what"),
    [
        (_another_key, "its host key changed"),
        (_no_port, "refuses the connection|cannot connect to 127.0.0.1 port 1"),
        (_nobody, "it lets nobodyatall in with none of our keys"),
    ],
)
@pytest.mark.parametrize("broken", [0, 1, 2])
async def test_the_one_that_is_broken_is_named(
    chain: tuple[Daemon, Daemon, Daemon],
    tmp_path: Path,
    broken: int,
    break_: Callable[[tuple[Daemon, Daemon, Daemon], Path, int], HostConfig],
    what: str,
) -> None:
    near, far, target = chain
    known = near.trusting(tmp_path, far, target)
    behind = [each.log.count("Connection from") for each in chain[broken + 1 :]]
    error = await refused(break_(chain, known, broken))
    if broken < len(chain) - 1:
        port = 1 if break_ is _no_port else chain[broken].port
        assert f"@127.0.0.1:{port}, the jump host to " in error.where
    else:
        assert error.where.endswith("@127.0.0.1")
    assert what.split("|")[0] in error.what or what.split("|")[-1] in error.what
    assert isinstance(error, HostKeyChanged) == (break_ is _another_key)
    assert [each.log.count("Connection from") for each in chain[broken + 1 :]] == behind


async def test_a_setting_for_all_hosts_does_not_lead_a_jump_host_through_itself(
    chain: tuple[Daemon, Daemon, Daemon], tmp_path: Path
) -> None:
    near, _, target = chain
    settings = tmp_path / "ssh_config"
    settings.write_text(f"Host *\n  ProxyJump opbash@127.0.0.1:{near.port}\n")
    known = near.trusting(tmp_path, target)
    before = near.log.count("Accepted publickey")
    assert await said(target.config(known, ssh_config=str(settings))) == b"opsh\n"
    assert near.log.count("Accepted publickey") == before + 1


async def test_jump_hosts_by_the_names_of_ssh_config(
    chain: tuple[Daemon, Daemon, Daemon], tmp_path: Path
) -> None:
    near, far, target = chain
    settings = tmp_path / "ssh_config"
    settings.write_text(
        f"Host near\n  HostName 127.0.0.1\n  Port {near.port}\n  User opbash\n"
        f"Host far\n  HostName 127.0.0.1\n  Port {far.port}\n  User opcsh\n  ProxyJump near\n"
        f"Host behind\n  HostName 127.0.0.1\n  Port {target.port}\n  ProxyJump far\n"
        "  HostKeyAlias the-one-behind\n"
    )
    known = near.trusting(tmp_path, far)
    with known.open("a") as file:
        file.write(f"the-one-behind {public(target.key)}\n")
    config = target.config(known, address="behind", port=None, ssh_config=str(settings))
    assert await said(config) == b"opsh\n"
    known.write_text(near.known + target.known)
    error = await refused(config)
    assert isinstance(error, HostKeyUnknown)
    assert error.where == "opcsh@far, the jump host to behind"


async def test_jump_hosts_in_circles_end(
    chain: tuple[Daemon, Daemon, Daemon], tmp_path: Path
) -> None:
    near, _, target = chain
    settings = tmp_path / "ssh_config"
    names = [f"circle{number}" for number in range(12)]
    hosts = zip(names, names[1:] + names[:1], strict=True)
    settings.write_text("".join(f"Host {one}\n  ProxyJump {two}\n" for one, two in hosts))
    config = target.config(near.trusting(tmp_path), address="circle0", ssh_config=str(settings))
    error = await refused(config)
    assert "form a loop" in error.what
