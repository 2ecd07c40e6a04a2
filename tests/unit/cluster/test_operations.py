"""Operations and events are declared once: the journal and its readers derive from that."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

import ejtui
from ejtui.cluster.journal import Entry, Journal
from ejtui.cluster.run.events import Event, FactsChanged, StepEnded, StepReport, StepStarted
from ejtui.cluster.run.operation import (
    BRING_OVER,
    PRUNE,
    ROLLBACK,
    STORAGE,
    Operation,
    kind_of,
    repair_of,
)
from ejtui.cluster.run.record import record
from tests.samples import step

SOURCES = sorted(Path(ejtui.__file__).parent.rglob("*.py"))
REPAIR = repair_of("epmd-down")


@pytest.mark.parametrize(
    "operation", [step("sync"), REPAIR, ROLLBACK, BRING_OVER, PRUNE, STORAGE], ids=lambda o: o.id
)
def test_the_journal_s_id_leads_back_to_the_kind(operation: Operation) -> None:
    assert kind_of(operation.id) == operation.kind


def lines(tmp_path: Path, *events: Event) -> list[dict[str, Any]]:
    journal = Journal(tmp_path / "journal", "pair")
    for event in events:
        record(journal, event)
    try:
        read = journal.path.read_text().splitlines()
    except FileNotFoundError:
        return []
    return [
        {k: v for k, v in json.loads(line).items() if k not in ("at", "by", "pair", "process")}
        for line in read
    ]


def test_each_event_has_its_line(tmp_path: Path) -> None:
    assert lines(
        tmp_path,
        StepStarted(step("sync"), "todo", "in RAM"),
        StepReport(step("sync"), "written"),
        StepEnded(step("sync"), "failed", "no room", ("seen",)),
    ) == [
        {"event": "started", "step": "sync", "state": "todo", "detail": "in RAM"},
        {"event": "said", "step": "sync", "line": "written"},
        {"event": "ended", "step": "sync", "state": "failed", "detail": "no room",
         "evidence": ["seen"], "findings": []},
    ]  # fmt: skip


def test_what_is_no_step_ends_with_why(tmp_path: Path) -> None:
    started, ended = lines(tmp_path, StepStarted(REPAIR), StepEnded(REPAIR, "failed", "away"))
    assert started == {"event": "started", "step": "repair:epmd-down"}
    assert (ended["detail"], ended["why"]) == ("away", "away")


def test_what_is_only_seen_has_no_line(tmp_path: Path) -> None:
    assert not lines(tmp_path, FactsChanged(None))  # type: ignore[arg-type]


def test_the_journal_s_words_stand_in_one_place() -> None:
    """What reads the journal knows each word that is written there."""
    strange = [
        f"{source.name}:{call.lineno}"
        for source in SOURCES
        for call in ast.walk(ast.parse(source.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        if call.func.attr == "write" and "journal" in ast.unparse(call.func.value)
        if call.args and isinstance(call.args[0], ast.Constant)
        if not isinstance(call.args[0].value, bytes)
    ]
    assert not strange
    assert len(set(Entry)) == len(Entry)


def test_the_id_of_a_repair_is_made_in_one_place() -> None:
    strange = [
        source.name
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Constant) and node.value == "repair:"
    ]
    assert strange == ["operation.py"]
