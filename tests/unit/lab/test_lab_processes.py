"""Running and ending real processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ejtui.lab import LabError
from ejtui.lab.processes import command_line, end, launch, pids, run


def test_a_failure_says_command_code_and_reason() -> None:
    with pytest.raises(LabError, match=r"sh -c .* failed with code 3: broken"):
        run(["sh", "-c", "echo broken >&2; exit 3"])


def test_what_hangs_is_cut_off() -> None:
    with pytest.raises(LabError, match=r"did not end within 0.1 s"):
        run(["sleep", "60"], timeout=0.1)


def test_what_is_not_installed_is_named() -> None:
    with pytest.raises(LabError, match="no-such-program is not installed"):
        run(["no-such-program"])


def test_only_what_is_ours_ends() -> None:
    argv = [sys.executable, "-c", "input()"]
    both = [subprocess.Popen([*argv, mark], stdin=subprocess.PIPE) for mark in ("ours", "other")]
    ours, other = both
    try:
        end(lambda pid: pid == ours.pid and command_line(pid)[-1:] == ["ours"])
        assert ours.wait(30) == -9
        assert other.poll() is None
    finally:
        for process in both:
            process.kill()
            process.communicate()


def test_a_launched_process_is_nobodys_child(tmp_path: Path) -> None:
    mark = str(tmp_path)

    def is_ours(pid: int) -> bool:
        return command_line(pid)[-1:] == [mark]

    launch([sys.executable, "-c", "import time; time.sleep(60)", mark], tmp_path / "log")
    try:
        assert len([pid for pid in pids() if is_ours(pid)]) == 1
    finally:
        end(is_ours)
    assert not [pid for pid in pids() if is_ours(pid)]
