"""Backing up both nodes before a join changes anything, and checking it before going on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from . import online_backup, store
from .errors import BackupError
from .journal import stamp
from .manifest import BackedFile, FirstBackup, Manifest
from .online_backup import LONG as LONG
from .operations import cookie_file

if TYPE_CHECKING:
    from .context import StepContext
    from .node import Node
    from .pair import Pair

PATTERNS = "schema.DAT *.DCD *.DCL *.DAT *.DAL *.LOG *.TMP FALLBACK.BUP MnesiaCore.*"
"""Mnesia's own files, for showing; what else lies in the directory stays there."""


def goes_last(name: str) -> bool:
    """Whether the file is moved and restored last, so that files without it are no database
    to any Mnesia, and files with it still to be moved are seen as one."""
    return name == "schema.DAT"


async def current(context: StepContext) -> Manifest:
    """The backup that this join writes to: the one it began, or a new one.

    A database that is the cluster's own belongs to the backup of the join that made it so, also
    where a repair has set aside what second had of the cluster since.
    """
    manifests = await store.load(context.pair)
    if context.facts.same_schema:
        manifests = [each for each in manifests if each.stage != "rolled-back"]
    newest = manifests[0] if manifests and manifests[0].stage != "rolled-back" else None
    if newest is not None and (newest.is_open or context.facts.same_schema):
        return newest
    running = context.facts.second.ejabberd
    if newest is not None and newest.stage == "restored":
        # A rollback that was broken off before its start has left second stopped.
        running = newest.was_running
    manifest = await store.new(context.pair, was_running=running)
    context.say(f"backup {manifest.place} on {context.pair.second.name}")
    return manifest


async def keep_cookie(context: StepContext) -> Manifest:
    """Keeps second's own cookie in this join's backup, if it has one that is not kept yet."""
    manifest = await current(context)
    second = context.pair.second
    digits = context.facts.second.cookie.digits
    if context.facts.second.cookie.mode is None or manifest.cookie == digits:
        return manifest
    if manifest.cookie and manifest.stage == "moved":
        place = f"{manifest.cookie_file}.{stamp()}"
    else:
        place, manifest = manifest.cookie_file, replace(manifest, cookie=digits or "unreadable")
    await cookie_file.copy(second, cookie_file.path(second.platform), place)
    await store.save(context.pair, manifest)
    context.say(f"second's own cookie {digits} kept in {place}")
    return manifest


async def kept_cookie(pair: Pair) -> str | None:
    """The file with second's own cookie in the backup of the join at hand, None without one."""
    for manifest in await store.load(pair):
        if manifest.stage != "rolled-back":
            return manifest.cookie_file if manifest.cookie else None
    return None


async def back_up_first(context: StepContext, manifest: Manifest) -> Manifest:
    """First's online backup, read to its end; not made again when it is there already."""
    first = context.pair.first
    made = manifest.first_backup
    if made is not None and await _sums(first, [made.path]) == [made.sha256]:
        return manifest
    directory = f"{store.root(first.platform)}/{manifest.stamp}"
    path = f"{directory}/first.BUP"
    await store.make(first, directory)
    read = await online_backup.make(context, first, path)
    backup = FirstBackup(path, read.size, read.sha256, read.tables, read.records)
    context.say(
        f"first's online backup {path}: {backup.records} records of {backup.tables} tables read"
    )
    return replace(manifest, first_backup=backup)


async def set_database_aside(context: StepContext, manifest: Manifest) -> Manifest:
    """Moves second's own database into the backup: manifest first, then renames, then a check.

    Goes on where an earlier run was ended. Raises BackupError when what lies in the backup is
    not what the manifest says.
    """
    second = context.pair.second
    there = await checksums(second, manifest.directory, await mnesia_names(second))
    if manifest.stage == "moving":
        known = {file.name: file.sha256 for file in manifest.files}
        strangers = [file.name for file in there if known.get(file.name) != file.sha256]
        await _move(second, manifest, f"{manifest.place}/between-{stamp()}", strangers)
        ours = [file.name for file in there if file.name not in strangers]
    else:
        ours = [file.name for file in there]
        manifest = replace(manifest, stage="moving", files=tuple(there))
        await store.save(context.pair, manifest)
    await _move(second, manifest, manifest.database, ours)
    manifest = replace(manifest, stage="moved")
    await check(second, manifest)
    await store.save(context.pair, manifest)
    context.say(f"{len(manifest.files)} files of second's own database moved and checked")
    return manifest


async def set_joined_aside(
    context: StepContext, manifest: Manifest, names: Sequence[str]
) -> Manifest:
    """Moves files of a database that is not second's own out of its directory, into the backup."""
    if not names:
        return manifest
    folder = f"joined-{stamp()}"
    await _move(context.pair.second, manifest, f"{manifest.place}/{folder}", names)
    manifest = replace(manifest, joined=(*manifest.joined, folder))
    await store.save(context.pair, manifest)
    context.say(f"{len(names)} files of the joined database set aside in {folder}")
    return manifest


async def check(second: Node, manifest: Manifest) -> None:
    """Reads every file of the backup. Raises BackupError unless all are as the manifest says.

    While the files are still being moved, those that are not there yet are left out.
    """
    listed = await second.probe.ask("list_dir", manifest.database) if manifest.files else []
    there = {entry["name"] for entry in listed}
    wanted = [f for f in manifest.files if f.name in there or manifest.stage != "moving"]
    missing = [file.name for file in wanted if file.name not in there]
    if missing:
        raise BackupError(f"missing in {manifest.database}: {', '.join(missing)}")
    found = await checksums(second, manifest.database, [file.name for file in wanted])
    wrong = [a.name for a, b in zip(found, wanted, strict=True) if a != b]
    if wrong:
        raise BackupError(f"not as the manifest says in {manifest.database}: {', '.join(wrong)}")


async def mnesia_names(node: Node) -> list[str]:
    """The names of Mnesia's files in the node's database directory now.

    Raises BackupError when the node does not say: that is not the same as having none.
    """
    facts = await node.refresh()
    if not facts.asked or facts.spool.error:
        why = facts.error or facts.spool.error
        raise BackupError(f"{node.name}'s database directory cannot be read: {why}")
    return list(facts.spool.names)


async def checksums(node: Node, directory: str, names: Sequence[str]) -> list[BackedFile]:
    """Size and SHA-256 of files in one directory of the node's host."""
    if not names:
        return []
    paths = [f"{directory}/{name}" for name in names]
    sums = await node.probe.ask("checksum", paths, timeout=LONG)
    return [BackedFile(name, size, sha) for name, (_, sha, size) in zip(names, sums, strict=True)]


async def _sums(node: Node, paths: list[str]) -> list[str] | None:
    listed = await node.host.run(
        ["test", "-f", *paths], user=node.platform.service_user, check=False
    )
    if listed.code != 0:
        return None
    return [sha for _, sha, _ in await node.probe.ask("checksum", paths, timeout=LONG)]


async def _move(node: Node, manifest: Manifest, to: str, names: Sequence[str]) -> None:
    if names:
        ordered = sorted(names, key=goes_last)
        await node.probe.ask("move_files", manifest.directory, to, ordered, timeout=LONG)
