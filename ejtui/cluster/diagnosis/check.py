"""The troubleshooter: looks at both nodes, layer by layer, and says what is wrong."""

from __future__ import annotations

import asyncio

from ejtui.cluster.diagnosis.diagnose import diagnose, passes
from ejtui.cluster.diagnosis.examine import examine
from ejtui.cluster.diagnosis.layers import looks
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.pair.pair import Pair

AGAIN = 0.4
"""Seconds after which what may be passing (a node that starts or stops) is looked at again."""


async def check(pair: Pair) -> Diagnosis:
    """Asks both nodes everything and names what is wrong; changes nothing.

    Never raises for a host or a node that does not answer: that is a finding. What may be
    passing is looked at twice.
    """
    seen = await _look(pair)
    if any(map(passes, seen.findings)):
        await asyncio.sleep(AGAIN)
        seen = await _look(pair)
    return seen


async def _look(pair: Pair) -> Diagnosis:
    facts = await pair.refresh()
    return diagnosis(facts, Case(facts, await examine(pair, facts)))


def diagnosis(facts: PairFacts, case: Case) -> Diagnosis:
    """What the rules make of a case. Pure."""
    found, unwell = diagnose(case)
    return Diagnosis(facts, case.examined, found, looks(case, unwell))


def outdated(seen: Diagnosis, facts: PairFacts) -> bool:
    """Whether these newer facts tell something else than that check saw. Pure.

    That is so when a node came, went or began anew, and when the rules would say something else;
    not when tables grow.
    """
    then = seen.facts
    if (_life(then.first), _life(then.second)) != (_life(facts.first), _life(facts.second)):
        return True
    return _said(diagnosis(facts, Case(facts, seen.examined))) != _said(seen)


def _life(node: NodeFacts) -> tuple[object, ...]:
    runs = node.vm, node.os_pid, node.ejabberd, node.mnesia, node.running_db_nodes
    return node.reachable, node.asked, node.node, *runs


def _said(seen: Diagnosis) -> tuple[object, ...]:
    findings = tuple((finding.code, finding.node) for finding in seen.findings)
    return findings, tuple((look.layer, look.well) for look in seen.looked_at)
