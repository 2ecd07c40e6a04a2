"""The history: runs from the journal, of any release of ejtui, and from hostile journals."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ejtui import paths
from ejtui.cluster.history import entries
from ejtui.cluster.history.entries import JournalLine
from ejtui.cluster.history.history import NoSuchRun, history
from ejtui.cluster.history.runs import Run, runs_of
from ejtui.cluster.history.sentences import sentences
from ejtui.cluster.journal import Entry, Journal
from ejtui.processes import lifetime


def entry(event: str, when: int = 0, /, **what: Any) -> JournalLine:
    at = f"2026-11-29T10:{when // 60:02d}:{when % 60:02d}+00:00"
    line = {"at": at, "by": "op@desk", "pair": "a+b", "event": event} | what
    made = entries.parsed(json.dumps(line).encode())
    assert made is not None
    return made


def worded(*made: JournalLine) -> list[str]:
    return [each.text for one in made for each in sentences(one)]


def shown(runs: tuple[Run, ...]) -> list[tuple[str, str, str]]:
    return [(run.title, run.outcome, run.why) for run in runs]


JOIN = [
    entry("run", 0, what="join", process=7),
    entry("nodes", 1, process=7, first={"node": "ejabberd@a"}, second={"node": "ejabberd@b"}),
    entry("started", 2, step="cookies", process=7, state="todo", detail="they differ"),
    entry("ran", 3, step="cookies", process=7, host="b", user="root", place="shell", text="chmod"),
    entry("ended", 4, step="cookies", process=7, state="done", evidence=["both 06a2f4"]),
    entry("recording", 5, step="config", process=7, node="b", path="/s/x.cast"),
]


def test_a_join_is_one_run_with_its_steps_and_its_recording() -> None:
    [run] = runs_of([*JOIN, entry("run ended", 9, what="join", process=7, outcome="done")])
    assert (run.title, run.outcome, run.id) == ("Join", "done", "20261129T100000Z")
    assert [(step.id, step.state) for step in run.steps] == [("cookies", "done"), ("config", "")]
    assert run.recordings == ("/s/x.cast",)
    assert run.nodes["first"]["node"] == "ejabberd@a"


def test_a_run_that_was_killed_has_no_end() -> None:
    [run] = runs_of(JOIN[:4])
    assert (run.outcome, run.ended) == ("unknown", None)


def test_a_failure_has_its_reason_and_its_finding() -> None:
    finding = {"code": "disc-full", "node": "second", "title": "the disk is full"}
    failed = entry("ended", 6, step="start", process=7, state="failed", detail="no room",
                   findings=[finding])  # fmt: skip
    end = entry("run ended", 7, what="join", process=7, outcome="failed")
    [run] = runs_of([*JOIN, failed, end])
    assert (run.outcome, run.why) == ("failed", "no room")
    assert run.findings == (("disc-full", "second", "the disk is full"),)


def test_two_that_write_at_once_are_kept_apart() -> None:
    other = [entry("started", 3, step="repair:epmd-down", process=8),
             entry("ended", 5, step="repair:epmd-down", process=8, state="done")]  # fmt: skip
    mixed = sorted([*JOIN, *other], key=lambda each: str(each.at))
    assert shown(runs_of(mixed)) == [("Join", "unknown", ""), ("Repair of epmd-down", "done", "")]


def test_steps_within_a_repair_belong_to_it() -> None:
    [run] = runs_of([
        entry("started", 0, step="repair:partitioned"),
        entry("run", 1, what="clean database"),
        entry("started", 2, step="cleandb"),
        entry("ended", 3, step="cleandb", state="done"),
        entry("run ended", 4, what="clean database", outcome="done"),
        entry("ended", 5, step="repair:partitioned", state="done", detail="it is repaired"),
    ])  # fmt: skip
    assert (run.title, run.outcome) == ("Repair of partitioned", "done")


def test_a_question_s_time_is_not_the_run_s() -> None:
    [run] = runs_of([
        entry("started", 0, step="rollback"),
        entry("asked", 700, step="rollback", question="Roll back?", yes=True, waited=690.4),
        entry("asked", 701, step="rollback", question="Sure?", yes=True, waited="a hostile one"),
        entry("ended", 720, step="rollback", state="done"),
    ])  # fmt: skip
    assert (run.took, run.waiting) == ("30 s", "11 min 30 s")
    assert run.after == "after 30 s of work; its questions stood open for 11 min 30 s"
    assert run.steps[0].took == "30 s"
    unasked = [entry("started", step="rollback"), entry("ended", 12, step="rollback", state="done")]
    assert runs_of(unasked)[0].after == "after 12 s"


def test_a_no_before_any_command_has_changed_nothing() -> None:
    nodes = entry("nodes", 1, first={"node": "a"}, second={"node": "b"})
    began, ran = (
        entry("started", 0, step="rollback"),
        entry("ran", 2, step="rollback", text="chmod"),
    )
    no = entry("ended", 3, step="rollback", state="failed", why="answered No: Roll back?")
    assert runs_of([began, nodes, no])[0].ending == "answered No, no change"
    assert runs_of([began, nodes, ran, no])[0].ending == "answered No"
    assert runs_of([began, no])[0].ending == "answered No", "an older ejtui noted no commands"
    assert runs_of([began, nodes, no])[0].brief == "answered No, no change"
    assert runs_of([began, nodes, ran, no])[0].brief == "answered No, 3 s"
    assert runs_of([began, nodes, no])[0].result == "answered No: Roll back?"
    failed = entry("ended", 3, step="rollback", state="failed", why="the disk is full")
    assert runs_of([began, failed])[0].result == "failed: the disk is full"


@pytest.mark.parametrize(
    ("why", "shown"),
    [
        ("this needs a yes, and there is no terminal to ask on:\nRoll back?", "not started"),
        ("this needs more than a yes: the word swapped-roles", "not started"),
        ("there is no backup nosuch; `ejtui backups` lists them", "not started"),
        ("the disk is full", "failed"),
    ],
)
def test_what_nobody_agreed_to_was_not_started(why: str, shown: str) -> None:
    nodes = entry("nodes", 1, first={"node": "a"}, second={"node": "b"})
    began, end = (
        entry("started", 0, step="rollback"),
        entry("ended", 3, step="rollback", state="failed", why=why),
    )
    [run] = runs_of([began, nodes, end])
    assert (run.outcome, run.ending) == ("failed", shown), "what --json has stays"
    ran = entry("ran", 2, step="rollback", text="chmod")
    assert runs_of([began, nodes, ran, end])[0].ending == "failed"


def test_what_had_nothing_to_do_is_not_called_done() -> None:
    nodes = entry("nodes", 1, first={"node": "a"}, second={"node": "b"})
    for step, detail, shown in (
        ("prune", "nothing to do: 0 removed, 3 kept", "nothing to do"),
        ("prune", "2 removed, 3 kept", "done"),
        ("settings", "nothing to do: x: both files set it alike", "nothing to do"),
    ):
        began, end = (
            entry("started", 0, step=step),
            entry("ended", 3, step=step, state="done", detail=detail),
        )
        assert runs_of([began, nodes, end])[0].ending == shown
    looked = [
        entry("run", 0, what="join"), nodes, entry("started", 2, step="verify"),
        entry("ended", 3, step="verify", state="done"),
    ]  # fmt: skip
    end = entry("run ended", 4, what="join", outcome="done")
    assert runs_of([*looked, end])[0].brief == "done, no change"
    ran = entry("ran", 3, step="verify", text="chmod")
    assert runs_of([*looked, ran, end])[0].brief == "done, 4 s"


def test_a_run_of_a_process_that_is_there_still_is_running(journal: Path) -> None:
    written = Journal(journal, "a+b")
    mine, other = lifetime(), lifetime(os.getppid())
    assert mine
    assert other not in ("", mine)
    earlier = mine.rpartition(" ")[0] + " 1"
    for life in ("", mine, f"{mine} another", earlier):
        written.write(Entry.STARTED, step="rollback")
        written.write(Entry.NODES, first={"node": "a"}, second={"node": "b"}, lifetime=life)
    outcomes = [run.outcome for run in history("a+b").runs]
    assert outcomes == ["unknown"] * 4, "what a later run of the same process has ended is over"
    written.write(Entry.STARTED, step="rollback")
    written.write(Entry.NODES, first={"node": "a"}, second={"node": "b"}, lifetime=mine)
    newest = history("a+b").runs[0]
    assert (newest.outcome, newest.ending, newest.ended) == ("running", "running", None)
    written.write(Entry.ENDED, step="rollback", state="done")
    assert history("a+b").runs[0].outcome == "done"


@pytest.mark.parametrize(
    ("last", "outcome"),
    [
        ({"state": "done"}, "done"),
        ({"state": "failed", "detail": "why"}, "failed"),
        ({"state": "todo", "detail": "not agreed to: Set it aside?"}, "refused"),
    ],
)
def test_a_journal_of_before_has_outcomes_by_its_last_step(last: Any, outcome: str) -> None:
    old = [entry("run", 0, what="join"), entry("started", 1, step="sync"),
           entry("ended", 2, step="sync", **last), entry("run", 3, what="tables")]  # fmt: skip
    assert [run.outcome for run in runs_of(old)] == [outcome, "unknown"]


def test_an_old_refusal_of_a_rollback_was_written_as_a_failure() -> None:
    [run] = runs_of([entry("started", 0, step="rollback"),
                     entry("ended", 1, step="rollback", state="failed",
                           why="not agreed to: Roll second back?")])  # fmt: skip
    assert run.outcome == "refused"


def test_sentences_have_no_python_in_them() -> None:
    finding = {"code": "names-differ", "node": "second", "title": "t", "subjects": ["a", "b"],
               "evidence": ["seen"], "mended_by": "nodes"}  # fmt: skip
    shown = worded(
        *JOIN,
        entry("mending", 1, step="repair:x", finding=finding),
        entry("asked", 2, step="cleandb", question="Aside?", takes=["1 account"], yes=False),
        entry("a new event", 3, some={"deep": [1]}, more=[1, 2], plain="words", flag=True),
    )
    assert "Step 2, Magic cookies, begins: they differ." in shown
    assert "root on b: chmod" in shown
    assert "Aside? The answer was No." in shown
    assert "A new event: plain words." in shown
    assert not [text for text in shown if "{" in text or "[" in text or "'" in text]


HOSTILE = [
    b"\x00\xff\xfe", b"[1]", b"null", b'"x"', b"{}", b'{"event": 3}', b"[" * 100_000,
    b'{"event": "run"}', b'{"event": "started", "step": {"a": 1}, "at": 12}',
    b'{"event": "ended", "step": "rollback", "evidence": 7, "findings": 8, "at": "x"}',
    b'{"event": "' + Entry.REPAIRING.encode() + b'", "finding": [1], "at": "0001-01-01T00:00:00"}',
    b'{"event": "ended", "evidence": [{"a": 1}, null], "at": "9999-12-31T23:59:59-14:00"}',
    b'{"event": "nodes", "first": 4, "second": {"node": [1], "where": {}}, "process": "x"}',
    b'{"event": "asked", "question": {"q": 1}, "yes": "no"}', b'{"event": "bringing"}',
    b'{"event": "recording", "path": 5}', b'{"event": "shell", "by": 9}', b'{"event": "broke"}',
    b'{"event": "run", "what": ["x"], "at": NaN}', b'{"event": "ran", "text": null}',
    b'{"event": "' + b"x" * (2 << 20) + b'"}', b'{"event": "torn',
]  # fmt: skip


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return paths.journal_file("a+b")


def test_what_is_no_journal_gives_no_traceback(journal: Path) -> None:
    journal.write_bytes(b"\n".join(HOSTILE))
    found = history("a+b")
    for run in found.runs:
        assert run.steps is not None
        assert run.findings is not None
        assert run.nodes is not None
        assert worded(*run.entries)
    assert "cannot be read, and are left out" in found.notes[0]


@pytest.mark.parametrize("kind", ["none", "directory", "pipe", "loop"])
def test_a_place_without_a_journal_has_no_runs(kind: str, journal: Path) -> None:
    if kind == "directory":
        journal.mkdir()
    elif kind == "pipe":
        os.mkfifo(journal)
    elif kind == "loop":
        journal.symlink_to(journal)
    found = history("a+b")
    assert found.runs == ()
    assert bool(found.notes) == (kind != "none")


def test_a_huge_journal_is_read_from_its_end(journal: Path) -> None:
    writes = Journal(journal, "a+b")
    for number in range(200):
        writes.write("started", step="rollback", detail=str(number))
        writes.write("ended", step="rollback", state="done")
    read = entries.read(journal, most=2000)
    assert read.older > 0
    assert 0 < len(runs_of(read.entries)) < 15
    assert read.unread == 0


def test_a_run_is_found_by_name_number_and_last(journal: Path) -> None:
    with pytest.raises(NoSuchRun, match="nothing was run"):
        history("a+b").find("last")
    lines = [
        {"at": f"2026-11-{day}T10:00:00Z", "event": event, "step": "rollback", "state": "done"}
        for day in (28, 29)
        for event in ("started", "ended")
    ]
    journal.write_text("".join(json.dumps(each) + "\n" for each in lines))
    found = history("a+b")
    assert [found.find(name).id for name in ("last", "1", "2", "20261128T")] == [
        "20261129T100000Z", "20261129T100000Z", "20261128T100000Z", "20261128T100000Z",
    ]  # fmt: skip
    for wrong in ("3", "0", "2026112", "x", "²", "-1", ""):
        with pytest.raises(NoSuchRun, match="there is no run"):
            found.find(wrong)


def test_the_log_follows_a_journal_that_grows_and_is_replaced(journal: Path) -> None:
    turns = entries.growing(journal, 10_000)
    assert next(turns) == []
    writes = Journal(journal, "a+b")
    writes.write("started", step="sync")
    assert [each.event for each in next(turns)] == ["started"]
    with journal.open("ab") as file:
        file.write(b'{"event": "torn')
    assert next(turns) == []
    with journal.open("ab") as file:
        file.write(b' line"}\n')
    assert [each.event for each in next(turns)] == ["torn line"]
    journal.write_bytes(b'{"event": "new"}\n')
    assert [each.event for each in next(turns)] == ["new"]


def test_a_change_of_ejabberd_yml_is_listed_with_its_options() -> None:
    [run] = runs_of([
        entry("run", 0, what="config", process=7),
        entry("ended", 4, step="config", process=7, state="done",
              detail="second's ejabberd.yml: auth_method, mod_mam"),
        entry("run ended", 9, what="config", process=7, outcome="done"),
    ])  # fmt: skip
    assert run.title == "ejabberd.yml: auth_method, mod_mam"


def test_what_nobody_answered_is_no_failure_in_the_log() -> None:
    [said] = sentences(entry("ended", 4, step="prune", state="failed", detail="this needs a yes"))
    assert (said.kind, said.text) == ("state", "Removal of backups was not done: this needs a yes.")
