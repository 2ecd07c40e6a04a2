"""The app watching a pair at 80 by 24: bytes to its terminal, processor and memory, before a join,
in it, and after it."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

from measure import (
    EMPTY_APP,
    PYTHON,
    Screen,
    bench_lab,
    on_screen,
    processor_seconds,
    resident,
    row,
)

from ejtui.lab.lab import Lab

SETTLE_SECONDS = 5
MOST_IDLE = 200
MOST_TIMES = 1.3
COLUMNS, ROWS = 80, 24
CTRL_L = b"\x0c"


@dataclass(frozen=True)
class Idle:
    """What a watch in which nothing happens costs: bytes a minute, percent of a core, memory."""

    bytes: float
    percent: float
    memory: int


def idle(screen: Screen, minutes: float) -> tuple[Idle, Idle]:
    """Watch while nothing happens, once what came before has settled; an empty Textual app, too."""
    with on_screen([PYTHON, "-c", EMPTY_APP], columns=COLUMNS, rows=ROWS) as empty:
        _read_for(empty, SETTLE_SECONDS)
        _read_for(screen, SETTLE_SECONDS)
        both = (screen, empty)
        before = [processor_seconds(each.pid) for each in both]
        seen = [len(each.seen) for each in both]
        began = time.perf_counter()
        _read_for(screen, minutes * 60)
        _read_for(empty, 0.1)
        seconds = time.perf_counter() - began
        mine, other = (
            Idle(
                (len(each.seen) - bytes_) / minutes,
                100 * (processor_seconds(each.pid) - used) / seconds,
                resident(each.pid),
            )
            for each, bytes_, used in zip(both, seen, before, strict=True)
        )
        return mine, other


def join(screen: Screen) -> tuple[int, float]:
    """Bytes and seconds of the join, from the key that begins it to its end."""
    before, began = len(screen.seen), time.perf_counter()
    screen.write(b"a")
    screen.until(lambda seen: b"Yes" in seen[before:], "the question", 120)
    screen.write(b"y")
    ended = screen.until(lambda seen: b"the join: done" in seen[before:], "the join", 300)
    return len(screen.seen) - before, ended - began


def repaint(screen: Screen) -> int:
    """Bytes of the whole screen painted once, as it is at the end."""
    before = len(screen.seen)
    screen.write(CTRL_L)
    _read_for(screen, SETTLE_SECONDS)
    return len(screen.seen) - before


def _read_for(screen: Screen, seconds: float) -> int:
    before, end = len(screen.seen), time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        screen.read(left)
    return len(screen.seen) - before


def measured(lab: Lab, minutes: float) -> tuple[list[tuple[Idle, Idle]], int, float, int]:
    """Idle before the join (a shorter while) and after it, the join's bytes and seconds, a
    repaint's bytes."""
    argv = [PYTHON, "-m", "ejtui", "--config", str(lab.config_path)]
    with on_screen(argv, columns=COLUMNS, rows=ROWS) as screen:
        screen.until(lambda seen: b"Magic cookies" in seen, "the checklist", 120)
        before = idle(screen, minutes / 4)
        joined, seconds = join(screen)
        whole = repaint(screen)
        return [before, idle(screen, minutes)], joined, seconds, whole


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long each watch is")
    minutes = parser.parse_args().minutes
    with bench_lab() as lab:
        idles, joined, seconds, whole = measured(lab, minutes)
    print(f"\nbytes to the terminal at {COLUMNS} by {ROWS}, 256 colours and more")
    whens = ("before a join", minutes / 4), ("after a join", minutes)
    for (when, long), (one, other) in zip(whens, idles, strict=True):
        for name, each in (("ejtui", one), ("an empty Textual app", other)):
            print(
                f"  idle for {long:g} min {when}, {name}: {each.bytes:.0f} B a minute, "
                f"{each.percent:.2f} % of a core, {each.memory / 1e6:.0f} MB"
            )
        title = f"watching for {long:g} min, {when}"
        beside = "an empty Textual app"
        row(f"bytes to the terminal a minute, {title}", f"{one.bytes:.0f} B",
            f"{other.bytes:.0f} B: {beside}", f"target: at most {MOST_IDLE}")  # fmt: skip
        row(f"processor, {title}", f"{one.percent:.2f} % of a core",
            f"{other.percent:.2f} %: {beside}",
            f"{one.percent / other.percent:.2f}; target: ratio at most {MOST_TIMES}")  # fmt: skip
        row(f"memory, {title}", f"{one.memory / 1e6:.0f} MB",
            f"{other.memory / 1e6:.0f} MB: {beside}", "target: below 120 MB")  # fmt: skip
    painted = round(whole * seconds)
    print(f"  a whole join, {seconds:5.1f} s {'':<17} {joined:8} B")
    print(f"  a full-screen repaint a second meanwhile would be  {painted:8} B")
    print(
        f"  targets: at most {MOST_IDLE} B a minute, and {MOST_TIMES} times what an empty Textual "
        "app takes of a core"
    )
    row("bytes to the terminal, a whole join", f"{joined / 1000:.0f} kB",
        f"{painted / 1000:.0f} kB: the screen painted once a second",
        f"{joined / painted:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
