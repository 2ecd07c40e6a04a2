"""Putting second's own files back from a backup, by copies that are checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ejtui.cluster.acts.act import Act, At, asked
from ejtui.cluster.backups import online, store
from ejtui.cluster.backups.manifest import COOKIE, FILE, BackedFile, Manifest
from ejtui.cluster.backups.move import database_move
from ejtui.cluster.backups.rollback import kept_cookies
from ejtui.cluster.errors import BackupError, StepFailed
from ejtui.cluster.operations.files import cookie_file
from ejtui.cluster.run.context import StepContext
from ejtui.erlang.probe import questions


async def database(context: StepContext, manifest: Manifest) -> tuple[Manifest, list[str]]:
    """Second's directory holds exactly the manifest's files afterwards, checked before a start.

    What else lies there is set aside, not deleted. The backup itself stays. Raises BackupError.
    """
    if manifest.stage == "moving":
        manifest = await database_move.set_database_aside(context, manifest)
    if manifest.stage == "begun" and not context.facts.same_schema:
        return manifest, ["second's own database was never moved"]
    wanted = {file.name: file for file in manifest.files}
    there = await _there(context, manifest)
    manifest = replace(manifest, stage="restoring") if manifest.files else manifest
    await store.save(context.pair, manifest)
    others = [file.name for file in there if wanted.get(file.name) != file]
    manifest = await database_move.set_joined_aside(context, manifest, others)
    kept = {file.name for file in there} - set(others)
    await _copy_back(context, manifest, [file for file in manifest.files if file.name not in kept])
    found = await _there(context, manifest)
    if sorted(found, key=_name) != sorted(manifest.files, key=_name):
        raise BackupError(
            f"{manifest.directory} on {context.pair.second.name} does not match "
            f"{manifest.place}/{FILE} after the copy, so nothing is started there. The backup is "
            f"whole: `ejtui rollback {manifest.stamp}` copies it once more"
        )
    return manifest, [
        f"second: {len(found)} files in {manifest.directory} have the checksums of "
        f"{manifest.place}/manifest.json, before the start"
    ]


async def cookie(context: StepContext, manifest: Manifest) -> list[str]:
    """Second's own cookie is in its place again. Raises StepFailed."""
    if not manifest.cookie:
        return [await kept_cookies.stays(context)]
    second = context.pair.second
    listed = await questions.entries(second.probe, manifest.place)
    if COOKIE not in {entry.name for entry in listed}:
        return [f"second's cookie stays as it is: {manifest.cookie_file} is not there any more"]
    if (await context.refresh()).second.cookie.digits != manifest.cookie:
        await cookie_file.copy(second, manifest.cookie_file, cookie_file.path(second.platform))
    digits = (await context.refresh()).second.cookie.digits
    if digits != manifest.cookie:
        raise StepFailed(
            f"the cookie on {second.name} is {digits or 'unreadable'}, not {manifest.cookie} as it "
            f"was: {manifest.cookie_file} was changed, or something writes "
            f"{cookie_file.path(second.platform)}. `ejtui rollback {manifest.stamp}` tries it "
            "once more; without the kept file it leaves the cookie as it is"
        )
    return [f"second: its own cookie {digits} is back"]


async def _there(context: StepContext, manifest: Manifest) -> list[BackedFile]:
    second = context.pair.second
    return await database_move.checksums(
        second, manifest.directory, await database_move.mnesia_names(second)
    )


async def _copy_back(context: StepContext, manifest: Manifest, files: list[BackedFile]) -> None:
    if not files:
        return
    ordered = sorted(files, key=lambda file: database_move.goes_last(file.name))
    context.say(f"copying {len(ordered)} files back from {manifest.database}")

    def copied(done: Any) -> None:
        context.progress(done[0], done[1], "bytes", "second's own files")

    act = restore_act(context.pair.second, manifest, ordered, copied)
    await act.run(context.pair.second)


def restore_act(
    at: At,
    manifest: Manifest,
    files: Sequence[BackedFile] = (),
    on_progress: Callable[[Any], None] | None = None,
) -> Act:
    """How files of the backup come back into the database directory: what database() does."""
    text = (
        f"copy the files of {manifest.database} into {manifest.directory}/, and compare their "
        "SHA-256."
    )
    return asked(
        at,
        text,
        questions.restore_files,
        manifest.database,
        manifest.directory,
        [(file.name, file.sha256) for file in files],
        timeout=online.LONG,
        on_progress=on_progress,
    )


def _name(file: BackedFile) -> str:
    return file.name
