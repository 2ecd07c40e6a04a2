"""A run's lines: alive on a terminal, quiet in a pipe."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import re
import select
from argparse import Namespace
from collections.abc import Iterator
from functools import partial
from typing import TextIO

import pytest
from rich.cells import cell_len

from ejtui.cli.configuration import addressed
from ejtui.cli.render.progress import ProgressLine
from ejtui.cluster.finding import Finding
from ejtui.cluster.run.events import (
    Event,
    HostAwaited,
    HostBack,
    StepEnded,
    StepProgress,
    StepReport,
    StepStarted,
)
from ejtui.cluster.run.operation import ROLLBACK
from tests.samples import step

TABLES = step("tables", 7)
RUN: list[Event] = [
    StepStarted(TABLES),
    StepReport(TABLES, "copying \x1b]0;roster\x07"),
    StepProgress(TABLES, 1200, 2500, "records", what="roster", rate=400.0, left="3 s left"),
    StepEnded(TABLES, "done", "39 tables\n"),
]


@pytest.fixture
def terminal() -> Iterator[tuple[TextIO, int]]:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        yield stream, ours
    os.close(ours)


def written(screen: int, last: bytes) -> bytes:
    """What was written, up to a match of `last`: a terminal hands it on in pieces, and later."""
    seen = b""
    while not re.search(last, seen):
        ready, _, _ = select.select([screen], [], [], 30)
        assert ready, f"waited for {last!r} after {seen!r}"
        seen += os.read(screen, 65536)
    return seen


async def test_a_failed_step_names_commands_as_they_reach_this_pair() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    worded = partial(addressed, args=Namespace(config="/my file", first="a", second=None))
    async with ProgressLine(out, worded=worded) as progress:
        progress(
            StepEnded(TABLES, "failed", "`ejtui rollback 2026 --accept files-changed` goes on")
        )
    out.flush()
    shown = out.buffer.getvalue().decode()
    assert "`ejtui --config '/my file' --first a rollback 2026 --accept files-changed`" in shown


async def test_a_pipe_gets_one_line_a_step() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    async with ProgressLine(out) as progress:
        for event in RUN:
            progress(event)
    out.seek(0)
    assert out.read() == "✓  7 tables: done, 39 tables  0.0 s\n"


async def test_what_is_no_step_fails_with_an_error_alone() -> None:
    out = io.StringIO()
    async with ProgressLine(out) as progress:
        progress(StepStarted(ROLLBACK))
        progress(StepEnded(ROLLBACK, "failed", "first is away"))
        progress(StepEnded(ROLLBACK, "done", "second is back"))
    assert out.getvalue() == "+ roll back: done, second is back\n"


async def test_a_log_s_end_keeps_its_lines() -> None:
    out = io.StringIO()
    async with ProgressLine(out) as progress:
        progress(StepEnded(step("start"), "failed", "its log:\n[error] \x1b[1mx\n✓ 8"))
    assert out.getvalue() == "x start: failed, its log:\n     [error] \\x1b[1mx\n     ✓ 8\n"


async def test_a_lost_host_is_told_with_how_long_it_is_waited_for() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    async with ProgressLine(out) as progress:
        for event in (HostAwaited(("second",), 600.0), HostBack()):
            progress(event)
    out.seek(0)
    awaited, back = out.read().splitlines()
    assert awaited == "second must answer again: waits up to 10 min, then goes on; ^C stops"
    assert back == "both hosts answer again: goes on from where the nodes stand"


async def test_a_terminal_sees_the_step_at_work(terminal: tuple[TextIO, int]) -> None:
    stream, screen = terminal
    async with ProgressLine(stream) as progress:
        for event in RUN:
            progress(event)
    seen = written(screen, b"39 tables").decode()
    drawn = seen.split("\r\x1b[K")
    assert any("roster  1,200 of 2,500 records  400/s  3 s left" in each for each in drawn)
    assert drawn[-1].rstrip("\r\n").startswith("✓  7 tables: done, 39 tables")
    assert "\x1b]0;" not in seen
    assert all(len(each) < 80 for each in drawn)


async def test_the_time_goes_on_by_itself(terminal: tuple[TextIO, int]) -> None:
    stream, screen = terminal
    async with ProgressLine(stream) as progress:
        progress(StepStarted(TABLES))
        await asyncio.to_thread(written, screen, rb"7 tables  (?!0\.0 s)\d+(\.\d)? s")


async def test_a_question_has_the_terminal_to_itself(terminal: tuple[TextIO, int]) -> None:
    stream, screen = terminal
    async with ProgressLine(stream) as progress:
        progress(StepStarted(TABLES))
        with progress.paused():
            progress(StepReport(TABLES, "more"))
            stream.write("a question")
            stream.flush()
            assert b"more" not in written(screen, b"a question")
        progress(StepReport(TABLES, "again"))
        written(screen, b"again")


async def test_a_failure_brings_its_findings() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    finding = Finding("epmd-unreachable", "no answer", "first", ("seen: x",), "why", "open 4369")
    async with ProgressLine(out) as progress:
        progress(StepEnded(step("preflight", 1), "failed", "the way is broken", (), (finding,)))
    out.seek(0)
    assert out.read().splitlines() == [
        "x  1 preflight: failed, the way is broken",
        "     epmd-unreachable on first: no answer",
        "       seen     seen: x",
        "       why      why",
        "       repair   open 4369",
    ]


async def test_a_line_of_wide_characters_leaves_nothing_behind(
    terminal: tuple[TextIO, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes one row of the terminal, so that it can be taken back whole."""
    monkeypatch.setenv("COLUMNS", "40")
    stream, screen = terminal
    async with ProgressLine(stream) as progress:
        progress(StepStarted(TABLES))
        progress(StepReport(TABLES, "表" * 60))
        progress(StepEnded(TABLES, "done", "end"))
    drawn = written(screen, b"done, end").decode().split("\r\x1b[K")
    assert any("表" in each for each in drawn)
    assert all(cell_len(each) < 40 for each in drawn)


async def test_a_question_s_time_is_not_the_step_s(
    terminal: tuple[TextIO, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, screen = terminal
    now = 100.0
    monkeypatch.setattr("ejtui.cli.render.progress.time.monotonic", lambda: now)
    progress = ProgressLine(stream, bell=False)
    progress(StepStarted(TABLES))
    with progress.paused():
        now += 3600
    now += 4
    progress(StepEnded(TABLES, "done", ""))
    assert b"4.0 s" in written(screen, rb"done.*\n")
