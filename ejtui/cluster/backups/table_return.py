"""Bringing back records that first's tables lost in a join, from first's online backup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ejtui.cluster.backups import online as online_backup
from ejtui.cluster.backups import store, table_counts
from ejtui.cluster.backups.manifest import FirstBackup, Manifest
from ejtui.cluster.backups.table_counts import Lost
from ejtui.cluster.errors import Refused, StepFailed
from ejtui.cluster.operations.pending_start import wait_for_starts
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
    lost = [each for each in table_counts.compared(manifest.counts, facts.first) if each.certain]
    made = manifest.first_backup
    if not lost or not facts.first.ejabberd:
        return [each.line for each in lost]
    if made is None:
        return [*(each.line for each in lost), "there is no online backup of first with them"]
    names = [each.name for each in lost]
    seen = await questions.kept_tables(context.pair.first.probe, made.path, names, LONG)
    able = [each for each in lost if _can(seen.get(each.name))]
    rest = [f"{each.line}: not in {made.path}" for each in lost if each not in able]
    if not able:
        return rest
    try:
        await context.ask(_question(able, seen, made))
    except Refused:
        return [*rest, *(f"{each.line}; left so, {made.path} on first has it" for each in able)]
    return [*rest, *await _bring_back(context, able, made)]


async def _bring_back(context: StepContext, lost: Sequence[Lost], made: FirstBackup) -> list[str]:
    """First is backed up as it is now, then gets what is missing."""
    first = context.pair.first
    directory = await store.new_directory(first, "before-tables")
    now = await online_backup.make(context, first, f"{directory}/first.BUP")
    names = [each.name for each in lost]
    back = await questions.bring_tables_back(first.probe, made.path, names, LONG)
    facts = await context.refresh()
    short = [each.name for each in lost if not back[each.name].added]
    if short:
        raise StepFailed(
            f"nothing of {', '.join(short)} came back from {made.path} on first; first as it was "
            f"before: {now.path}"
        )
    sizes = {table.name: table.size for table in facts.first.tables}
    return [
        f"first as it was before: {now.path}, {now.records} records of {now.tables} tables",
        *(
            f"first: {each.name} has {back[each.name].added} records back from {made.path}, "
            f"{sizes.get(each.name, 0)} in all"
            for each in lost
        ),
    ]


def _can(row: KeptTable | None) -> bool:
    return row is not None and row.missing > 0 and row.definition != "columns"


def _question(lost: Sequence[Lost], seen: Mapping[str, KeptTable], made: FirstBackup) -> Question:
    return Question(
        title=f"Bring records of {', '.join(each.name for each in lost)} back to first?",
        takes=tuple(
            f"{each.name}: {seen[each.name].missing} of {seen[each.name].kept} records in "
            f"{made.path} are not on first any more, {seen[each.name].present} are there now"
            for each in lost
        ),
        consequence=(
            "Only records that are missing are written; those that first has now stay as they are. "
            "What people deleted themselves since the backup comes back, too. First's database is "
            "backed up before."
        ),
        yes_label="Bring them back",
    )
