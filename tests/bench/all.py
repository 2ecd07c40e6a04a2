"""Every figure, one after another, and one table of them all. Meant for a computer that does
nothing else meanwhile; the details of each figure go to standard error. A run of all figures is
saved for `ejtui help evidence`, with its day, commit, cores, load and releases. `run.sh` beside it
installs what it needs, and runs it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from measure import FIGURES, ROOT

SAVED = ROOT / "ejtui" / "help" / "figures.jsonl"
HEAD = ("", "ejtui: median (best)", "beside it: median (best)", "ratio, or target")
OTP = "io:put_chars(erlang:system_info(otp_release)), halt()."
PATIENCE = 1200.0
"""Seconds that no figure takes with a few accounts, however busy this computer is."""
PER_ACCOUNT = 0.02
"""Seconds that each account adds."""
CONTACTS = 33_000
"""So many accounts at most has first while real clients are measured: with a hundred thousand
contacts."""


def figures(minutes: float, accounts: int) -> dict[str, list[str]]:
    """The scripts with their arguments, in order."""
    people = ["--accounts", str(accounts)]
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
        "clients": ["--accounts", str(min(accounts, CONTACTS))],
        "backup": people,
        "big_tables": people,
    }


def measured(name: str, arguments: list[str], patience: float) -> bool:
    """Run one figure's script in a separate process; whether it could be measured."""
    script = Path(__file__).with_name(f"{name}.py")
    try:
        done = subprocess.run(
            [sys.executable, str(script), *arguments],
            stdout=sys.stderr, check=False, timeout=patience,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def markdown(rows: list[list[str]]) -> str:
    """The table."""
    lines = [f"| {' | '.join(cells)} |" for cells in ([*HEAD], ["---"] * len(HEAD), *rows)]
    return "\n".join(lines)


def releases() -> dict[str, str]:
    """Of what the figures are: Python, and what the lab's hosts run."""
    otp = printed("erl", "-noinput", "-eval", OTP)
    ejabberd = printed("dpkg-query", "-W", "-f", "${Version}", "ejabberd").partition("-")[0]
    found = {"Python": platform.python_version(), "ejabberd": ejabberd, "OTP": otp}
    return {name: version for name, version in found.items() if version}


def printed(*argv: str) -> str:
    """What a program prints, "" where it cannot be run."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=ROOT)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def save(rows: list[list[str]], load: float) -> None:
    """Add the run to those that the help page shows."""
    changed = "+" if printed("git", "status", "--porcelain", "--untracked-files=no") else ""
    run = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": (printed("git", "rev-parse", "--short", "HEAD") or "unknown") + changed,
        "cores": os.cpu_count(),
        "load": round(load, 1),
        "releases": releases(),
        "command": " ".join(["tests/bench/run.sh", *sys.argv[1:]]),
        "rows": rows,
    }
    with SAVED.open("a", encoding="utf-8") as file:
        file.write(json.dumps(run, ensure_ascii=False) + "\n")


def main() -> int:
    """Print the table; 1 when a figure could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long each idle watch is")
    parser.add_argument("--accounts", type=int, default=200_000, help="for the big tables")
    parser.add_argument("--save", action="store_true", help="save a run of some figures, too")
    parser.add_argument("only", nargs="*", help="these alone, by their scripts' names")
    said = parser.parse_args()
    scripts = figures(said.minutes, said.accounts)
    if unknown := [name for name in said.only if name not in scripts]:
        parser.error(f"no figure {unknown[0]}; there are: {', '.join(scripts)}")
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="ejtui-bench-") as directory:
        place = Path(directory) / "rows"
        place.touch()
        os.environ[FIGURES] = str(place)
        wanted = said.only or scripts
        patience = PATIENCE + PER_ACCOUNT * said.accounts
        failed = [name for name in wanted if not measured(name, scripts[name], patience)]
        rows = [json.loads(line) for line in place.read_text().splitlines()]
    print(markdown(rows))
    if rows and (said.save or not said.only):
        save(rows, load)
    if failed:
        print(f"\nnot measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
