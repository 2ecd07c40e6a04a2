"""The directories of backups on a host: where they are, and new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui import scripts
from ejtui.cluster.errors import BackupError
from ejtui.cluster.operations.files.safety import refuse_unsafe
from ejtui.hosts import HostError
from ejtui.platforms import Platform
from ejtui.platforms.platform import backup_root, backups_beside

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

_FOLDER = scripts.shell(__file__, "new_folder.sh")
_MAKE = 'umask 077; mkdir -p "$1"'


def root(platform: Platform) -> str:
    """The directory of all backups on a host."""
    return backup_root(platform)


def chains(platform: Platform) -> list[list[str]]:
    """Where backups may lie: the directories from the top that is believed down to each root."""
    given = [[platform.backup_dir]] if platform.backup_dir else []
    return [*given, backups_beside(platform)]


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


def moment_of(name: str) -> str:
    """When a directory of that name was made (ISO): such names begin with a moment."""
    return iso(name)


def iso(moment: str) -> str:
    """A moment as names of directories have it, in ISO 8601."""
    year, month, day = moment[:4], moment[4:6], moment[6:8]
    return f"{year}-{month}-{day}T{moment[9:11]}:{moment[11:13]}:{moment[13:15]}+00:00"
