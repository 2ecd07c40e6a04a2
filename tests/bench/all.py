"""Every figure, one after another, and one table of them all. Meant for a computer that does
nothing else meanwhile; the details of each figure go to standard error."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import FIGURES

HEAD = ("", "ejtui: median (best)", "beside it: median (best)", "ratio, or target")
PATIENCE = 1200.0
"""Seconds that no figure takes, however busy this machine is."""


def figures(minutes: float, accounts: int) -> dict[str, list[str]]:
    """The scripts with their arguments, in order."""
    return {
        "startup": [],
        "first_paint": [],
        "state": [],
        "check": [],
        "join": [],
        "key_echo": [],
        "flood": [],
        "slow_line": [],
        "terminal_bytes": ["--minutes", str(minutes)],
        "big_tables": ["--accounts", str(accounts)],
    }


def measured(name: str, arguments: list[str]) -> bool:
    """Run one figure's script in a separate process; whether it could be measured."""
    script = Path(__file__).with_name(f"{name}.py")
    try:
        done = subprocess.run(
            [sys.executable, str(script), *arguments],
            stdout=sys.stderr, check=False, timeout=PATIENCE,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def markdown(rows: list[list[str]]) -> str:
    """The table."""
    lines = [f"| {' | '.join(cells)} |" for cells in ([*HEAD], ["---"] * len(HEAD), *rows)]
    return "\n".join(lines)


def main() -> int:
    """Print the table; 1 when a figure could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long each idle watch is")
    parser.add_argument("--accounts", type=int, default=200_000, help="for the big tables")
    parser.add_argument("only", nargs="*", help="these alone, by their scripts' names")
    said = parser.parse_args()
    scripts = figures(said.minutes, said.accounts)
    if unknown := [name for name in said.only if name not in scripts]:
        parser.error(f"no figure {unknown[0]}; there are: {', '.join(scripts)}")
    with tempfile.TemporaryDirectory(prefix="ejtui-bench-") as directory:
        place = Path(directory) / "rows"
        place.touch()
        os.environ[FIGURES] = str(place)
        wanted = said.only or scripts
        failed = [name for name in wanted if not measured(name, scripts[name])]
        rows = [json.loads(line) for line in place.read_text().splitlines()]
    print(markdown(rows))
    if failed:
        print(f"\nnot measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
