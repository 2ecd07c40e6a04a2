"""Which tests run which lines: seen once, so that a broken line is tried with those alone.

A plugin of pytest, `-p tests.mutations.covering`: for the modules that the lines of the file
EJTUI_COVERED name, writes {module: {line: [test, …]}} to the file EJTUI_COVERING, in the order in
which the tests ran. What runs while the tests are collected, which concerns them all, is of the
test EVERY.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.mutations.lines import Broken

EVERY = ""

Covered = Mapping[str, Mapping[str, list[str]]]


class Covering:
    """Notes each line of the modules that is run, with the test that is running."""

    def __init__(self, modules: frozenset[str]) -> None:
        self.modules = modules
        self.test = EVERY
        self.lines: dict[str, dict[int, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))

    def call(self, frame: FrameType, event: str, found: Any) -> Any:
        """For sys.settrace: lines are asked for in those modules alone."""
        del event, found
        return self._line if frame.f_code.co_filename in self.modules else None

    def _line(self, frame: FrameType, event: str, found: Any) -> Any:
        del event, found
        self.lines[frame.f_code.co_filename][frame.f_lineno][self.test] = None
        return self._line

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """What runs from here on is run by this test."""
        self.test = item.nodeid
        sys.settrace(self.call)
        try:
            return (yield)
        finally:
            sys.settrace(None)

    def pytest_collection_finish(self) -> None:
        """What collecting them needed is imported."""
        sys.settrace(None)

    def pytest_sessionfinish(self) -> None:
        """Writes what was seen."""
        Path(os.environ["EJTUI_COVERING"]).write_text(json.dumps(self.lines), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Begins before any module of a test is imported."""
    modules = Path(os.environ["EJTUI_COVERED"]).read_text(encoding="utf-8").splitlines()
    covering = Covering(frozenset(modules))
    config.pluginmanager.register(covering)
    sys.settrace(covering.call)


def find_tests(line: Broken, copy: Path, covered: Covered) -> list[str]:
    """The tests that run something of this line, in their order; EVERY where it is imported."""
    lines = covered.get(str(copy / line.file), {})
    run = (lines.get(str(number), []) for number in range(line.line, line.last + 1))
    return list(dict.fromkeys(test for each in run for test in each))
