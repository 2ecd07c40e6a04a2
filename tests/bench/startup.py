"""--version and --help against an interpreter that does nothing; what they load."""

from __future__ import annotations

import subprocess
import time
from functools import partial

from measure import PYTHON, Side, by_turns, report

RUNS = 15
HEAVY = ("textual", "asyncssh")


def took(*arguments: str) -> float:
    """Seconds for a fresh interpreter."""
    started = time.perf_counter()
    subprocess.run([PYTHON, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def loaded(option: str) -> list[str]:
    """Which of the heavy libraries a run with `option` loads."""
    done = subprocess.run(
        [PYTHON, "-X", "importtime", "-m", "ejtui", option],
        capture_output=True,
        text=True,
        check=True,
    )
    modules = {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}
    return [library for library in HEAVY if library in modules]


def main() -> None:
    """Print the figure."""
    for option in ("--version", "--help"):
        ours, theirs = by_turns(
            RUNS, partial(took, "-m", "ejtui", option), partial(took, "-c", "pass")
        )
        report(
            f"start-up: ejtui {option}",
            Side(f"ejtui {option}", ours),
            Side("`python -c pass`", theirs),
            target="ratio at most 2" if option == "--version" else "",
            figure=f"`ejtui {option}`",
        )
        print(f"  of {', '.join(HEAVY)} it loads: {', '.join(loaded(option)) or 'none'}")


if __name__ == "__main__":
    main()
