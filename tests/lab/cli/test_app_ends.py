"""The app and the lab alone, ended from outside: the terminal and this computer as before."""

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
    # pexpect sends another signal to what has not quite ended when it is closed.
    child.wait()
    child.close()
    return str(child.before)


def alone(state: Path) -> pexpect.spawn[str]:
    """`ejtui lab` on a terminal, with its own state directory."""
    return pexpect.spawn(
        sys.executable,
        ["-m", "ejtui", "lab"],
        encoding="utf-8",
        timeout=120,
        dimensions=(40, 120),
        env=os.environ | {"XDG_STATE_HOME": str(state)},
    )


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


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.catalogue)]
)
def test_the_lab_alone_leaves_nothing(lab: Lab, number: signal.Signals, tmp_path: Path) -> None:
    del lab  # asked for only because this one needs the same of this computer
    child = alone(tmp_path)
    said = end(child, number)
    assert child.exitstatus == 130
    assert "The lab is down again." in said
    assert not (tmp_path / "ejtui" / "lab").exists()
    for process in Path("/proc").glob("[0-9]*/environ"):
        try:
            assert bytes(tmp_path) not in process.read_bytes(), process
        except OSError:
            continue


def test_a_closed_terminal_takes_the_lab_down(lab: Lab, tmp_path: Path) -> None:
    """The kernel sends SIGHUP and SIGCONT then, and there is no terminal to print on."""
    del lab
    child = alone(tmp_path)
    child.expect_exact("ejabberd@second")
    # Not by its number: what is opened next may get that, and pexpect would close it once more.
    child.ptyproc.fileobj.close()  # type: ignore[attr-defined]
    assert child.wait() == 130
    assert not (tmp_path / "ejtui" / "lab").exists()
    assert not (tmp_path / "ejtui" / "unexpected-error.txt").exists()
