"""The app is ended in order however often it is asked to: the terminal is as it was."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pexpect
import pytest

from tests.unit.cli.test_terminal_kind import PAIR


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("apart", [0.001, 0.03, 0.1])
def test_a_second_signal_interrupts_no_ending(
    tmp_path: Path, number: signal.Signals, apart: float
) -> None:
    """A terminal that is closed sends SIGHUP twice; a service manager may repeat SIGTERM."""
    (tmp_path / "config.toml").write_text(PAIR)
    state = {name: str(tmp_path) for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    child: pexpect.spawn[str] = pexpect.spawn(
        sys.executable,
        ["-m", "ejtui", "--config", str(tmp_path / "config.toml")],
        env=os.environ | state,
        encoding="utf-8",
        timeout=60,
    )
    child.expect_exact("next try")
    child.kill(number)
    signal.sigtimedwait([], apart)
    child.kill(number)
    child.expect(pexpect.EOF)
    printed = str(child.before)
    # pexpect sends another signal to what has not quite ended when it is closed.
    child.wait()
    child.close()
    assert child.exitstatus == 130
    assert "\x1b[?1049l" in printed
    assert "Traceback" not in printed
