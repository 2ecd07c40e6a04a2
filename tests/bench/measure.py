"""What the figures share: timing, programs on a real terminal, and the line that is printed."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ejtui.lab.lab import Lab, up

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
PATIENCE = 30.0

EMPTY_APP = "from textual.app import App\nApp().run()\n"
"""What the app is measured against where nothing but Textual's own share counts."""

# Both sides run from bytecode, as what is installed does; the warm-up runs write it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@dataclass(frozen=True)
class Side:
    """One side of a figure: its name and its runs in seconds."""

    name: str
    runs: Sequence[float]

    @property
    def best(self) -> float:
        return min(self.runs)

    @property
    def middle(self) -> float:
        return median(self.runs)

    @property
    def short(self) -> str:
        """The median, and the best, in milliseconds or seconds."""
        if self.middle >= 2:
            return f"{self.middle:.1f} s ({self.best:.1f})"
        if self.middle < 0.01:
            return f"{self.middle * 1000:.1f} ms ({self.best * 1000:.1f})"
        return f"{self.middle * 1000:.0f} ms ({self.best * 1000:.0f})"


FIGURES = "EJTUI_FIGURES"
"""The environment's word for the file that `row` adds to."""


def row(figure: str, ours: str, beside: str = "", note: str = "") -> None:
    """A row of the table of all figures, where one is being made."""
    if place := os.environ.get(FIGURES):
        with Path(place).open("a") as file:
            file.write(json.dumps([figure, ours, beside, note]) + "\n")


def report(
    title: str, ours: Side, theirs: Side | None = None, *, target: str = "", figure: str = ""
) -> None:
    """Print both sides, best and median, and the ratio of the bests and of the medians.

    With `figure` they are a row of the table, too.
    """
    if figure:
        _report_row(figure, ours, theirs, target)
    print(f"\n{title}")
    for side in filter(None, (ours, theirs)):
        print(
            f"  {side.name:<44} best {_ms(side.best)}  median {_ms(side.middle)}"
            f"  ({len(side.runs)} runs)"
        )
    if theirs is not None:
        best, middle = ours.best / theirs.best, ours.middle / theirs.middle
        print(f"  {'ratio':<44} best {best:8.2f}     median {middle:8.2f}")
    if target:
        print(f"  target: {target}")
    sys.stdout.flush()


def _report_row(figure: str, ours: Side, theirs: Side | None, target: str) -> None:
    notes = [f"target: {target}"] if target else []
    if theirs is None:
        row(figure, ours.short, "", *notes)
        return
    ratio = f"{ours.middle / theirs.middle:.2f} ({ours.best / theirs.best:.2f})"
    row(figure, ours.short, f"{theirs.short}: {theirs.name}", "; ".join([ratio, *notes]))


def resident(pid: int) -> int:
    """Bytes of memory that a process has now."""
    return int(_status(pid, "VmRSS")) * 1024


def most_resident(pid: int) -> int:
    """Bytes of memory that a process has had at most."""
    return int(_status(pid, "VmHWM")) * 1024


def _status(pid: int, word: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{word}:"))


def processor_seconds(pid: int) -> float:
    """Seconds of a processor that a process has had, all its threads together.

    Its own clock is read (see `clock_getcpuclockid`), which is exact; /proc counts hundredths.
    """
    return time.clock_gettime((~pid << 3) | 2)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:8.1f} ms"


def by_turns(
    count: int, ours: Callable[[], float], theirs: Callable[[], float]
) -> tuple[list[float], list[float]]:
    """Run both in turns, so that whatever else this computer does meets both; one warm-up each."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(count)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


@contextmanager
def bench_lab() -> Iterator[Lab]:
    """A lab of the figures' own, in a state directory that goes with it."""
    with tempfile.TemporaryDirectory(prefix="ejtui-bench-") as directory:
        os.environ["XDG_STATE_HOME"] = directory
        lab = up(yes=True)
        try:
            yield lab
        finally:
            lab.down()


class Screen:
    """A program on a new pseudo-terminal; what it printed is in `seen`."""

    def __init__(self, pid: int, descriptor: int, started: float) -> None:
        self.pid = pid
        self.descriptor = descriptor
        self.started = started
        self.seen = b""

    def write(self, keys: bytes) -> None:
        os.write(self.descriptor, keys)

    def read(self, seconds: float) -> bytes:
        """What comes within `seconds`; empty when nothing does."""
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        if not ready:
            return b""
        try:
            data = os.read(self.descriptor, 65536)
        except OSError as error:
            raise EOFError(f"it ended after {self.seen[-300:]!r}") from error
        self.seen += data
        return data

    def until(self, holds: Callable[[bytes], bool], what: str, seconds: float = PATIENCE) -> float:
        """The moment at which `holds` of all that was printed. Raises TimeoutError."""
        deadline = time.perf_counter() + seconds
        while not holds(self.seen):
            if time.perf_counter() > deadline:
                raise TimeoutError(f"waited {seconds:g} s for {what}; last {self.seen[-300:]!r}")
            self.read(0.05)
        return time.perf_counter()


@contextmanager
def on_screen(
    argv: Sequence[str], *, columns: int = 120, rows: int = 40, env: dict[str, str] | None = None
) -> Iterator[Screen]:
    """Run a program on a terminal of exactly that size; it is ended afterwards."""
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | (env or {})
    size = struct.pack("HHHH", rows, columns, 0, 0)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
    started = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os.login_tty(theirs)
        os.execvpe(argv[0], list(argv), environment)  # noqa: S606 - a terminal needs a fork
    os.close(theirs)
    try:
        yield Screen(pid, ours, started)
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(ours)
