"""What was written is read back on both nodes."""

from __future__ import annotations

from collections.abc import Sequence

from ejtui.cluster.backups import online as online_backup
from ejtui.cluster.bring_over.offer import Offer
from ejtui.cluster.bring_over.places import KeptPlace
from ejtui.cluster.bring_over.result import BroughtOver
from ejtui.cluster.bring_over.writes import names_of
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts import account_names
from ejtui.cluster.operations import accounts
from ejtui.cluster.run.context import StepContext
from ejtui.erlang.probe import questions


async def look_again(context: StepContext, done: BroughtOver) -> list[str]:
    """Both nodes must have what was written. Raises StepFailed."""
    evidence = []
    brought = names_of((*done.brought, *done.completed))
    for node, seen in (await read_back(context, done.offer, brought)).items():
        missing = [f"{user}@{server} ({table})" for user, server, table in seen.missing]
        missing += [f"{user}@{server} (unknown to ejabberd)" for user, server in seen.unknown]
        missing += await _places_missing(context, node, done.places)
        if missing:
            named = account_names.listed(missing)
            raise StepFailed(f"not found on {node} after it was written: {named}")
        evidence.append(f"{node}: {seen.same} of {seen.records} records read back as in the backup")
    return evidence


async def _places_missing(
    context: StepContext, node: str, places: Sequence[KeptPlace]
) -> list[str]:
    if not places:
        return []
    missing = await questions.missing_places(
        context.pair.second.probe, node, [place.term for place in places], online_backup.LONG
    )
    return [f"{name}@{host} ({kind})" for kind, name, host in missing]


async def read_back(
    context: StepContext, offer: Offer, wanted: Sequence[accounts.Account]
) -> dict[str, questions.ReadBack]:
    """What each node that runs ejabberd reports of these accounts, by its Erlang name."""
    facts = await context.refresh()
    running = [each.node for each in (facts.first, facts.second) if each.ejabberd]
    return {
        node: await questions.read_back(
            context.pair.second.probe, offer.source.term, node, wanted, online_backup.LONG
        )
        for node in running
    }
