"""Where backups lie, and their manifests: on second beside the backup, and a copy here."""

from __future__ import annotations

import getpass
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ejtui import own_files, paths, scripts
from ejtui.cleaning import clean
from ejtui.cluster.backups import elsewhere
from ejtui.cluster.backups.elsewhere import Note
from ejtui.cluster.backups.manifest import DATABASE, FILE, Manifest
from ejtui.cluster.backups.manifest_rules import refuse_unfit
from ejtui.cluster.errors import BackupError
from ejtui.cluster.operations.safety import refuse_unsafe
from ejtui.erlang.probe import questions
from ejtui.hosts import HostError
from ejtui.platforms import Platform
from ejtui.platforms.platform import backup_root, backups_beside

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair


MOST_BYTES = 16_000_000
"""A manifest with more is not read. All may have twice that."""

MOST_WRITTEN = 2_000_000
"""One with more is written with the number of its accounts in place of their names: 50,000 have
less, and the database beside it has them all."""

MOST_LISTED = 100_000
"""More accounts than this are longer in any case, and not written out to see it."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

_FOLDER = scripts.shell(__file__, "new_folder.sh")
_MAKE = 'umask 077; mkdir -p "$1"'


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


def root(platform: Platform) -> str:
    """The directory of all backups on a host."""
    return backup_root(platform)


def _chains(platform: Platform) -> list[list[str]]:
    """Where backups may lie: the directories from the top that is believed down to each root."""
    given = [[platform.backup_dir]] if platform.backup_dir else []
    return [*given, backups_beside(platform)]


async def listing(node: Node) -> Listing:
    """All backups on the node's host, of this and of any other pair; changes nothing.

    A backup is believed only when the service user or root owns it and all that is above it up
    to the home, nobody else can write there, and no link is on the way. Its paths are those where
    it was found, not those in its manifest. What is damaged, too large or not to be believed is
    named in `problems` and stops nothing. Raises ProbeError where the host cannot be asked.
    """
    parts, note = [], Note()
    usual = backups_beside(node.platform)
    for chain in _chains(node.platform):
        part, noted = await _below(node, chain, note_here=chain == usual)
        parts.append(part)
        note = noted or note
    known = {chain[-1] for chain in _chains(node.platform)}
    for directory in note.directories:
        if directory not in known:
            parts.append((await _below(node, [directory]))[0])
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


async def _below(
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
        manifest, first_backup=replace(made, path=f"{root(first)}/{file.parent.name}/{file.name}")
    )


def operator() -> str:
    """Who makes a backup: the operator's login and this computer's name."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


async def make(node: Node, directory: str) -> None:
    """Makes a directory below root() that only the service user can look into.

    Raises StepFailed where the place of backups is not safe.
    """
    await refuse_unsafe(node, root(node.platform))
    await node.host.run(["sh", "-c", _MAKE, "sh", directory], user=node.platform.service_user)


async def new_folder(node: Node, above: str, prefix: str = "", suffix: str = "") -> tuple[str, str]:
    """Makes a new directory in `above`, named after the host's own clock.

    Returns its name, which no other has, and the moment ("20260101T000000Z"). Raises BackupError.
    """
    argv = ["sh", "-c", _FOLDER, "sh", above, prefix, suffix]
    try:
        said = await node.host.run(argv, user=node.platform.service_user)
    except HostError as error:
        raise BackupError(
            f"no directory for a backup can be made in {above} on {node.name}: {error}"
        ) from None
    name, moment = said.stdout.decode().split()
    return name, moment


async def new_directory(node: Node, suffix: str) -> str:
    """Makes a directory beside the backups, named after the host's own clock; its path.

    Raises StepFailed and BackupError.
    """
    above = root(node.platform)
    await refuse_unsafe(node, above)
    name, _ = await new_folder(node, above, suffix=f"-{suffix}")
    return f"{above}/{name}"


async def moment(node: Node) -> str:
    """The time on the node's host, as it stands in names ("20260101T000000Z"). Raises HostError."""
    said = await node.host.run(["date", "-u", "+%Y%m%dT%H%M%SZ"])
    return said.stdout.decode("ascii", "replace").strip()


@dataclass(frozen=True)
class BackupPlace:
    """Where a new backup goes: its name, its directory, when (ISO), and its number."""

    name: str
    path: str
    created: str
    number: int


async def new_place(node: Node) -> BackupPlace:
    """Makes the directory of a new backup on the node's host.

    Its name has that host's own clock, and its number is the next one there. Raises StepFailed and
    BackupError where the directory of backups cannot be believed.
    """
    above = root(node.platform)
    await refuse_unsafe(node, above)
    there = await listing(node)
    unsafe = [each for each in there.problems if f"{above}/".startswith(f"{each.path}/")]
    if unsafe:
        raise BackupError(
            f"no backup is made below a directory that others can change: {unsafe[0]}; give it to "
            f"{node.platform.service_user} alone (chown, chmod go-w), or name another with "
            f"backup_dir in [nodes.{node.name}]"
        )
    name, moment = await new_folder(node, above)
    number = 1 + max((each.number for each in there.backups), default=0)
    return BackupPlace(name, f"{above}/{name}", _iso(moment), number)


async def new(pair: Pair, *, was_running: bool) -> Manifest:
    """A new backup of a join on second: its directory and its first manifest. See new_place()."""
    second = pair.second
    place = await new_place(second)
    manifest = Manifest(
        stamp=place.name,
        first=pair.first.platform.node,
        second=second.platform.node,
        stage="begun",
        directory=second.platform.spool_dir,
        place=place.path,
        created=place.created,
        by=operator(),
        was_running=was_running,
        number=place.number,
        finished=False,
    )
    await save(pair, manifest)
    return manifest


def moment_of(name: str) -> str:
    """When a directory of that name was made (ISO): such names begin with a moment."""
    return _iso(name)


def _iso(moment: str) -> str:
    year, month, day = moment[:4], moment[4:6], moment[6:8]
    return f"{year}-{month}-{day}T{moment[9:11]}:{moment[11:13]}:{moment[13:15]}+00:00"


async def save(pair: Pair, manifest: Manifest) -> None:
    """Writes the manifest beside the backup, atomically, and its copy in the state directory."""
    await write(pair.second, manifest)


async def write(node: Node, manifest: Manifest) -> None:
    """The same on any node: the backup lies on its host."""
    line = b"" if manifest.known_count > MOST_LISTED else manifest.to_line()
    if not line or len(line) > MOST_WRITTEN:
        count = manifest.known_count
        line = replace(manifest, accounts=None, account_count=count).to_line()
    await _note(node, manifest, Note.noting)
    user = node.platform.service_user
    await node.host.write(f"{manifest.place}/{FILE}", line, owner=None, mode=0o600, user=user)
    _save_copy(manifest, line)
    await _note(node, manifest, Note.settled)


async def _note(node: Node, manifest: Manifest, change: Callable[[Note, Manifest], Note]) -> None:
    """Keeps the note of backups elsewhere, for one that is not in the usual place.

    Raises BackupError where the note that is there cannot be believed.
    """
    chain = backups_beside(node.platform)
    root, user = chain[-1], node.platform.service_user
    if elsewhere.lies_below(manifest, root):
        return
    there, note = await _below(node, chain, note_here=True)
    aside = f"{root}/{elsewhere.FOLDER}"
    wrong = [each for each in there.problems if f"{each.path}/".startswith(f"{aside}/")]
    if wrong:
        raise BackupError(f"{wrong[0]}; remove it, or give it to {user} alone")
    new = change(note or Note(), manifest)
    if new == (note or Note()):
        return
    await node.host.run([*elsewhere.MAKE, aside], user=user)
    await node.host.write(elsewhere.file(root), new.to_line(), owner=None, mode=0o600, user=user)


async def load(pair: Pair) -> list[Manifest]:
    """The manifests of second's own backups, the one to go on with first.

    An unfinished one comes before every other, then the newest. See listing() for those that
    are left out.
    """
    return (await listing(pair.second)).of(pair)


async def at_hand(pair: Pair) -> list[Manifest]:
    """The same without those of a former first that a join with this one has nothing to do with."""
    return (await listing(pair.second)).at_hand(pair)


async def find(pair: Pair, wanted: str | None) -> Manifest:
    """The backup called `wanted` (its stamp or its path), or the one to go on with first.

    Raises BackupError when there is none.
    """
    there = await listing(pair.second)
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


def _save_copy(manifest: Manifest, line: bytes) -> None:
    """Nothing is ever read from it: where it cannot be written, the backup is as good."""
    file = _copy_file(manifest)
    try:
        file.touch(mode=0o600)
        file.write_bytes(line)
    except OSError as error:
        own_files.failed("the copy of the backup's manifest", file, error)


def _copy_file(manifest: Manifest) -> Path:
    name = re.sub(r"[^A-Za-z0-9@._-]", "_", f"{manifest.second}-{manifest.stamp}")[:200]
    return paths.manifests_dir() / f"{name}.json"
