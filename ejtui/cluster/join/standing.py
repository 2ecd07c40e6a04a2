"""How second is left where a join, or a rollback, was interrupted, and what goes on from there."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from ejtui.cluster.backups import listing
from ejtui.cluster.errors import ClusterError
from ejtui.cluster.join.half_done import find_half_done
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.backups.listing import Listing
    from ejtui.cluster.facts.node import NodeFacts, PairFacts
    from ejtui.cluster.pair.pair import Pair

SECONDS = 15.0
"""So long both hosts are asked on the way out."""


async def read(pair: Pair) -> str:
    """Asked of both nodes now; "" where they do not answer in time, or nothing is half done.

    Changes nothing and raises nothing.
    """
    with suppress(ClusterError, HostError, ProbeError, TimeoutError):
        async with asyncio.timeout(SECONDS):
            facts = await pair.refresh()
            return describe(pair, await listing.read(pair.second), facts)
    return ""


def describe(pair: Pair, there: Listing, facts: PairFacts) -> str:
    """Whether ejabberd runs on second, where its own database is, and both ways on. Pure."""
    mine = there.at_hand(pair)
    half = find_half_done(there, mine, facts, pair.choices)
    second = facts.second
    if not second.asked:
        return ""
    if half is not None:
        return half.text if half.names_the_stop else f"{_runs(second)} {half.text}"
    open_ones = [each for each in mine if each.stage != "rolled-back"]
    if not open_ones:
        return ""
    newest = open_ones[0]
    place = f"lies in {newest.place}" if newest.stage == "moved" else "is where it was"
    return (
        f"{_runs(second)} Its own database {place}. `ejtui join` goes on with the join, `ejtui "
        f"rollback {newest.stamp}` undoes it."
    )


def _runs(second: NodeFacts) -> str:
    if second.ejabberd:
        return f"ejabberd runs on {second.name}."
    return f"ejabberd is stopped on {second.name}."
