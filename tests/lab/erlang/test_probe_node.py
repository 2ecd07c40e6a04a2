"""What the probe reports of its own host's node: up, down, refusing, hung; and of its cookie."""

import asyncio
import hashlib
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from ejtui.erlang.probe.client import Peer, ProbeError, ProbeLost
from tests.lab.erlang.conftest import until

COOKIE = "OneCookieForAll"
CREATE = (
    "ok = mnesia:create_schema([node()]), ok = mnesia:start(),"
    "{atomic, ok} = mnesia:create_table(people, [{disc_copies, [node()]}]),"
    "{atomic, ok} = mnesia:create_table(here, [{local_content, true}]),"
    "[mnesia:dirty_write({people, N, N}) || N <- lists:seq(1, 7)]"
)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def table(snapshot: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in snapshot["tables"] if row["name"] == name)
    return found


async def test_a_running_node_tells_everything(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE + "\n")
    pid = nodes.start("first", program=CREATE)
    said = await (await probes("first")).snapshot()
    assert (said["vm"], said["mnesia"], said["ejabberd"]) == ("up", "yes", False)
    assert said["node"] == "first@localhost"
    assert said["os_pid"] == str(pid)
    assert said["epmd"] == ["first"]
    assert said["cookie"]["sha256"] == sha256(COOKIE) == said["vm_cookie_sha256"]
    assert said["schema"]["disc_copies"] == said["running_db_nodes"] == ["first@localhost"]
    people = table(said, "people")
    assert (people["storage"], people["size"], people["local_content"]) == ("disc_copies", 7, False)
    assert people["memory"] > 0
    assert table(said, "here")["local_content"] is True
    assert {name for name, *_ in said["spool"]["files"]} >= {"schema.DAT", "people.DCD"}
    assert said["disk_schema"] is None
    assert said["accounts"] is None


async def test_a_warm_snapshot_has_every_table(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE)
    name = "list_to_atom([$t | integer_to_list(N)])"
    many = f"[mnesia:create_table({name}, []) || N <- lists:seq(1, 40)]"
    nodes.start("first", program=f"{CREATE}, {many}")
    probe = await probes("first")
    for _ in range(3):
        assert len((await probe.snapshot())["tables"]) == 42


async def test_no_node_and_no_cookie_are_facts_and_none_is_made(nodes: Any, probes: Any) -> None:
    said = await (await probes("first")).snapshot()
    assert (said["vm"], said["os_pid"], said["tables"]) == ("down", None, [])
    assert said["cookie"]["error"] == "cookie-missing"
    assert said["otp_release"] == said["host_otp"]
    assert list(nodes.home("first").iterdir()) == []


async def test_without_epmd_a_node_is_down(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE)
    said = await (await probes("first", env={"ERL_EPMD_PORT": "1"})).snapshot()
    assert (said["vm"], said["epmd"], said["epmd_error"]) == ("down", None, "econnrefused")


@pytest.mark.parametrize(
    ("content", "mode", "code", "digest"),
    [
        ("", 0o400, "cookie-malformed", sha256("")),
        ("two\nlines", 0o400, "cookie-malformed", sha256("two\nlines")),
        ("x" * 300, 0o400, "cookie-malformed", sha256("x" * 300)),
        (COOKIE + "\r\n", 0o440, "cookie-mode", sha256(COOKIE)),
        (COOKIE + " \n", 0o600, None, sha256(COOKIE + " ")),
    ],
)
async def test_the_cookie_file_is_told_as_erlang_sees_it(
    nodes: Any, probes: Any, content: str, mode: int, code: str | None, digest: str
) -> None:
    file = nodes.write_cookie("first", content, mode)
    before = file.stat()
    said = (await (await probes("first")).snapshot())["cookie"]
    assert (said.get("error"), said["sha256"], said["mode"]) == (code, digest, mode)
    assert file.read_bytes() == content.encode()
    assert file.stat().st_mtime_ns == before.st_mtime_ns


async def test_a_cookie_that_cannot_be_read_is_a_fact(nodes: Any, probes: Any) -> None:
    (nodes.home("first") / ".erlang.cookie").mkdir()
    said = await (await probes("first")).snapshot()
    assert said["cookie"]["error"] == "unsafe-path"
    assert said["vm"] == "down"


async def test_a_node_with_another_cookie_is_rejected_until_it_is_told(
    nodes: Any, probes: Any
) -> None:
    nodes.write_cookie("first", "TheOldOne")
    pid = nodes.start("first")
    kept = nodes.root / "kept"
    kept.write_text("TheOldOne")
    nodes.write_cookie("first", COOKIE)
    probe = await probes("first")
    said = await probe.snapshot()
    assert (said["vm"], said["vm_code"]) == ("rejected", "cookie-mismatch")
    assert said["os_pid"] == str(pid)
    with pytest.raises(ProbeError, match="cookie-mismatch"):
        await probe.ask("set_cookie", None)
    assert (await probe.ask("set_cookie", str(kept)))["result"] == "done"
    said = await probe.snapshot()
    assert (said["vm"], said["vm_cookie_sha256"]) == ("up", sha256(COOKIE))


async def test_a_node_told_its_cookie_is_reached_again_with_the_next_one(
    nodes: Any, probes: Any
) -> None:
    """What was dialled with the old cookie once is not held to any cookie afterwards."""
    nodes.write_cookie("first", "TheOldOne")
    nodes.start("first")
    kept = nodes.root / "kept"
    kept.write_text("TheOldOne")
    nodes.write_cookie("first", COOKIE)
    probe = await probes("first")
    assert (await probe.ask("set_cookie", str(kept)))["result"] == "done"
    nodes.stop("first")
    nodes.write_cookie("first", "TheOldOne")
    nodes.start("first")
    said = await probe.snapshot()
    assert (said["vm"], said["vm_cookie_sha256"]) == ("up", sha256("TheOldOne"))


async def test_a_cookie_that_changes_keeps_the_connection_and_shows(
    nodes: Any, probes: Any
) -> None:
    nodes.write_cookie("first", COOKIE)
    nodes.start("first")
    probe = await probes("first")
    assert (await probe.snapshot())["vm"] == "up"
    nodes.write_cookie("first", "ANewOne")
    said = await probe.snapshot()
    assert (said["vm"], said["cookie"]["sha256"]) == ("up", sha256("ANewOne"))
    assert said["vm_cookie_sha256"] == sha256(COOKIE)
    assert (await probe.ask("set_cookie", None))["result"] == "done"
    assert (await (await probes("first")).snapshot())["vm_cookie_sha256"] == sha256("ANewOne")


def _stop(pid: int) -> None:
    """Stop a program, and wait until all of its threads stand still."""
    os.kill(pid, signal.SIGSTOP)
    threads = Path(f"/proc/{pid}/task")

    def stand_still() -> bool:
        stats = [(thread / "stat").read_text() for thread in threads.iterdir()]
        return all(stat.rpartition(") ")[2].startswith("T") for stat in stats)

    until(f"process {pid} to stand still", stand_still)


async def test_a_hung_node_is_unknown_and_holds_up_nothing(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE)
    pid = nodes.start("first")
    fresh, connected = await probes("first"), await probes("first")
    assert (await connected.snapshot())["vm"] == "up"
    _stop(pid)
    try:
        for probe in (fresh, connected, connected):
            snapshot = asyncio.create_task(probe.snapshot())
            assert await probe.ask("echo", 1) == 1
            assert not snapshot.done()
            said = await snapshot
            assert (said["vm"], said["vm_code"]) == ("unknown", "not-connected")
            assert said["os_pid"] == str(pid)
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_a_question_has_a_bound(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE)
    pid = nodes.start("first")
    probe = await probes("first")
    await probe.snapshot()
    _stop(pid)
    try:
        with pytest.raises(ProbeError, match="no answer to change within 300 ms"):
            await probe.ask("change", "dump_log", [], timeout=0.3)
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_the_node_is_stopped_by_asking_or_by_a_signal(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE)
    pid = nodes.start("first")
    probe = await probes("first")
    assert await probe.ask("stop_node", timeout=120) == {"how": "init:stop", "os_pid": str(pid)}
    nodes.running.pop("first").wait(30)
    assert (await probe.ask("stop_node"))["how"] == "not_running"
    pid = nodes.start("first")
    nodes.write_cookie("first", "Another")
    again = await probes("first")
    stopping = asyncio.create_task(again.ask("stop_node", timeout=120))
    await asyncio.to_thread(nodes.running.pop("first").wait, 30)
    assert await stopping == {"how": "sigterm", "os_pid": str(pid)}


async def test_the_schema_on_disc_is_read_without_touching_it(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE)
    nodes.start("first", program=CREATE)
    temp = nodes.root / "tmp"
    temp.mkdir()
    env = {"ERL_EPMD_PORT": str(nodes.epmd_port), "TMPDIR": str(temp)}
    probe = await probes("first", env=env)
    running = (await probe.snapshot())["schema"]["cookie"]
    nodes.stop("first")  # killed: its files are not closed properly
    files = {file: file.read_bytes() for file in (nodes.home("first") / "db").iterdir()}
    said = await probe.snapshot()
    assert said["vm"] == "down"
    assert said["disk_schema"]["cookie"] == running
    assert said["disk_schema"]["disc_copies"] == ["first@localhost"]
    assert "people" in said["disk_schema"]["tables"]
    assert {file: file.read_bytes() for file in (nodes.home("first") / "db").iterdir()} == files
    assert list(temp.iterdir()) == []


async def test_a_torn_schema_file_is_a_fact(nodes: Any, probes: Any) -> None:
    (nodes.home("first") / "db").mkdir()
    (nodes.home("first") / "db" / "schema.DAT").write_bytes(b"torn" * 500)
    said = await (await probes("first")).snapshot()
    assert said["disk_schema"]["error"]


async def test_the_cookie_is_nowhere_but_in_its_file(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE)
    nodes.start("first")
    heard: list[bytes] = []
    probe = await probes("first")
    read = probe._process.readline

    async def readline() -> bytes:
        heard.append(await read())
        return heard[-1]

    probe._process.readline = readline
    await probe.snapshot([Peer("first@localhost")])
    await probe.ask("set_cookie", None)
    shown = _processes_that_say(b"ejtui_probe")
    assert shown
    assert COOKIE.encode() not in shown + b"".join(heard)


async def test_a_closed_probe_leaves_nothing(nodes: Any, probes: Any) -> None:
    probe = await probes("first")
    pid = await probe.ask("own_pid")
    await probe.close()
    with pytest.raises(ProbeLost, match="was closed"):
        await probe.ask("echo", 1)
    assert not _runs(pid)
    assert list(nodes.home("first").iterdir()) == []


async def test_a_host_without_erl_says_so(nodes: Any, probes: Any) -> None:
    with pytest.raises(ProbeLost, match="ended"):
        await probes("first", erl="/nonexistent/erl")


def _processes_that_say(word: bytes) -> bytes:
    """The command lines and environments of all processes whose command line has `word`."""
    found = [p for p in Path("/proc").glob("[0-9]*/cmdline") if word in _bytes(p)]
    return b"".join(_bytes(p) + _bytes(p.parent / "environ") for p in found)


def _runs(pid: str) -> bool:
    return Path(f"/proc/{pid}").exists()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
