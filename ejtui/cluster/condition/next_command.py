"""The command that goes on from a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.cluster.diagnosis.catalogue import CATALOGUE
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.diagnosis.rules.database.members import cluster_of_second

if TYPE_CHECKING:
    from ejtui.cluster.facts.node import PairFacts
    from ejtui.cluster.finding import Finding


def repair_command(finding: Finding) -> str:
    """The command that repairs it: its repair, the join where a step does it; "" for none."""
    declared = CATALOGUE.get(finding.code)
    if declared is not None and not declared.instead:
        return f"ejtui repair {finding.code}"
    if finding.repaired_by:
        return "ejtui join"
    return declared.command if declared is not None else ""


def repair_command_in(facts: PairFacts, finding: Finding) -> str:
    """The command that repairs it in that pair.

    One node given twice has nothing to repair, nothing is taken from a first that is new, and a
    ghost in another cluster of second's is not first's to forget.
    """
    if facts.one_node:
        return "ejtui setup"
    case = Case(facts)
    taken = finding.code == "schema-split" and case.first_is_new
    others = finding.code == "ghost-member" and bool(cluster_of_second(case))
    return "" if taken or others else repair_command(finding)


def command_for(finding: Finding) -> str:
    """What to run for it next; where nothing repairs it, the check that explains it."""
    return repair_command(finding) or "ejtui check"
