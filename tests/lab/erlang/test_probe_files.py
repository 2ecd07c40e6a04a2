"""Files, backups and the lock, asked of a real probe."""

import asyncio
import contextlib
import hashlib
import os
import signal
import socket
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ejtui.erlang.probe import bootstrap, client
from ejtui.erlang.probe.client import ProbeError
from tests.patience import SECONDS
from tests.skipping import skip_for

_SHM = os.path.ismount("/dev/shm")

COOKIE = "OneCookieForAll"
CREATE = (
    "ok = mnesia:create_schema([node()]), ok = mnesia:start(),"
    "{atomic, ok} = mnesia:create_table(people, [{disc_copies, [node()]}]),"
    "{atomic, ok} = mnesia:create_table(empty, [{disc_copies, [node()]}]),"
    "[mnesia:dirty_write({people, N, N}) || N <- lists:seq(1, 7)]"
)
HOSTILE = "a b'\"$(id);\n☃"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def mode_of(directory: Path, names: list[str]) -> int:
    (name,) = names
    return stat.S_IMODE((directory / name).stat().st_mode)


def names_in(directory: Path) -> list[str]:
    """Without the homes of the probes."""
    return [file.name for file in directory.iterdir() if not file.is_dir()]


async def test_checksums_are_right_and_long_ones_tell_their_progress(
    probes: Any, tmp_path: Path
) -> None:
    big, odd = tmp_path / "big", tmp_path / HOSTILE
    big.write_bytes(os.urandom(1000) * 40_000)
    odd.write_bytes(b"")
    seen: list[Any] = []
    said = await (await probes("first")).ask(
        "checksum", [str(big), str(odd)], on_progress=seen.append, timeout=SECONDS
    )
    assert said == [
        (str(big), sha256(big.read_bytes()), 40_000_000),
        (str(odd), sha256(b""), 0),
    ]
    assert seen == sorted(seen)
    assert len(seen) == 2
    assert {total for _, total in seen} == {40_000_000}


async def test_moving_is_a_rename_that_can_be_repeated_and_overwrites_nothing(
    probes: Any, tmp_path: Path
) -> None:
    probe = await probes("first")
    here, there = tmp_path / "db", tmp_path / "backups" / "one"
    here.mkdir()
    names = ["schema.DAT", HOSTILE]
    for name in names:
        (here / name).write_text(name)
    inode = (here / "schema.DAT").stat().st_ino
    assert await probe.ask("move_files", str(here), str(there), names[:1]) == names[:1]
    assert await probe.ask("move_files", str(here), str(there), names) == names[1:]
    assert await probe.ask("move_files", str(here), str(there), names) == []
    assert (there / "schema.DAT").stat().st_ino == inode
    assert stat.S_IMODE(there.stat().st_mode) == 0o700
    (here / "schema.DAT").write_text("newer")
    with pytest.raises(ProbeError, match="would overwrite"):
        await probe.ask("move_files", str(here), str(there), names)
    with pytest.raises(ProbeError, match="neither there nor moved"):
        await probe.ask("move_files", str(here), str(there), ["gone"])
    with pytest.raises(ProbeError, match="not a name"):
        await probe.ask("move_files", str(here), str(there), ["../backups"])


async def test_moving_to_another_file_system_copies_and_compares(
    probes: Any, tmp_path: Path
) -> None:
    here = tmp_path / "db"
    here.mkdir()
    names = ["LATEST.LOG", "schema.DAT"]
    for name in names:
        (here / name).write_text(name)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        there = Path(other) / "backup"
        assert there.parent.stat().st_dev != here.stat().st_dev
        probe = await probes("first")
        assert await probe.ask("move_files", str(here), str(there), names) == names
        assert sorted(names_in(there)) == names
        assert [(there / name).read_text() for name in names] == names
        assert names_in(here) == []
        assert await probe.ask("move_files", str(here), str(there), names) == []
        (here / "schema.DAT").write_text("newer")
        with pytest.raises(ProbeError, match="would overwrite"):
            await probe.ask("move_files", str(here), str(there), names)
        (here / "schema.DAT").write_text("schema.DAT")
        assert await probe.ask("move_files", str(here), str(there), names) == ["schema.DAT"]


async def test_restoring_checks_what_it_copies(probes: Any, tmp_path: Path) -> None:
    probe = await probes("first")
    kept, here = tmp_path / "kept", tmp_path / "db"
    kept.mkdir()
    here.mkdir()
    (kept / "schema.DAT").write_bytes(b"good")
    (kept / "schema.DAT").chmod(0o640)
    wanted = [("schema.DAT", sha256(b"good"))]
    for _ in range(2):
        await probe.ask("restore_files", str(kept), str(here), wanted)
    assert (here / "schema.DAT").read_bytes() == b"good"
    assert stat.S_IMODE((here / "schema.DAT").stat().st_mode) == 0o640
    (here / "schema.DAT").write_bytes(b"other")
    with pytest.raises(ProbeError, match="would overwrite"):
        await probe.ask("restore_files", str(kept), str(here), wanted)
    (here / "schema.DAT").unlink()
    (kept / "schema.DAT").write_bytes(b"spoilt")
    with pytest.raises(ProbeError, match="checksum"):
        await probe.ask("restore_files", str(kept), str(here), wanted)
    assert list(here.iterdir()) == []


async def test_a_directory_is_listed_as_it_is(probes: Any, tmp_path: Path) -> None:
    probe = await probes("first")
    (tmp_path / "one").write_bytes(b"123")
    (tmp_path / "one").chmod(0o604)
    (tmp_path / "two").symlink_to("nowhere")
    said = {row["name"]: row for row in await probe.ask("list_dir", str(tmp_path))}
    one = said["one"]
    assert (one["type"], one["size"], one["mode"], one["uid"]) == (
        "regular",
        3,
        0o604,
        os.geteuid(),
    )
    assert said["two"]["type"] == "symlink"
    with pytest.raises(ProbeError, match="no such file"):
        await probe.ask("list_dir", str(tmp_path / "none"))
    room = await probe.ask("room", str(tmp_path))
    assert 0 < room["free"] < room["total"]


async def test_a_backup_is_made_online_and_read_to_its_end(
    nodes: Any, probes: Any, tmp_path: Path
) -> None:
    nodes.write_cookie("first", COOKIE)
    nodes.start("first", program=CREATE)
    probe = await probes("first")
    file = tmp_path / "first.bup"
    made = await probe.ask("backup_node", str(file))
    assert made == {"size": file.stat().st_size, "sha256": sha256(file.read_bytes())}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    read = await probe.ask("check_backup", str(file))
    assert read["records"] == 7
    assert {name: count for name, count in read["tables"].items() if name != "schema"} == {
        "people": 7,
        "empty": 0,
    }
    file.write_bytes(file.read_bytes()[:300])
    with pytest.raises(ProbeError, match="backup"):
        await probe.ask("check_backup", str(file))
    with pytest.raises(ProbeError, match="no such file"):
        await probe.ask("check_backup", str(tmp_path / "none"))
    with pytest.raises(ProbeError, match="backup"):
        await probe.ask("backup_node", str(tmp_path / "none" / "x"))


async def test_a_change_of_mnesias_is_done_once(nodes: Any, probes: Any) -> None:
    nodes.write_cookie("first", COOKIE)
    nodes.start("first", program=CREATE)
    probe = await probes("first")
    in_memory = await probe.ask("table_progress", "first@localhost", "people")
    assert in_memory[0] == 7
    assert in_memory[1] > 1000
    args = ["people", "first@localhost", "disc_only_copies"]
    assert (await probe.ask("change", "change_table_copy_type", args))["result"] == "done"
    assert (await probe.ask("change", "change_table_copy_type", args))["result"] == "already"
    assert await probe.ask("table_progress", "first@localhost", "people") == (
        None,
        (nodes.home("first") / "db" / "people.DAT").stat().st_size,
    )
    # Mnesia copies to files of such a name, which then become the table's.
    (nodes.home("first") / "db" / "people.TMP").write_bytes(b"x" * 100)
    (nodes.home("first") / "db" / "people.TMP.1").write_bytes(b"x" * 11)
    told = await probe.ask("table_progress", "first@localhost", "people")
    assert told == (None, 111)
    said = await probe.ask("change", "del_table_copy", ["nothing", "first@localhost"])
    assert said["result"] == "aborted"
    with pytest.raises(ProbeError, match="not a change"):
        await probe.ask("change", "delete_schema", [["first@localhost"]])


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_probe_that_nobody_asks_lets_its_locks_go_and_ends(
    probes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does whose line dropped without a word."""
    path = str(tmp_path / "lock")
    watcher = await probes("first")
    monkeypatch.setattr(bootstrap, "LEASE_SECONDS", 1.0)
    monkeypatch.setattr(client, "BEAT_SECONDS", 3600.0)
    deserted = await probes("first")
    assert await deserted.ask("lock", path, {}) == "held"
    await _until(lambda: deserted.lost is not None)
    assert await watcher.ask("lock_info", path) == "free"


async def test_a_probe_is_kept_by_whoever_lives(
    probes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "LEASE_SECONDS", 2.0)
    monkeypatch.setattr(client, "BEAT_SECONDS", 0.2)
    kept = await probes("first")
    begun = kept.heard
    await _until(lambda: kept.heard > begun + 4 or kept.lost is not None)
    assert kept.lost is None


@pytest.mark.parametrize("below", ["", "a" * 200])
async def test_a_lock_has_one_holder_who_is_known_to_all(
    probes: Any, tmp_path: Path, below: str
) -> None:
    one, two = await probes("first"), await probes("second")
    place = tmp_path / below
    place.mkdir(exist_ok=True)
    path = str(place / "lock")
    mine = {"who": "op@here", "what": "join", "since": 1}
    assert await one.ask("lock_info", path) == "free"
    assert await one.ask("lock", path, mine) == "held"
    assert mode_of(place, names_in(place)) == 0o600
    told = {**mine, "probe": await one.ask("own_pid")}
    assert await two.ask("lock", path, {}) == ("busy", told)
    assert await one.ask("lock", path, {**mine, "what": "tables"}) == "held"
    assert await two.ask("lock_info", path) == ("busy", {**told, "what": "tables"})
    assert await one.ask("unlock", path) == "ok"
    assert await two.ask("lock", path, {}) == "held"
    await two.close()
    assert names_in(place) == []


async def test_a_dead_holders_lock_goes_to_exactly_one(probes: Any, tmp_path: Path) -> None:
    holder = await probes("first")
    path = str(tmp_path / "lock")
    assert await holder.ask("lock", path, {}) == "held"
    os.kill(int(await holder.ask("own_pid")), signal.SIGKILL)
    others = [await probes(name) for name in ("first", "second", "third")]
    said = await asyncio.gather(*(o.ask("lock", path, {"n": n}) for n, o in enumerate(others)))
    winners = [n for n, answer in enumerate(said) if answer == "held"]
    assert len(winners) == 1
    told = {"n": winners[0], "probe": await others[winners[0]].ask("own_pid")}
    assert await others[0].ask("lock_info", path) == ("busy", told)
    assert len(names_in(tmp_path)) == 1


async def test_a_lock_that_does_not_answer_is_not_taken(probes: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(path + ".0123abcd")
        silent.listen()
        state, why = await (await probes("first")).ask("lock", path, {})
    assert state == "unknown"
    assert why.startswith(f"{path}.0123abcd is a socket at which no ejtui answers: ")


async def test_locks_that_do_not_answer_are_asked_all_at_once(probes: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with contextlib.ExitStack() as stack:
        for number in range(200):
            silent = stack.enter_context(socket.socket(socket.AF_UNIX))
            silent.bind(f"{path}.{number:08x}")
            silent.listen()
        state, why = await (await probes("first")).ask("lock", path, {})
    assert state == "unknown"
    assert " is a socket at which no ejtui answers: it sends nothing" in why


async def test_room_is_counted_in_bytes_and_files_and_memory_is_known(probes: Any) -> None:
    probe, place = await probes("first"), Path("/dev/shm")
    skip_for(None if _SHM else "nothing is mounted at /dev/shm")
    said, system = await probe.ask("room", f"{place}/not/there"), os.statvfs(place)
    assert (said["memory"], said["mount"]) == (True, str(place))
    assert (said["files"] is None) == (system.f_files == 0)
    said = await probe.ask("room", "/proc")
    assert (said["memory"], said["files"]) == (False, None)
