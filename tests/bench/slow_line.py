"""How soon the app answers its own keys, on a slow, lossy line to the hosts and on a fast one."""

from __future__ import annotations

import time

from flood import ESCAPE, F1, QUIET, Watched
from measure import PYTHON, Side, bench_lab, on_screen, report

from ejtui.lab.lab import Lab
from ejtui.lab.slow import Slowness, slow_links

PRESSES = 25


def latencies(lab: Lab) -> list[float]:
    """Seconds from F1 to help, again and again while both nodes are being asked."""
    argv = [PYTHON, "-m", "ejtui", "--config", str(lab.config_path)]
    with on_screen(argv) as screen:
        watched = Watched(screen)
        watched.wait("next: 2 Magic cookies")
        measured = []
        for _ in range(PRESSES):
            measured.append(watched.answered(F1, b"Esc closes"))
            watched.undo(ESCAPE, "Esc closes")
            pause = time.perf_counter() + 0.25
            while time.perf_counter() < pause:
                screen.read(QUIET)
        return measured


def main() -> None:
    """Print the figure."""
    with bench_lab() as lab:
        fast = latencies(lab)
        slow_links(lab)
        slow = latencies(lab)
    report(
        f"a key answered by the app; on the slow line {Slowness()}",
        Side("on the slow line", slow),
        Side("on the fast one", fast),
        figure="a key answered on `ejtui lab slow`",
    )
    print(f"  the slowest: {max(slow) * 1000:.1f} ms slow, {max(fast) * 1000:.1f} ms fast")


if __name__ == "__main__":
    main()
