"""Recordings: playable at any moment, private, and without secrets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ejtui.erlang.terminal.recorder import Recorder, unused

SECRET = "QXWEJTUISECRETZZ"  # noqa: S105


def events(path: Path) -> list[Any]:
    """Header and events; raises when a line is not whole."""
    text = path.read_text()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def shown(path: Path) -> str:
    return "".join(event[2] for event in events(path)[1:] if event[1] == "o")


def test_a_recording_is_an_asciicast(tmp_path: Path) -> None:
    path = tmp_path / "session.cast"
    recorder = Recorder(path, 80, 24, "erl on second")
    recorder.output(b"hello ")
    recorder.output(b"\x1b[31mworld\r\n")
    assert recorder.waiting
    recorder.flush()
    recorder.resize(120, 40)
    recorder.output("grün".encode()[:3])
    recorder.output("grün".encode()[3:])
    recorder.close()
    header, first, resized, last = events(path)
    assert (header["version"], header["width"], header["height"]) == (2, 80, 24)
    assert header["title"] == "erl on second"
    assert first[1:] == ["o", "hello \x1b[31mworld\r\n"]
    assert resized[1:] == ["r", "120x40"]
    assert last[1:] == ["o", "grün"]
    assert 0 <= first[0] <= resized[0] <= last[0]
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_existing_file_is_never_touched(tmp_path: Path) -> None:
    path = tmp_path / "session.cast"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        Recorder(path, 80, 24, "erl")
    assert path.read_text() == "mine"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 40])
def test_a_secret_is_masked_wherever_the_output_breaks(tmp_path: Path, size: int) -> None:
    path = tmp_path / "session.cast"
    recorder = Recorder(path, 80, 24, "erl", [SECRET, ""])
    text = f"before {SECRET} between {SECRET}{SECRET} QXW {SECRET[:-1]} after {SECRET[:5]}"
    for chunk in _chunks(text.encode(), size):
        recorder.output(chunk)
        recorder.flush()
    recorder.close()
    mask = "*" * len(SECRET)
    assert SECRET not in path.read_text()
    assert shown(path) == text.replace(SECRET, mask)


def _chunks(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def test_a_killed_recording_plays_up_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "session.cast"
    program = (
        "import sys, pathlib\n"
        "from ejtui.erlang.terminal.recorder import Recorder\n"
        f"recorder = Recorder(pathlib.Path({str(path)!r}), 80, 24, 'erl')\n"
        "for number in range(1000):\n"
        "    recorder.output(b'line %d\\r\\n' % number)\n"
        "    recorder.flush()\n"
        "print('written', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        os.kill(process.pid, signal.SIGKILL)
    assert shown(path).endswith("line 999\r\n")


def test_a_full_disk_ends_the_recording_only(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "session.cast", 80, 24, "erl")
    assert recorder._file is not None
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, recorder._file)
    os.close(full)
    recorder.output(b"x")
    recorder.flush()
    assert isinstance(recorder.error, OSError)
    recorder.output(b"y")
    recorder.close()


def test_two_of_one_moment_have_files_of_their_own(tmp_path: Path) -> None:
    for name in ("session", "session-2", "session-3"):
        path = unused(tmp_path / "session.cast")
        assert path == tmp_path / f"{name}.cast"
        Recorder(path, 80, 24, "erl").close()
