"""What another ejtui would leave changed on a pair: compared after the pair's lock was lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui.cluster.backups import listing
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.store import operator
from ejtui.cluster.question import Question

if TYPE_CHECKING:
    from ejtui.cluster.pair.pair import Pair

CONSENT = "lock-lost"


@dataclass(frozen=True)
class PairState:
    """Both nodes' cookie digests, and the backups of joins on second by their stamps."""

    first_cookie: str
    second_cookie: str
    backups: Mapping[str, Manifest]


async def state_of(pair: Pair) -> PairState:
    """As it is now. Raises BackupError and HostError."""
    facts = await pair.refresh()
    backups = {manifest.stamp: manifest for manifest in await listing.load(pair)}
    return PairState(facts.first.cookie.sha256, facts.second.cookie.sha256, backups)


async def watch(pair: Pair) -> Callable[[], Awaitable[list[str]]]:
    """What shows later what somebody else has changed since now. Raises BackupError, HostError."""
    before = await state_of(pair)

    async def changed() -> list[str]:
        return changes(before, await state_of(pair), operator())

    return changed


def changes(before: PairState, now: PairState, operator: str) -> list[str]:
    """What somebody else has done, in words: nothing that a join of `operator`'s does itself."""
    seen = []
    for stamp, backup in now.backups.items():
        known = before.backups.get(stamp)
        if _was_used(backup) and not (known and _was_used(known)):
            seen.append(f"second was rolled back to the backup {stamp}")
        elif known is None and backup.by != operator:
            seen.append(f"{backup.by or 'somebody'} made the backup {stamp}")
    seen += [f"the backup {stamp} is gone" for stamp in before.backups if stamp not in now.backups]
    if now.first_cookie != before.first_cookie:
        seen.append("first has another cookie")
    if now.second_cookie not in (before.second_cookie, before.first_cookie):
        seen.append("second has another cookie")
    return seen


def question(seen: list[str]) -> Question:
    """Whether to go on after that: whatever was agreed to before does not count any more."""
    return Question(
        title="The lock on the pair was lost, and somebody changed the pair meanwhile",
        takes=tuple(seen),
        consequence="What was agreed to before does not count any more. Ask who did this, "
        "and look at `ejtui status`; a yes goes on with the join from where the nodes stand now.",
        yes_label="Go on with the join all the same",
        consent=CONSENT,
    )


def _was_used(backup: Manifest) -> bool:
    return backup.stage in ("restored", "rolled-back")
