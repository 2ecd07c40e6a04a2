"""Repairs that began and did not come to their end: found in the journal, to go on with them."""

from __future__ import annotations

from ejtui.cluster.finding import Finding
from ejtui.cluster.journal import Entry, Journal
from ejtui.cluster.run.operation import kind_of

_LAST_STEP = "verify"


def begin(journal: Journal, id: str, finding: Finding) -> None:
    """Notes that this finding's repair changes things from now on."""
    journal.write(Entry.REPAIRING, step=id, finding=finding.to_json())


def find_interrupted(journal: Journal, id: str, node: str | None) -> Finding | None:
    """What the repair `id` was repairing when it was last interrupted, on `node` where one is
    given.

    None when it came to its end, or when a join, a rollback or another repair did after it.
    """
    found = None
    for line in journal.last():
        step, event = str(line.get("step")), line.get("event")
        if event == Entry.REPAIRING and step == id:
            found = Finding.from_json(line["finding"])
        elif event == Entry.ENDED and line.get("state") == "done" and _settles(step):
            found = None
    return found if found and node in (None, found.node) else None


def _settles(step: str) -> bool:
    return step == _LAST_STEP or kind_of(step) in ("repair", "rollback")
