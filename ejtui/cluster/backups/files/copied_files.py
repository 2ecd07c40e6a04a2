"""Certificates and keys that were copied to second: known to its backup, removed by a rollback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cleaning import clean
from ejtui.cluster.acts.act import At, Command
from ejtui.cluster.backups import store
from ejtui.cluster.backups.files import config_copy
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.operations.files import certificate_file
from ejtui.hosts import guard
from ejtui.hosts.errors import CommandFailed

if TYPE_CHECKING:
    from ejtui.cluster.run.context import StepContext


async def note(context: StepContext, paths: Sequence[str], place: str) -> None:
    """Writes which files are to be copied into the backup that has second's file, in `place`.

    Raises StepFailed, BackupError, ProbeError.
    """
    manifest = await config_copy.kept_in(context, place)
    if manifest is not None:
        known = dict.fromkeys((*manifest.certificates, *paths))
        await store.save(context.pair, replace(manifest, certificates=tuple(known)))


def remove_commands(at: At, manifest: Manifest) -> list[Command]:
    """What remove() runs, for showing."""
    return [certificate_file.remove_command(at, path) for path in reversed(manifest.certificates)]


async def remove(context: StepContext, manifest: Manifest) -> list[str]:
    """Removes what was copied, the last one first; what has changed since stays.

    A name in the manifest counts only where root's own mark lies beside that file, too.
    Raises HostError.
    """
    second = context.pair.second
    evidence = []
    for path in reversed(manifest.certificates):
        try:
            done = await certificate_file.remove(second, path)
        except CommandFailed as error:
            why = guard.reason(error) or "it cannot be removed"
            evidence.append(clean(f"second: {path} stays: {why}"))
            continue
        evidence += [clean(line) for line in _said(path, done)]
    return evidence


def _said(path: str, done: str) -> list[str]:
    if done == certificate_file.REMOVED:
        return [f"second: {path}, which was copied from first, is removed"]
    if done == certificate_file.KEPT:
        return [f"second: {path} stays: it is not what was copied there"]
    return []
