"""Bringing back records that first's tables lost in a join, from first's online backup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ejtui.cluster.backups import folders
from ejtui.cluster.backups import online as online_backup
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.tables import table_counts
from ejtui.cluster.errors import Refused, StepFailed
from ejtui.cluster.operations.vm.pending_start import wait_for_starts
from ejtui.cluster.question import Question
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.questions import KeptTable

if TYPE_CHECKING:
    from ejtui.cluster.run.context import StepContext

LONG = online_backup.LONG


async def offer(context: StepContext, manifest: Manifest) -> list[str]:
    """Asks whether records that first lost since that backup come back, and brings them back.

    What first has now is never overwritten. A no is no failure: the lines show what is where.
    Raises ProbeError, StepFailed.
    """
    if manifest.first != context.pair.first.platform.node:
        return []  # The counts are of another first.
    facts = await wait_for_starts(context, "first")
    lost = [
        each
        for each in table_counts.compared(manifest.counts, facts.first)
        if each.certain and not each.in_memory
    ]
    made = manifest.first_backup
    if not lost or not facts.first.ejabberd:
        return [each.line for each in lost]
    if made is None:
        return [*(each.line for each in lost), "there is no online backup of first with them"]
    names = [each.name for each in lost]
    seen = await questions.kept_tables(context.pair.first.probe, made.path, names, LONG)
    able = [each for each in lost if can_return(seen.get(each.name))]
    rest = [f"{each.line}: not in {made.path}" for each in lost if each not in able]
    if not able:
        return rest
    try:
        await context.ask(question([each.name for each in able], seen, made.path))
    except Refused:
        return [*rest, *(f"{each.line}; left so, {made.path} on first has it" for each in able)]
    return [*rest, *await bring_back(context, [each.name for each in able], made.path)]


async def bring_back(context: StepContext, names: Sequence[str], path: str) -> list[str]:
    """First is backed up as it is now, then these tables get what they lack of an online backup.

    Raises ProbeError, StepFailed.
    """
    first = context.pair.first
    directory = await folders.new_directory(first, "before-tables")
    now = await online_backup.make(context, first, f"{directory}/first.BUP")
    back = await questions.bring_tables_back(first.probe, path, names, LONG)
    facts = await context.refresh()
    short = [each for each in names if not back[each].added]
    if short:
        raise StepFailed(
            f"nothing of {', '.join(short)} came back from {path} on first; first as it was "
            f"before: {now.path}"
        )
    sizes = {table.name: table.size for table in facts.first.tables}
    return [
        f"first as it was before: {now.path}, {now.records} records of {now.tables} tables",
        *(
            f"first: {each} has {back[each].added} records back from {path}, "
            f"{sizes.get(each, 0)} in all"
            for each in names
        ),
    ]


def can_return(row: KeptTable | None) -> bool:
    """Whether the backup has records of a table that first lacks and can take. Pure."""
    return row is not None and row.missing > 0 and row.definition != "columns"


def question(names: Sequence[str], seen: Mapping[str, KeptTable], path: str) -> Question:
    """Asks before records of these tables are written; `seen` has what the backup holds. Pure."""
    return Question(
        title=f"Bring records of {', '.join(names)} back to first?",
        takes=tuple(
            f"{each}: {seen[each].missing} of {seen[each].kept} records in {path} are not "
            f"on first any more, {seen[each].present} are there now"
            for each in names
        ),
        consequence=(
            "Only records that are missing are written; those that first has now stay as they are. "
            "What people deleted themselves since the backup comes back, too. First's database is "
            "backed up before."
        ),
        yes_label="Bring them back",
    )
