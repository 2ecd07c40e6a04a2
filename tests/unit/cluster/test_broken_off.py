"""A repair that was broken off is found again in the journal; one that was not is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.cluster.finding import Finding
from ejtui.cluster.journal import Entry, Journal
from ejtui.cluster.repairs.tools.unfinished import begin, find_interrupted, resumed

ID = "repair:schema-split"
FINDING = Finding(
    "schema-split", "two schemas", "second", ("a", "b"), severity="warning", sure=False,
    subjects=("ejabberd@second",),
)  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal", "first-second")


def test_without_a_journal_nothing_was_broken_off(journal: Journal) -> None:
    assert find_interrupted(journal, ID, None) is None


def test_what_began_and_did_not_end_is_found_whole(journal: Journal) -> None:
    begin(journal, ID, FINDING)
    assert find_interrupted(journal, ID, None) == FINDING
    assert find_interrupted(journal, ID, "second") == FINDING


def test_what_failed_was_broken_off_too(journal: Journal) -> None:
    begin(journal, ID, FINDING)
    journal.write(Entry.RAN, step="cookies", text="systemctl stop ejabberd")
    journal.write("ended", step="cookies", state="done")
    journal.write("ended", step=ID, state="failed", why="the line dropped")
    assert find_interrupted(journal, ID, None) == FINDING


def test_what_failed_before_it_ran_anything_was_not(journal: Journal) -> None:
    journal.write(Entry.RAN, step="repair:partitioned", text="systemctl stop ejabberd")
    begin(journal, ID, FINDING)
    journal.write("ended", step=ID, state="failed", why="that is the operator's to change")
    assert find_interrupted(journal, ID, None) is None


def test_what_was_seen_then_is_not_taken_for_what_is_so_now() -> None:
    again = resumed(FINDING)
    assert "the check does not find it now" in again.evidence[0]
    assert again.evidence[1:] == FINDING.evidence
    assert resumed(again) == again


def test_another_node_s_or_code_s_is_not_it(journal: Journal) -> None:
    begin(journal, ID, FINDING)
    assert find_interrupted(journal, ID, "first") is None
    assert find_interrupted(journal, "repair:partitioned", None) is None


@pytest.mark.parametrize("step", [ID, "repair:not-connected", "verify", "rollback"])
def test_what_was_settled_since_is_not_begun_again(journal: Journal, step: str) -> None:
    begin(journal, ID, FINDING)
    journal.write("ended", step=step, state="done")
    assert find_interrupted(journal, ID, None) is None


def test_a_torn_line_hides_no_other(journal: Journal) -> None:
    begin(journal, ID, FINDING)
    with journal.path.open("ab") as file:
        file.write(b'{"event": "ended", "step": "ver')
    assert find_interrupted(journal, ID, None) == FINDING
