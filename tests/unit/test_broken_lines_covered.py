"""Which tests the mutation run tries a broken line with: those that run it, and no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.mutations.covering import EVERY, find_tests
from tests.mutations.lines import broken_lines

MODULE = """
LEAST = 1 if __debug__ else 2

def keep(kept):
    if (
        kept
        is None
    ):
        raise ValueError
    return True

def lose():
    return False
"""
TESTS = """
import asyncio
import m

def test_kept():
    assert m.keep(1)

def test_none():
    asyncio.run(kept_none())

async def kept_none():
    try:
        m.keep(None)
    except ValueError:
        pass
"""


def test_a_line_is_tried_with_the_tests_that_run_it(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(MODULE)
    (tmp_path / "test_m.py").write_text(TESTS)
    (tmp_path / "modules").write_text(str(tmp_path / "m.py"))
    root = Path(__file__).parents[2]
    environment = os.environ | {
        "EJTUI_COVERED": str(tmp_path / "modules"),
        "EJTUI_COVERING": str(tmp_path / "covered"),
        "PYTHONPATH": f"{tmp_path}:{root}",
    }
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "tests.mutations.covering", "test_m.py"]
    subprocess.run([*argv, "--rootdir", tmp_path], cwd=tmp_path, env=environment, check=True)
    covered = json.loads((tmp_path / "covered").read_text())
    found = {
        (line.line, line.what.partition(":")[0]): find_tests(line, tmp_path, covered)
        for line in broken_lines(Path("m.py"), MODULE)
    }
    kept, none = "test_m.py::test_kept", "test_m.py::test_none"
    assert found == {
        (2, "negate the condition"): [EVERY],
        (5, "negate the condition"): [kept, none],
        (6, "turn the comparison round"): [kept, none],
        (9, "drop the raise"): [none],
        (10, "return the opposite"): [kept],
        (13, "return the opposite"): [],
    }
