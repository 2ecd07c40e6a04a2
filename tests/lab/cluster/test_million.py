"""A million accounts on second alone: named, set aside, restored and brought over.

Lists of them come in pieces, none longer than one answer of a host may be.
"""

from __future__ import annotations

import os
import subprocess
import tempfile

import pytest

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.crowd import fill

CROWD = 1_000_000
MOST_RESIDENT = 1_500_000_000
"""Bytes of memory that one ejtui may take with all their names."""

pytestmark = [pytest.mark.catalogue, pytest.mark.timeout(7200)]


def measured(lab: Lab, *words: str) -> tuple[int, str, int]:
    """The exit code, what was printed, and the most memory in bytes that this ejtui took."""
    with tempfile.TemporaryFile() as printed:
        started = subprocess.Popen(
            [*Ejtui(lab).argv, *words], stdin=subprocess.DEVNULL, stdout=printed, stderr=printed
        )
        _, status, usage = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        text = printed.read().decode("utf-8", "replace")
    most = usage.ru_maxrss * 1024
    print(words, started.returncode, f"{most >> 20} MB, {usage.ru_utime:.0f} s", text[-1500:])
    return started.returncode, text, most


def test_a_million_accounts_go_and_come_back(fresh_lab: Lab) -> None:
    lab = fresh_lab
    people, _ = fill(lab, CROWD, contacts=0, storage="disc_copies", host="second")
    assert people >= CROWD
    said = []
    for words in (
        ("join", "--yes", "--accept", "swapped-roles"),
        ("backups",),
        ("rollback", "--yes"),
        ("join", "--yes", "--accept", "swapped-roles"),
    ):
        code, text, most = measured(lab, *words)
        assert (code, most < MOST_RESIDENT) == (0, True), (words, most, text[-2000:])
        said.append(text)
    assert f"{people} accounts live on second alone" in said[0]
    assert f"accounts: {people}" in said[1]
    assert "its own accounts are back" in said[2]
    assert f"and {people - 20} more" in said[2]
    # All of it is read and compared before the question, which nobody answers here.
    stamp = next(word for word in said[1].split() if word.endswith("Z") and "T" in word)
    code, text, most = measured(lab, "bring-over", stamp.partition("/")[0])
    assert (code, most < MOST_RESIDENT) == (1, True), (most, text[-2000:])
    assert f"{people} accounts" in " ".join(text.split())
