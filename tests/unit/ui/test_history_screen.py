"""The history screen and the replay: runs from a journal, and a recording in the erl pane."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ejtui import paths
from ejtui.cluster.journal import Entry, Journal
from ejtui.ui.render.history import detail, rows
from ejtui.ui.session.history_reader import HistoryReader
from ejtui.ui.state.history import HistoryRead, HistoryView, LookedAtRun, RunView
from ejtui.ui.state.models import LogLine
from ejtui.ui.state.updates import ChangedElsewhere
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import UNICODE
from ejtui.ui.text.lines import plain

if TYPE_CHECKING:
    from .conftest import Show

States = Mapping[str, Callable[[], ViewState]]

HOSTILE = "\x1b]0;x\x07\x1b[31mred\x1b[0m\x1b[6n"


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    cast = paths.recordings_dir() / "20261129T100000Z-second.cast"
    head = {"version": 2, "width": 78, "height": 20, "timestamp": 1764384000, "title": "erl on x"}
    shown = [[0.0, "o", f"first thing {HOSTILE}\r\n"], [9.0, "o", "second thing\r\n"],
             [18.0, "o", "last thing\r\n"]]  # fmt: skip
    cast.write_text("".join(json.dumps(each) + "\n" for each in [head, *shown]))
    lines = [
        {"event": "run", "what": "join"},
        {"event": "recording", "step": "config", "path": str(cast)},
        {"event": "run ended", "what": "join", "outcome": "done"},
        {"event": "started", "step": "rollback"},
        {"event": "ended", "step": "rollback", "state": "failed", "detail": "no backup of a join"},
    ]
    file = paths.journal_file("first+second")
    file.write_text(
        "".join(
            json.dumps({"at": f"2026-11-29T10:00:0{number}Z", "by": "op@desk"} | line) + "\n"
            for number, line in enumerate(lines)
        )
    )
    return file


@pytest.mark.parametrize(("width", "height"), [(120, 40), (80, 24), (60, 20)])
@pytest.mark.usefixtures("journal")
async def test_a_line_each_and_one_of_them_whole(
    show: Show, states: States, width: int, height: int
) -> None:
    async with show(states["before"](), width, height) as screens:
        await screens.press("h")
        await screens.until(lambda text: "2 runs" in text)
        assert "Rollback" in screens.text
        assert "failed: no backup of a join, by op@desk" in screens.text
        await screens.press("down")
        assert "Join begins, by op@desk." in screens.text
        assert {len(line) for line in screens.lines} == {width}
        await screens.press("escape")
        assert "1 Preflight" in screens.text


@pytest.mark.usefixtures("journal")
async def test_a_run_without_a_shell_has_nothing_to_play(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        await screens.press("h")
        await screens.until(lambda text: "2 runs" in text)
        await screens.press("enter")
        assert "it has no recording" in screens.lines[-1]


@pytest.mark.parametrize(("width", "height"), [(120, 40), (80, 24)])
@pytest.mark.usefixtures("journal")
async def test_a_recording_is_played_with_pause_speed_and_jump(
    show: Show, states: States, width: int, height: int
) -> None:
    async with show(states["before"](), width, height) as screens:
        await screens.press("h")
        await screens.until(lambda text: "2 runs" in text)
        await screens.press("down", "enter")
        await screens.until(lambda text: "first thing" in text)
        assert "red" in screens.text
        assert "second thing" not in screens.text
        await screens.press("space", "plus")
        assert "paused" in screens.lines[0]
        assert "2x" in screens.lines[0]
        await screens.press("right")
        await screens.until(lambda text: "last thing" in text)
        assert "00:04 / 00:04" in screens.lines[0]
        await screens.press("5")
        await screens.until(lambda text: "last thing" not in text and "second thing" in text)
        await screens.press("home")
        await screens.until(lambda text: "second thing" not in text)
        await screens.press("a", "y")
        assert screens.done == [], "no key reaches a shell or the session"
        await screens.press("escape")
        assert "2 runs" in screens.text


@pytest.mark.usefixtures("journal")
async def test_a_report_is_written_and_its_file_shown(show: Show, states: States) -> None:
    async with show(states["before"](), 120, 40) as screens:
        await screens.press("h")
        await screens.until(lambda text: "2 runs" in text)
        await screens.press("e")
        await screens.until(lambda text: "the report is in" in text)
    [file] = paths.reports_dir().iterdir()
    assert "## Rollback" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("journal")
async def test_a_recording_that_is_gone_is_named(show: Show, states: States) -> None:
    (paths.recordings_dir() / "20261129T100000Z-second.cast").unlink()
    async with show(states["before"](), 120, 40) as screens:
        await screens.press("h")
        await screens.until(lambda text: "2 runs" in text)
        await screens.press("down", "enter")
        await screens.until(lambda text: "cannot be played" in text)
        assert "No such file" in "".join(screens.lines[-2:])


@pytest.mark.usefixtures("journal")
async def test_a_journal_that_is_none_is_no_trouble(show: Show, states: States) -> None:
    paths.journal_file("first+second").write_bytes(b"\x00\xff\n[1]\n" + b"[" * 50_000)
    async with show(states["before"](), 80, 24) as screens:
        await screens.press("h")
        await screens.until(lambda text: "left out" in text)
        assert "Nothing was run on this pair yet." in screens.text
        await screens.press("down", "enter")
        assert "there is no run" in screens.lines[-1]


def test_news(states: States) -> None:
    run = RunView("20261129T100000Z", "2026-11-29 10:00:00", "Join", "done", "done")
    other = RunView("20261128T100000Z", "2026-11-28 10:00:00", "Rollback", "done", "done")
    state = HistoryRead((run, other), (), "UTC").applied(states["before"]())
    assert state.history is not None
    assert state.history.at_cursor == run
    state = LookedAtRun(other.id).applied(state)
    again = HistoryRead((run, other), (), "UTC").applied(state)
    assert again.history is not None
    assert again.history.at_cursor == other, "what was looked at stays"
    assert HistoryView().at_cursor is None
    assert LogLine("day", "10:00:00", "state", "x").day == "day"
    assert HistoryReader.__doc__


@pytest.mark.usefixtures("journal")
async def test_a_list_that_is_shown_is_read_again_after_another_ejtui_s_change(
    show: Show, states: States
) -> None:
    async with show(states["joined"](), 80, 24) as screens:
        await screens.press("h")
        await screens.until(lambda text: "2 runs" in text)
        written = Journal(paths.journal_file(screens.app.config.pair), "a+b")
        written.write(Entry.STARTED, step="rollback")
        screens.app.apply(ChangedElsewhere())
        await screens.until(lambda text: "3 runs" in text)
        await screens.press("escape", "b")
        before = screens.done.count(("list_backups",))
        screens.app.apply(ChangedElsewhere())
        await screens.settle()
        assert screens.done.count(("list_backups",)) == before + 1


def test_a_title_has_the_room_that_there_is(states: States) -> None:
    title = "Repair of cookie-by-option on second, twice"
    runs = (
        RunView("1", "2026-11-29 10:00:00", title, "done", "done"),
        RunView("2", "2026-11-29 10:00:00", "Join", "refused: it was not agreed to", "refused"),
    )
    state = replace(states["before"](), history=HistoryView(runs))
    shown = [plain(row) for row in rows(state, 76, UNICODE)]
    assert title in shown[1]
    assert shown[1].rstrip().endswith("done")
    assert max(map(len, shown)) <= 76
    assert "No recording: " in "\n".join(plain(row) for row in detail(state, 76, UNICODE))
