"""The ladder towards another node stops at the first broken layer, and names it."""

import contextlib
import hashlib
import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ejtui.erlang.probe.client import Peer
from tests.lab.erlang.conftest import until

COOKIE = "OneCookieForAll"


@contextlib.contextmanager
def answering(answer: bytes | None) -> Iterator[int]:
    """Something on a port of loopback that sends `answer` (None: nothing) to each client."""
    listener = socket.create_server(("127.0.0.1", 0))
    kept = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client = listener.accept()[0]
                kept.append(client)
                if answer is not None:
                    client.recv(100)
                    client.sendall(answer)
                    client.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for client in kept:
            client.close()


@contextlib.contextmanager
def full() -> Iterator[int]:
    """A port whose queue is full: to connect to it is like a firewall that drops."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        clients = [socket.socket() for _ in range(4)]
        for client in clients:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        yield port
        for client in clients:
            client.close()


def epmd_says(name: str, port: int) -> bytes:
    return (4369).to_bytes(4, "big") + f"name {name} at port {port}\n".encode()


async def ladder(probes: Any, peer: str, **changes: Any) -> tuple[Any, Any]:
    probe = await probes("first", **changes)
    said = await probe.ask("layers", peer)
    assert said["node"] == peer
    assert bool(said["why"]) == bool(said["broken"])
    return said["broken"], said["code"]


async def test_all_is_well_up_to_mnesia(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE)
    nodes.write_cookie("second", COOKIE)
    nodes.start("second", "-s", "mnesia")
    assert await ladder(probes, "second@localhost") == (None, None)


async def test_mnesia_is_stopped(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE)
    nodes.write_cookie("second", COOKIE)
    nodes.start("second")
    assert await ladder(probes, "second@localhost") == ("mnesia", "not-connected")


async def test_the_cookies_differ(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE)
    nodes.write_cookie("second", "Another")
    nodes.start("second")
    assert await ladder(probes, "second@localhost") == ("handshake", "cookie-mismatch")


async def test_there_is_no_cookie_here(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("second", COOKIE)
    nodes.start("second")
    assert await ladder(probes, "second@localhost") == ("handshake", "cookie-missing")


async def test_the_name_is_not_resolved(nodes: Any, probes: Any) -> None:
    assert await ladder(probes, "ejabberd@no-such-host") == ("resolve", "unresolvable")


async def test_the_node_is_not_registered(nodes: Any, probes: Any) -> None:
    assert await ladder(probes, "second@localhost") == ("port", "not-connected")


async def test_no_epmd(nodes: Any, probes: Any) -> None:
    env = {"ERL_EPMD_PORT": "1"}
    assert await ladder(probes, "second@localhost", env=env) == ("epmd", "epmd-unreachable")


async def test_epmd_is_filtered(nodes: Any, probes: Any) -> None:
    with full() as port:
        env = {"ERL_EPMD_PORT": str(port)}
        assert await ladder(probes, "second@localhost", env=env) == ("epmd", "epmd-unreachable")


@pytest.mark.parametrize("answer", [None, b"", b"SSH-2.0-OpenSSH_9.2\r\n" * 3, b"\x00" * 3])
async def test_something_else_answers_for_epmd(
    nodes: Any, probes: Any, answer: bytes | None
) -> None:
    with answering(answer) as port:
        env = {"ERL_EPMD_PORT": str(port)}
        assert await ladder(probes, "second@localhost", env=env) == ("epmd", "epmd-silent")


async def test_the_distribution_port_is_filtered(nodes: Any, probes: Any) -> None:
    with full() as blocked, answering(epmd_says("second", blocked)) as port:
        env = {"ERL_EPMD_PORT": str(port)}
        assert await ladder(probes, "second@localhost", env=env) == ("tcp", "dist-port-blocked")


async def test_the_distribution_port_is_refused(nodes: Any, probes: Any) -> None:
    with answering(epmd_says("second", 1)) as port:
        env = {"ERL_EPMD_PORT": str(port)}
        assert await ladder(probes, "second@localhost", env=env) == ("tcp", "dist-loopback")


async def test_it_accepts_and_never_shakes_hands(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE)
    with answering(None) as silent, answering(epmd_says("second", silent)) as port:
        env = {"ERL_EPMD_PORT": str(port)}
        assert await ladder(probes, "second@localhost", env=env) == ("handshake", "not-connected")


async def test_looking_again_does_not_fill_the_others_log(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE)
    nodes.write_cookie("second", "Another")
    nodes.start("second")
    probe = await probes("first")
    for _ in range(5):
        said = await probe.snapshot([Peer("second@localhost")])
        assert said["peers"]["second@localhost"]["code"] == "cookie-mismatch"
    other = await probes("first")
    await other.snapshot([Peer("second@localhost")])
    until("the other's attempt in second's log", lambda: len(set(attempts(nodes))) == 2)
    slots = [await each.ask("slot") for each in (probe, other)]
    assert set(attempts(nodes)) == {f"ejtui_first_{slot}" for slot in slots}
    assert len(attempts(nodes)) == 2
    await probe.ask("layers", "second@localhost")
    until("an attempt that was asked for", lambda: len(attempts(nodes)) == 3)


async def test_no_handshake_that_must_fail(nodes: Any, probes: Any) -> None:
    """Neither with another cookie, nor again where nothing has changed."""
    nodes.write_cookie("first", COOKIE)
    nodes.write_cookie("second", "Another")
    nodes.start("second")
    probe = await probes("first")
    peer = Peer("second@localhost", hashlib.sha256(b"Another").hexdigest(), "1")
    for mark in ("1", "2"):
        way = (await probe.snapshot([replace(peer, mark=mark)]))["peers"]["second@localhost"]
        assert (way["code"], way["untried"]) == ("cookie-mismatch", True)
    wrong = Peer("second@localhost", hashlib.sha256(COOKIE.encode()).hexdigest(), "1")
    for mark, tried in (("1", 1), ("1", 1), ("2", 2), ("2", 2)):
        way = (await probe.snapshot([replace(wrong, mark=mark)]))["peers"]["second@localhost"]
        assert way["code"] == "cookie-mismatch"
        assert "untried" not in way
        until("the attempt in second's log", partial(reached, nodes, tried))
        assert len(attempts(nodes)) == tried


def reached(nodes: Any, tried: int) -> bool:
    return len(attempts(nodes)) >= tried


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """An erl in a separate network namespace, where no other test's probe holds a name."""
    own = Path("/proc/self/ns/net").readlink()
    with subprocess.Popen(["unshare", "--net", "sleep", "infinity"]) as holder:
        try:
            there = Path(f"/proc/{holder.pid}/ns/net")
            until("another network", lambda: there.readlink() != own)
            erl = tmp_path / "erl"
            erl.write_text(f'#!/bin/sh\nexec nsenter --net={there} erl "$@"\n')
            erl.chmod(0o755)
            yield str(erl)
        finally:
            holder.kill()


async def test_a_name_is_free_again_when_its_probe_has_ended(
    nodes: Any, probes: Any, elsewhere: str
) -> None:
    nodes.write_cookie("first", COOKIE)
    probe, other = [await probes("first", erl=elsewhere) for _ in range(2)]
    assert [await each.ask("slot") for each in (probe, other)] == ["1", "2"]
    await probe.close()
    assert await (await probes("first", erl=elsewhere)).ask("slot") == "1"


def attempts(nodes: Any) -> list[str]:
    """Who has tried to connect to second with another cookie, by its log."""
    log = (nodes.home("second") / "log").read_text()
    refused = [line for line in log.splitlines() if "rejected" in line or "disallowed" in line]
    return re.findall(r"\bejtui_\w+", "\n".join(refused))


async def test_a_mended_cookie_shows_at_once(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", "Another")
    nodes.write_cookie("second", COOKIE)
    nodes.start("second")
    probe = await probes("first")
    assert (await probe.snapshot([Peer("second@localhost")]))["peers"]["second@localhost"]["broken"]
    nodes.write_cookie("first", COOKIE)
    said = await probe.snapshot([Peer("second@localhost")])
    assert said["peers"]["second@localhost"]["broken"] is None
    nodes.write_cookie("first", "Worse")
    said = await probe.snapshot([Peer("second@localhost")])
    assert said["peers"]["second@localhost"]["code"] == "cookie-mismatch"


async def test_a_part_that_crashes_takes_no_other_with_it(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE)
    probe = await probes("first", env={"ERL_EPMD_PORT": "no-number"})
    said = await probe.snapshot([Peer("second@localhost")])
    parts = dict(said["failed"])
    assert set(parts) == {"node first@localhost", "peer second@localhost"}
    assert "ejtui_layers:epmd_port" in parts["peer second@localhost"]
    assert (said["vm"], said["vm_code"]) == ("unknown", "probe-failed")
    assert said["peers"]["second@localhost"]["code"] == "probe-failed"
    assert said["cookie"]["sha256"]
    assert said["spool"]["exists"] is False


async def test_a_cookie_file_that_is_no_file_is_not_waited_for(nodes: Any, probes: Any) -> None:
    cookie = nodes.home("first") / ".erlang.cookie"
    os.mkfifo(cookie)
    probe = await probes("first")
    said = await probe.snapshot()
    assert said["cookie"]["error"] == "unsafe-path"
    cookie.unlink()
    cookie.write_bytes(b"x" * 5000)
    assert (await probe.snapshot())["cookie"]["error"] == "cookie-malformed"


async def test_a_port_that_is_none_is_no_epmd_s(nodes: Any, probes: Any) -> None:
    with answering(epmd_says("second", 99_999_999_999)) as port:
        env = {"ERL_EPMD_PORT": str(port)}
        assert await ladder(probes, "second@localhost", env=env) == ("epmd", "epmd-silent")
