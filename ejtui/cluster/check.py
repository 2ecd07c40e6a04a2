"""The troubleshooter: looks at both nodes, layer by layer, and says what is wrong."""

from __future__ import annotations

import asyncio

from .diagnosis import Diagnosis
from .examine import examine
from .facts import PairFacts
from .findings import PASSING, diagnose
from .findings.case import Case
from .looking import looks
from .pair import Pair

AGAIN = 0.4
"""Seconds after which what may be passing (a node that starts or stops) is looked at again."""


async def check(pair: Pair) -> Diagnosis:
    """Asks both nodes everything and names what is wrong; changes nothing.

    Never raises for a host or a node that does not answer: that is a finding. What may be
    passing is looked at twice.
    """
    seen = await _look(pair)
    if any(finding.code in PASSING for finding in seen.findings):
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
