"""Repairs that began and did not come to their end: found in the journal, to go on with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ejtui.cluster.finding import Finding
from ejtui.cluster.journal import Entry, Journal
from ejtui.cluster.run.operation import kind_of

_LAST_STEP = "verify"

_SINCE = "the check does not find it now; this was seen as its repair began, which did not end:"


def begin(journal: Journal, id: str, finding: Finding) -> None:
    """Notes that this finding's repair changes things from now on."""
    journal.write(Entry.REPAIRING, step=id, finding=finding.to_json())


def find_interrupted(journal: Journal, id: str, node: str | None) -> Finding | None:
    """What the repair `id` was repairing when it was last interrupted, on `node` where one is
    given.

    None when it came to its end, when it failed before it ran anything, or when a join, a rollback
    or another repair came to its end after it.
    """
    found, ran = None, False
    for line in journal.last():
        step, event = str(line.get("step")), line.get("event")
        if event == Entry.REPAIRING and step == id:
            found, ran = Finding.from_json(line["finding"]), False
        elif event == Entry.RAN:
            ran = True
        elif event == Entry.ENDED and _ends(line, id, ran=ran):
            found = None
    return found if found and node in (None, found.node) else None


def resumed(finding: Finding) -> Finding:
    """The finding of such a repair, with evidence that is not taken for what is so now."""
    known = _SINCE in finding.evidence
    return finding if known else replace(finding, evidence=(_SINCE, *finding.evidence))


def _ends(line: Mapping[str, Any], id: str, *, ran: bool) -> bool:
    """Whether this end of a run leaves nothing to go on with; `ran`: it had run something."""
    step = str(line.get("step"))
    return _settles(step) if line.get("state") == "done" else step == id and not ran


def _settles(step: str) -> bool:
    return step == _LAST_STEP or kind_of(step) in ("repair", "rollback")
