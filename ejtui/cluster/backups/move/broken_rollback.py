"""A rollback that was broken off while it set aside the database that second had."""

from __future__ import annotations

from collections.abc import Sequence

from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.errors import BackupError, StepFailed


def half_aside(manifests: Sequence[Manifest]) -> Manifest | None:
    """The backup into which a rollback was moving what second had; None without one. Pure."""
    return next((each for each in manifests if each.half_aside), None)


def goals(half: Manifest, manifests: Sequence[Manifest]) -> list[Manifest]:
    """What second can go back to now, the rollback's own backup first. Pure.

    Second can also get back the database that was being set aside. Where the rollback's own
    backup is gone, it can go back to any.
    """
    own = [each for each in manifests if each.stamp == half.towards]
    mine = [half] if half.own else []
    rest = [each for each in manifests if not own and each is not half]
    return [*own, *mine, *rest]


def chosen(half: Manifest, manifests: Sequence[Manifest], wanted: str | None) -> Manifest:
    """The backup called `wanted`, or the one that the rollback goes to. Raises BackupError."""
    able = goals(half, manifests)
    if wanted is None and able and (able[0].stamp == half.towards or half.own):
        return able[0]
    for each in able:
        if wanted is not None and wanted.rstrip("/") in (each.stamp, each.place):
            return each
    named = " or ".join(f"`ejtui rollback {each.stamp}`" for each in able) or "no backup"
    raise BackupError(
        f"a rollback to {half.towards} was broken off while second's database moved into "
        f"{half.stamp}: a part of it is there, the rest in {half.directory}. {named} goes on from "
        "there and completes that backup; after that second can go back to others"
    )


def why(half: Manifest, lacks: int) -> str:
    """What was broken off, and how far it came; `lacks` files are not in the backup yet. Pure."""
    count = len(half.files)
    return (
        f"a rollback to {half.towards} was broken off when {count - lacks} of {count} files of the "
        f"database that {half.second} had were set aside in {half.place}"
    )


def next_command(half: Manifest) -> str:
    """What goes on with it. Pure."""
    return f"`ejtui rollback {half.towards}` goes on from there"


def refuse(manifests: Sequence[Manifest]) -> None:
    """Raises StepFailed where a rollback must go on first."""
    half = half_aside(manifests)
    if half is not None:
        raise StepFailed(
            f"a rollback to {half.towards} was broken off while it set aside the database that "
            f"{half.second} had. {next_command(half)}"
        )
