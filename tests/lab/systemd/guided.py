"""The guided set-up at a terminal of 80 columns: two hosts, the findings it ends with, the join."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import partial
from operator import ne
from pathlib import Path

from ejtui.lab.lab import Lab
from tests.lab.ui import scenarios
from tests.lab.ui.tmux import Tmux

_BOTH_TRIED = re.compile(r"\d+ accounts? ─.*\d+ accounts? ─", re.S)
_FOUND = re.compile(r"● (?:\d[^:\n]*: )?([a-z0-9-]+)")
_LOOKED_AT = re.compile(r"^┌─ ([a-z0-9-]+) on ", re.M)
_ASKED, _TROUBLE = "n »No", "o »OK"
"""The answer that Enter gives, of a question and of an error."""
_NOT_REPAIRED = ("config-certificates",)
"""Each package made a certificate for its own host: the operator may go on with it."""
_MOST_REPAIRS = 8


def join_by_keys(lab: Lab, directory: Path) -> list[str]:
    """`ejtui setup` and the join in the app, by keys alone; the codes that were repaired, in order.

    `directory` is this operator's home. Raises AssertionError with what was on the screen.
    """
    with scenarios.bare(lab, directory, 80, 24, "setup") as screen:
        scenarios.enter_hosts(screen)
        screen.until(lambda text: _BOTH_TRIED.search(text) is not None)
        screen.keys("Enter")
        screen.until("What was found")
        screen.keys("Enter")
        text = screen.until("Whose accounts survive?")
        assert "1 »first" in text, text
        screen.keys("Enter")
        screen.until("Yes, write it")
        screen.keys("y")
        repaired = _repair_all(screen)
        _join(screen)
        scenarios.leave(screen)
    return repaired


def _repair_all(screen: Tmux) -> list[str]:
    """Repairs each finding that the first line names, until it names none that stops a join."""
    done: list[str] = []
    while len(done) < _MOST_REPAIRS:
        text = screen.until(partial(_checked, done))
        found = _FOUND.search(text.partition("\n")[0])
        if found is None or found[1] in _NOT_REPAIRED:
            return done
        done.append(_repair(screen))
    raise AssertionError(f"repaired {done}, and there is no end:\n{screen.text}")


def _checked(done: Collection[str], text: str) -> bool:
    """Whether the first line shows how a check has ended that is newer than these repairs."""
    head = text.partition("\n")[0]
    found = _FOUND.search(head)
    if "? help" not in text or "checking" in head:
        return False
    return found[1] not in done if found else scenarios.healthy(text)


def _repair(screen: Tmux) -> str:
    """Repairs the finding that is looked at where `f` is pressed, and answers its code."""
    screen.keys("f")
    text = screen.until(lambda text: _LOOKED_AT.search(text) is not None and "checked " in text)
    looked_at = _LOOKED_AT.search(text)
    assert looked_at is not None
    screen.keys("Enter")
    screen.until(f"Repair {looked_at[1]} on ")
    _agree(screen, f"{looked_at[1]} is repaired")
    return looked_at[1]


def _agree(screen: Tmux, end: str) -> None:
    """Yes to each question, until that is on the screen; an error in between is a failure."""
    while True:
        text = screen.until(lambda text: _ASKED in text or _TROUBLE in text or end in text)
        assert _TROUBLE not in text, text
        if _ASKED not in text:
            return
        screen.keys("y")
        screen.until(partial(ne, text))


def _join(screen: Tmux) -> None:
    screen.keys("a")
    _agree(screen, "joined, both nodes agree")
