"""Reads the history for the screens, writes its reports, and opens its recordings."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ejtui import paths
from ejtui.cluster.history.clock import short, zone
from ejtui.cluster.history.covering import cover
from ejtui.cluster.history.history import History, history
from ejtui.cluster.history.report import report_of_pair
from ejtui.cluster.history.runs import Run
from ejtui.cluster.journal import stamp
from ejtui.erlang.terminal.recording import read_recording
from ejtui.erlang.terminal.replay import Replay
from ejtui.ui.session.from_events import log_lines
from ejtui.ui.state.history import HistoryAsked, HistoryRead, RunView

if TYPE_CHECKING:
    from ejtui.ui.session.protocols import Voice

MOST_RUNS = 300
"""So many runs are listed, the newest; the command line lists all."""

_MOST_LINES = 2000


class HistoryReader:
    """The history of one pair. Reading is done beside the event loop."""

    def __init__(self, pair: str, voice: Voice) -> None:
        self._pair = pair
        self._voice = voice

    async def read(self) -> None:
        """Read the journal again, and show it."""
        self._voice.apply(HistoryAsked())
        self._voice.apply(await asyncio.to_thread(self._views))

    def _views(self) -> HistoryRead:
        found = history(self._pair)
        notes = found.notes
        if len(found.all_runs) > MOST_RUNS:
            notes = (*notes, f"Older than these are {len(found.all_runs) - MOST_RUNS} runs: "
                     "ejtui history lists them.")  # fmt: skip
        return HistoryRead(
            tuple(_view(found, run) for run in found.all_runs[:MOST_RUNS]), notes, zone()
        )

    async def export(self) -> Path:
        """Write the report of all runs into a new file, and return its path. Raises OSError."""
        return await asyncio.to_thread(self._export)

    def _export(self) -> Path:
        found = history(self._pair)
        text = report_of_pair(found, paths.manifests_dir())
        file = paths.reports_dir() / f"{stamp()}.md"
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as out:
            out.write(text)
        return file

    async def replay(self, recording: str) -> Replay:
        """The recording, to be played. Raises NotARecording."""
        return Replay(await asyncio.to_thread(read_recording, Path(recording)))


def _view(found: History, run: Run) -> RunView:
    lines = [each for entry in run.entries[:_MOST_LINES] for each in log_lines(entry)]
    return RunView(
        run.id,
        short(run.began),
        run.title,
        run.brief,
        run.outcome,
        run.took,
        run.by,
        cover(run.result),
        found.recordings(run),
        tuple(lines),
        run.waiting,
        run in found.former,
    )
