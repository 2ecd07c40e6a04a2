"""Real pseudo-terminals, on this computer and over SSH alike."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import socket
import threading
import time

import pytest

from ejtui.hosts import BecomeFailed, Host, Terminal
from tests import patience


class Reader:
    """Reads a terminal's socket in a thread, as the shell pane does."""

    def __init__(self, sock: socket.socket) -> None:
        self.said = bytearray()
        self.ended = threading.Event()
        self._sock = sock
        sock.setblocking(True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while data := self._sock.recv(65536):
                self.said += data
        except OSError:
            pass
        self.ended.set()

    async def until(self, text: bytes, seconds: float = patience.SECONDS) -> None:
        end = time.monotonic() + seconds
        while text not in self.said:
            assert time.monotonic() < end, (text, self.said[-500:])
            await asyncio.sleep(0.005)

    async def end(self, seconds: float = patience.SECONDS) -> bytearray:
        assert await asyncio.to_thread(self.ended.wait, seconds), self.said[-500:]
        return self.said


async def alive(host: Host, pid: str) -> bool:
    """Whether a process is there; one that only waits to be looked at is not."""
    stat = (await host.run(["ps", "-o", "stat=", "-p", pid], check=False)).stdout
    return bool(stat) and not stat.startswith(b"Z")


async def gone(host: Host, pid: str) -> None:
    """Wait until a process has ended."""
    end = time.monotonic() + patience.SECONDS
    while await alive(host, pid):
        assert time.monotonic() < end, "the program is still there"
        await asyncio.sleep(0.05)


async def _open(host: Host, script: str, **where: object) -> tuple[Terminal, Reader]:
    terminal = await host.open_terminal(
        ["sh", "-c", script],
        columns=97,
        rows=31,
        **where,  # type: ignore[arg-type]
    )
    return terminal, Reader(terminal.socket)


@pytest.mark.parametrize("user", [None, "nobody"])
async def test_size_resize_keys_and_code(either: Host, user: str | None) -> None:
    script = (
        "trap 'echo changed $(stty size)' WINCH; trap 'echo interrupted; exit 5' INT; "
        "echo size $(stty size) $TERM $(id -un); while :; do read x && echo got $x; done"
    )
    terminal, reader = await _open(either, script, user=user)
    await reader.until(b"size 31 97 xterm-256color")
    terminal.socket.send(b"keys\r")
    await reader.until(b"got keys")
    for columns, rows in ((120, 40), (80, 24), (211, 67)):
        terminal.resize(columns, rows)
        await reader.until(f"changed {rows} {columns}".encode())
    terminal.socket.send(b"\x03")
    assert b"interrupted" in await reader.end()
    assert await terminal.wait() == 5
    await terminal.close()


async def test_it_is_the_controlling_terminal(either: Host) -> None:
    terminal, reader = await _open(either, "echo yes > /dev/tty; [ -t 0 ] && [ -t 2 ]", user="root")
    assert b"yes" in await reader.end()
    assert await terminal.wait() == 0
    await terminal.close()


async def test_closing_ends_the_program(either: Host) -> None:
    for ignore in ("", "trap '' HUP; "):
        terminal, reader = await _open(either, f"{ignore}echo pid=$$=; sleep 94.3", user="nobody")
        await reader.until(b"=\r\n")
        pid = reader.said.split(b"=")[1].decode()
        await terminal.close()
        await gone(either, pid)


async def test_letting_go_of_the_socket_hangs_up(either: Host) -> None:
    terminal, reader = await _open(either, "echo pid=$$=; sleep 93.2")
    await reader.until(b"=\r\n")
    terminal.socket.shutdown(socket.SHUT_RDWR)
    terminal.socket.close()
    pid = reader.said.split(b"=")[1].decode()
    await gone(either, pid)
    await terminal.close()


async def _waits_for_a_reader(host: Host, program: str) -> None:
    """Until the program has printed what fits, and stands still with the rest."""
    end = time.monotonic() + patience.SECONDS
    looks: list[bytes] = []
    while len(set(looks[-3:])) != 1 or len(looks) < 3 or not looks[-1].startswith(b"S"):
        assert time.monotonic() < end, f"{program} does not wait for a reader: {looks[-3:]}"
        found = await host.run(["pgrep", "-fx", program], check=False)
        pid = found.stdout.decode().strip()
        look = ["ps", "-o", "stat=,time=", "-p", pid or "0"]
        looks.append((await host.run(look, check=False)).stdout.strip())


async def test_all_that_was_printed_arrives_however_slow_the_reader(either: Host) -> None:
    # A number that nobody else counts to, so that the process is found by its arguments.
    last = 200_000 + secrets.randbelow(50_000)
    terminal = await either.open_terminal(["seq", "1", str(last)], columns=80, rows=24)
    await _waits_for_a_reader(either, f"seq 1 {last}")
    reader = Reader(terminal.socket)
    said = await reader.end()
    assert said.split() == [str(i).encode() for i in range(1, last + 1)]
    assert await terminal.wait() == 0
    await terminal.close()


async def test_a_flood_ends_with_an_interrupt(either: Host) -> None:
    terminal, reader = await _open(either, "yes 0123456789")
    await reader.until(b"0123456789\r\n" * 1000)
    terminal.socket.send(b"\x03")
    await reader.end()
    await terminal.close()


async def test_a_flood_that_nobody_reads_has_to_wait(either: Host) -> None:
    terminal = await either.open_terminal(
        ["sh", "-c", "stty raw; head -c 30000000 /dev/zero; echo over"], columns=80, rows=24
    )
    await asyncio.sleep(0.7)
    waiting = asyncio.create_task(terminal.wait())
    assert not (await asyncio.wait([waiting], timeout=0.3))[0]
    reader = Reader(terminal.socket)
    said = await reader.end()
    assert said.count(b"\0") == 30_000_000
    assert said.strip(b"\0\r\n") == b"over"
    await terminal.close()
    assert await waiting == 0


async def test_many_keys_at_once_arrive(either: Host) -> None:
    terminal, reader = await _open(either, "stty raw -echo; echo ready; head -c 1000000 | md5sum")
    await reader.until(b"ready")
    await asyncio.to_thread(terminal.socket.sendall, b"k" * 1_000_000)
    said = await reader.end()
    assert hashlib.md5(b"k" * 1_000_000).hexdigest().encode() in said  # noqa: S324
    await terminal.close()


async def test_a_user_that_cannot_be_become(either: Host) -> None:
    with pytest.raises(BecomeFailed):
        await either.open_terminal(["cat"], user="nobody-here", columns=80, rows=24)
