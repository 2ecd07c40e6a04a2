"""Where backups lie, and their manifests: on second beside the backup, and a copy here."""

from __future__ import annotations

import getpass
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ejtui import own_files, paths
from ejtui.hosts import Platform

from .errors import BackupError
from .journal import stamp
from .manifest import FILE, Manifest
from .operations.safety import refuse_unsafe

if TYPE_CHECKING:
    from .node import Node
    from .pair import Pair

FOLDER = "ejtui-backups"

_READ_ALL = 'for m in "$1"/*/manifest.json; do if [ -f "$m" ]; then cat "$m"; fi; done'
_MAKE = 'umask 077; mkdir -p "$1"'


def root(platform: Platform) -> str:
    """The directory of all backups on a host.

    It is in the home when the database is, so that a cleaned database directory does not take
    it along; else in the database directory, so that a move stays a rename.
    """
    spool, home = platform.spool_dir.rstrip("/"), platform.home.rstrip("/")
    return f"{home if f'{spool}/'.startswith(f'{home}/') else spool}/{FOLDER}"


def operator() -> str:
    """Who makes a backup: the operator's login and the machine that ejtui runs on."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


async def make(node: Node, directory: str) -> None:
    """Makes a directory below root() that only the service user can look into.

    Raises StepFailed where the place of backups is not safe.
    """
    await refuse_unsafe(node, root(node.platform))
    await node.host.run(["sh", "-c", _MAKE, "sh", directory], user=node.platform.service_user)


async def new(pair: Pair, *, was_running: bool) -> Manifest:
    """A new backup on second: its directory and its first manifest."""
    second = pair.second.platform
    moment = stamp()
    manifest = Manifest(
        stamp=moment,
        first=pair.first.platform.node,
        second=second.node,
        stage="begun",
        directory=second.spool_dir,
        place=f"{root(second)}/{moment}",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        by=operator(),
        was_running=was_running,
    )
    await make(pair.second, manifest.place)
    await save(pair, manifest)
    return manifest


async def save(pair: Pair, manifest: Manifest) -> None:
    """Writes the manifest beside the backup, atomically, and its copy in the state directory."""
    second = pair.second
    line = manifest.to_line()
    user = second.platform.service_user
    await second.host.write(f"{manifest.place}/{FILE}", line, owner=None, mode=0o600, user=user)
    _save_copy(manifest, line)


async def load(pair: Pair) -> list[Manifest]:
    """The manifests of this pair's backups on second, the newest first."""
    second = pair.second
    output = await second.host.run(
        ["sh", "-c", _READ_ALL, "sh", root(second.platform)], user=second.platform.service_user
    )
    first, node = pair.first.known_platform, second.platform.node
    manifests = [Manifest.from_line(line) for line in output.stdout.splitlines() if line.strip()]
    # Where first was never reached, nobody knows its name.
    mine = [
        found
        for found in manifests
        if found.second == node and (first is None or found.first == first.node)
    ]
    return sorted(mine, key=lambda found: found.stamp, reverse=True)


async def find(pair: Pair, wanted: str | None) -> Manifest:
    """The backup called `wanted` (its stamp or its path), or the newest that is not used up.

    Raises BackupError when there is none.
    """
    manifests = await load(pair)
    for manifest in manifests:
        if wanted is None and manifest.stage != "rolled-back":
            return manifest
        if wanted is not None and wanted.rstrip("/") in (manifest.stamp, manifest.place):
            return manifest
    known = ", ".join(manifest.stamp for manifest in manifests) or "none"
    if wanted is None:
        raise BackupError(f"there is no backup of a join to roll back on second; known: {known}")
    raise BackupError(f"there is no backup {wanted} on second; known: {known}")


def _save_copy(manifest: Manifest, line: bytes) -> None:
    """Nothing is ever read from it: where it cannot be written, the backup is as good."""
    file = _copy_file(manifest)
    try:
        file.touch(mode=0o600)
        file.write_bytes(line)
    except OSError as error:
        own_files.failed("the copy of the backup's manifest", file, error)


def _copy_file(manifest: Manifest) -> Path:
    name = f"{manifest.second}-{manifest.stamp}.json"
    return paths.manifests_dir() / name.replace("/", "_")
