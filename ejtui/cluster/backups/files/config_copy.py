"""Second's own ejabberd.yml: kept before it is changed, and restored by a rollback."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cluster.acts.act import Act, At, Command, plain, where
from ejtui.cluster.backups import folders, listing, store
from ejtui.cluster.backups.manifest import CONFIG, Manifest
from ejtui.cluster.backups.move import broken_rollback, database_move
from ejtui.cluster.errors import BackupError, StepFailed
from ejtui.cluster.operations.files import config_file
from ejtui.cluster.operations.files.config_file import NAME
from ejtui.erlang.probe import questions

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.run.context import StepContext

NEW = "new-ejabberd.yml"
"""What a file is called that is to take the place of second's."""

CERTIFICATE = "new-certificate"
"""What a certificate is called in the backup until it has its place."""


def keep_act(at: At, to: str) -> Act:
    """Copies the file as it is now, with its owner and mode."""
    argv = ["cp", "-p", config_file.path(at.platform), to]
    return plain(at, argv, at.platform.service_user)


async def keep(context: StepContext) -> str:
    """Copies second's file into the backup of its join; returns the directory that it is in.

    What was kept first is what a rollback restores. Where no join has started, and of a member
    without such a backup, it goes into a backup of that file alone. Raises BackupError, StepFailed,
    HostError, ProbeError.
    """
    second = context.pair.second
    manifest = await manifest_of(context)
    if manifest is None:
        return (await keep_alone(context)).place
    if not manifest.config:
        return (await _kept_in(context, manifest)).place
    if await checksum(second, config_file.path(second.platform)) not in _known(manifest):
        await store.save(context.pair, replace(manifest, config_edited=True))
    folder, _ = await folders.new_folder(second, manifest.place, "config-")
    return await _kept(context, f"{manifest.place}/{folder}")


async def keep_alone(context: StepContext, towards: str = "") -> Manifest:
    """Copies second's file into a new backup of it alone; `towards` as in the manifest.

    Raises BackupError, StepFailed, HostError, ProbeError.
    """
    running = context.facts.second.ejabberd
    manifest = await store.new(context.pair, was_running=running, reason=CONFIG)
    return await _kept_in(context, replace(manifest, towards=towards))


async def _kept_in(context: StepContext, manifest: Manifest) -> Manifest:
    second = context.pair.second
    place = await _kept(context, manifest.place)
    kept = await checksum(second, f"{place}/{NAME}")
    when = folders.iso(await folders.moment(second))
    manifest = replace(manifest, config=kept, config_time=when)
    await store.save(context.pair, manifest)
    return manifest


def _known(manifest: Manifest) -> tuple[str, str]:
    """The checksums that second's file has as long as nobody has edited it. Pure."""
    return manifest.config, manifest.config_written


def is_edited(manifest: Manifest, present: str) -> bool:
    """Whether somebody has edited the file since it was kept, as far as is known. Pure."""
    written = bool(manifest.config_written)
    return manifest.config_edited or (written and present not in _known(manifest))


async def note_written(context: StepContext, place: str, sha256: str) -> str:
    """Notes which file is to be written in place of the one that was kept in `place`.

    Returns what restores the kept one alone, "" where that belongs to a join.

    Raises StepFailed, BackupError, ProbeError.
    """
    manifest = await kept_in(context, place)
    if manifest is not None:
        await store.save(context.pair, replace(manifest, config_written=sha256))
    alone = manifest is not None and manifest.of_the_file
    return f"ejtui rollback {manifest.stamp}" if manifest is not None and alone else ""


async def kept_in(context: StepContext, place: str) -> Manifest | None:
    """The backup that a directory belongs to, None where there is none. Raises ProbeError."""
    for manifest in await listing.load(context.pair):
        if f"{place}/".startswith(f"{manifest.place}/"):
            return manifest
    return None


async def manifest_of(context: StepContext) -> Manifest | None:
    """The backup of the join that second is a member by, or that is half-done; None without one.

    Raises StepFailed, BackupError, HostError, ProbeError.
    """
    pair, facts = context.pair, context.facts
    manifests = await listing.at_hand(pair)
    broken_rollback.refuse(manifests)
    mine = [each for each in manifests if each.of_a_join and each.stage != "rolled-back"]
    newest = mine[0] if mine else None
    if newest is not None and (newest.is_open or facts.same_schema):
        return newest
    return None


async def _kept(context: StepContext, place: str) -> str:
    second = context.pair.second
    await keep_act(second, f"{place}/{NAME}").run(second)
    now, copy = [
        await checksum(second, path)
        for path in (config_file.path(second.platform), f"{place}/{NAME}")
    ]
    if now != copy:
        raise BackupError(
            f"{place}/{NAME} on {second.name} is not what it was copied from: something else "
            f"writes {config_file.path(second.platform)}. That file was not changed; do this again"
        )
    context.say(f"second's {NAME} is kept in {place}")
    return place


def put_back_commands(at: At, manifest: Manifest) -> list[Command]:
    """What put_back() runs, for showing."""
    if not manifest.config:
        return []
    kept = keep_act(at, f"{manifest.place}/joined-STAMP-config/{NAME}")
    back = config_file.replace_command(at, f"{manifest.place}/{NAME}")
    return where([kept, back], f"second's {NAME} is not as it was")


async def put_back(context: StepContext, manifest: Manifest) -> list[str]:
    """Second has its own file again, byte for byte. Raises StepFailed, BackupError."""
    second = context.pair.second
    if not manifest.config:
        return []
    target, kept = config_file.path(second.platform), f"{manifest.place}/{NAME}"
    if await checksum(second, target) == manifest.config:
        return [f"second: its own {NAME} is as it was"]
    if NAME not in {entry.name for entry in await questions.entries(second.probe, manifest.place)}:
        return [f"second: its {NAME} stays as it is: {kept} is not there any more"]
    if await checksum(second, kept) != manifest.config:
        raise BackupError(
            f"{kept} on {second.name} is not as it was kept, so {target} stays as it is. Put the "
            "right file there if there is a copy of it, or remove that one; then "
            f"`ejtui rollback {manifest.stamp}` goes on"
        )
    folder, _ = await folders.new_folder(second, manifest.place, "joined-", "-config")
    joined = await _kept(context, f"{manifest.place}/{folder}")
    present = await checksum(second, f"{joined}/{NAME}")
    try:
        note = await config_file.replace(second, kept, manifest.config, present)
    except config_file.FileChanged as error:
        raise BackupError(
            f"{target} on {second.name} was changed meanwhile, and stays as it is: something else "
            f"writes it. `ejtui rollback {manifest.stamp}` restores it once more"
        ) from error
    if await checksum(second, target) != manifest.config:
        raise StepFailed(
            f"{target} on {second.name} is not as it was kept in {manifest.place}: something else "
            f"writes it. `ejtui rollback {manifest.stamp}` restores it once more"
        )
    back = f"second: its own {NAME} is back; the one in its place until now is kept in {joined}"
    return [back, *([note] if note else [])]


async def checksum(node: Node, path: str) -> str:
    """A file's SHA-256. Raises ProbeError."""
    directory, _, name = path.rpartition("/")
    [found] = await database_move.checksums(node, directory, [name])
    return found.sha256
