"""Keys in a real ssh-agent, and servers that allow but few of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ejtui.config import HostConfig
from ejtui.hosts import Secrets, Unreachable, open_host
from tests.lab.hosts.conftest import PASSPHRASE
from tests.lab.hosts.daemons import Daemon, daemon, generate
from tests.lab.hosts.test_passwords import Person

if TYPE_CHECKING:
    from tests.lab.hosts.conftest import Sshd

TRIES = 3


@pytest.fixture(scope="module")
def strict(sshd: Sshd, tmp_path_factory: pytest.TempPathFactory) -> Daemon:
    """A sshd that disconnects a client with many keys."""
    directory = tmp_path_factory.mktemp("strict")
    keys = f"AuthorizedKeysFile {sshd.work}/id.pub {sshd.work}/locked.pub"
    return daemon(sshd, directory, f"MaxAuthTries {TRIES}", keys)


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An agent of the test's own; yields its socket."""
    path = tmp_path / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it listens
        monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
        yield path
        process.terminate()


def add(key: Path, passphrase: str = "") -> None:
    ask = key.parent / "ask.sh"
    ask.write_text('#!/bin/sh\nprintf "%s\\n" "$PASSPHRASE"\n')
    ask.chmod(0o700)
    env = {**os.environ, "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}
    env["PASSPHRASE"] = passphrase
    subprocess.run(["ssh-add", "-q", str(key)], env=env, check=True, stdin=subprocess.DEVNULL)


def add_others(directory: Path, count: int) -> None:
    for number in range(count):
        generate(directory / f"other{number}")
        add(directory / f"other{number}")


def without_file(strict: Daemon, directory: Path, *lines: str) -> HostConfig:
    """The configuration that names no key itself."""
    settings = directory / "ssh_config"
    settings.write_text("\n".join(lines) + "\n")
    known = strict.trusting(directory)
    return strict.config(known, identity_file=None, ssh_config=str(settings))


async def said(config: HostConfig, secrets: Secrets | None = None) -> bytes:
    host = open_host(config, secrets)
    try:
        await host.connect()
        return (await host.run(["id", "-un"])).stdout.strip()
    finally:
        await host.close()


@pytest.mark.usefixtures("agent")
async def test_the_agents_key_is_enough(strict: Daemon, tmp_path: Path) -> None:
    config = without_file(strict, tmp_path)
    with pytest.raises(Unreachable, match="none of our keys"):
        await said(config)
    add(strict.sshd.work / "id")
    assert await said(config) == b"opsh"


async def test_the_agent_that_the_settings_name(
    strict: Daemon, agent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(strict.sshd.work / "id")
    monkeypatch.delenv("SSH_AUTH_SOCK")
    config = without_file(strict, tmp_path, f"IdentityAgent {agent}")
    assert await said(config) == b"opsh"


@pytest.mark.usefixtures("agent")
async def test_many_keys_in_the_agent_and_the_right_one_named(
    strict: Daemon, tmp_path: Path
) -> None:
    add_others(tmp_path, 2 * TRIES)
    add(strict.sshd.work / "id")
    config = without_file(strict, tmp_path)
    with pytest.raises(Unreachable, match="Too many authentication failures") as caught:
        await said(config)
    assert caught.value.layer == "authentication"
    for word in ("identity_file", "IdentitiesOnly"):
        assert word in caught.value.next_action
    # Each of the two that are recommended helps.
    assert await said(replace(config, identity_file=str(strict.sshd.work / "id"))) == b"opsh"
    only = ("IdentitiesOnly yes", f"IdentityFile {strict.sshd.work}/id")
    assert await said(without_file(strict, tmp_path, *only)) == b"opsh"


@pytest.mark.usefixtures("agent")
async def test_the_public_half_alone_chooses_among_the_agents_keys(
    strict: Daemon, tmp_path: Path
) -> None:
    add_others(tmp_path, 2 * TRIES)
    add(strict.sshd.work / "id")
    half = tmp_path / "chosen.pub"
    half.write_text((strict.sshd.work / "id.pub").read_text())
    for name in ("chosen", "chosen.pub"):
        only = ("IdentitiesOnly yes", f"IdentityFile {tmp_path}/{name}")
        assert await said(without_file(strict, tmp_path, *only)) == b"opsh"


@pytest.mark.usefixtures("agent")
async def test_a_locked_key_that_the_agent_holds_is_not_asked_for(
    strict: Daemon, tmp_path: Path
) -> None:
    locked = strict.sshd.work / "locked"
    add(locked, PASSPHRASE)
    person = Person("never")
    config = replace(without_file(strict, tmp_path), identity_file=str(locked))
    assert await said(config, Secrets(person)) == b"opsh"
    assert not person.questions


@pytest.mark.usefixtures("agent")
async def test_where_the_named_key_is_not_let_in_the_agents_are_tried(
    strict: Daemon, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    generate(other)
    config = replace(without_file(strict, tmp_path), identity_file=str(other))
    with pytest.raises(Unreachable, match="none of our keys"):
        await said(config)
    add(strict.sshd.work / "id")
    assert await said(config) == b"opsh"
    only = without_file(strict, tmp_path, "IdentitiesOnly yes")
    with pytest.raises(Unreachable, match="none of our keys"):
        await said(replace(only, identity_file=str(other)))


async def test_an_agent_that_is_gone_is_no_trouble(
    strict: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))
    key = str(strict.sshd.work / "id")
    assert await said(replace(without_file(strict, tmp_path), identity_file=key)) == b"opsh"
