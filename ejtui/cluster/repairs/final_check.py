"""The check after a repair: both nodes are asked at the end, when neither starts or stops."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ejtui.cluster.diagnosis.catalogue import CATALOGUE
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.errors import ClusterError, StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.check import check
from ejtui.cluster.operations.vm.pending_start import wait_for_starts
from ejtui.cluster.polling import until
from ejtui.cluster.repairs.registry import why_none

if TYPE_CHECKING:
    from ejtui.cluster.pair.pair import Pair
    from ejtui.cluster.repairs.context import RepairContext

LOOK_SECONDS = 20.0
"""So long the finding may still be seen after its repair: nodes need a moment to agree."""

PASSING_SECONDS = 5.0
"""So long nodes may look worse than before it, as one that starts or stops does."""


async def settled(context: RepairContext, before: Diagnosis) -> Diagnosis:
    """The check at the end, when no node is on its way up or down and the finding is gone.

    Raises StepFailed where it is not, and where a node is worse off than before.
    """
    pair, finding = context.pair, context.finding
    after = await _gone(pair, finding)
    if after.facts.starts:
        await wait_for_starts(context)
        after = await _gone(pair, finding)
    if worse(before, after):
        with suppress(ClusterError):
            await until(
                lambda: check(pair),
                lambda seen: not worse(before, seen),
                what="both nodes to be as well as before",
                seconds=PASSING_SECONDS,
                poll=0.2,
            )
        after = await _gone(pair, finding)
    if found := worse(before, after):
        named = "; ".join(f"{each.code} on {each.node}: {each.title}" for each in found)
        raise StepFailed(
            f"{finding.code} is gone, and the nodes are not well: {named}. {_next(found[0])}", found
        )
    return after


def worse(before: Diagnosis, after: Diagnosis) -> tuple[Finding, ...]:
    """The errors of the check after a repair in what was well before it. Pure.

    What was not well before, or could not be looked at, may only show now.
    """
    known = {(finding.code, finding.node) for finding in before.findings}
    well = {look.layer for look in before.looked_at if look.well}
    return tuple(
        finding
        for finding in after.findings
        if finding.severity == "error" and (finding.code, finding.node) not in known
        if any(rule.layer in well for rule in CATALOGUE[finding.code].rules)
    )


def _next(finding: Finding) -> str:
    """What to do about a finding."""
    none = why_none(finding.code)
    if none:
        return f"{finding.code}: {none}"
    return f"`ejtui repair {finding.code} --node {finding.node}` repairs that"


async def _gone(pair: Pair, finding: Finding) -> Diagnosis:
    """Checks until the finding is gone. Raises StepFailed when it stays."""
    try:
        return await until(
            lambda: check(pair),
            lambda seen: seen.finding(finding.code, finding.node) is None,
            what=f"{finding.code} to be gone",
            seconds=LOOK_SECONDS,
            instead=lambda seen: "; ".join(each.title for each in seen.findings),
            poll=0.2,
        )
    except ClusterError as error:
        raise StepFailed(f"after the repair: {error}", (finding,)) from error
