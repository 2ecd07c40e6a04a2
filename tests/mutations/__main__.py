"""Breaks lines of what keeps data, one at a time, and checks whether a fast test turns red.

    python -m tests.mutations                    every line; some twenty minutes on two cores
    python -m tests.mutations --seconds 60       as many as fit, chosen by the commit
    python -m tests.mutations --only lock.py     those of the modules of that name

Works on a copy of the tree, so that nothing of this one is ever broken. The end is a score: how
many of the broken lines a test noticed. With --least it is a failure when that is less (percent).
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from tests.mutations.lines import Broken, broken_lines

ROOT = Path(__file__).parents[2]
MODULES = (
    "ejtui/cluster/backups/**/*.py",
    "ejtui/cluster/join/runner.py",
    "ejtui/cluster/pair/lock.py",
    "ejtui/cluster/repairs/run.py",
    "ejtui/cluster/run/locked_run.py",
)
TESTS = ("tests/unit/cluster",)
FIRST = (
    "test_data_kept.py", "test_broken_move.py", "test_database_move.py", "test_runs.py",
    "test_backups.py", "test_backup_listing.py", "test_half_done.py", "test_repair_runs.py",
    "test_lock.py", "test_lock_lost.py", "test_step_again.py", "test_data_refused.py",
)  # fmt: skip
"""Those that notice most run before the others."""

MOST_SECONDS = 120.0
"""A broken line that makes tests wait for ever is noticed, too."""


def main() -> int:
    options = _options()
    lines = _chosen(options)
    print(f"{len(lines)} broken lines, {options.workers} at a time", flush=True)
    with tempfile.TemporaryDirectory(prefix="broken-lines-") as directory:
        copies = [_copy(Path(directory) / str(n)) for n in range(options.workers)]
        if why := _noticed(copies[0], None, options.only_first):
            print(f"the tests fail without a broken line:\n{why}")
            return 2
        survived, done = _run(lines, copies, options)
    score = 100.0 * (done - survived) / done if done else 100.0
    print(f"{done - survived} of {done} broken lines were noticed: {score:.0f} %")
    return int(score < options.least)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)  # fmt: skip
    parser.add_argument("--seconds", type=float, default=0.0, help="as many as fit; 0: all")
    parser.add_argument("--only", default="", help="modules whose name ends with this")
    parser.add_argument("--seed", default="", help="what chooses the order; else the commit")
    parser.add_argument("--least", type=float, default=0.0, help="the least score, in percent")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only-first", action="store_true", help="the tests that notice most")
    return parser.parse_args()


def _chosen(options: argparse.Namespace) -> list[Broken]:
    files = sorted(file for pattern in MODULES for file in ROOT.glob(pattern))
    lines = [
        each
        for file in files
        if str(file).endswith(options.only)
        for each in broken_lines(file.relative_to(ROOT), file.read_text(encoding="utf-8"))
    ]
    random.Random(options.seed or _commit()).shuffle(lines)  # noqa: S311 - a choice, no secret
    return lines


def _commit() -> str:
    asked = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)
    return said.stdout.strip() or "no commit"


def _copy(directory: Path) -> Path:
    unwanted = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "screenshots")
    shutil.copytree(ROOT, directory, ignore=unwanted)
    return directory


def _run(lines: list[Broken], copies: list[Path], options: argparse.Namespace) -> tuple[int, int]:
    """How many lines no test noticed, each of which is printed at once, and how many were tried."""
    free: Queue[Path] = Queue()
    for each in copies:
        free.put(each)
    end = time.monotonic() + options.seconds if options.seconds else float("inf")

    def tried(line: Broken) -> bool | None:
        if time.monotonic() > end:
            return None
        copy = free.get()
        try:
            noticed = bool(_noticed(copy, line, options.only_first))
        finally:
            free.put(copy)
        if not noticed:
            print(f"not noticed: {line}", flush=True)
        return noticed

    with ThreadPoolExecutor(len(copies)) as pool:
        results = [each for each in pool.map(tried, lines) if each is not None]
    return results.count(False), len(results)


def _noticed(copy: Path, line: Broken | None, only_first: bool) -> str:
    """What the tests printed where they failed, "" where they did not."""
    tests = [f"{TESTS[0]}/{name}" for name in FIRST if (copy / TESTS[0] / name).exists()]
    stages = [tests] if only_first else [tests, list(TESTS)]
    whole = (copy / line.file).read_text(encoding="utf-8") if line else ""
    try:
        if line:
            (copy / line.file).write_text(line.source, encoding="utf-8")
        return next(filter(None, (_failed(copy, stage) for stage in stages)), "")
    finally:
        if line:
            (copy / line.file).write_text(whole, encoding="utf-8")


def _failed(copy: Path, tests: list[str]) -> str:
    # Only the copy's own modules: this interpreter may have the tree itself installed.
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONUTF8": "1",
                                "PYTHONDONTWRITEBYTECODE": ""}  # fmt: skip
    argv = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider",
            "--timeout", str(int(MOST_SECONDS)), *tests]  # fmt: skip
    try:
        done = subprocess.run(argv, cwd=copy, env=environment, capture_output=True, text=True,
                              timeout=MOST_SECONDS, check=False)  # fmt: skip
    except subprocess.TimeoutExpired:
        return "it took too long"
    return "" if done.returncode == 0 else done.stdout[-3000:] or done.stderr[-3000:] or "failed"


if __name__ == "__main__":
    sys.exit(main())
