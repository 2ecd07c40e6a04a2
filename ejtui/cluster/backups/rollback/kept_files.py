"""What a backup keeps beside the database: looked at before a rollback changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.cluster.backups.files import custom_file
from ejtui.cluster.backups.manifest import COOKIE, Manifest
from ejtui.cluster.backups.move import database_move
from ejtui.cluster.diagnosis import own_file
from ejtui.cluster.errors import BackupError
from ejtui.cluster.operations.files import config_file
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

_LONGEST_COOKIE = 4096
_LONGEST = 64 * 1024 * 1024
"""Bytes of a file that somebody wrote: a longer one is not read to its end."""


async def refuse_changed(second: Node, manifest: Manifest) -> None:
    """Raises BackupError where one of them is not as it was kept, or where the ejabberd that runs
    on second could not be started again.

    One that somebody has removed is left out of the rollback, which changes nothing for it.
    """
    if manifest.stage == "restored":
        return
    listed = await questions.entries(second.probe, manifest.place)
    sizes = {entry.name: entry.size if entry.is_file else -1 for entry in listed}
    if manifest.cookie and COOKIE in sizes and not 0 < sizes[COOKIE] <= _LONGEST_COOKIE:
        raise BackupError(_changed(second, manifest.cookie_file, "its cookie"))
    for name, sha256 in (
        (config_file.NAME, manifest.config),
        (custom_file.NAME, manifest.custom_schema),
    ):
        if not sha256 or name not in sizes:
            continue
        if not 0 <= sizes[name] <= _LONGEST or await _sum(second, manifest.place, name) != sha256:
            raise BackupError(_changed(second, f"{manifest.place}/{name}", name))
    if manifest.config:
        kept = f"{manifest.place}/{config_file.NAME}" if config_file.NAME in sizes else ""
        await _refuse_missing(second, kept)
    elif second.facts.ejabberd and (why := await own_file.closed(second)):
        raise BackupError(
            f"ejabberd on {second.name} would not start again after the rollback, so nothing was "
            f"changed: {why}; then roll back again"
        )


async def _refuse_missing(second: Node, kept: str) -> None:
    """Raises BackupError where second's present ejabberd.yml cannot be read.

    The kept one would take its owner and mode, and no ejabberd starts without one.
    """
    path = config_file.path(second.platform)
    directory, _, name = path.rpartition("/")
    if await _sum(second, directory, name):
        return
    put = f"cp {kept} {path}" if kept else f"put it at {path} again"
    raise BackupError(
        f"{path} on {second.name} is not there, or ejabberd's user cannot read it; nothing was "
        f"changed. As root there: {put}, and let {second.platform.service_user} read it; then roll "
        "back again"
    )


async def _sum(second: Node, directory: str, name: str) -> str:
    """The checksum of a file, "" where it cannot be read."""
    try:
        [found] = await database_move.checksums(second, directory, [name])
    except ProbeError as error:
        if error.code in ("lost", "timeout"):
            raise
        return ""
    return found.sha256


def _changed(second: Node, path: str, what: str) -> str:
    return (
        f"{path} on {second.name} is not as it was kept; nothing was changed. Put the right file "
        f"there if you have a copy of it; or remove that one, and the rollback leaves {what} on "
        f"{second.name} as it is"
    )
