"""Comparing first's tables after a join with those before, until that came out well once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cluster.backups import store
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.tables import table_counts
from ejtui.cluster.backups.tables.table_counts import Lost
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.question import Question

if TYPE_CHECKING:
    from ejtui.cluster.run.context import StepContext

CONSENT = "fewer-records"


async def compare(context: StepContext) -> list[str]:
    """What is seen of first's tables beside what they held before, in lines.

    A loss fails the step. The next time it asks whether that is right, with a separate word to
    type. What came out well, or was accepted, is not compared again: from then on people change it.
    Raises StepFailed, Refused.
    """
    kept = await table_counts.of_join(context.pair)
    counts = kept.counts if kept else context.pair.counts
    if not counts:
        return []
    lost = table_counts.compared(counts, context.facts.first)
    if lost:
        # Counted again: what is being changed may be seen half changed.
        lost = table_counts.compared(counts, (await context.refresh()).first)
    certain = [each for each in lost if each.certain]
    if certain:
        await _accepted(context, kept, certain)
    context.pair.counts = ()
    if kept:
        await store.save(context.pair, replace(kept, counts=(), loss_named=False))
    if not lost:
        return [f"{len(counts)} tables of first hold no fewer records than before"]
    return [
        f"{len(counts)} tables of first compared with those before the join",
        *(each.line for each in lost),
    ]


async def _accepted(context: StepContext, kept: Manifest | None, lost: Sequence[Lost]) -> None:
    """Raises StepFailed the first time, and Refused where it is not accepted then."""
    made = kept.first_backup if kept else None
    backup = f"{made.path} on first" if made else ""
    found = table_counts.finding(lost, backup)
    if kept is None or not kept.loss_named:
        context.pair.counts = ()
        if kept:
            await store.save(context.pair, replace(kept, loss_named=True))
        raise StepFailed(
            f"{'; '.join(each.line for each in lost)}. {found.repair}. If people deleted these "
            f"records: `ejtui join --accept {CONSENT}`",
            (found,),
        )
    await context.ask(
        Question(
            title="Take first's tables as they are now?",
            takes=tuple(each.line for each in lost),
            consequence=(
                "A later rollback no longer offers to bring these records back. They stay in "
                f"{backup or 'no backup'}."
            ),
            yes_label="Take them so",
            consent=CONSENT,
        )
    )
