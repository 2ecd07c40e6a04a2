"""Every way a host can be out of reach: one clear message, in bounded time."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ejtui.config import HostConfig
from ejtui.hosts import (
    BecomeFailed,
    HostError,
    HostKeyChanged,
    HostKeyUnknown,
    Unreachable,
    open_host,
)
from ejtui.hosts.ssh import options
from ejtui.hosts.ssh.known_hosts import remember
from tests.patience import SECONDS

if TYPE_CHECKING:
    from tests.lab.hosts.conftest import Sshd

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def listening(talk: Callable[[Streams], Awaitable[None]]) -> AsyncIterator[int]:
    """A TCP server that does with each caller what `talk` does; yields its port."""

    async def call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk((reader, writer))
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(call, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def hung_up_on(streams: Streams) -> None:
    """Send nothing until the client gives up."""
    await streams[0].read()


class Wire:
    """A TCP connection to sshd that can be frozen or cut."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: list[asyncio.StreamWriter] = []
        self.flowing = asyncio.Event()
        self.flowing.set()

    async def talk(self, near: Streams) -> None:
        far = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers += [near[1], far[1]]
        await asyncio.gather(self._copy(near[0], far[1]), self._copy(far[0], near[1]))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self.flowing.wait()
            writer.write(data)
            await writer.drain()
        writer.close()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


async def failing(sshd: Sshd, **changes: object) -> Unreachable:
    """The error of a connection that must not be made."""
    host = open_host(sshd.config(**changes))  # type: ignore[arg-type]
    with pytest.raises(Unreachable) as caught:
        await host.connect()
    await host.close()
    message = str(caught.value)
    assert message.startswith("first (")
    assert "\n" not in message
    assert caught.value.next_action
    return caught.value


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "CONNECT_SECONDS", 1.0)


async def test_a_name_that_does_not_resolve(sshd: Sshd) -> None:
    error = await failing(sshd, address="no-such-host.invalid")
    assert "no-such-host.invalid does not resolve" in error.what


async def test_a_port_that_refuses(sshd: Sshd) -> None:
    async with listening(lambda _: asyncio.sleep(0)) as port:
        pass
    error = await failing(sshd, port=port)
    assert f"port {port} refuses the connection" in error.what


@pytest.mark.usefixtures("_impatient")
async def test_one_that_takes_the_call_and_says_nothing(sshd: Sshd) -> None:
    async with listening(hung_up_on) as port:
        error = await failing(sshd, port=port)
    assert "takes the connection, but does not start an SSH session" in error.what


@pytest.mark.usefixtures("_impatient")
async def test_one_that_stops_after_its_banner(sshd: Sshd) -> None:
    async def talk(streams: Streams) -> None:
        streams[1].write(b"SSH-2.0-OpenSSH_9.2\r\n")
        await hung_up_on(streams)

    async with listening(talk) as port:
        error = await failing(sshd, port=port)
    assert "does not start an SSH session" in error.what


@pytest.mark.parametrize("before", [b"", b"SSH-2.0-x\r\n", b"SSH-2.0-x\r\n\0\0\0\x0c\x0a"])
async def test_one_that_hangs_up_halfway(sshd: Sshd, before: bytes) -> None:
    async def talk(streams: Streams) -> None:
        streams[1].write(before)
        await streams[1].drain()

    async with listening(talk) as port:
        error = await failing(sshd, port=port)
    assert "closed the connection halfway" in error.what


async def test_one_that_speaks_something_else(sshd: Sshd) -> None:
    async def talk(streams: Streams) -> None:
        streams[1].write(b"HTTP/1.1 400 Bad Request\r\n" * 2000)
        await streams[1].drain()
        await hung_up_on(streams)

    async with listening(talk) as port:
        error = await failing(sshd, port=port)
    assert f"no SSH connection with 127.0.0.1 port {port}" in error.what


async def test_a_user_that_is_not_let_in(sshd: Sshd, keygen: Callable[[Path], str]) -> None:
    other = sshd.work / "other_id"
    keygen(other)
    error = await failing(sshd, identity_file=str(other))
    assert "it lets opsh in with none of our keys" in error.what
    assert "ssh-copy-id opsh@127.0.0.1" in error.next_action


async def test_a_key_file_that_is_missing_or_none(sshd: Sshd, tmp_path: Path) -> None:
    error = await failing(sshd, identity_file="/no/such/key")
    assert "cannot read /no/such/key: No such file" in error.what
    wrong = tmp_path / "key"
    wrong.write_text("not a key\n")
    assert "is not a private key" in (await failing(sshd, identity_file=str(wrong))).what


async def test_a_key_with_a_passphrase(sshd: Sshd, tmp_path: Path) -> None:
    key = tmp_path / "key"
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret words", "-f", str(key)]
    await (await asyncio.create_subprocess_exec(*argv)).wait()
    error = await failing(sshd, identity_file=str(key))
    assert "protected by a passphrase" in error.what
    assert f"ssh-add {key}" in error.next_action


async def test_settings_that_cannot_be_read(sshd: Sshd, tmp_path: Path) -> None:
    assert "cannot read /no/such" in (await failing(sshd, ssh_config="/no/such")).what
    settings = tmp_path / "ssh_config"
    settings.write_text("Host *\n  Port many\n")
    error = await failing(sshd, ssh_config=str(settings))
    assert "its SSH settings cannot be used" in error.what


def fingerprint(file: Path) -> str:
    """A public key's fingerprint, as ssh-keygen shows it."""
    said = subprocess.run(["ssh-keygen", "-lf", str(file)], capture_output=True, check=True)
    return said.stdout.decode().split()[1]


@pytest.mark.parametrize("hashes", ["yes", "no"])
async def test_an_unknown_host_key_is_shown_and_only_then_trusted(
    sshd: Sshd, tmp_path: Path, keygen: Callable[[Path], str], hashes: str
) -> None:
    known = tmp_path / "known_hosts"
    settings = tmp_path / "ssh_config"
    settings.write_text(f"Host 127.0.0.1\n  HashKnownHosts {hashes}\n")
    error = await failing(sshd, known_hosts=str(known), ssh_config=str(settings))
    assert isinstance(error, HostKeyUnknown)
    assert error.fingerprint == fingerprint(sshd.work / "host_key.pub")
    assert f"ssh-ed25519 {error.fingerprint}" in str(error)
    assert not known.exists()
    remember(error)
    assert known.stat().st_mode & 0o777 == 0o600
    assert known.read_text().startswith("|1|" if hashes == "yes" else f"[127.0.0.1]:{sshd.port} ")
    # ssh itself finds it there.
    find = ["ssh-keygen", "-F", f"[127.0.0.1]:{sshd.port}", "-f", str(known)]
    found = await asyncio.to_thread(subprocess.run, find, capture_output=True, check=True)
    assert b"ssh-ed25519" in found.stdout
    other = keygen(tmp_path / "other")
    changed = known.read_text().split()[0] + f" {other}\n"
    run_in_thread = tmp_path / "changed"
    run_in_thread.write_text(changed)
    held = await failing(sshd, known_hosts=str(run_in_thread))
    assert isinstance(held, HostKeyChanged)
    assert held.known[0].line == 1
    async with sshd.host(known_hosts=str(known)) as host:
        assert (await host.run(["echo", "in"])).stdout == b"in\n"


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
async def test_a_changed_host_key_stops_everything(sshd: Sshd, tmp_path: Path, kind: str) -> None:
    argv = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(tmp_path / "k")]
    await (await asyncio.create_subprocess_exec(*argv)).wait()
    key = " ".join((tmp_path / "k.pub").read_text().split()[:2])
    known = tmp_path / "known_hosts"
    known.write_text(f"# mine\nother.example {key}\n[127.0.0.1]:{sshd.port} {key}\n")
    error = await failing(sshd, known_hosts=str(known))
    assert isinstance(error, HostKeyChanged)
    [old] = error.known
    assert (old.fingerprint, old.file, old.line) == (fingerprint(tmp_path / "k.pub"), str(known), 3)
    new = fingerprint(sshd.work / "host_key.pub")
    assert error.fingerprint == new
    assert f"it shows ssh-ed25519 {new}, {known} line 3 has {old.fingerprint}" in str(error)
    assert f"line 3 from {known}" in error.next_action


@pytest.mark.parametrize("line", ["UserKnownHostsFile none", "StrictHostKeyChecking no"])
async def test_no_setting_turns_the_check_off(sshd: Sshd, tmp_path: Path, line: str) -> None:
    settings = tmp_path / "ssh_config"
    settings.write_text(f"{line}\nGlobalKnownHostsFile /dev/null\n")
    error = await failing(sshd, ssh_config=str(settings), known_hosts=None)
    assert isinstance(error, HostKeyUnknown)


async def test_ssh_config_is_honoured(sshd: Sshd, tmp_path: Path) -> None:
    settings = tmp_path / "ssh_config"
    settings.write_text(
        f"Host front\n  HostName 127.0.0.1\n  Port {sshd.port}\n  User opbash\n"
        f"  IdentityFile {sshd.work}/id\n  UserKnownHostsFile {sshd.work}/known_hosts\n"
    )
    changes: dict[str, Any] = {
        "user": None,
        "port": None,
        "identity_file": None,
        "known_hosts": None,
    }
    config = sshd.config(**changes, address="front", ssh_config=str(settings))
    host = open_host(config)
    await host.connect()
    assert (await host.run(["id", "-un"])).stdout == b"opbash\n"
    assert (host.login, host.where) == ("opbash", "opbash@front")
    await host.close()


async def test_through_jump_hosts(sshd: Sshd) -> None:
    jumps = f"opbash@127.0.0.1:{sshd.port},opcsh@127.0.0.1:{sshd.port}"
    async with sshd.host(proxy_jump=jumps) as host:
        output = await host.run(["sh", "-c", "echo $SSH_CONNECTION; id -un"])
        assert output.stdout.split()[-1] == b"opsh"
    error = await failing(sshd, port=1, proxy_jump=jumps)
    assert "the jump host cannot connect to 127.0.0.1 port 1" in error.what
    error = await failing(sshd, proxy_jump="opbash@127.0.0.1:1")
    assert "the jump host to 127.0.0.1" in error.where
    assert "refuses" in error.what


async def test_a_jump_hosts_key_is_checked_too(sshd: Sshd, tmp_path: Path) -> None:
    error = await failing(
        sshd,
        proxy_jump=f"opbash@127.0.0.1:{sshd.port}",
        known_hosts=str(tmp_path / "none"),
    )
    assert isinstance(error, HostKeyUnknown)
    assert "the jump host" in error.where


async def test_a_line_that_is_cut(sshd: Sshd) -> None:
    wire = Wire(sshd.port)
    async with listening(wire.talk) as port:
        host = open_host(_on(sshd, port))
        await host.connect()
        lost: list[Exception] = []
        host.on_lost(lost.append)
        process = await host.open_process(["cat"])
        terminal = await host.open_terminal(["cat"], columns=80, rows=24)
        running = asyncio.create_task(host.run(["sleep", "30"]))
        reading = asyncio.create_task(process.readline())
        await host.run(["true"])
        wire.cut()
        for task in (running, reading):
            with pytest.raises(Unreachable, match="dropped"):
                await asyncio.wait_for(task, SECONDS)
        assert await asyncio.wait_for(terminal.wait(), SECONDS) is None
        terminal.socket.setblocking(True)
        assert await asyncio.to_thread(terminal.socket.recv, 10) == b""
        assert [type(error) for error in lost] == [Unreachable]
        assert host.lost is lost[0]
        with pytest.raises(Unreachable, match="dropped"):
            await host.run(["true"])
        await host.connect()
        assert (await host.run(["echo", "again"])).stdout == b"again\n"
        assert host.lost is None
        await process.close()
        await terminal.close()
        await host.close()


async def test_a_line_that_falls_silent(sshd: Sshd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "KEEPALIVE_SECONDS", 0.3)
    wire = Wire(sshd.port)
    async with listening(wire.talk) as port:
        host = open_host(_on(sshd, port))
        await host.connect()
        wire.flowing.clear()
        with pytest.raises(Unreachable, match="dropped"):
            await asyncio.wait_for(host.run(["true"]), SECONDS)
        await asyncio.wait_for(host.close(), SECONDS)
        wire.cut()


async def test_a_timeout_on_a_silent_line_is_bounded(sshd: Sshd) -> None:
    wire = Wire(sshd.port)
    async with listening(wire.talk) as port:
        host = open_host(_on(sshd, port))
        await host.connect()
        process = await host.open_process(["cat"])
        wire.flowing.clear()
        with pytest.raises(HostError):
            await asyncio.wait_for(host.run(["true"], timeout=0.5), SECONDS)
        await asyncio.wait_for(process.close(), SECONDS)
        await asyncio.wait_for(host.close(), SECONDS)
        wire.cut()


def _on(sshd: Sshd, port: int) -> HostConfig:
    known = (sshd.work / "known_hosts").read_text()
    file = sshd.work / f"known_hosts_{port}"
    file.write_text(known.replace(f":{sshd.port} ", f":{port} "))
    return sshd.config(port=port, known_hosts=str(file))


@pytest.mark.parametrize(
    ("login", "become", "said"),
    [
        ("opask", "sudo", "a password is required"),
        ("opask", "doas", "Operation not permitted|not allowed|not enabled"),
        ("opask", "su", "asks for a password|Authentication failure"),
        ("opask", "none", "may not become root"),
    ],
)
async def test_a_password_that_would_be_needed(
    sshd: Sshd, login: str, become: str, said: str
) -> None:
    async with sshd.host(login, become=become) as host:
        for attempt in (
            lambda: host.run(["cat"], user="root", stdin=b"secret\n" * 3),
            lambda: host.open_process(["cat"], user="root"),
            lambda: host.open_terminal(["cat"], user="root", columns=80, rows=24),
        ):
            with pytest.raises(BecomeFailed, match=said) as caught:
                await attempt()
            assert caught.value.next_action
            assert "secret" not in str(caught.value)
        assert host.root == (None if become == "none" else "root")
