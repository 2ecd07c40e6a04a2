"""Codes that only a step finds, while it runs: no rule looks for them."""

from __future__ import annotations

from ejtui.cluster.diagnosis.declaration import Declaration

FINDINGS = (
    Declaration(
        code="records-lost",
        meaning="first has fewer records in a table than before the join.",
        instead="`ejtui rollback` takes second out again, and offers to restore what first's "
        "online backup has",
        not_in_lab="it takes a join that loses records, and none does in the lab",
    ),
    Declaration(
        code="restart-loop",
        meaning="Something starts ejabberd again on second while a step keeps it stopped.",
        instead="stop what restarts ejabberd there, which the finding names; then join again",
        not_in_lab="it takes a service manager that restarts ejabberd, and the lab has none",
    ),
)
