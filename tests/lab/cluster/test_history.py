"""The history of a real pair: a failure, a join with a takeover, a rollback, and their report."""

from __future__ import annotations

import io
import re
from functools import partial
from pathlib import Path

import pytest
from textual.app import App

from ejtui import paths
from ejtui.cli.render.playing import play
from ejtui.cluster.errors import Refused
from ejtui.cluster.history.history import history
from ejtui.cluster.history.report import report
from ejtui.cluster.polling import until
from ejtui.config import Config, load
from ejtui.erlang.terminal.recording import read_recording
from ejtui.erlang.terminal.replay import Replay
from ejtui.lab import breakage
from ejtui.lab.lab import Lab
from ejtui.ui.app import EjtuiApp
from ejtui.ui.screens.replay import ReplayScreen
from ejtui.ui.session.protocols import Session
from tests.lab.cluster.engine import ctl, engine
from tests.lab.cluster.operator import joined_with_the_operator
from tests.patience import SECONDS

pytestmark = pytest.mark.lab

PROMPT = re.compile(r"\(ejabberd@second\)\d+> ")
PASSED = "correct-horse-9"


async def test_a_failure_a_takeover_and_a_rollback_are_in_one_report_without_a_secret(
    fresh_lab: Lab,
) -> None:
    cookies = [
        breakage.read_cookie(fresh_lab, host).decode().strip() for host in ("first", "second")
    ]
    ctl(fresh_lab, "second", "register", "only", "chat.example", PASSED)
    breakage.block_port(fresh_lab, "first", 4369)
    async with engine(fresh_lab) as one:
        assert not await one.runner.run_on()
        breakage.unblock(fresh_lab, "first")
        await joined_with_the_operator(one, "tables")
        one.yes = False
        with pytest.raises(Refused):
            await one.roll_back()
        one.yes = True
        await one.roll_back()
        found = history(one.pair.name)
    # The journal is of the pair; the newest runs are this test's.
    runs = found.runs[:4]
    rolled, refused, joined, failed = runs
    assert [(run.title, run.outcome) for run in (failed, joined, refused, rolled)] == [
        ("Join", "failed"), ("Join", "done"), ("Rollback", "refused"), ("Rollback", "done"),
    ]  # fmt: skip
    assert failed.findings, "the failure is named"
    assert [step.id for step in joined.steps if step.state == "done"][-1] == "verify"
    commands = [line for run in (joined, rolled) for line in run.entries if line.event == "ran"]
    assert {line.text("host") for line in commands} >= {"second"}
    assert any("change_table_copy_type(schema" in line.text("text") for line in commands)
    assert all(line.text("user") for line in commands)
    await _is_played(found.recordings(joined)[0])
    await _is_played_in_the_pane(load(fresh_lab.config_path), found.recordings(joined)[0])
    text = report(runs, found.notes, paths.manifests_dir())
    for part in (
        "`ejabberd@first`", "takes the erl shell over", "handed back", "only@chat.example",
        "Roll second back", "The answer was No.", "### Backups", "Verify: done",
        "| first |", f"`{found.recordings(joined)[0]}`",
    ):  # fmt: skip
        assert part in text, part
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    written = "".join(file.read_text(errors="replace") for file in _own_files())
    for secret in (*cookies, PASSED):
        assert secret not in text
        assert secret not in written


async def _is_played(recording: str) -> None:
    out = io.StringIO()
    await play(read_recording(Path(recording)), out, 1.0)
    lines = out.getvalue().splitlines()
    assert any(line.endswith("> 1+1.") for line in lines)
    assert any("change_table_copy_type(schema" in line for line in lines)


async def _is_played_in_the_pane(config: Config, recording: str) -> None:
    async with EjtuiApp(config, make_session=_NoSession).run_test(size=(120, 40)) as pilot:
        await pilot.app.push_screen(ReplayScreen(Replay(read_recording(Path(recording)))))
        await pilot.press("space", "end")
        await until(
            partial(_rows_of, pilot.app), lambda rows: any(map(PROMPT.search, rows)),
            what="erl's last prompt", seconds=SECONDS,
        )  # fmt: skip
        await pilot.press("home")
        await until(
            partial(_rows_of, pilot.app), lambda rows: not any(map(PROMPT.search, rows)),
            what="the beginning", seconds=SECONDS,
        )  # fmt: skip


async def _rows_of(app: App[int]) -> list[str]:
    return [row.text for row in app.screen._compositor.render_strips()]


class _NoSession(Session):
    """A session that connects to nothing: the app is only looked at."""

    def __init__(self, _config: Config, _voice: object) -> None:
        """Nothing is asked of any host."""


def _own_files() -> list[Path]:
    return [
        file
        for directory in (paths.journal_file("x").parent, paths.recordings_dir())
        for file in directory.rglob("*")
        if file.is_file()
    ]
