"""One run of ejtui, and the blows that hit it at random moments."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ejtui import paths
from ejtui.config import load
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.interruptions.strikes import MOST_SECONDS, Process, Strike

_BEGIN_SECONDS = 1.5
"""From the start of ejtui to its first step where nothing else runs."""

_MOST_SLOWER = 3.0


@dataclass(frozen=True)
class Moment:
    """So many seconds into this step or, where the run is past it, into the one that comes."""

    step: str
    seconds: float


@dataclass(frozen=True)
class Blow:
    """What is to fall into a run, and when."""

    strike: Strike
    moment: Moment


@dataclass(frozen=True)
class Hit:
    """A blow that fell, the step that it fell into, and how soon the run ended after it."""

    strike: Strike
    step: str


@dataclass(frozen=True)
class Ended:
    """How a run ended, and what fell into it; `late` fell when it had ended already."""

    words: tuple[str, ...]
    code: int
    said: str
    hits: tuple[Hit, ...]
    late: tuple[Strike, ...]
    seconds: float


class Run:
    """`ejtui` with these words, `steps` the order of the steps that its journal will name."""

    def __init__(self, lab: Lab, words: tuple[str, ...], steps: Mapping[str, float]) -> None:
        self._words = words
        self._order = list(steps)
        self._journal: Path = paths.journal_file(load(lab.config_path).pair)
        self._read = self._journal.stat().st_size if self._journal.exists() else 0
        self._argv = [*Ejtui(lab).argv, *words]
        self._began = 0.0
        self._slower = 0.0
        self._step = ""
        self._at = -1
        self._since = 0.0
        self._late: list[Strike] = []

    def __call__(self, next_blow: Callable[[], Blow | None]) -> Ended:
        """Run to the end; blow after blow is dealt at its moment, and made good."""
        self._began = time.monotonic()
        with tempfile.TemporaryFile("w+") as said:
            process = subprocess.Popen(
                self._argv, stdin=subprocess.DEVNULL, stdout=said, stderr=said, text=True
            )
            try:
                hits = self._hits(process, next_blow)
                process.wait(max(1.0, self._began + MOST_SECONDS - time.monotonic()))
            except subprocess.TimeoutExpired:
                raise AssertionError(f"{self._words} hangs: {_read(said)}") from None
            finally:
                process.kill()
                process.wait()
            text = _read(said)
        seconds = time.monotonic() - self._began
        return Ended(self._words, process.returncode, text, hits, tuple(self._late), seconds)

    def _hits(self, process: Process, next_blow: Callable[[], Blow | None]) -> tuple[Hit, ...]:
        hits: list[Hit] = []
        while process.poll() is None and (blow := next_blow()):
            if self._comes_to(process, blow.moment) and (step := self._deal(process, blow.strike)):
                hits.append(Hit(blow.strike, step))
        return tuple(hits)

    def _comes_to(self, process: Process, moment: Moment) -> bool:
        """Whether the run comes to the moment; on a busy computer all takes longer."""
        wanted = self._order.index(moment.step)
        while process.poll() is None and time.monotonic() < self._began + MOST_SECONDS:
            self._news()
            if self._at >= wanted:
                seconds = moment.seconds * self._slower if self._at == wanted else 0.0
                return _lives(process, max(0.0, self._since + seconds - time.monotonic()))
            time.sleep(0.005)
        return False

    def _deal(self, process: Process, strike: Strike) -> str:
        """Deals the blow and makes it good; the step that it fell into, "" when it was too late."""
        try:
            fell = strike.make(process)
            step = self._news()
            there = process.poll() is None or strike.kind == "ejtui"
            if strike.seconds:
                _lives(process, strike.seconds)
        finally:
            strike.undo()
        if fell and not there:
            self._late.append(strike)
        return step if fell and there else ""

    def _news(self) -> str:
        """The step that runs by the journal; a repair has steps of a join within it."""
        for step in self._begun():
            self._step = step
            if not self._slower:
                slower = (time.monotonic() - self._began) / _BEGIN_SECONDS
                self._slower = min(max(1.0, slower), _MOST_SLOWER)
            if step in self._order:
                self._at, self._since = self._order.index(step), time.monotonic()
        return self._step

    def _begun(self) -> list[str]:
        """The steps that have started since this was asked last; its last line may not be whole."""
        if not self._journal.exists():
            return []
        with self._journal.open("rb") as journal:
            journal.seek(self._read)
            whole, _, _ = journal.read().rpartition(b"\n")
        self._read += len(whole) + 1 if whole else 0
        entries = [json.loads(line) for line in whole.splitlines()]
        return [str(entry["step"]) for entry in entries if entry.get("event") == "started"]


def _read(said: TextIO) -> str:
    said.seek(0)
    return said.read()


def _lives(process: Process, seconds: float) -> bool:
    """Whether the process lives so long; returns at its end where it does not."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return True
    return False
