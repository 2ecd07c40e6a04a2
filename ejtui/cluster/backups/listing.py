"""Which backups there are on a host: those that can be believed, and what was left out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ejtui.cleaning import clean
from ejtui.cluster.backups import elsewhere, folders
from ejtui.cluster.backups.elsewhere import Note
from ejtui.cluster.backups.manifest import DATABASE, FILE, Manifest
from ejtui.cluster.backups.manifest_rules import refuse_unfit
from ejtui.cluster.errors import BackupError
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.platforms import Platform
from ejtui.platforms.platform import backups_beside

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair


MOST_BYTES = 16_000_000
"""A manifest with more is not read. All may have twice that."""

_KINDS = {"regular": "a file", "symlink": "a link"}

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Problem:
    """A backup that was left out: the path at fault, and why.

    `partial` is whether it may hold a part of a database whose other part is still in the node's
    database directory.
    """

    path: str
    why: str
    partial: bool = False

    def __str__(self) -> str:
        return clean(f"{self.path}: {self.why}")


@dataclass(frozen=True)
class Listing:
    """All backups on one host.

    `backups` are those that can be believed, the one to go on with first: unfinished ones, then
    the newest. `problems` are those that were left out. `lacking` has, by the place of a backup,
    the names of its files that are not in it (yet).
    """

    backups: tuple[Manifest, ...] = ()
    problems: tuple[Problem, ...] = ()
    lacking: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def lacks(self, manifest: Manifest) -> tuple[str, ...]:
        """The names of the files that the manifest lists and that are not in the backup."""
        return dict(self.lacking).get(manifest.place, ())

    def of(self, pair: Pair) -> list[Manifest]:
        """The backups of second's own node, the one to go on with first.

        Also those that were made while first had another node name, or was another host.
        """
        # Where first was never reached, nobody knows its name.
        first, own = pair.first.known_platform, pair.second.platform.node
        return [
            _with_first(each, first) if first and each.first == first.node else each
            for each in self.backups
            if each.second == own
        ]

    def at_hand(self, pair: Pair) -> list[Manifest]:
        """Those of them that a join with the present first has to do with.

        That is its own, and every one that second's database is between, whatever first it names.
        """
        first = pair.first.known_platform
        return [
            each
            for each in self.of(pair)
            if first is None or each.first == first.node or each.is_between
        ]


async def read(node: Node) -> Listing:
    """All backups on the node's host, of this and of any other pair; changes nothing.

    A backup is believed only when the service user or root owns it and all that is above it up
    to the home, nobody else can write there, and no link is on the way. Its paths are those where
    it was found, not those in its manifest. What is damaged, too large or not to be believed is
    named in `problems` and stops nothing. Raises ProbeError where the host cannot be asked.
    """
    parts, note = [], Note()
    usual = backups_beside(node.platform)
    for chain in folders.chains(node.platform):
        part, noted = await below(node, chain, note_here=chain == usual)
        parts.append(part)
        note = noted or note
    known = {chain[-1] for chain in folders.chains(node.platform)}
    for directory in note.directories:
        if directory not in known:
            parts.append((await below(node, [directory]))[0])
    found = [each for part in parts for each in part.backups]
    problems = [each for part in parts for each in part.problems]
    problems += [
        Problem(path, _not_found(usual[-1], problems), partial=True)
        for path in note.not_found({each.place for each in found})
    ]
    ordered = sorted(found, key=lambda each: each.order, reverse=True)
    lacking = tuple(each for part in parts for each in part.lacking)
    await _keep_directory(node, ordered)
    return Listing(tuple(ordered), tuple(problems), lacking)


async def left_out(pair: Pair) -> list[Problem]:
    """What on the hosts that are reached is no backup to be believed. Raises ProbeError."""
    nodes = [node for node in (pair.second, pair.first) if node.opened]
    found = await asyncio.gather(*(read(node) for node in nodes))
    return [problem for there in found for problem in there.problems]


async def strangers(node: Node) -> list[tuple[str, str]]:
    """What lies among the backups on a host and is no directory: its name, and what it is."""
    try:
        there = await questions.entries(node.probe, folders.root(node.platform))
    except ProbeError:
        return []
    return [
        (clean(each.name), _KINDS.get(each.kind, "something that is no file"))
        for each in there
        if not each.is_directory
    ]


async def _keep_directory(node: Node, manifests: Sequence[Manifest]) -> None:
    """The database directory of a join stays the one that its manifest has.

    From 25.04 on ejabberdctl names a deeper one only where a schema lies there: while the database
    is set aside, and until it is whole again, it names another.
    """
    own = next((each for each in manifests if each.second == node.platform.node), None)
    if own is None or own.directory == node.platform.spool_dir or own.stage == "rolled-back":
        return
    facts = node.facts
    without = facts.asked and not facts.has_disc_schema
    if without and (facts.vm != "up" or facts.directory == own.directory):
        await node.use_directory(own.directory)


def _not_found(usual: str, problems: Sequence[Problem]) -> str:
    """Why nothing starts without a backup that the note names."""
    seen = "".join(f" ({each})" for each in problems[:1])
    return (
        f"{elsewhere.file(usual)} names this backup as one that a part of the database was moved "
        f"to, and it is not found there{seen}; is a file system not mounted?"
    )


async def below(
    node: Node, chain: list[str], *, note_here: bool = False
) -> tuple[Listing, Note | None]:
    """The backups in one directory, the last of the chain, and the note of others there."""
    found, problems, lacking, note = [], [], [], None
    listed, left = await questions.list_backups(node.probe, chain, MOST_BYTES)
    aside = f"{chain[-1]}/{elsewhere.FOLDER}"
    for each in left:
        noted = note_here and f"{each.path}/".startswith(f"{aside}/")
        problems.append(Problem(each.path, each.why, each.partial or noted))
    for found_here in listed:
        place, there = f"{chain[-1]}/{found_here.name}", found_here.files
        try:
            if place == aside:
                note = Note.from_line(found_here.manifest)
                continue
            manifest = _placed(
                Manifest.from_line(found_here.manifest), found_here.name, place, node
            )
        except BackupError as error:
            part = (bool(there) and "schema.DAT" not in there) or (note_here and place == aside)
            problems.append(Problem(f"{place}/{FILE}", str(error), part))
            continue
        known = manifest.files if manifest.folder == DATABASE else ()
        missing = [file.name for file in known if there.get(file.name) != file.size]
        found.append(manifest)
        lacking.append((place, tuple(missing)))
    return Listing(tuple(found), tuple(problems), tuple(lacking)), note if note_here else None


def _placed(manifest: Manifest, name: str, place: str, node: Node) -> Manifest:
    """The manifest with the paths that it has by where it lies. Raises BackupError."""
    if not _NAME.fullmatch(name):
        raise BackupError(f"{name[:100]!r} is no name of a backup")
    refuse_unfit(manifest)
    return replace(
        manifest,
        stamp=name,
        place=place,
        directory=_directory(manifest.directory, node.platform),
        by=clean(manifest.by),
        towards=clean(manifest.towards),
        created=clean(manifest.created),
    )


def _directory(noted: str, platform: Platform) -> str:
    """The database directory: the platform's own, or the one that ejabberdctl of other releases
    makes of it by the node's name, where the manifest names that."""
    spool = platform.spool_dir.rstrip("/")
    own = f"/{platform.node}"
    known = (f"{spool}{own}", spool.removesuffix(own))
    return noted if noted in known else platform.spool_dir


def _with_first(manifest: Manifest, first: Platform) -> Manifest:
    """First's online backup lies below first's own root, not where the manifest puts it."""
    made = manifest.first_backup
    if made is None:
        return manifest
    file = PurePosixPath(made.path)
    return replace(
        manifest,
        first_backup=replace(made, path=f"{folders.root(first)}/{file.parent.name}/{file.name}"),
    )


async def load(pair: Pair) -> list[Manifest]:
    """The manifests of second's own backups, the one to go on with first.

    An unfinished one comes before every other, then the newest. See read() for those that
    are left out.
    """
    return (await read(pair.second)).of(pair)


async def at_hand(pair: Pair) -> list[Manifest]:
    """The same without those of a former first that a join with this one has nothing to do with."""
    return (await read(pair.second)).at_hand(pair)


async def find(pair: Pair, wanted: str | None) -> Manifest:
    """The backup called `wanted` (its stamp or its path), or the one to go on with first.

    Raises BackupError when there is none.
    """
    there = await read(pair.second)
    manifests = there.of(pair)
    for manifest in manifests:
        if wanted is None and manifest.stage != "rolled-back":
            return manifest
        if wanted is not None and wanted.rstrip("/") in (manifest.stamp, manifest.place):
            return manifest
    known = ", ".join(manifest.stamp for manifest in manifests) or "none"
    left_out = "".join(f"\nleft out: {problem}" for problem in there.problems)
    if wanted is None:
        raise BackupError(
            f"there is no backup of a join to roll back on second; known: {known}{left_out}"
        )
    raise BackupError(f"there is no backup {wanted} on second; known: {known}{left_out}")


def problem_lines(problems: Sequence[Problem]) -> list[str]:
    """What a person reads of backups that were left out, a line each."""
    return [f"a backup is left out: {problem}" for problem in problems]
