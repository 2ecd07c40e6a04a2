"""Second's ejabberd.yml back from a backup of that file alone: nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cluster.acts import declared
from ejtui.cluster.acts.act import At, Command, where
from ejtui.cluster.backups import folders, store
from ejtui.cluster.backups.files import config_copy, copied_files
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.rollback import file_return, kept_files
from ejtui.cluster.backups.rollback.file_return import FileReturn, moment
from ejtui.cluster.completion import complete
from ejtui.cluster.errors import BackupError, StepFailed
from ejtui.cluster.journal import now
from ejtui.cluster.operations.files import config_file
from ejtui.cluster.operations.files.config_file import NAME
from ejtui.cluster.pair import fixed_files
from ejtui.cluster.question import Question
from ejtui.erlang.probe import questions

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.run.context import StepContext


async def roll_back(context: StepContext, manifest: Manifest) -> tuple[Manifest, list[str]]:
    """Asks, keeps the present file in a new backup, and puts the kept one in its place.

    ejabberd's own reader checks it first, and a running ejabberd loads it. Returns the manifest as
    it is then, and evidence. Raises BackupError, Refused, StepFailed, HostError, ProbeError.
    """
    second = context.pair.second
    await _refuse(second, manifest)
    seen = await file_return.look(context, manifest)
    if seen.same:
        return manifest, [f"second: its {NAME} is the one that is kept in {manifest.place}"]
    kept = f"{manifest.place}/{NAME}"
    why = await config_file.check(second, kept)
    if why:
        raise BackupError(
            f"ejabberd's own reader on {second.name} refuses {kept}, and nothing was changed: {why}"
        )
    await context.ask(_question(context, manifest, seen))
    present = await config_copy.keep_alone(context, manifest.stamp)
    await complete(config_file.replace(second, kept, manifest.config, present.config))
    await _load(context, manifest, present)
    evidence = [
        f"second: its {NAME} is the one of {moment(seen.since)} again",
        f"the one in its place until now: `ejtui rollback {present.stamp}` restores it",
        *await copied_files.remove(context, manifest),
    ]
    manifest = replace(manifest, used=now())
    await store.save(context.pair, manifest)
    return manifest, evidence


async def _refuse(second: Node, manifest: Manifest) -> None:
    """Raises BackupError and StepFailed where the file cannot come back."""
    names = {each.name for each in await questions.entries(second.probe, manifest.place)}
    if not manifest.config or NAME not in names:
        raise BackupError(f"{manifest.place} on {second.name} has no {NAME} to restore")
    await kept_files.refuse_changed(second, manifest)
    declared.refuse_edit(second, NAME, "put what it had")
    path = config_file.path(second.platform)
    await fixed_files.refuse(second, [path, f"{folders.root(second.platform)}/"])


def _question(context: StepContext, manifest: Manifest, seen: FileReturn) -> Question:
    second = context.pair.second
    runs = context.facts.second.ejabberd
    loads = "ejabberd there loads it at once" if runs else "ejabberd there loads it when it starts"
    return Question(
        title=f"Give second's {NAME} back as it was on {moment(seen.since)}?",
        takes=(*seen.lines, "second's database, its cookie and the cluster stay as they are"),
        consequence=f"The present file becomes a backup; {loads}. What counts from a start alone "
        "counts from its next start.",
        yes_label="Restore the file",
        commands=tuple(_commands(second, manifest)),
        diff=seen.diff,
    )


def _commands(second: At, manifest: Manifest) -> list[Command]:
    """What roll_back() runs."""
    place = f"{folders.root(second.platform)}/STAMP"
    kept = f"{manifest.place}/{NAME}"
    return [
        config_copy.keep_act(second, f"{place}/{NAME}").command,
        config_file.replace_command(second, kept),
        *where([config_file.reload_act(second)], "ejabberd runs"),
        *copied_files.remove_commands(second, manifest),
    ]


async def _load(context: StepContext, manifest: Manifest, present: Manifest) -> None:
    """Has a running ejabberd load it; where it does not, the present file is back."""
    second = context.pair.second
    if not (await context.refresh()).second.ejabberd:
        return
    done = await config_file.reload_act(second).run(second)
    if done.code == 0:
        return
    former = f"{present.place}/{NAME}"
    await complete(config_file.replace(second, former, present.config, manifest.config))
    await config_file.reload_act(second).run(second)
    raise StepFailed(
        f"ejabberd on {second.name} did not load {manifest.place}/{NAME}, and the file that it had "
        f"is back: {config_file.printed(done) or 'it printed nothing; see its log'}"
    )
