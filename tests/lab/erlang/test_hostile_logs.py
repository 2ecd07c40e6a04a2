"""Logs and dumps that a service user makes to hold a probe up, or to have it fill the memory."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import Any

from ejtui.erlang.terms import etf
from ejtui.erlang.terms.etf import Atom
from tests import patience

_LAST = b"\n2026-01-01 00:00:00.000000+00:00 [error] the last line\n"


async def _exam(probes: Any, log: Path, home: Path) -> Any:
    probe = await probes("first", spool_dir=str(home))
    return await probe.ask("exam", str(log), [], timeout=patience.SECONDS)


async def test_of_a_huge_log_the_end_is_read_and_no_line_is_counted(
    probes: Any, tmp_path: Path
) -> None:
    log = tmp_path / "ejabberd.log"
    log.write_bytes(b"one\ntwo\n")
    os.truncate(log, 900 << 30)
    with log.open("ab") as end:
        end.write(_LAST)
    said = (await _exam(probes, log, tmp_path))["log"]
    assert said["error"] is None
    assert all(line <= 0 for line, _ in said["pieces"])
    assert _LAST.strip().decode() in said["pieces"][-1][1]


async def test_a_dump_that_grows_in_memory_is_left_unread(probes: Any, tmp_path: Path) -> None:
    wide = (Atom("crashinfo"), (b"~300000000c", [97]))
    (tmp_path / "MnesiaCore.wide").write_bytes(etf.encode([wide]))
    core = (await _exam(probes, tmp_path / "ejabberd.log", tmp_path))["core"]
    assert core["text"] == "cannot be read"

    size = 256 << 20
    term = b"\x6d" + size.to_bytes(4, "big")
    packed = zlib.compressobj(1)
    bomb = packed.compress(term) + b"".join(packed.compress(bytes(1 << 20)) for _ in range(256))
    head = b"\x83\x50" + (len(term) + size).to_bytes(4, "big")
    (tmp_path / "MnesiaCore.packed").write_bytes(head + bomb + packed.flush())
    os.utime(tmp_path / "MnesiaCore.wide", (1, 1))
    core = (await _exam(probes, tmp_path / "ejabberd.log", tmp_path))["core"]
    assert core["path"].endswith("packed")
    assert core["text"] == "cannot be read"


async def test_why_mnesia_ended_is_read(probes: Any, tmp_path: Path) -> None:
    info = (Atom("crashinfo"), (b"no room on ~s", [b"/var"]))
    (tmp_path / "MnesiaCore.x").write_bytes(etf.encode([info]))
    core = (await _exam(probes, tmp_path / "ejabberd.log", tmp_path))["core"]
    assert core["text"] == "no room on /var"
