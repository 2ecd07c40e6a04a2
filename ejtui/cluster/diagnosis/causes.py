"""What follows from what: one cause is one finding, and what it brings about stands under it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ejtui.cluster.diagnosis.catalogue import CATALOGUE
from ejtui.cluster.finding import Finding


def under_their_causes(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that are no consequence of an earlier one, each with its consequences."""
    causes: list[Finding] = []
    for finding in findings:
        by = next((i for i, cause in enumerate(causes) if _causes(cause, finding)), None)
        if by is None:
            causes.append(finding)
        elif finding.code != causes[by].code:
            causes[by] = _with_line(causes[by], finding)
        else:
            causes[by] = _with_evidence(causes[by], finding)
    return tuple(causes)


def _causes(cause: Finding, finding: Finding) -> bool:
    if finding.apart:
        return False
    same = cause.node == finding.node or "both" in (cause.node, finding.node)
    if same and cause.code == finding.code:
        return cause.subjects == finding.subjects or not finding.sure
    if finding.code in cause.explains:
        return True
    return CATALOGUE[cause.code].explains(CATALOGUE[finding.code], there=same)


def _with_line(cause: Finding, finding: Finding) -> Finding:
    """The cause with what it brings about; where it waits for the other node, with why."""
    line = f"{finding.title} ({finding.code})"
    if CATALOGUE[cause.code].waits and finding.node != cause.node:
        return replace(cause, evidence=(*cause.evidence, line))
    return replace(cause, consequences=(*cause.consequences, line))


def _with_evidence(finding: Finding, other: Finding) -> Finding:
    new = tuple(line for line in other.evidence if line not in finding.evidence)
    return replace(finding, evidence=(*finding.evidence, *new))
