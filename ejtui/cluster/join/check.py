"""The whole check: both nodes, and what the backups show of a join that has not ended."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ejtui import paths
from ejtui.cluster.backups import listing
from ejtui.cluster.backups.choice import is_fresh
from ejtui.cluster.backups.listing import Listing
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.diagnosis.look import FromBackups, look
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.errors import ClusterError
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join.half_done import find_half_done
from ejtui.cluster.journal import Journal
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.run.noted_run import note_hosts
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError


async def check(pair: Pair) -> Diagnosis:
    """Asks both nodes and the backups, and names what is wrong; changes nothing. See look()."""
    seen = await look(pair, _unended)
    note_hosts(Journal(paths.journal_file(pair.name), pair.name), pair)
    return seen


async def _unended(pair: Pair, facts: PairFacts) -> Callable[[PairFacts], FromBackups]:
    return partial(_from_backups, pair, await _backups(pair, facts))


def _from_backups(pair: Pair, there: Listing, facts: PairFacts) -> FromBackups:
    mine = there.at_hand(pair) if there.backups else []
    return FromBackups(
        find_half_done(there, mine, facts, pair.choices),
        _alone_since(there, facts),
        tuple(map(str, there.problems)),
        bool(there.backups) and any(undoes_join(there, each) for each in there.of(pair)),
    )


def undoes_join(there: Listing, backup: Manifest) -> bool:
    """Whether second can go back to it: it is of a join, not used, and all of it is there."""
    half = backup.stage in ("moving", "restoring", "restored")
    return is_fresh(backup) and (half or not there.lacks(backup))


def _alone_since(there: Listing, facts: PairFacts) -> str:
    """When second was rolled back; looked for only where first still lists it.

    So it does after a rollback without first, and where first was killed right after it had
    forgotten second.
    """
    if not facts.first_lists_a_stranger:
        return ""
    databases = [each for each in there.backups if not each.of_the_file]
    counted = [each for each in databases if each.number]
    # By their count, as clocks jump; what a rollback set aside names the one it went back to.
    newest = max(counted or databases, key=lambda each: (each.number, each.created), default=None)
    if newest is not None and newest.towards:
        newest = next((each for each in databases if each.stamp == newest.towards), newest)
    return newest.used if newest is not None else ""


async def _backups(pair: Pair, facts: PairFacts) -> Listing:
    """The backups on second; none where it cannot be asked."""
    if not facts.second.asked or not pair.second.opened:
        return Listing()
    try:
        return await listing.read(pair.second)
    except (ClusterError, HostError, ProbeError):
        return Listing()
