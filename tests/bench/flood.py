"""A shell that floods: how soon keys are answered meanwhile, in the app and in tmux."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from measure import PYTHON, Screen, Side, bench_lab, on_screen, report, resident, row

from ejtui.erlang.terminal.terminal import TerminalScreen
from ejtui.lab.lab import Lab

LINES = 100_000
FLOOD = (
    f'io:put_chars([["line ", integer_to_list(N), " of a shell that floods its pane\\n"] '
    f"|| N <- lists:seq(1, {LINES})]), list_to_atom(lists:reverse(\"dedoolf\")).\r"
)  # fmt: skip
END = "flooded"  # never in what is typed, only in what is answered
F1, ESCAPE = b"\x1bOP", b"\x1b"
COLUMNS, ROWS = 120, 40
QUIET = 0.05
PATIENCE = 120.0
TMUX = "ejtui-bench-flood"


class Watched:
    """A screen, drawn by a terminal of our own, so that what is on it can be read."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self._drawn = TerminalScreen(COLUMNS, ROWS)
        self._fed = 0

    def text(self) -> str:
        self._drawn.feed(self.screen.seen[self._fed :])
        self._fed = len(self.screen.seen)
        self._drawn.publish()
        return "\n".join(self._drawn.frame.lines)

    def wait(self, *texts: str) -> None:
        """Read until all of the texts are on the screen."""
        deadline = time.monotonic() + PATIENCE
        while not all(text in self.text() for text in texts):
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited for {texts}; there is\n{self.text()}")
            self.screen.read(QUIET)

    def undo(self, key: bytes, sign: str) -> None:
        """Press the key that takes the sign away, and wait until it is gone."""
        self.screen.write(key)
        deadline = time.monotonic() + PATIENCE
        while sign in self.text():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{sign!r} is still there:\n{self.text()}")
            self.screen.read(QUIET)

    def shown(self, key: bytes, sign: str, most: float = PATIENCE) -> float | None:
        """Seconds from the key until the sign is on the screen; None where it never is."""
        pressed = time.perf_counter()
        self.screen.write(key)
        while sign not in self.text():
            if time.perf_counter() - pressed > most:
                return None
            self.screen.read(QUIET)
        return time.perf_counter() - pressed

    def answered(self, key: bytes, sign: bytes) -> float:
        """Seconds from the key to the first sign of its answer among the bytes that come."""
        before = len(self.screen.seen)
        pressed = time.perf_counter()
        self.screen.write(key)
        try:
            moment = self.screen.until(
                lambda seen: seen.find(sign, before) >= 0, f"{sign!r} after {key!r}"
            )
        except TimeoutError as error:
            raise TimeoutError(f"{error}; there is\n{self.text()}") from None
        return moment - pressed


@contextmanager
def erl_in_app(lab: Lab) -> Iterator[Watched]:
    """An erl on second in the app's pane."""
    argv = [PYTHON, "-m", "ejtui", "--config", str(lab.config_path)]
    with on_screen(argv, columns=COLUMNS, rows=ROWS) as screen:
        watched = Watched(screen)
        watched.wait("next: 2 Magic cookies", "s shell")
        screen.write(b"s")
        watched.wait("Open erl on which node?")
        screen.write(b"2")
        watched.wait("erl on second", "1>")
        yield watched


def in_app(lab: Lab) -> tuple[list[float], float, int]:
    """Latencies of F1 (help) while the flood comes, the seconds until its end was shown, and the
    bytes of memory that the app has then."""
    with erl_in_app(lab) as watched:
        return *flooded(watched, F1, b"Esc closes", ESCAPE), resident(watched.screen.pid)


def tmux_argv(lab: Lab) -> tuple[list[str], list[str]]:
    """What runs an erl on second in tmux, where F1 shows a message; and what ends it."""
    remote = (
        f"sudo -u ejabberd env HOME={lab.form.home('second')} TERM=xterm-256color "
        "erl -sname flood -hidden -remsh ejabberd@second"
    )
    ssh = f"ssh -F {lab.place.ssh_config} -tt second {remote}"
    settings = Path(lab.place.root) / "tmux.conf"
    settings.write_text(
        "bind -n F1 display-message KEY-WAS-ANSWERED\n"
        "set -g display-time 0\nset -sg escape-time 0\n"
        # A key that comes right behind a typed line is a key, no part of a paste.
        "set -g assume-paste-time 0\n"
    )
    tmux = ["tmux", "-L", TMUX, "-f", str(settings)]
    return [*tmux, "new-session", ssh], [*tmux, "kill-server"]


def in_tmux(lab: Lab) -> tuple[list[float], float]:
    """The same in tmux, where F1 shows a message until the next key."""
    argv, end = tmux_argv(lab)
    try:
        with on_screen(argv, columns=COLUMNS, rows=ROWS) as screen:
            watched = Watched(screen)
            watched.wait("1>")
            return flooded(watched, F1, b"KEY-WAS-ANSWERED", ESCAPE)
    finally:
        subprocess.run(end, check=False, capture_output=True)


def flooded(watched: Watched, key: bytes, sign: bytes, undo: bytes) -> tuple[list[float], float]:
    """Start the flood and press the key again and again until its end is on the screen."""
    screen = watched.screen
    latencies = []
    screen.write(FLOOD.encode())
    started = time.perf_counter()
    while True:
        latencies.append(watched.answered(key, sign))
        screen.write(undo)
        pause = time.perf_counter() + 0.25
        while time.perf_counter() < pause:
            screen.read(QUIET)
        if END in watched.text():
            return latencies, time.perf_counter() - started
        if time.perf_counter() - started > PATIENCE:
            raise TimeoutError(f"the flood did not end:\n{watched.text()}")


def shown(name: str, latencies: Sequence[float], seconds: float) -> None:
    worst = max(latencies) * 1000
    print(f"  {name}: worst {worst:.1f} ms; {LINES:,} lines were through after {seconds:.1f} s")


def main() -> None:
    """Print the figure."""
    if shutil.which("tmux") is None:
        sys.exit("tmux is not installed")
    with bench_lab() as lab:
        if not lab.place.ssh_config.exists():
            sys.exit("this goes over ssh, which this form of the lab does not have")
        ours, our_end, memory = in_app(lab)
        theirs, their_end = in_tmux(lab)
    report(
        f"{LINES:,} lines in the shell: F1 answered meanwhile, at {COLUMNS}x{ROWS} over ssh",
        Side("ejtui", ours),
        Side("tmux", theirs),
        target="at most 100 ms",
        figure=f"a key answered in a flood of {LINES:,} lines",
    )
    row(
        "the flood is through", f"{our_end:.1f} s", f"{their_end:.1f} s: tmux",
        f"{our_end / their_end:.2f}; target: ratio at most 1.3; "
        f"{LINES / our_end:,.0f} lines a second",
    )  # fmt: skip
    row("ejtui's memory after it", f"{memory / 1e6:.0f} MB", "", "target: below 120 MB")
    print(f"  ejtui's memory after it: {memory / 1e6:.0f} MB")
    shown("ejtui", ours, our_end)
    shown("tmux", theirs, their_end)


if __name__ == "__main__":
    main()
