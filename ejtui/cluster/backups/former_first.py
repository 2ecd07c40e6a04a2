"""Backups of second that were made while first had another node name, or was another host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.errors import StepFailed

if TYPE_CHECKING:
    from ejtui.cluster.pair.pair import Pair


def refuse_join(pair: Pair, backups: Sequence[Manifest]) -> None:
    """Raises StepFailed where second's database is between its directory and such a backup.

    A new backup beside it would take the other part of that database.
    """
    first, second = pair.first.platform.node, pair.second.name
    for each in backups:
        if each.is_between and each.first != first:
            raise StepFailed(
                f"no other join starts on {second} now: its own database is between "
                f"{each.directory} and {each.place}. {what_to_do(each, first, second)}"
            )


def what_to_do(manifest: Manifest, first: str, second: str) -> str:
    """Which first the backup was made with, and how second gets its database back. Pure."""
    return (
        f"That backup was made with first as {manifest.first}, and first is {first} now: "
        f"`ejtui rollback {manifest.stamp}` brings {second}'s own database back; join after that."
    )
