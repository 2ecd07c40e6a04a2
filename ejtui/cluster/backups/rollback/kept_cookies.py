"""The cookie that stays where a backup has none, and where other ones of second's are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ejtui.cluster.backups.inventory import Backup, inventory

if TYPE_CHECKING:
    from ejtui.cluster.run.context import StepContext

_REPAIRED = ("-cookie-mismatch", "-cookie-malformed")
"""What the directory of a repair that kept a cookie ends with."""

_NAMED = 3


async def stays(context: StepContext) -> str:
    """Second's cookie stays, and why. Raises ProbeError."""
    digits = context.facts.second.cookie.digits
    return sentence(digits, others(await inventory(context.pair), digits))


def sentence(digits: str, elsewhere: Sequence[str] = ()) -> str:
    """What stays, and what there is instead. Pure."""
    cookie = f"second's cookie {digits} stays" if digits else "second's cookie file stays as it is"
    text = f"{cookie}: this backup has no other, as the join replaced none of second's"
    return f"{text}; earlier ones: {', '.join(elsewhere)}" if elsewhere else text


def others(backups: Sequence[Backup], digits: str) -> list[str]:
    """Where other cookies of second's are kept, the newest first. Pure."""
    found = []
    for each in backups:
        kept = each.manifest
        if kept is not None and kept.cookie and kept.cookie != digits:
            found.append(f"{kept.cookie} in {kept.cookie_file}")
        elif kept is None and each.on_second and each.name.endswith(_REPAIRED):
            found.append(f"what a repair kept in {each.path}")
    return found[:_NAMED]
