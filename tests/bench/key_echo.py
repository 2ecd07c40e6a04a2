"""A key typed into an erl, until it is on the terminal: in the app's pane, and in tmux."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flood import COLUMNS, QUIET, ROWS, Watched, erl_in_app, tmux_argv
from measure import Side, bench_lab, on_screen, report

from ejtui.lab.lab import Lab

PRESSES = 60
KEY = b"Z"
"""In no control sequence and in nothing else that is painted meanwhile."""


@contextmanager
def in_tmux(lab: Lab) -> Iterator[Watched]:
    """The same erl in tmux."""
    argv, end = tmux_argv(lab)
    try:
        with on_screen(argv, columns=COLUMNS, rows=ROWS) as screen:
            watched = Watched(screen)
            watched.wait("1>")
            yield watched
    finally:
        subprocess.run(end, check=False, capture_output=True)


def echo(watched: Watched) -> float:
    """Seconds from a key to its echo; what else is painted for it is read, too."""
    took = watched.answered(KEY, KEY)
    pause = time.perf_counter() + 0.05
    while (left := pause - time.perf_counter()) > 0:
        watched.screen.read(min(left, QUIET))
    return took


def main() -> None:
    """Print the figure."""
    if shutil.which("tmux") is None:
        sys.exit("tmux is not installed")
    with bench_lab() as lab:
        if not lab.place.ssh_config.exists():
            sys.exit("this goes over ssh, which this form of the lab does not have")
        with erl_in_app(lab) as ours, in_tmux(lab) as theirs:
            app, tmux = [], []
            for _ in range(PRESSES):  # In turns: whatever else this computer does meets both.
                app.append(echo(ours))
                tmux.append(echo(theirs))
    report(
        "a key in an erl's line, until its echo is painted, over ssh",
        Side("in the app's pane", app),
        Side("in tmux", tmux),
        target="at most 2.5 ms",
        figure="a key typed into erl, until it is painted",
    )


if __name__ == "__main__":
    main()
