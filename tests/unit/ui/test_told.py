"""The runner's events as news, and the journal as a log for people."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from ejtui.cluster.errors import StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps import step_of
from ejtui.cluster.journal import Journal
from ejtui.cluster.run import events
from ejtui.hosts import Unreachable
from ejtui.ui.session import from_events
from tests.samples import step


def test_a_failed_step_is_told_with_its_finding() -> None:
    finding = Finding("epmd-unreachable", "first's epmd does not answer", "first",
                      ("from second: timeout",), "A firewall.", "open TCP port 4369")  # fmt: skip
    ended = events.StepEnded(step("preflight"), "failed", "no way", (), (finding,))
    trouble = from_events.trouble_of_step("Step 1, Preflight,", ended)
    assert trouble.what == "Step 1, Preflight, failed: first's epmd does not answer"
    assert trouble.where == "first; from second: timeout"
    assert (trouble.why, trouble.next_action) == ("A firewall.", "open TCP port 4369")
    assert trouble.finding == ("epmd-unreachable", "first", "first's epmd does not answer")
    bare = from_events.trouble_of_step(
        "Step 6", events.StepEnded(step("sync"), "failed", "waited 30 s")
    )
    assert bare.what == "Step 6 failed: waited 30 s"
    assert bare.next_action


def test_a_failed_repair_leads_to_its_finding() -> None:
    finding = Finding("epmd-down", "first's epmd is down", "first")
    told_of = from_events.trouble_of(
        StepFailed("after the repair: it is there", (finding,)), "the repair"
    )
    assert told_of.finding == ("epmd-down", "first", "first's epmd is down")
    assert from_events.trouble_of(StepFailed("not found"), "the repair").finding is None


def test_an_error_of_a_host_keeps_its_next_action() -> None:
    trouble = from_events.trouble_of(
        Unreachable("second", "op@b", "refused", "Start sshd."), "the join"
    )
    assert trouble.what == "refused"
    assert trouble.where == "second (op@b)"
    assert trouble.next_action == "Start sshd."


def test_the_log_follows_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, "first+second")
    log = from_events.Logbook(path)
    assert log.fresh() == ()
    journal.write("run", what="join")
    journal.write("typed", step="sync", text="mnesia:info().")
    run, typed = log.fresh()
    assert run.kind == "state"
    assert run.text.startswith("Join begins, by ")
    assert (typed.kind, typed.text) == ("command", "mnesia:info().")
    assert re.fullmatch(r"\d\d:\d\d:\d\d", run.time)
    assert run.day.endswith(datetime.now().astimezone().strftime("%Y, %Z"))
    assert log.fresh() == ()
    journal.write("asked", step="cleandb", question="Aside?", yes=False)
    journal.write("ended", step="sync", state="failed", detail="no", evidence=("seen",))
    journal.write("operator types", step="tables")
    assert [(line.kind, line.text) for line in log.fresh()] == [
        ("person", "Aside? The answer was No."), ("evidence", "seen"),
        ("error", f"Step {step_of('sync').number}, Synchronise schema, failed: no."),
        ("person", "Operator types."),
    ]  # fmt: skip


def test_a_torn_journal_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('half a line"}\n[1]\n{"event": "said", "step": "sync", "line": "so"}\n{"eve')
    log = from_events.Logbook(path)
    assert [line.text for line in log.fresh()] == ["so"]
    with path.open("a") as journal:
        journal.write('nt": "said", "step": "sync", "line": "more"}\n')
    assert [line.text for line in log.fresh()] == ["more"]
