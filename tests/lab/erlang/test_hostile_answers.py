"""A host that answers without end, or with what grows when it is decoded: memory stays bounded.

The host is a program that speaks like a probe; ejtui's side is a separate process, which prints how
much memory it has ever had before and after.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MOST = 64 * 1024
"""Kilobytes."""

HOST = r"""
import base64, os, struct, sys, zlib

def send(number, kind, data):
    out.write(b"ejtui:%d %s " % (number, kind) + base64.b64encode(data) + b"\n")
    out.flush()

def packed(size, bytes_):
    return b"\x83\x50" + struct.pack(">I", size) + zlib.compress(bytes_)

def many(item, count):
    return b"\x83l" + struct.pack(">I", count) + item * count + b"j"

def split(data):
    text = base64.b64encode(data)
    for start in range(0, len(text) - 24576, 24576):
        out.write(b"ejtui:%d + " % number + text[start:start + 24576] + b"\n")
    out.write(b"ejtui:%d = " % number + text[len(text) // 24576 * 24576:] + b"\n")
    out.flush()

def bomb(unit, size):
    deflate = zlib.compressobj()
    data = b"".join(deflate.compress(unit * (1 << 20)) for _ in range(size)) + deflate.flush()
    split(b"\x83\x50" + struct.pack(">I", len(unit) * size << 20) + data)

def endless(piece):
    while True:
        out.write(piece)

out = sys.stdout.buffer
send(0, b"=", b"\x83m\0\0\0\x0225")
sys.stdin.readline()
send(0, b"=", b"\x83j")
if sys.argv[1] == "ready":
    pass
def answer():
    kind = sys.argv[1]
    if kind == "pieces":
        endless(b"ejtui:%d + " % number + b"A" * 24576 + b"\n")
    elif kind == "short pieces":
        endless(b"ejtui:%d + " % number + b"A" * 300 + b"\n")
    elif kind == "a line":
        endless(b"A" * 65536)
    elif kind == "noise":
        endless(b"welcome\n" * 8192)
    elif kind == "inflates":
        bomb(b"\0", 1024)
    elif kind == "inflates, and holds less":
        split(packed(100, b"j" * (300 << 20)))
    elif kind == "empty lists":
        split(many(b"j", 6_000_000))
    elif kind == "empty lists, packed":
        data = many(b"j", 15_000_000)[1:]
        split(packed(len(data), data))
    elif kind == "maps":
        split(many(b"t\0\0\0\1a\1a\2", 600_000))
    elif kind == "numbers":
        split(many(b"b\x7f\0\0\1", 1_700_000))
    elif kind == "a text":
        text = ("\U0001f600" + "x" * 9_500_000).encode()
        split(b"\x83m" + struct.pack(">I", len(text)) + text)
    elif kind == "a number":
        split(b"\x83o" + struct.pack(">I", 4_000_000) + b"\0" + b"\xff" * 4_000_000)
    elif kind == "inside":
        inner = packed(1 << 28, b"\0" * (1 << 28))[1:]
        split(b"\x83h\1" + inner)

def rows():
    row = ROWS[sys.argv[1]]
    data = (row * (1 << 20))[:1_000_000].rpartition(b"\x1e")[0]
    text = b"\x83m" + struct.pack(">I", len(data)) + data
    pieced = b"\x83h\3w\6piecesa\7a" + bytes((38,))
    split(pieced if number == 1 else text)

ROWS = {
    "shortest rows": b"a\x1fb\x1e",
    "rows": b"somebody\x1fa.host.example\x1e",
    "wide rows": "\U0001f600\x1fb\x1e".encode(),
}
for number, line in enumerate(sys.stdin, 1):
    try:
        if sys.argv[1] in ROWS:
            rows()
        else:
            number = 1
            answer()
    except BrokenPipeError:
        os._exit(0)
"""

OURS = r"""
import asyncio, sys
from dataclasses import replace
from pathlib import Path
from ejtui.erlang.probe import compiled
from ejtui.erlang.probe.client import Probe, ProbeError
from ejtui.erlang.probe.bootstrap import argv
from ejtui.cluster.operations import accounts
from ejtui.erlang.probe import client as module, questions
from ejtui.hosts.local import LocalHost
from tests.samples import PLATFORM
import getpass

def peak():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])

async def main():
    script, kind = sys.argv[1:]
    module.argv = lambda _: [sys.executable, script, kind, "0"]
    compiled.parts = lambda *_: []
    platform = replace(PLATFORM, service_user=getpass.getuser())
    probe = await Probe.start(LocalHost("local", "none"), platform)
    before = peak()
    try:
        if kind.endswith("rows"):
            named = accounts.names(await questions.list_accounts(probe, "a@b", 20))
            print("answered", len(named), named[0], len(accounts.without(named, named[1:])))
        else:
            reply = await probe.ask("echo", 1, timeout=120)
            print("answered", type(reply).__name__, len(reply))
    except ProbeError as error:
        print(error.code, error)
    print(peak() - before)
    await probe.close()

asyncio.run(main())
"""

RUN = r"""
import asyncio
from pathlib import Path
from ejtui.hosts import HostError
from ejtui.hosts.local import LocalHost

def peak():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])

async def main():
    host = LocalHost("local", "none")
    await host.run(["true"])
    before = peak()
    try:
        await host.run(["sh", "-c", "yes >&%d"], timeout=20)
    except HostError as error:
        print(error)
    print(peak() - before)
    await host.close()

asyncio.run(main())
"""

TOO_LARGE = [
    "pieces",
    "short pieces",
    "inflates",
    "empty lists",
    "empty lists, packed",
    "maps",
    "numbers",
    "a text",
    "a number",
]
NO_ANSWER = ["a line", "inflates, and holds less", "inside"]


def ours(program: str, *arguments: str) -> tuple[str, int]:
    """What the program printed, and the kilobytes it needed."""
    ran = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert not ran.stderr, ran.stderr
    *said, needed = ran.stdout.splitlines()
    return "\n".join(said), int(needed)


@pytest.fixture
def host(tmp_path: Path) -> Path:
    file = tmp_path / "host.py"
    file.write_text(HOST)
    return file


@pytest.mark.parametrize("kind", TOO_LARGE)
def test_an_answer_that_is_too_large(host: Path, kind: str) -> None:
    said, needed = ours(OURS, str(host), kind)
    assert said.startswith("too-large"), said
    assert needed < MOST


@pytest.mark.parametrize("kind", NO_ANSWER)
def test_what_is_no_answer(host: Path, kind: str) -> None:
    said, needed = ours(OURS, str(host), kind)
    assert said.startswith("lost"), said
    assert needed < MOST


@pytest.mark.parametrize(
    ("kind", "reply"),
    [
        pytest.param(
            "rows", "answered 1583308 somebody@a.host.example 0", marks=pytest.mark.catalogue
        ),
        ("shortest rows", "too-large"),
        pytest.param("wide rows", "too-large", marks=pytest.mark.catalogue),
    ],
)
def test_a_list_of_accounts_takes_no_more_either(host: Path, kind: str, reply: str) -> None:
    """Not as it comes, nor as names, sorted, nor compared with others."""
    said, needed = ours(OURS, str(host), kind)
    assert said.startswith(reply), said
    assert needed < MOST


@pytest.mark.parametrize("stream", [1, 2])
def test_a_command_that_prints_without_end(stream: int) -> None:
    said, needed = ours(RUN % stream)
    assert "wrote more than" in said
    assert needed < MOST
