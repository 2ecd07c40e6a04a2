"""Breaks lines of what keeps data, one at a time, and checks whether a fast test turns red.

    python -m tests.mutations                    every line; some twenty minutes on two cores
    python -m tests.mutations --seconds 60       as many as fit, chosen by the commit
    python -m tests.mutations --only lock.py     those of the modules of that name

Works on a copy of the tree, so that nothing of this one is ever broken. A line is tried with the
tests that run it, which are seen first. The end is a score: how many of the broken lines a test
noticed. With --least it is a failure when that is less (percent).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from types import MappingProxyType

from tests.mutations.covering import EVERY, Covered, find_tests
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
    "test_join_backup.py",
)  # fmt: skip
"""Those that notice most run before the others."""

MOST_SECONDS = 120.0
"""A broken line that makes tests wait for ever is noticed, too."""

MOST_OF_ALL = 1200.0
"""All of them, none broken, with each line noted."""


def main() -> int:
    options = _options()
    lines = _chosen(options)
    print(f"{len(lines)} broken lines, {options.workers} at a time", flush=True)
    with tempfile.TemporaryDirectory(prefix="broken-lines-") as directory:
        copies = [_copy(Path(directory) / str(n)) for n in range(options.workers)]
        covered, why = _cover(copies, {line.file for line in lines}, options)
        if why:
            print(f"the tests fail without a broken line:\n{why}")
            return 2
        survived, done = _run(lines, copies, covered, options)
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
    if options.seconds:
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


def _cover(
    copies: list[Path], files: set[Path], options: argparse.Namespace
) -> tuple[dict[Path, Covered], str]:
    """Which tests run which lines, for each copy, and what they printed where they failed."""
    copy, modules = copies[0], copies[0] / "modules"
    modules.write_text("\n".join(str(copy / file) for file in sorted(files)), encoding="utf-8")
    asked = {"EJTUI_COVERED": str(modules), "EJTUI_COVERING": str(copy / "covered")}
    tests = _first(copy) if options.only_first else list(TESTS)
    if why := _failed(copy, ["-p", "tests.mutations.covering", *tests], asked, MOST_OF_ALL):
        return {}, why
    covered: Covered = json.loads((copy / "covered").read_text(encoding="utf-8"))
    return {
        each: {name.replace(str(copy), str(each)): lines for name, lines in covered.items()}
        for each in copies
    }, ""


def _first(copy: Path) -> list[str]:
    return [f"{TESTS[0]}/{name}" for name in FIRST if (copy / TESTS[0] / name).exists()]


def _run(
    lines: list[Broken],
    copies: list[Path],
    covered: dict[Path, Covered],
    options: argparse.Namespace,
) -> tuple[int, int]:
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
            tests = find_tests(line, copy, covered[copy])
            noticed = bool(tests) and bool(_noticed(copy, line, tests, options.only_first))
        finally:
            free.put(copy)
        if not noticed:
            print(f"{'not noticed' if tests else 'not run'}: {line}", flush=True)
        return noticed

    with ThreadPoolExecutor(len(copies)) as pool:
        results = zip(lines, pool.map(tried, lines), strict=True)
        known = [(line.file, noticed) for line, noticed in results if noticed is not None]
    if not options.seconds:
        for file in dict.fromkeys(file for file, _ in known):
            of_file = [noticed for each, noticed in known if each == file]
            print(f"{file}: {sum(of_file)}/{len(of_file)}")
    return [noticed for _, noticed in known].count(False), len(known)


def _noticed(copy: Path, line: Broken, tests: list[str], only_first: bool) -> str:
    """What the tests printed where they failed, "" where they did not."""
    stages = [tests]
    if EVERY in tests:
        stages = [_first(copy)] if only_first else [_first(copy), list(TESTS)]
    whole = (copy / line.file).read_text(encoding="utf-8")
    try:
        (copy / line.file).write_text(line.source, encoding="utf-8")
        return next(filter(None, (_failed(copy, stage) for stage in stages)), "")
    finally:
        (copy / line.file).write_text(whole, encoding="utf-8")


def _failed(
    copy: Path,
    tests: list[str],
    more: Mapping[str, str] = MappingProxyType({}),
    seconds: float = MOST_SECONDS,
) -> str:
    # Only the copy's own modules: this interpreter may have the tree itself installed.
    environment = os.environ | more | {"PYTHONPATH": str(copy), "PYTHONUTF8": "1",
                                "PYTHONDONTWRITEBYTECODE": ""}  # fmt: skip
    argv = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider",
            "--timeout", str(int(seconds)), *tests]  # fmt: skip
    try:
        done = subprocess.run(argv, cwd=copy, env=environment, capture_output=True, text=True,
                              timeout=seconds, check=False)  # fmt: skip
    except subprocess.TimeoutExpired:
        return "it took too long"
    return "" if done.returncode == 0 else done.stdout[-3000:] or done.stderr[-3000:] or "failed"


if __name__ == "__main__":
    sys.exit(main())
