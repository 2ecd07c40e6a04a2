"""Looks at both nodes, layer by layer, and reports what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from ejtui.cluster.diagnosis.diagnose import diagnose, passes
from ejtui.cluster.diagnosis.examine import examine
from ejtui.cluster.diagnosis.layers import looks
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.facts.half_done import HalfDone
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.pair.pair import Pair

AGAIN = 0.4
"""Seconds after which what may be passing (a node that starts or stops) is looked at again."""


@dataclass(frozen=True)
class FromBackups:
    """What the backups on second show of a join or a rollback.

    `half_done` has not ended; `alone_since` is when second was rolled back without first, "" where
    it was not; `left_out` are backups that cannot be believed. `undoes`: a join can be undone.
    """

    half_done: HalfDone | None = None
    alone_since: str = ""
    left_out: tuple[str, ...] = ()
    undoes: bool = False


Unended = Callable[[Pair, PairFacts], Awaitable[Callable[[PairFacts], FromBackups]]]
"""Asks for the backups; what it returns finds in them, by the facts, what has not ended."""


async def look(pair: Pair, unended: Unended | None = None) -> Diagnosis:
    """Asks both nodes everything and names what is wrong; changes nothing.

    Never raises for a host or a node that does not answer: that is a finding. What may be
    passing is looked at twice.
    """
    seen = await _look(pair, unended)
    if any(map(passes, seen.findings)):
        await asyncio.sleep(AGAIN)
        seen = await _look(pair, unended)
    return seen


async def _look(pair: Pair, unended: Unended | None) -> Diagnosis:
    facts = await pair.refresh()
    examined, in_backups = await asyncio.gather(
        examine(pair, facts), _from_backups(pair, facts, unended)
    )
    # The examination has compared the settings: the checklist is derived from that, too.
    facts = replace(facts, administration=pair.administration)
    kept = in_backups(facts)
    examined = replace(
        examined,
        alone_since=kept.alone_since,
        half_done=kept.half_done,
        left_out=kept.left_out,
        undoes=kept.undoes,
        exchanged=pair.exchanged,
    )
    return diagnosis(facts, Case(facts, examined))


async def _from_backups(
    pair: Pair, facts: PairFacts, unended: Unended | None
) -> Callable[[PairFacts], FromBackups]:
    return await unended(pair, facts) if unended is not None else lambda _: FromBackups()


def diagnosis(facts: PairFacts, case: Case) -> Diagnosis:
    """What the rules make of a case. Pure."""
    found, unwell = diagnose(case)
    return Diagnosis(facts, case.examined, found, looks(case, unwell))


def outdated(seen: Diagnosis, facts: PairFacts) -> bool:
    """Whether these newer facts differ from what that check saw. Pure.

    That is so when a node came, went or started again, and when the rules would find something
    else; not when tables grow.
    """
    then = seen.facts
    if (_life(then.first), _life(then.second)) != (_life(facts.first), _life(facts.second)):
        return True
    return _shown(diagnosis(facts, Case(facts, seen.examined))) != _shown(seen)


def _life(node: NodeFacts) -> tuple[object, ...]:
    runs = node.vm, node.os_pid, node.ejabberd, node.mnesia, node.running_db_nodes
    return node.reachable, node.asked, node.node, *runs


def _shown(seen: Diagnosis) -> tuple[object, ...]:
    findings = tuple((finding.code, finding.node) for finding in seen.findings)
    return findings, tuple((look.layer, look.well) for look in seen.looked_at)
