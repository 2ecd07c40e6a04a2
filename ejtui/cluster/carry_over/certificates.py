"""Certificates and keys that second's ejabberd.yml names and second lacks, copied from first."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from ejtui.cleaning import clean
from ejtui.cluster.acts.act import At, Command, where
from ejtui.cluster.administration.certificates import Lacking, lacking, named
from ejtui.cluster.administration.written import Written
from ejtui.cluster.backups.files import config_copy, copied_files
from ejtui.cluster.completion import complete
from ejtui.cluster.operations.files import certificate_file
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import Question
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.questions import NamedFile

if TYPE_CHECKING:
    from ejtui.cluster.run.context import StepContext

ANY = NamedFile("CERTIFICATE", "pem", 0, "OWNER", "GROUP")
"""In place of the files, where nobody knows them yet."""


async def find(pair: Pair, written: Written, wholly: Collection[str] = ()) -> Lacking:
    """What second lacks of what this file names; changes nothing. Raises ProbeError."""
    patterns = named(written)
    if not patterns:
        return Lacking()
    first, second = await asyncio.gather(
        questions.named_files(pair.first.probe, patterns),
        questions.named_files(pair.second.probe, patterns),
    )
    return lacking(first, second, wholly)


def question(
    context: StepContext, files: Sequence[NamedFile], also: Sequence[str] = ()
) -> Question:
    """Asks before certificates and keys are copied; names each, and what else that does."""
    first, second = context.pair.first, context.pair.second
    return Question(
        title=f"Copy {_count(files)} from first to second?",
        takes=(*(_shown(first, second, each) for each in files), *also),
        consequence=(
            "Each goes from host to host in memory alone, sealed, and gets its place only where "
            "nothing is yet. Second can then show itself as these hosts. A rollback removes what "
            "was copied. With a No nothing is changed."
        ),
        yes_label="Copy them",
    )


def _shown(first: At, second: At, file: NamedFile) -> str:
    mode = file.mode & certificate_file.MODE
    if not certificate_file.may_be_root(second.platform, file.path):
        user = second.platform.service_user
        return clean(
            f"{file.path}, mode {mode:04o}: certificates do not lie there, so {user} writes it, "
            "and only where it may"
        )
    owner, group = certificate_file.owner_on(first, second, file)
    return clean(f"{file.path}, owner {owner}, group {group}, mode {mode:04o}")


def _count(files: Sequence[NamedFile]) -> str:
    return (
        f"{len(files)} certificate or key"
        if len(files) == 1
        else f"{len(files)} certificates or keys"
    )


def commands(first: At, second: At, place: str) -> list[Command]:
    """What copying runs, for showing."""
    shown = certificate_file.commands(first, second, ANY, f"{place}/{config_copy.CERTIFICATE}")
    return where(shown, "second lacks what its file names, for each file, after asking")


async def copy(context: StepContext, files: Sequence[NamedFile], place: str) -> list[str]:
    """Copies each; the backup knows of them first. Where one fails or is cancelled, none stays.

    Raises StepFailed, BackupError, HostError, ProbeError.
    """
    first, second = context.pair.first, context.pair.second
    await copied_files.note(context, [each.path for each in files], place)
    done: list[str] = []
    try:
        for each in files:
            staged = f"{place}/{config_copy.CERTIFICATE}"
            # What is sent when the run is cancelled would else come after it was looked for.
            done.append(each.path)
            await complete(certificate_file.copy(first, second, each, staged))
            context.say(f"copied from first to second: {each.path}")
    except BaseException:
        await complete(remove(context, done))
        raise
    return [f"{clean(each.path)} is copied from first to second" for each in files]


async def remove(context: StepContext, paths: Sequence[str]) -> None:
    """Removes copies again, the last one first. Raises HostError."""
    for path in reversed(paths):
        await certificate_file.remove(context.pair.second, path)
