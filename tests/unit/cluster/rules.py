"""What the rules of the catalogue find in a state."""

from __future__ import annotations

from typing import Any

from ejtui.cluster.diagnosis.diagnose import findings
from ejtui.cluster.facts.examination import Examined
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.finding import Finding

DOWN: dict[str, Any] = {"vm": "down", "ejabberd": False, "mnesia": "no", "tables": ()}


def codes(facts: PairFacts, examined: Examined | None = None) -> list[str]:
    return [finding.code for finding in findings(facts, examined)]


def only(facts: PairFacts, examined: Examined | None = None) -> Finding:
    [finding] = findings(facts, examined)
    assert finding.evidence
    assert finding.explanation
    assert finding.repair
    return finding
