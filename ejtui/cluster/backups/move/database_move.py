"""Second's database into a backup and back: moved in an order that loses nothing, and checked."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cluster.acts.act import Act, At, asked
from ejtui.cluster.backups import folders, listing, store
from ejtui.cluster.backups.manifest import DATABASE, FILE, BackedFile, Manifest, Stage
from ejtui.cluster.backups.move import standing_database
from ejtui.cluster.backups.online import LONG
from ejtui.cluster.errors import BackupError
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.run.context import StepContext

PATTERNS = "schema.DAT *.DCD *.DCL *.DAT *.DAL *.LOG *.TMP FALLBACK.BUP MnesiaCore.*"
"""Mnesia's own files, for showing; what else lies in the directory stays there."""

SUMMED_TOGETHER = 100_000_000
"""Bytes of files whose checksums are asked for at once, between two reports of progress."""

_NAMED = 10
"""So many files are named."""

_LOGS = (".LOG", ".DCL", ".DAL")


NOT_THERE = "files-not-there"
CHANGED = "files-changed"
"""The words that a rollback wants where files of a backup are lost, or not as they were."""


class BackupDamaged(BackupError):
    """Files of a backup are not there, or not as its manifest lists them; `word` as which."""

    def __init__(self, node: str, manifest: Manifest, word: str, names: Sequence[str]) -> None:
        how = "not there" if word == NOT_THERE else "not as in the manifest"
        self.word = word
        super().__init__(f"{damage(node, manifest, how, names)}{_way_on(manifest, word)}")


def damage(node: str, manifest: Manifest, how: str, names: Sequence[str]) -> str:
    """Which files of a backup are `how`, and what makes that good. Pure."""
    shown = ", ".join(names[:_NAMED])
    more = f", and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (
        f"{len(names)} of {len(manifest.files)} files that {manifest.place}/{FILE} lists are "
        f"{how} in {manifest.database} on {node}: {shown}{more}. Put the right files there "
        "if there is another copy of them (the manifest has their SHA-256), and do this again"
    )


def _way_on(manifest: Manifest, word: str) -> str:
    """What goes on without the right files: a copy of the cluster's that is whole needs nothing."""
    if manifest.half_aside:
        return f"; or `ejtui rollback {manifest.towards} --accept {word}` goes on without them"
    if not manifest.own:
        return ""
    return (
        f"; or `ejtui rollback {manifest.stamp} --accept {word}` restores what is left of that "
        "database, after it has named what is not"
    )


def goes_last(name: str) -> bool:
    """Whether the file is restored last, so that files without it are no database to any
    Mnesia."""
    return name == "schema.DAT"


def move_order(name: str) -> int:
    """What sorts files for a move: what was logged goes first, and the schema last.

    A Mnesia that is started in the middle of a move then writes new logs and changes no old one
    into tables that have been moved already; and files still to be moved are seen as a database.
    """
    if goes_last(name):
        return 2
    return 0 if name.endswith(_LOGS) else 1


async def set_database_aside(
    context: StepContext, manifest: Manifest, end: Stage | None = None
) -> Manifest:
    """Moves second's own database into the backup: manifest first, then renames, then a check.

    The stage is `end` then, None for the one that its kind has. Goes on where an earlier run was
    ended. Raises BackupError when what lies in the backup does not match the manifest.
    """
    there = await _summed(context, manifest.directory)
    second = context.pair.second
    if manifest.stage == "moving":
        manifest, ours = await _set_strangers_aside(context, manifest, there)
    else:
        ours = [file.name for file in there]
        cookie = (await second.refresh()).schema_cookie
        manifest = replace(
            manifest,
            stage="moving",
            files=tuple(there),
            finished=False,
            schema_cookie=cookie,
        )
        await store.save(context.pair, manifest)
    return await move_whole(context, manifest, ours, end)


async def move_whole(
    context: StepContext, manifest: Manifest, names: Sequence[str], end: Stage | None = None
) -> Manifest:
    """Moves these files, the last of the manifest's; its stage changes when all are checked."""
    second = context.pair.second
    await _move(second, manifest, manifest.database, names)
    manifest = replace(manifest, stage=end or manifest.moved_stage)
    await check(second, manifest)
    await store.save(context.pair, manifest)
    whose = "second's own" if manifest.own else "the cluster's"
    context.say(
        f"{len(manifest.files)} files of {whose} database moved into {manifest.place} and checked"
    )
    return manifest


async def _set_strangers_aside(
    context: StepContext, manifest: Manifest, there: Sequence[BackedFile]
) -> tuple[Manifest, list[str]]:
    """Goes on with a move that was broken off; the names that are still to be moved.

    What is in the backup with the right checksum is safe. What else stands in the directory under
    such a name, or under one that second's database did not have, was made by a start in between:
    it goes into a separate directory. A file of second's own that such a start has changed
    before it was moved is all there is of it: it is noted as it is now. Where another schema than
    second's own stands there, nothing but files with the noted checksums is second's own. Raises
    BackupError where some of second's own are in neither place; nothing is moved.
    """
    second = context.pair.second
    # One that is in the backup with another checksum than the manifest's ends it here.
    await check(second, manifest)
    safe = set(await _in_database(second, manifest))
    own = {file.name for file in manifest.files} - safe
    if await standing_database.is_another(context, manifest):
        left = {file.name for file in manifest.files if file in there and file.name in own}
        standing_database.refuse_missing(manifest, own - left, await listing.load(context.pair))
        own = left
    strangers = [file.name for file in there if file.name not in own]
    ours = [file for file in there if file.name in own]
    if lost := sorted(own - {file.name for file in ours}):
        raise BackupDamaged(second.name, manifest, NOT_THERE, lost)
    changed = {file.name: file for file in ours if file not in manifest.files}
    if strangers:
        folder, _ = await folders.new_folder(second, manifest.place, "between-")
        manifest = replace(manifest, between=(*manifest.between, folder))
        context.say(
            f"{len(strangers)} files that were made on {second.name} while its database was half "
            f"moved are set aside in {manifest.place}/{folder}"
        )
    if changed:
        context.say(
            f"{len(changed)} files of {second.name}'s own were changed meanwhile, and are kept as "
            f"they are now: {', '.join(sorted(changed))}"
        )
    files = tuple(changed.get(file.name, file) for file in manifest.files)
    noted = tuple(dict.fromkeys([*manifest.changed, *sorted(changed)]))
    manifest = replace(manifest, files=files, changed=noted)
    await store.save(context.pair, manifest)
    if strangers:
        await _move(second, manifest, f"{manifest.place}/{manifest.between[-1]}", strangers)
    return manifest, [file.name for file in ours]


async def _in_database(second: Node, manifest: Manifest) -> dict[str, int]:
    """The files that were moved into the backup, with their sizes; none before the first was."""
    listed = await questions.entries(second.probe, manifest.place)
    if DATABASE not in {entry.name for entry in listed}:
        return {}
    moved = await questions.entries(second.probe, manifest.database)
    return {entry.name: entry.size for entry in moved}


async def bring_back(context: StepContext, manifest: Manifest) -> Manifest:
    """The reverse of a move: the manifest's files go from the backup into second's directory.

    What else stands there is set aside. Raises BackupError unless all matches the manifest.
    """
    second = context.pair.second
    known = {file.name: file.sha256 for file in manifest.files}
    kept = set(await _in_database(second, manifest))
    there = await _summed(context, manifest.directory)
    strangers = [
        file.name for file in there if file.name in kept or known.get(file.name) != file.sha256
    ]
    if strangers:
        folder, _ = await folders.new_folder(second, manifest.place, "between-")
        manifest = replace(manifest, between=(*manifest.between, folder))
        await store.save(context.pair, manifest)
        await _move(second, manifest, f"{manifest.place}/{folder}", strangers)
    names = sorted(kept & known.keys(), key=goes_last)
    if names:
        await move_act(second, manifest.database, manifest.directory, names).run(second)
    found = await _summed(context, manifest.directory)
    if {file.name: file.sha256 for file in found} != known:
        raise BackupError(
            f"{manifest.directory} on {second.name} does not match {manifest.place}/{FILE} after "
            f"the move: `ejtui rollback {manifest.stamp}` brings together what is in both"
        )
    return manifest


async def set_joined_aside(
    context: StepContext, manifest: Manifest, names: Sequence[str]
) -> Manifest:
    """Moves files of a database that is not second's own out of its directory, into the backup."""
    if not names:
        return manifest
    folder, _ = await folders.new_folder(context.pair.second, manifest.place, "joined-")
    manifest = replace(manifest, joined=(*manifest.joined, folder))
    await store.save(context.pair, manifest)
    await _move(context.pair.second, manifest, f"{manifest.place}/{folder}", names)
    context.say(f"{len(names)} files of the joined database set aside in {folder}")
    return manifest


async def check(second: Node, manifest: Manifest) -> None:
    """Reads every file of the backup. Raises BackupDamaged unless all match the manifest.

    While the files are still being moved, those that are not there yet are left out.
    """
    there = await _in_database(second, manifest) if manifest.files else {}
    wanted = [f for f in manifest.files if f.name in there or manifest.stage != "moving"]
    missing = [file.name for file in wanted if file.name not in there]
    if missing:
        raise BackupDamaged(second.name, manifest, NOT_THERE, missing)
    # A file of another size is not read: it may be as long as somebody wanted.
    wrong = [file.name for file in wanted if there[file.name] != file.size]
    if not wrong:
        found = await kept_checksums(second, manifest, [file.name for file in wanted])
        wrong = [a.name for a, b in zip(found, wanted, strict=True) if a != b]
    if wrong:
        raise BackupDamaged(second.name, manifest, CHANGED, wrong)


async def mnesia_names(node: Node) -> list[str]:
    """The names of Mnesia's files in the node's database directory now.

    Raises BackupError when the node does not report it: that is not the same as having none.
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
    sums = await questions.sums(node.probe, paths, LONG)
    return [
        BackedFile(name, each.size, each.sha256) for name, each in zip(names, sums, strict=True)
    ]


async def kept_checksums(
    second: Node, manifest: Manifest, names: Sequence[str]
) -> list[BackedFile]:
    """Size and SHA-256 of files in a backup. Raises BackupError for what may not be read."""
    try:
        return await checksums(second, manifest.database, names)
    except ProbeError as error:
        if error.code != "eacces":
            raise
        raise BackupError(await _closed(second, manifest, error)) from error


async def _closed(second: Node, manifest: Manifest, error: ProbeError) -> str:
    """Whose the files are that the service user may not read, and what gives them to it.

    Only a file with one name is given: another name of it may lie anywhere.
    """
    user, there = second.platform.service_user, manifest.database
    listed = await questions.entries(second.probe, there)
    theirs = [entry for entry in listed if entry.is_file and entry.owner not in ("", user)]
    shown = ", ".join(f"{entry.name} is {entry.owner}'s" for entry in theirs[:_NAMED])
    more = f", and {len(theirs) - _NAMED} more are another user's" if theirs[_NAMED:] else ""
    of = shlex.quote(user)
    give = f"find {shlex.quote(there)} -type f -links 1 -exec chown -h {of} {{}} +"
    return (
        f"{user} may not read all of the backup in {there} on {second.name}: "
        f"{shown + more or error.text}; nothing was changed. As root there, this gives those that "
        f"have one name alone to {user}: `{give}`. Then do this again. One with more names (hard "
        "links) was not made by ejtui: put a copy of the right file in its place"
    )


async def _summed(context: StepContext, directory: str) -> list[BackedFile]:
    """The checksums of second's files in its database directory, with progress by their sizes."""
    second = context.pair.second
    names = await mnesia_names(second)
    sizes = {file.name: file.size for file in second.facts.spool.files}
    total, done = sum(sizes.get(name, 0) for name in names), 0
    found: list[BackedFile] = []
    for batch in _batches(names, sizes):
        context.progress(done, total, "bytes", "checksums of second's files")
        found += await checksums(second, directory, batch)
        done += sum(sizes.get(name, 0) for name in batch)
    return found


def _batches(names: Sequence[str], sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """The names in their order, so many together as are read in about a second."""
    batch: list[str] = []
    held = 0
    for name in names:
        if batch and held + sizes.get(name, 0) > SUMMED_TOGETHER:
            yield batch
            batch, held = [], 0
        batch.append(name)
        held += sizes.get(name, 0)
    if batch:
        yield batch


async def _move(node: Node, manifest: Manifest, to: str, names: Sequence[str]) -> None:
    if names:
        ordered = sorted(names, key=move_order)
        await move_act(node, manifest.directory, to, ordered).run(node)


def move_act(at: At, source: str, to: str, names: Sequence[str] = ()) -> Act:
    """Moves Mnesia's files on one host, each whole or not at all."""
    files = f"{source}/{{{','.join(PATTERNS.split())}}}"
    text = f"rename {files} into {to}/; on another file system: copy, compare, then remove."
    return asked(at, text, questions.move_files, source, to, list(names), timeout=LONG)
