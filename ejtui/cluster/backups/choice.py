"""Which backup a rollback goes back to, and what is shown to a person who must choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ejtui.cluster.backups import folders, listing
from ejtui.cluster.backups.inventory import Backup, Use, inventory, manifests_on
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.move import broken_rollback
from ejtui.cluster.errors import BackupError
from ejtui.cluster.facts import account_names
from ejtui.cluster.operations.without_first import worded
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.pair import Pair


_NAMED = 3
"""So many other backups are named where one is of no use."""


@dataclass(frozen=True)
class Choice:
    """What second can be rolled back to, the newest first.

    `fresh` are those of joins that were not used up; `others` were rolled back to before, or set
    aside, and must be named. `warning` is shown before the newest is taken, "" where there is no
    reason; `elsewhere` is where backups lie when there are none here. `listed` are all there are,
    whatever they are good for.
    """

    fresh: tuple[Backup, ...]
    others: tuple[Backup, ...] = ()
    elsewhere: str = ""
    listed: tuple[Backup, ...] = ()

    @property
    def all(self) -> tuple[Backup, ...]:
        return (*self.fresh, *self.others)

    @property
    def warning(self) -> str:
        """Loud where the newest is empty and an older one is not."""
        newest = max(self.all, key=lambda each: each.age, default=None)
        full = next((each for each in self.all if each.account_count), None)
        if newest is None or newest.account_count != 0 or full is None:
            return ""
        names = f": {account_names.listed(full.accounts)}" if full.accounts else ""
        return (
            f"WARNING: the newest backup {newest.name} has no accounts; {full.name} has "
            f"{full.account_count}{names}"
        )

    @property
    def is_plain(self) -> bool:
        """Whether nobody needs to choose: there is one backup to go back to, and no doubt."""
        return len(self.fresh) == 1 and not self.warning


async def choice(pair: Pair) -> Choice:
    """What there is to roll back to. Raises BackupError, ProbeError, HostError."""
    found = choose_from(await inventory(pair, read=True))
    return found if found.all else replace(found, elsewhere=await _elsewhere(pair))


def choose_from(listed: Sequence[Backup]) -> Choice:
    """What of these second can be rolled back to. Pure."""
    usable = [each for each in listed if "rollback" in each.uses]
    half = next(
        (each.manifest for each in listed if each.manifest and each.manifest.half_aside), None
    )
    if half is not None:
        return _of_broken_off(half, usable, listed)
    fresh = [each for each in usable if each.manifest and is_fresh(each.manifest)]
    # The rest of its files lies in second's directory: no other may come in between.
    fresh = [each for each in fresh if each.stage == "moving"] or going(usable) or fresh
    others = [each for each in usable if each not in fresh]
    return Choice(tuple(fresh), tuple(others), listed=tuple(listed))


def _of_broken_off(half: Manifest, usable: Sequence[Backup], listed: Sequence[Backup]) -> Choice:
    """The rollback that was broken off goes on; where its backup is gone, what it set aside."""
    goal = [each for each in usable if each.name == half.towards]
    goal = goal or [each for each in usable if each.name == half.stamp]
    others = () if goal else tuple(usable)
    return Choice(tuple(goal), others, listed=tuple(listed))


def going(usable: Sequence[Backup]) -> list[Backup]:
    """What a rollback that was broken off goes on with, whatever that is of. Pure."""
    return [each for each in usable if each.stage in ("restoring", "restored")][:1]


async def chosen(pair: Pair, wanted: str | None, *, without_first: bool = False) -> Manifest:
    """The backup called `wanted` (its stamp or its path), or the newest that is not used up.

    One of which the files are still being moved is the only one that second can go back to; else
    one that a rollback has restored and not started yet comes first. Raises BackupError.
    """
    manifests = await listing.load(pair)
    half = broken_rollback.half_aside(manifests)
    if half is not None:
        return broken_rollback.chosen(half, manifests, wanted)
    moving = next((each for each in manifests if each.stage == "moving" and each.own), None)
    if moving is not None:
        if wanted is not None and wanted.rstrip("/") not in (moving.stamp, moving.place):
            raise BackupError(
                f"a join was ended while second's files moved into {moving.stamp}: a part of them "
                f"is there, the rest in {moving.directory}. "
                f"`{command(moving.stamp, without_first=without_first)}` brings them together, or "
                "`ejtui join` goes on; after that second can go back to others"
            )
        return moving
    if wanted is not None:
        for manifest in manifests:
            if wanted.rstrip("/") in (manifest.stamp, manifest.place):
                return manifest
        known = ", ".join(manifest.stamp for manifest in manifests) or "none"
        raise BackupError(await _why_none(pair, wanted, f"on second known: {known}"))
    # A rollback that was broken off goes on with its own backup, whatever that is of.
    going = [each for each in manifests if each.stage in ("restoring", "restored")]
    if going and not any(each.stage == "moving" for each in manifests):
        return going[0]
    fresh = [each for each in manifests if is_fresh(each)]
    there = pair.first.known_platform
    name = there.node if there else ""
    fresh.sort(key=lambda each: (each.stage != "restored", name not in ("", each.first)))
    if fresh:
        return fresh[0]
    raise BackupError(nothing(await choice(pair), without_first=without_first))


async def _why_none(pair: Pair, wanted: str, known: str) -> str:
    """Why second cannot go back to what is called `wanted`, and what that can be used for.

    Raises ProbeError, HostError.
    """
    listed = await inventory(pair)
    for each in listed:
        if wanted.rstrip("/") in (each.name, each.path):
            return f"{unfit(pair.exchanged, each)}; {known}"
    for each in listed:
        if wanted.rstrip("/") == each.folder:
            return f"{unfit(pair.exchanged, each)}; {known}"
    return f"there is no backup {wanted} on second; {known}"


_COMMANDS: Mapping[Use, str] = {
    "bring-over": "ejtui bring-over",
    "restore-table": "ejtui backups restore-table",
}
"""What uses a backup that no rollback goes back to."""


def unfit(exchanged: str, found: Backup) -> str:
    """What a backup is that second cannot go back to, and what uses it. Pure.

    `exchanged` is ejtui's command with first and second exchanged.
    """
    text = f"{found.name} lies on {found.node} ({found.path}): {found.reason}"
    manifest = found.manifest
    if not found.on_second and manifest is not None and manifest.files:
        return (
            f"{text}, made when {found.node} was second. `{exchanged} rollback {found.name}` goes "
            "back to it there"
        )
    ways = [f"`{_COMMANDS[use]} {found.name}`" for use in found.uses if use in _COMMANDS]
    uses = f"it is for {' and '.join(ways)}" if ways else "its files are there to be read by hand"
    return f"{text}. Second cannot go back to it; {uses}"


async def of_the_file(pair: Pair, wanted: str | None) -> Manifest | None:
    """The backup called `wanted`, where it is of second's ejabberd.yml alone.

    Without a name that of the last change, where no join and no rollback came after it. Raises
    ProbeError.
    """
    manifests = await listing.load(pair)
    if wanted is None:
        left = [
            each for each in manifests if not (each.of_the_file and (each.used or each.towards))
        ]
        newest = max(left, key=lambda each: each.number, default=None)
        settled = not any(each.stage != "rolled-back" for each in left)
        return newest if newest is not None and newest.of_the_file and settled else None
    for manifest in manifests:
        if manifest.of_the_file and wanted.rstrip("/") in (manifest.stamp, manifest.place):
            return manifest
    return None


def nothing(found: Choice, *, brief: bool = False, without_first: bool = False) -> str:
    """The text that there is nothing to roll back to, and what there is instead.

    `brief` where the others are shown beside it.
    """
    text = "there is no backup of a join to roll back on second"
    if found.others and brief:
        return f"{text} that was not used; second can go back to one of these all the same"
    if found.others:
        named = "\n".join(lines(found.others, without_first=without_first))
        text += f"; by name second can go back to one of these all the same:\n{named}"
    return text + (f". {found.elsewhere}" if found.elsewhere else "")


def other_commands(found: Choice, manifest: Manifest, *, without_first: bool) -> list[str]:
    """What rolls second back to others than this one, those that are whole. Pure."""
    others = (each for each in found.all if each.name != manifest.stamp and each.complete)
    return [f"`{command(each.name, without_first=without_first)}`" for each in others][:_NAMED]


def command(stamp: str, *, without_first: bool) -> str:
    """What rolls second back to a backup. Pure."""
    return worded(f"rollback {stamp}", without_first=without_first)


async def instead_of(pair: Pair, manifest: Manifest, *, without_first: bool) -> str:
    """What rolls second back to another backup, where this one is of no use as it is.

    Raises ProbeError, HostError.
    """
    if manifest.stage == "moving":
        return f"the rest of that database is in {manifest.directory}: no other comes in between"
    others = other_commands(await choice(pair), manifest, without_first=without_first)
    if others:
        return f"to go back to another backup: {', '.join(others)}"
    return "there is no other backup of second's own database"


def lines(backups: Sequence[Backup], *, without_first: bool = False) -> list[str]:
    """One line for each: the command, then date, accounts by number and name."""
    return [
        f"  {command(each.name, without_first=without_first)}   {summary(each)}" for each in backups
    ]


def summary(found: Backup) -> str:
    """A backup in one line: when, how many accounts and which, what it is."""
    manifest = found.manifest
    if manifest is not None and manifest.stage == "begun":
        held = "no database, the cookie alone" if manifest.cookie else "nothing in it yet"
    elif manifest is not None and manifest.of_the_file:
        held = "no database"
    elif (count := found.account_count) is None:
        held = "accounts not read"
    else:
        word = "account" if count == 1 else "accounts"
        held = f"{count} {word}"
        held += f": {account_names.listed(found.accounts)}" if found.accounts else ""
    return f"{found.created[:16].replace('T', ' ')}, {held}; {found.reason}"


def is_fresh(manifest: Manifest) -> bool:
    """Whether a rollback without a name may go back to it: a join's, not used up."""
    return manifest.stage == "restored" or (manifest.of_a_join and manifest.stage != "rolled-back")


async def _elsewhere(pair: Pair) -> str:
    """Whether backups lie on the other host, as after first and second were swapped."""
    first = pair.first
    if not first.opened:
        return ""
    try:
        manifests = await manifests_on(first)
    except (ProbeError, HostError):
        return ""
    theirs = [
        each for each in manifests.values() if each.second == first.platform.node and each.files
    ]
    if not theirs:
        return ""
    stamps = ", ".join(each.stamp for each in theirs[:3])
    return (
        f"{first.name} has some ({stamps}, in {folders.root(first.platform)}), made when it was "
        f"second: `{pair.exchanged} rollback` goes back to those"
    )
