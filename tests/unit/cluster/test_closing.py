"""What is shown when a join has ended."""

from __future__ import annotations

from typing import Any

from ejtui.cluster.facts.set_aside import SetAside
from ejtui.cluster.join.closing import Closing, measured, seconds
from ejtui.cluster.join.steps.cleandb import SECOND_STOPS, SECOND_STOPS_ALONE


def said(at: str, line: str, step: str = "cleandb") -> dict[str, Any]:
    return {"at": f"2026-11-28T{at}+00:00", "event": "said", "step": step, "line": line}


def ended(at: str, state: str = "done", step: str = "start") -> dict[str, Any]:
    return {"at": f"2026-11-28T{at}+00:00", "event": "ended", "step": step, "state": state}


def test_the_downtime_is_from_the_stop_to_the_start_as_a_member() -> None:
    journal = [said("10:00:00", SECOND_STOPS), said("10:00:01", "else"), ended("10:00:09.5")]
    assert measured(journal) == 9.5


def test_the_stop_that_counts_is_the_last_before_the_start() -> None:
    again = [said("10:00:00", SECOND_STOPS), ended("10:01:00", "failed"),
             said("11:00:00", SECOND_STOPS_ALONE), ended("11:00:08")]  # fmt: skip
    assert measured(again) == 8.0
    assert measured([*again, said("12:00:00", SECOND_STOPS)]) is None
    assert measured([ended("11:00:08"), {"event": "run"}]) is None


def test_a_closing_names_what_was_set_aside_where_and_how_to_undo_it() -> None:
    lines = Closing(
        "first", "second", 25, "/var/backups/S", "S",
        ("1 account lives on second alone: guest@chat.example",), 8.2,
    ).lines()  # fmt: skip
    assert lines == (
        "first and second are one cluster, with 25 accounts; both nodes report the same.",
        "second was down for 8 s.",
        "Set aside: 1 account that second alone had: guest@chat.example",
        "second's own database lies in /var/backups/S on second.",
        "To bring over what it alone has: ejtui bring-over S",
        "To undo the join: ejtui rollback",
    )


def test_where_nothing_can_be_brought_over_nothing_invites_to_it() -> None:
    nothing = SetAside()
    assert not nothing.can_bring
    lines = Closing(
        "first", "second", 25, "/var/backups/S", "S", nothing.lines(), 8.2, nothing.can_bring
    ).lines()
    assert lines[2] == "No account lived on second alone."
    assert not any("bring" in each for each in lines)
    assert lines[-1] == "To undo the join: ejtui rollback"
    assert SetAside(alone=None).can_bring
    assert SetAside(rooms=("den@conference.chat.example",)).can_bring


def test_what_is_not_known_is_left_out() -> None:
    assert Closing("first", "second").lines() == (
        "first and second are one cluster; both nodes report the same.",
    )


def test_a_long_downtime_is_in_minutes() -> None:
    assert (seconds(99.4), seconds(125)) == ("99 s", "2 min 5 s")
