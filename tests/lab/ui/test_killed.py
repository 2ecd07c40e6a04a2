"""The app killed in the middle of each step: the next one goes on from where the nodes stand."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from ejtui import paths
from ejtui.cluster.join.steps import STEPS
from ejtui.lab.lab import Lab
from tests import patience
from tests.lab.cluster.engine import ctl
from tests.lab.ui import scenarios
from tests.lab.ui.tmux import Tmux


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Journal, choices and recordings of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.mark.catalogue
@pytest.mark.parametrize("step", [step.id for step in STEPS])
def test_killed_in_a_step(fresh_lab: Lab, own_state: Path, step: str) -> None:
    with scenarios.app(fresh_lab, own_state, 120, 40) as screen:
        screen.until("next: 2 Magic cookies")
        screen.keys("a")
        if step == "permissions":
            _until_in(screen, "quit")
            _leave_work_for_permissions(fresh_lab)
        _until_in(screen, step)
        [app] = screen.children
        os.kill(app, signal.SIGKILL)
        screen.until("ended with 137")
    (own_state / "again").mkdir()
    with scenarios.app(fresh_lab, own_state / "again", 80, 24) as screen:
        screen.until(_stands)
        if "joined, both nodes agree" not in screen.text:
            screen.keys("a")
            screen.until(_asked_or_joined)
            if _asked(screen.text):
                screen.keys("y")
        screen.until("joined, both nodes agree")
        scenarios.leave(screen)
    assert {"ejabberd@first", "ejabberd@second"} <= set(ctl(fresh_lab, "first", "list_cluster"))
    accounts = ctl(fresh_lab, "second", "registered_users", "chat.example")
    assert len(accounts) == 25
    assert accounts == ctl(fresh_lab, "first", "registered_users", "chat.example")


def _leave_work_for_permissions(lab: Lab) -> None:
    """A file of root's, as an erl of root's would leave it."""
    lab.run("second", ["touch", f"{lab.form.home('second')}/left-by-root"])


def _until_in(screen: Tmux, step: str) -> None:
    """Run on until the journal shows that the step has started."""
    end = time.monotonic() + patience.SECONDS
    agreed = False
    while step not in _begun():
        assert time.monotonic() < end, f"{step} did not begin:\n{screen.text}"
        if not agreed and _asked(screen.text):
            screen.keys("y")
            agreed = True
        time.sleep(0.005)


def _begun() -> set[str]:
    """The steps that the journal shows as started; its last line may not be whole yet."""
    journals = paths.journal_file("any").parent.glob("first+second*.jsonl")
    journal = max(journals, key=lambda path: path.stat().st_mtime_ns, default=None)
    lines = journal.read_text().split("\n")[:-1] if journal else []
    entries = [json.loads(line) for line in lines]
    return {entry["step"] for entry in entries if entry.get("event") == "started"}


def _asked(text: str) -> bool:
    return "guest@chat.example" in text and "Yes" in text


def _asked_or_joined(text: str) -> bool:
    return _asked(text) or "joined, both nodes agree" in text


def _stands(text: str) -> bool:
    """Whether the nodes have reported their state."""
    return (
        f"of {len(STEPS)} done" in text
        or "not joined" in text
        or "joined, both nodes agree" in text
    )
