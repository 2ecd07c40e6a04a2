"""Bytes that the app writes to its terminal at 80 by 24: idle for a minute, and in a whole join."""

from __future__ import annotations

import time

from measure import PYTHON, Screen, bench_lab, on_screen

from ejtui.lab.lab import Lab

IDLE_SECONDS = 60
SETTLE_SECONDS = 5
MOST_IDLE = 200
COLUMNS, ROWS = 80, 24
CTRL_L = b"\x0c"


def idle(screen: Screen) -> int:
    """Bytes written while nothing happens, once what came before has settled."""
    _read_for(screen, SETTLE_SECONDS)
    return _read_for(screen, IDLE_SECONDS)


def join(screen: Screen) -> tuple[int, float]:
    """Bytes and seconds of the join, from the key that begins it to its end."""
    before, began = len(screen.seen), time.perf_counter()
    screen.write(b"a")
    screen.until(lambda seen: b"Yes" in seen[before:], "the question")
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


def measured(lab: Lab) -> tuple[list[int], int, float, int]:
    """Idle bytes before and after the join, the join's bytes and seconds, a repaint's bytes."""
    argv = [PYTHON, "-m", "ejtui", "--config", str(lab.config_path)]
    with on_screen(argv, columns=COLUMNS, rows=ROWS) as screen:
        screen.until(lambda seen: b"Magic cookies" in seen, "the checklist")
        before = idle(screen)
        joined, seconds = join(screen)
        whole = repaint(screen)
        return [before, idle(screen)], joined, seconds, whole


def main() -> None:
    """Print the figures."""
    with bench_lab() as lab:
        idles, joined, seconds, whole = measured(lab)
    print(f"\nbytes to the terminal at {COLUMNS} by {ROWS}, 256 colours and more")
    for when, count in zip(("before a join", "after it"), idles, strict=True):
        print(f"  idle for {IDLE_SECONDS} s {when:<28} {count:8} B")
    print(f"  a whole join, {seconds:5.1f} s {'':<24} {joined:8} B")
    print(f"  a full-screen repaint a second meanwhile would be  {round(whole * seconds):8} B")
    print(f"  target: at most {MOST_IDLE} B idle")


if __name__ == "__main__":
    main()
