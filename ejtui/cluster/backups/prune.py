"""Removing backups that were used: named and asked about first, never the last complete one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ejtui import paths, scripts
from ejtui.amounts import amount
from ejtui.cluster.backups import folders, listing
from ejtui.cluster.backups.inventory import Backup, Use, inventory
from ejtui.cluster.backups.move import database_move
from ejtui.cluster.backups.move.database_move import BackupDamaged
from ejtui.cluster.errors import BackupError, StepFailed, without_stop
from ejtui.cluster.facts import account_names
from ejtui.cluster.journal import Journal
from ejtui.cluster.pair import fixed_files
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.question import AskOperator, Question
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Emit
from ejtui.cluster.run.locked_run import finish, locked
from ejtui.cluster.run.operation import NOTHING, PRUNE
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair

_REMOVE = scripts.shell(__file__, "remove.sh")

REMOVE_SECONDS = 600.0

_USES: Mapping[Use, str] = {
    "rollback": "rolled back to",
    "bring-over": "brought over",
    "restore-table": "used to restore a table",
}


@dataclass(frozen=True)
class Directory:
    """One directory of backups, which is removed whole or stays.

    `why` is why it stays, "" for one that may go. `by_name` is whether it may go where the operator
    names it. A file that is no backup has no `backups`.
    """

    node: str
    on_second: bool
    name: str
    backups: tuple[Backup, ...]
    why: str = ""
    by_name: bool = False

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(each.size for each in self.backups)

    @property
    def named(self) -> tuple[str, ...]:
        """What a person may write for it."""
        return (self.name, *(name for each in self.backups for name in (each.name, each.path)))


@dataclass(frozen=True)
class Pruned:
    """What was removed, and what stays and why."""

    removed: tuple[Directory, ...]
    kept: tuple[Directory, ...]

    def to_json(self) -> dict[str, object]:
        """The part of `--json` about it."""
        return {
            "removed": [
                {"host": each.node, "name": each.name, "size": each.size} for each in self.removed
            ],
            "kept": [{"host": each.node, "name": each.name, "why": each.why} for each in self.kept],
        }


def sort(backups: Sequence[Backup]) -> tuple[Directory, ...]:
    """Each directory with whether it may go, and why not. Pure."""
    groups: dict[tuple[bool, str], list[Backup]] = {}
    for each in backups:
        groups.setdefault((each.on_second, each.folder), []).append(each)
    used = {
        folder
        for (on_second, folder), group in groups.items()
        if on_second and group[0].manifest and all(each.used for each in group)
    }
    joins = {each.folder for each in backups if each.manifest and each.manifest.of_a_join}
    last = _last_complete(backups)
    made = []
    for (on_second, folder), group in groups.items():
        why, by_name = "", False
        if folder in last:
            why = last[folder] if on_second else f"belongs to {folder} on second, {last[folder]}"
        elif folder not in used:
            why, by_name = _on_second(group[0]) if on_second else _on_first(group[0], joins)
        made.append(Directory(group[0].node, on_second, folder, tuple(group), why, by_name))
    return tuple(made)


def _last_complete(backups: Sequence[Backup]) -> dict[str, str]:
    """The directory of the newest complete database of second's own, and of the newest that has
    accounts where that one is empty; what each is."""
    whole = [
        each
        for each in backups
        if each.on_second and each.complete and "rollback" in each.uses and each.files
    ]
    last = "the last complete backup of second's own database"
    full = [each for each in whole if each.account_count != 0]
    made = {}
    for kept, what in ((full, f"{last} that has accounts"), (whole, last)):
        if kept:
            made[max(kept, key=lambda each: each.age).folder] = what
    return made


def _on_second(found: Backup) -> tuple[str, bool]:
    """Why it stays, and whether it may go by name."""
    manifest = found.manifest
    if manifest is None:
        if found.trouble and not found.uses:
            return f"{found.trouble}: look at {found.path} by hand", False
        return f"{found.reason}: never used", True
    if manifest.is_between:
        part = f"stage {manifest.stage}: second's database is between it and its directory"
        return f"{part}; `ejtui rollback {manifest.stamp}` goes on", False
    if manifest.stage == "begun":
        return "half-written: the next join goes on with it", False
    if found.used:
        return "a part of it was never used", True
    if not found.complete:
        return f"{found.reason}: {found.trouble}", True
    if manifest.of_the_file:
        return f"{found.reason}: never used", True
    if not manifest.own:
        return f"{found.reason}, not a database of second's own: never used", True
    return "never used", False


def _on_first(found: Backup, joins: Collection[str]) -> tuple[str, bool]:
    """On first a join's online backup goes with the join's backup on second."""
    if found.folder in joins:
        return "its join was not rolled back", False
    if found.trouble:
        return f"{found.trouble}: look at {found.path} by hand", False
    return f"{found.reason}: never used", True


def chosen(found: Sequence[Directory], names: Sequence[str]) -> tuple[Directory, ...]:
    """Those that go: the used ones, or just those named. Pure.

    Raises BackupError for a name that nothing has, and for one that stays.
    """
    if not names:
        return tuple(each for each in found if not each.why)
    made: list[Directory] = []
    for name in names:
        here = [each for each in found if name.rstrip("/") in each.named]
        if not here:
            raise BackupError(f"there is no backup {name}; `ejtui backups` lists them")
        for each in here:
            if each.why and not each.by_name:
                raise BackupError(
                    f"{each.name} on {each.node} stays: {each.why}. Nothing was removed; `ejtui "
                    "backups prune` without a name asks for those that may go"
                )
        made += [each for each in here if each not in made]
    return tuple(made)


async def prune(
    pair: Pair,
    asks: AskOperator,
    emit: Emit,
    lock: PairLock | None = None,
    names: Sequence[str] = (),
) -> Pruned:
    """Removes the backups that were used, or those of `names`, after a question that names them.

    Both hosts must be reached. What is no backup is named and stays. Raises BackupError, LockHeld,
    Refused, StepFailed, HostError, ProbeError.
    """
    journal = Journal(paths.journal_file(pair.name), pair.name)
    context = StepContext(PRUNE, pair, await pair.refresh(), asks, emit, journal)
    for node in (pair.first, pair.second):
        if not node.opened:
            raise StepFailed(f"{node.name} must be reached to remove backups: {node.trouble}")
    async with locked(context, lock or PairLock(pair)):
        found = sort(await _read_whole(context, await inventory(pair, read=True)))
        gone = chosen(found, names)
        kept = tuple(each for each in found if each not in gone)
        kept += await _strangers(pair)
        evidence = await _remove(context, gone) if gone else []
    if not gone:
        evidence = list(map(_kept, kept)) or ["there is no backup"]
    counts = f"{len(gone)} removed, {len(kept)} kept"
    finish(context, counts if gone else f"{NOTHING}: {counts}", evidence)
    return Pruned(gone, kept)


async def _read_whole(context: StepContext, backups: Sequence[Backup]) -> list[Backup]:
    """The backups, where the last complete one has been read and is as its manifest lists it.

    A damaged one of the same sizes is not complete: an older one is the last then.
    """
    checked = list(backups)
    read: set[str] = set()
    while unread := [
        each for each in checked if each.folder in _last_complete(checked) and each.path not in read
    ]:
        for each in unread:
            read.add(each.path)
            if each.manifest is None or not each.on_second:
                continue
            context.say(f"reading {each.path}: it is the last complete backup, if nothing is wrong")
            try:
                await database_move.check(context.pair.second, each.manifest)
            except BackupDamaged:
                damaged = replace(each, complete=False, trouble="files of it are damaged")
                checked[checked.index(each)] = damaged
    return checked


def _kept(directory: Directory) -> str:
    return f"kept on {directory.node}: {directory.name}: {directory.why}"


async def _strangers(pair: Pair) -> tuple[Directory, ...]:
    """What lies among the backups and is none."""
    found = []
    for node in (pair.second, pair.first):
        for name, kind in await listing.strangers(node):
            why = f"{kind}, nothing that ejtui made: look at {folders.root(node.platform)} by hand"
            found.append(Directory(node.name, node is pair.second, name, (), why))
    return tuple(found)


async def _remove(context: StepContext, gone: Sequence[Directory]) -> list[str]:
    evidence = []
    sides = ((context.pair.second, True), (context.pair.first, False))
    there = [(node, [each for each in gone if each.on_second is it]) for node, it in sides]
    for node, here in there:
        await _refuse_fixed(node, here)
    await context.ask(question(gone))
    for node, here in there:
        if here:
            await _remove_on(node, [each.name for each in here])
            evidence += [
                f"removed on {node.name}: {each.name}, {amount(each.size)}" for each in here
            ]
    return evidence


async def _refuse_fixed(node: Node, here: Sequence[Directory]) -> None:
    """Raises StepFailed where nobody can remove one of the files: else half a backup would stay."""
    if not here:
        return
    root = folders.root(node.platform)
    find = ["find", *(f"{root}/{each.name}" for each in here), "-type", "d", "-print0"]
    said = await node.host.run(find, user=node.platform.service_user)
    there = said.stdout.decode("utf-8", "surrogateescape").split("\0")
    await fixed_files.refuse(node, [f"{root}/", *(f"{each}/" for each in there if each)])


async def _remove_on(node: Node, names: Sequence[str]) -> None:
    try:
        await node.host.run(
            ["sh", "-euc", _REMOVE, "prune", folders.root(node.platform), *names],
            user=node.platform.service_user,
            timeout=REMOVE_SECONDS,
        )
    except HostError as error:
        raise StepFailed(
            f"not everything could be removed on {node.name}: {without_stop(error)}. "
            "`ejtui backups` shows what is left"
        ) from error


def question(gone: Sequence[Directory]) -> Question:
    """Asks before backups are removed; names each with its size. Pure."""
    count = "1 backup" if len(gone) == 1 else f"{len(gone)} backups"
    return Question(
        title=f"Remove {count} for good, {amount(sum(each.size for each in gone))}?",
        takes=tuple(
            f"{_called(each)} on {each.node}, {amount(each.size)}: {_what(each)}" for each in gone
        ),
        consequence=f"{_lost(gone)} The last complete backup of second's own database stays.",
        yes_label="Remove it" if len(gone) == 1 else "Remove them",
    )


def _called(directory: Directory) -> str:
    """Its name, and what it is called in the list of backups where that is another."""
    names = dict.fromkeys(each.name for each in directory.backups if each.name != directory.name)
    return f"{directory.name} (listed as {', '.join(names)})" if names else directory.name


def _lost(gone: Sequence[Directory]) -> str:
    """What cannot be done with them afterwards."""
    uses = {use for each in gone for backup in each.backups for use in backup.uses}
    it = "It" if len(gone) == 1 else "They"
    said = [words for use, words in _USES.items() if use in uses]
    return f"{it} cannot be {' or '.join(said)} any more." if said else f"{it} cannot come back."


def _what(directory: Directory) -> str:
    reasons = sorted({each.reason for each in directory.backups})
    counts = [each.account_count for each in directory.backups if each.account_count is not None]
    names = sorted({name for each in directory.backups for name in each.accounts or ()})
    known = f"accounts: {max([*counts, len(names)])}" if counts else "its accounts are not counted"
    named = f" ({account_names.listed(names)})" if names else ""
    held = any(each.is_database for each in directory.backups) or counts
    return f"{'; '.join(reasons)}{f', {known}{named}' if held else ''}"
