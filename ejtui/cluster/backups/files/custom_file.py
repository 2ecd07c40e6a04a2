"""Second's own ejabberd.schema: kept in the join's backup, and put in its place by a rollback."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cluster.acts.act import Act, At, Command, asked, where
from ejtui.cluster.backups import folders, join_backup, listing, online, store
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.move import database_move
from ejtui.cluster.errors import StepFailed
from ejtui.erlang.probe import questions

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.run.context import StepContext

NAME = "ejabberd.schema"


def move_act(at: At, source: str, to: str) -> Act:
    """Moves the file on one host, whole or not at all."""
    text = f"rename {source}/{NAME} into {to}/; on another file system: copy, compare, remove."
    return asked(at, text, questions.move_files, source, to, [NAME], timeout=online.LONG)


def back_act(at: At, manifest: Manifest) -> Act:
    """Copies second's own file back from the backup."""
    text = f"copy {manifest.place}/{NAME} into {manifest.directory}/, and compare its SHA-256."
    files = [(NAME, manifest.custom_schema)]
    return asked(
        at, text, questions.restore_files, manifest.place, manifest.directory, files,
        timeout=online.LONG,
    )  # fmt: skip


def put_back_commands(at: At, manifest: Manifest) -> list[Command]:
    """What put_back() runs, for showing."""
    if not manifest.custom_schema and not manifest.custom_given:
        return []
    aside = move_act(at, manifest.directory, f"{manifest.place}/joined-STAMP-schema")
    back = [back_act(at, manifest)] if manifest.custom_schema else []
    return where([aside, *back], f"second's {NAME} is not as it was")


async def set_aside(context: StepContext, *, given: bool) -> str:
    """Moves the file into the backup of this join; returns the directory, "" without a file.

    `given` is whether first's file takes its place. Where no join has started, this starts none:
    nothing is left to go on with. Raises BackupError, ProbeError.
    """
    second = context.pair.second
    before = await listing.at_hand(context.pair)
    started = any(each.is_open and not each.finished for each in before)
    manifest = await join_backup.current(context)
    there = await _sum(second, manifest.directory)
    manifest = replace(
        manifest,
        finished=manifest.finished or (manifest.stage == "begun" and not started),
        custom_schema=manifest.custom_schema or there,
        custom_given=manifest.custom_given or given,
    )
    await store.save(context.pair, manifest)
    if not there:
        return ""
    place = manifest.place
    if await _sum(second, place):
        place = f"{place}/joined-{await folders.moment(second)}-schema"
    await move_act(second, manifest.directory, place).run(second)
    context.say(f"second's {NAME} moved to {place}")
    return place


async def put_back(context: StepContext, manifest: Manifest) -> list[str]:
    """Second's directory has its own file again, or none where it had none. Raises StepFailed."""
    second = context.pair.second
    if not manifest.custom_schema and not manifest.custom_given:
        return []
    there = await _sum(second, manifest.directory)
    if there == manifest.custom_schema:
        return [f"second: its own {NAME} is as it was"]
    if there:
        folder = f"{manifest.place}/joined-{await folders.moment(second)}-schema"
        await move_act(second, manifest.directory, folder).run(second)
    if not manifest.custom_schema:
        return [f"second: it had no {NAME}, and has none again"]
    if NAME not in {entry.name for entry in await questions.entries(second.probe, manifest.place)}:
        gone = f"{manifest.place}/{NAME} is not there any more"
        return [f"second: it had its own {NAME}, and has none now: {gone}"]
    await back_act(second, manifest).run(second)
    if await _sum(second, manifest.directory) != manifest.custom_schema:
        raise StepFailed(
            f"{manifest.directory}/{NAME} on {second.name} is not as it was kept in "
            f"{manifest.place}: something else writes it. `ejtui rollback {manifest.stamp}` puts "
            "it back once more"
        )
    return [f"second: its own {NAME} is back"]


async def _sum(node: Node, directory: str) -> str:
    """The file's checksum, "" where there is none."""
    listed = await questions.entries(node.probe, directory)
    if NAME not in {entry.name for entry in listed if entry.is_file}:
        return ""
    [sum_] = await database_move.checksums(node, directory, [NAME])
    return sum_.sha256
