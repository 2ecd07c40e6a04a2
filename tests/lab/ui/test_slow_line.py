"""A slow, lossy line: the set-up and the join complete, and keys are answered meanwhile.

No clock decides what "at once" is: a key counts as answered when it is drawn before the answer that
the line was carrying when it was pressed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from ejtui.lab.lab import Lab
from ejtui.lab.slow import fast_links, slow_links
from tests.lab.ui import scenarios
from tests.lab.ui.tmux import Tmux

_JOINED = "joined, both nodes agree"


@pytest.fixture
def slow(fresh_lab: Lab) -> Iterator[Lab]:
    """Two nodes that are not joined, on links that hold 300 ms and lose 2 %."""
    slow_links(fresh_lab)
    yield fresh_lab
    fast_links(fresh_lab)


def test_the_set_up_answers_keys_while_the_line_is_slow(slow: Lab, tmp_path: Path) -> None:
    with scenarios.bare(slow, tmp_path, 80, 24) as screen:
        screen.until("Which two hosts?")
        screen.type("first")
        screen.keys("Enter")
        # What is typed for the second host is drawn while first's trial is running.
        screen.type("sec")
        text = screen.until("sec")
        assert "25 accounts" not in text
        screen.type("ond")
        screen.keys("Enter")
        screen.until("» Go on to the values")
        scenarios.accept(screen)
        scenarios.leave(screen)


@pytest.mark.catalogue
@pytest.mark.timeout(2400)
def test_the_join_completes_and_keys_are_answered_between_question_and_answer(
    slow: Lab, tmp_path: Path
) -> None:
    with scenarios.bare(slow, tmp_path, 80, 24) as screen:
        screen.patience = 900
        scenarios.enter_hosts(screen)
        scenarios.accept(screen)
        screen.keys("a")
        screen.until("guest@chat.example")
        screen.keys("y")
        screen.until(lambda text: "guest@chat.example" not in text)
        journal = tmp_path / "state" / "ejtui" / "journals"
        answered: set[str] = set()
        while _JOINED not in screen.text:
            step = _running(journal)
            if _answers(screen, journal):
                answered.add(step)
                screen.until(partial(_goes_on, journal, step))
        assert {"config", "sync", "tables", "start"} <= answered
        scenarios.leave(screen)


def _answers(screen: Tmux, journal: Path) -> bool:
    """Whether help comes and goes before anything else is heard of the nodes."""
    before = _lines(journal)
    screen.keys("F1")
    screen.until("Esc closes")
    screen.keys("Escape")
    screen.until(lambda text: "Esc closes" not in text)
    return _lines(journal) == before


def _goes_on(journal: Path, step: str, text: str) -> bool:
    return _JOINED in text or _running(journal) != step


def _lines(journal: Path) -> list[str]:
    [file] = journal.iterdir()
    return file.read_text().splitlines()


def _running(journal: Path) -> str:
    steps = [json.loads(line).get("step", "") for line in _lines(journal)]
    return steps[-1] if steps else ""
