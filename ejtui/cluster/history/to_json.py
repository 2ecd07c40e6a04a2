"""A run as the object that `--json` prints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from ejtui.cluster.history.covering import cover
from ejtui.cluster.history.entries import JournalLine
from ejtui.cluster.history.runs import Run, StepRun
from ejtui.cluster.history.sentences import sentences


def run_to_json(run: Run, recordings: Sequence[str], *, whole: bool = False) -> dict[str, object]:
    """The run; with `whole` its nodes, its steps and their commands and evidence, too."""
    made: dict[str, object] = {
        "id": run.id,
        "operation": run.operation,
        "title": run.title,
        "by": run.by,
        "began": _moment(run.began),
        "ended": _moment(run.ended),
        "outcome": run.outcome,
        "waited_seconds": run.waited,
        "why": cover(run.why),
        "recordings": list(recordings),
    }
    if whole:
        made["nodes"] = {
            role: {key: str(value) for key, value in node.items()}
            for role, node in run.nodes.items()
        }
        made["findings"] = [
            {"code": code, "node": node, "title": cover(title)}
            for code, node, title in run.findings
        ]
        made["steps"] = [_step(step) for step in run.steps]
    return made


def _step(step: StepRun) -> dict[str, object]:
    return {
        "id": step.id,
        "state": step.state,
        "detail": cover(step.detail),
        "began": _moment(step.began),
        "ended": _moment(step.ended),
        "commands": [_command(each) for each in step.entries if each.event in ("ran", "typed")],
        "evidence": [
            each.text
            for entry in step.entries
            for each in sentences(entry)
            if each.kind == "evidence"
        ],
    }


def _command(entry: JournalLine) -> dict[str, str]:
    """An older ejtui noted what it typed into the erl shell on second, and no host."""
    typed = entry.event == "typed"
    return {
        "host": entry.text("host"),
        "as_user": entry.text("user"),
        "place": "erl" if typed else entry.text("place"),
        "text": cover(entry.text("text")),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds") if moment else None
