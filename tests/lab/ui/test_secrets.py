"""The app on hosts whose sudo wants a password: asked in a dialog, and kept."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ejtui.lab.lab import Lab
from tests.lab.cluster.becoming import OPS, asking
from tests.lab.ui import scenarios

QUIET_SECONDS = 8.0
"""A host that is not reached is tried again three times meanwhile."""


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Journal, choices and recordings of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.mark.parametrize(("columns", "rows"), scenarios.SIZES_TESTED)
def test_a_password_is_typed_refused_and_thought_over(
    lab: Lab, own_state: Path, columns: int, rows: int
) -> None:
    with asking(lab), scenarios.app(lab, own_state, columns, rows) as screen:
        text = screen.until("[sudo] password for op:")
        asked = "first" if "Password for op on first" in text else "second"
        other = "second" if asked == "first" else "first"
        assert "sudo asks, at op@" in text
        screen.type("wrong")
        assert "wrong" not in screen.until("●●●●●")
        screen.keys("Enter")
        # sudo takes its time with a wrong one: the other host's question comes in between.
        screen.until(f"Password for op on {other}")
        screen.keys("Escape")
        assert f"Password for op on {asked}" in screen.until("attempt 2 of 3")
        screen.type(OPS)
        screen.keys("Enter")
        screen.until(lambda text: "Password for op on" not in text)
        screen.until(f"{other}: not reached")
        # A no stands until somebody asks again, though the host is tried every few seconds.
        end = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < end:
            assert "Password for op on" not in screen.text
            time.sleep(0.1)
        screen.keys("r")
        screen.until(f"Password for op on {other}")
        screen.type(OPS)
        screen.keys("Enter")
        screen.until(lambda text: text.count("running") >= 2)
        assert OPS not in screen.text
        screen.keys("q")
