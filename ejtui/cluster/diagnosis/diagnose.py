"""Applies the rules to what both nodes answered: what is wrong, and what follows from what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ejtui.cluster.diagnosis.catalogue import CATALOGUE, RULES
from ejtui.cluster.diagnosis.causes import under_their_causes
from ejtui.cluster.diagnosis.declaration import Rule
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.facts.examination import Examined
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.finding import Finding


def diagnose(case: Case) -> tuple[tuple[Finding, ...], dict[str, list[str]]]:
    """The findings, errors before warnings and deeper causes first, and the layers not well, with
    the codes of what is wrong."""
    named = [
        (rule.layer, finding)
        for rule in RULES
        for finding in _found(rule, case)
        if not (case.examined.is_explained and finding.repaired_by)
    ]
    found = under_their_causes(finding for _, finding in named)
    ranked = sorted(found, key=lambda finding: finding.severity != "error")
    unwell: dict[str, list[str]] = {}
    for layer, finding in named:
        unwell.setdefault(layer, []).append(finding.code)
    return tuple(ranked), unwell


def _found(rule: Rule, case: Case) -> Iterator[Finding]:
    """What the rule finds, with the declared severity where that does not depend on the case."""
    for finding in rule.find(case):
        declared = CATALOGUE[finding.code]
        yield finding if declared.warns else replace(finding, severity=declared.severity)


def findings(facts: PairFacts, examined: Examined | None = None) -> tuple[Finding, ...]:
    """What is wrong with the pair, as far as these show."""
    return diagnose(Case(facts, examined or Examined()))[0]


def passes(finding: Finding) -> bool:
    """Whether a node in the middle of a start or a stop looks like this for a moment."""
    return CATALOGUE[finding.code].passes


def stopping(found: Iterable[Finding], *, passing: bool = True) -> tuple[Finding, ...]:
    """Those with which a join must not go on: errors that none of the join's steps repairs.

    With `passing` False, without those that second shows while a step starts or stops it.
    """
    return tuple(
        finding
        for finding in found
        if finding.severity == "error" and not finding.repaired_by
        if passing or finding.node == "first" or not passes(finding)
    )
