"""New backups and their manifests: on second beside the backup, and a copy here."""

from __future__ import annotations

import getpass
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ejtui import own_files, paths
from ejtui.cluster.backups import elsewhere, folders, listing
from ejtui.cluster.backups.elsewhere import Note
from ejtui.cluster.backups.manifest import FILE, JOIN, Manifest
from ejtui.cluster.errors import BackupError
from ejtui.cluster.operations.files.safety import refuse_unsafe
from ejtui.platforms.platform import backups_beside

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair


MOST_WRITTEN = 2_000_000
"""One with more is written with the number of its accounts in place of their names: 50,000 have
less, and the database beside it has them all."""

MOST_LISTED = 100_000
"""More accounts than this are longer in any case, and not written out to see it."""


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
    above = folders.root(node.platform)
    await refuse_unsafe(node, above)
    there = await listing.read(node)
    unsafe = [each for each in there.problems if f"{above}/".startswith(f"{each.path}/")]
    if unsafe:
        raise BackupError(
            f"no backup is made below a directory that others can change: {unsafe[0]}; give it to "
            f"{node.platform.service_user} alone (chown, chmod go-w), or name another with "
            f"backup_dir in [nodes.{node.name}]"
        )
    name, moment = await folders.new_folder(node, above)
    number = 1 + max((each.number for each in there.backups), default=0)
    return BackupPlace(name, f"{above}/{name}", folders.iso(moment), number)


async def new(pair: Pair, *, was_running: bool, reason: str = JOIN) -> Manifest:
    """A new backup of a join on second: its directory and its first manifest. See new_place().

    With another `reason` nothing goes on with it.
    """
    second = pair.second
    place = await new_place(second)
    manifest = Manifest(
        stamp=place.name,
        first=pair.first.platform.node,
        second=second.platform.node,
        stage="begun" if reason == JOIN else "rolled-back",
        directory=second.platform.spool_dir,
        place=place.path,
        created=place.created,
        by=operator(),
        was_running=was_running,
        number=place.number,
        finished=reason != JOIN,
        reason=reason,
    )
    await save(pair, manifest)
    return manifest


def operator() -> str:
    """Who makes a backup: the operator's login and this computer's name."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


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
    there, note = await listing.below(node, chain, note_here=True)
    aside = f"{root}/{elsewhere.FOLDER}"
    wrong = [each for each in there.problems if f"{each.path}/".startswith(f"{aside}/")]
    if wrong:
        raise BackupError(f"{wrong[0]}; remove it, or give it to {user} alone")
    new = change(note or Note(), manifest)
    if new == (note or Note()):
        return
    await node.host.run([*elsewhere.MAKE, aside], user=user)
    await node.host.write(elsewhere.file(root), new.to_line(), owner=None, mode=0o600, user=user)


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
