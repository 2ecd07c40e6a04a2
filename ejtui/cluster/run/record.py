"""What the journal keeps of a run's events: one line each."""

from __future__ import annotations

from ejtui.cluster.journal import Entry, Journal
from ejtui.cluster.run.events import (
    Event,
    HandedBack,
    StepEnded,
    StepReport,
    StepStarted,
    StoodAside,
)


def record(journal: Journal, event: Event) -> None:
    """Appends the line of this event; most of what is seen while a step runs has none."""
    match event:
        case StepStarted(operation, state, detail):
            before = {"state": state, "detail": detail} if state else {}
            journal.write(Entry.STARTED, step=operation.id, **before)
        case StepReport(operation, line):
            journal.write(Entry.SAID, step=operation.id, line=line)
        case StoodAside(operation):
            journal.write(Entry.STOOD_ASIDE, step=operation.id)
        case HandedBack(operation):
            journal.write(Entry.HANDED_BACK, step=operation.id)
        case StepEnded():
            _ended(journal, event)


def _ended(journal: Journal, event: StepEnded) -> None:
    why = {"why": event.detail} if event.state == "failed" and not event.operation.is_step else {}
    journal.write(
        Entry.ENDED,
        step=event.id,
        state=event.state,
        detail=event.detail,
        evidence=event.evidence,
        findings=[finding.to_json() for finding in event.findings],
        **why,
    )
