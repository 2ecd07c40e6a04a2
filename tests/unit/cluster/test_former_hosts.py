"""Hosts that were made again at the same addresses: what was done on the former ones is apart."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui import paths
from ejtui.cli.render.history_text import listing
from ejtui.cluster.finding import Finding
from ejtui.cluster.history.history import NoSuchRun, history
from ejtui.cluster.history.sentences import sentences
from ejtui.cluster.join.closing import measured
from ejtui.cluster.journal import Entry, Journal
from ejtui.cluster.repairs.tools.unfinished import begin, find_interrupted
from ejtui.cluster.run.noted_run import note_hosts
from ejtui.ui.render import history as screen
from ejtui.ui.session.from_events import Logbook
from ejtui.ui.session.history_reader import HistoryReader
from ejtui.ui.state.history import HistoryRead
from ejtui.ui.state.view_state import Health, NodeView, ViewState
from ejtui.ui.text.glyphs import UNICODE
from ejtui.ui.text.lines import plain

OLD, NEW = "SHA256:old", "SHA256:new"
STATE = ViewState(
    NodeView("first", "a", "op@a", Health.RUNNING), NodeView("second", "b", "op@b", Health.RUNNING)
)
FINDING = Finding("partitioned", "parted", "both", ())


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return Journal(paths.journal_file("a+b"), "a+b")


def pair(first: str, second: str) -> Any:
    keys = (("first", first), ("second", second))
    return SimpleNamespace(**{name: SimpleNamespace(name=name, host_key=key) for name, key in keys})


def joined(journal: Journal) -> None:
    journal.write(Entry.RUN, what="join")
    journal.write(Entry.ENDED, step="cookies", state="done")
    journal.write(Entry.RUN_ENDED, what="join", outcome="done")


def events(journal: Journal) -> list[str]:
    lines = journal.path.read_text().splitlines() if journal.path.exists() else []
    return [json.loads(line)["event"] for line in lines]


def test_hosts_are_noted_once_and_again_only_when_they_are_others(journal: Journal) -> None:
    note_hosts(journal, pair(OLD, OLD))
    assert events(journal) == ["hosts"]
    note_hosts(journal, pair(OLD, OLD))
    note_hosts(journal, pair("", ""))
    assert events(journal) == ["hosts"], "what is not reached is not compared"
    note_hosts(journal, pair(OLD, NEW))
    assert events(journal) == ["hosts"] * 2
    note_hosts(journal, pair(OLD, NEW))
    assert events(journal) == ["hosts"] * 2


def test_one_host_after_the_other_is_noted_as_each_is_reached(journal: Journal) -> None:
    note_hosts(journal, pair(OLD, ""))
    note_hosts(journal, pair(OLD, OLD))
    joined(journal)
    assert [run.title for run in history("a+b").runs] == ["Join"]
    note_hosts(journal, pair("", NEW))
    note_hosts(journal, pair(NEW, NEW))
    found = history("a+b")
    assert (found.runs, [run.title for run in found.former]) == ((), ["Join"])


def test_a_repair_that_was_broken_off_on_former_hosts_does_not_go_on(journal: Journal) -> None:
    note_hosts(journal, pair(OLD, OLD))
    begin(journal, "repair:partitioned", FINDING)
    assert find_interrupted(journal, "repair:partitioned", None) == FINDING
    note_hosts(journal, pair(NEW, NEW))
    assert find_interrupted(journal, "repair:partitioned", None) is None
    assert measured(journal.last()) is None


def test_the_history_has_the_runs_of_former_hosts_apart(journal: Journal) -> None:
    note_hosts(journal, pair(OLD, OLD))
    joined(journal)
    note_hosts(journal, pair(NEW, NEW))
    found = history("a+b")
    [former] = found.former
    assert found.find(former.id) == found.find("1") == former
    with pytest.raises(NoSuchRun, match="nothing was run on these hosts yet"):
        found.find("last")
    lines = listing(found)
    assert lines[0] == "Nothing was run on these hosts yet."
    assert lines[2].startswith("On former hosts at these addresses, whose host keys were others:")
    assert "Join" in lines[4]
    joined(journal)
    found = history("a+b")
    assert found.find("last") == found.find("1") == found.runs[0]
    # Also where both began in one second.
    assert found.runs[0].id != former.id
    assert found.find(found.runs[0].id) == found.runs[0]
    assert found.find("2") == former
    assert "1 run;" in " ".join(listing(found))


async def test_the_screen_names_the_runs_of_former_hosts(journal: Journal) -> None:
    note_hosts(journal, pair(OLD, OLD))
    joined(journal)
    note_hosts(journal, pair(NEW, NEW))
    heard: list[Any] = []
    a_voice: Any = SimpleNamespace(apply=heard.append)
    await HistoryReader("a+b", a_voice).read()
    [read] = [each for each in heard if isinstance(each, HistoryRead)]
    state = read.applied(STATE)
    assert "former hosts" in plain(screen.rows(state, 80, UNICODE)[1])
    text = " ".join(plain(row) for row in screen.detail(state, 200, UNICODE))
    assert "This was done on former hosts at these addresses" in text


def test_the_log_begins_with_these_hosts(journal: Journal) -> None:
    note_hosts(journal, pair(OLD, OLD))
    joined(journal)
    note_hosts(journal, pair(NEW, OLD))
    [line] = Logbook(journal.path).fresh()
    assert line.text == (
        "first is another host than before: its host key is SHA256:new, the former one's was "
        "SHA256:old. What was done before is in the history."
    )


def test_hosts_that_are_seen_first_are_no_line_of_the_log(journal: Journal) -> None:
    note_hosts(journal, pair(OLD, OLD))
    joined(journal)
    found = history("a+b")
    assert not found.former
    assert [text for run in found.runs for each in run.entries for text in sentences(each)]
    assert len(Logbook(journal.path).fresh()) == 3
