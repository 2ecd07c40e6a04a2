"""Recordings played: by any player's file, by a torn one, and by one that is hostile."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path

import pytest

from ejtui.cli.render.playing import play
from ejtui.erlang.terminal.recorder import Recorder
from ejtui.erlang.terminal.recording import NotARecording, read_recording
from ejtui.erlang.terminal.replay import LONGEST_PAUSE, Replay, ReplayedLines

HEADER = {"version": 2, "width": 40, "height": 6, "timestamp": 1764384000, "title": "erl on b"}
HOSTILE = (
    "\x1b]0;title\x07\x1b]52;c;Y3VybA==\x07\x1bP+q544e\x1b\\\x1b[6n\x1b[c\x1b[?1049h\x1b[?1049l"
    "\x1b]8;;http://evil/\x07link\x1b]8;;\x07\x9b31m\x1b[8;1;1t\x1b[?1003h\x05 shown\r\n"
)


def cast(path: Path, *events: object, **header: object) -> Path:
    lines = [HEADER | header, *events]
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return path


async def played(path: Path, speed: float = 1.0) -> str:
    out = io.StringIO()
    await play(read_recording(path), out, speed)
    return out.getvalue()


async def test_what_was_recorded_is_played_line_by_line(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.cast", 40, 6, "erl on b")
    for line in range(30):
        recorder.output(f"(b@b){line}> \x1b[1mq\x1b[0m().\r\nok {line}\r\n".encode())
        recorder.flush()
    recorder.output(b"the end")
    recorder.close()
    shown = (await played(recorder.path)).splitlines()
    assert shown[1:3] == ["(b@b)0> q().", "ok 0"]
    assert shown[-2:] == ["ok 29", "the end"]
    assert len(shown) == 62


async def test_a_hostile_recording_does_not_reach_the_terminal(tmp_path: Path) -> None:
    file = cast(tmp_path / "a.cast", [0.1, "o", HOSTILE], [0.2, "o", "\x1b[2J\x1b[H\ud800 end"],
                title="\x1b]0;x\x07")  # fmt: skip
    text = await played(file)
    assert "shown" in text
    assert "end" in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b'{"version": 1, "stdout": []}', b"\x00\xff", b"{" * 100_000,
     b'{"version": 2, "width": "80", "height": 24}', b'{"version": 2, "width": 1e9, "height": 2}',
     b'{"version": 2, "width": 100000000, "height": 24}', b'{"version": 2, "width": true}'],
)  # fmt: skip
def test_what_is_no_recording_is_refused_with_its_path(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "x.cast"
    file.write_bytes(content)
    with pytest.raises(NotARecording, match=r"x\.cast"):
        read_recording(file)


@pytest.mark.parametrize("kind", ["nothing", "a directory", "a pipe", "a loop"])
def test_a_place_without_a_file_is_refused(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "x.cast"
    if kind == "a directory":
        file.mkdir()
    elif kind == "a pipe":
        os.mkfifo(file)
    elif kind == "a loop":
        file.symlink_to(file)
    with pytest.raises(NotARecording):
        read_recording(file)
    with pytest.raises(NotARecording):
        read_recording(Path("a\0b"))


def test_a_torn_recording_is_played_as_far_as_it_goes(tmp_path: Path) -> None:
    file = cast(tmp_path / "a.cast", [0.5, "o", "one"], [0.2, "o", "two"], ["x", "o", "no"],
                [-1, "o", "no"], [1e300, "o", "no"], [0.6, "i", "typed"], [0.7, "r", "0x9999"],
                [0.8, "r", "60x10"], 7, None, [1], [0.9, "o", 5])  # fmt: skip
    with file.open("a") as more:
        more.write('[1.0, "o", "torn')
    found = read_recording(file)
    assert [(each.at, each.output) for each in found.events if each.output] == [
        (0.5, "one"), (0.5, "two"),
    ]  # fmt: skip
    assert "cannot be read" in found.note
    replay = Replay(found)
    replay.go_to(99)
    assert (replay.screen.columns, replay.screen.rows) == (60, 10)
    assert replay.screen.frame.lines[0] == "onetwo"


def test_any_moment_is_shown_and_long_pauses_are_short(tmp_path: Path) -> None:
    file = cast(tmp_path / "a.cast", [1, "o", "a"], [3601, "o", "b"], [3602, "o", "c"])
    replay = Replay(read_recording(file))
    assert replay.seconds == 1 + LONGEST_PAUSE + 1
    for at, shown in ((3.5, "ab"), (0.5, ""), (99, "abc"), (1, "a"), (-5, "")):
        replay.go_to(at)
        assert replay.screen.frame.lines[0] == shown
    replay.go_to(3.5)
    assert replay.moment is not None
    assert replay.moment.timestamp() == 1764384000 + 3601
    assert not replay.ended
    replay.go_to(4)
    assert replay.ended


def test_an_empty_recording_is_at_its_end(tmp_path: Path) -> None:
    replay = Replay(read_recording(cast(tmp_path / "a.cast")))
    assert (replay.ended, replay.seconds, replay.next_in()) == (True, 0.0, None)
    assert ReplayedLines(replay).fresh() == [""]
