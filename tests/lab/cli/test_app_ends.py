"""The app and the lab alone, ended from outside: the terminal and the machine as before."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pexpect
import pytest

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui

ENDINGS = [signal.SIGTERM, signal.SIGHUP]


def end(child: pexpect.spawn[str], number: signal.Signals) -> str:
    """Send it, and answer what was printed until the end."""
    child.expect_exact("ejabberd@second")
    child.kill(number)
    child.expect(pexpect.EOF)
    child.close()
    return str(child.before)


@pytest.mark.parametrize("number", ENDINGS)
def test_the_app_leaves_the_terminal_as_it_was(lab: Lab, number: signal.Signals) -> None:
    child = Ejtui(lab).on_terminal()
    said = end(child, number)
    assert child.exitstatus == 130
    screen, _, message = said.rpartition("\x1b[?1049l")
    assert screen
    assert "interrupted." in message
    assert "Traceback" not in message
    assert "Task was destroyed" not in message


@pytest.mark.parametrize("number", ENDINGS)
def test_the_lab_alone_leaves_nothing(lab: Lab, number: signal.Signals, tmp_path: Path) -> None:
    del lab  # asked for only because this one needs the same of the machine
    environment = os.environ | {"XDG_STATE_HOME": str(tmp_path)}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "ejtui", "lab"],
        encoding="utf-8",
        timeout=120,
        dimensions=(40, 120),
        env=environment,
    )
    said = end(child, number)
    assert child.exitstatus == 130
    assert "The lab is down again." in said
    assert not (tmp_path / "ejtui" / "lab").exists()
    for process in Path("/proc").glob("[0-9]*/environ"):
        try:
            assert bytes(tmp_path) not in process.read_bytes(), process
        except OSError:
            continue
