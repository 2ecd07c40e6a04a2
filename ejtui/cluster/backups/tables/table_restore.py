"""Records that first's tables lack, from an online backup of first that the operator names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui import paths
from ejtui.cluster.backups.inventory import Backup, inventory
from ejtui.cluster.backups.tables.table_return import LONG, bring_back, can_return, question
from ejtui.cluster.errors import BackupError, Refused, StepFailed
from ejtui.cluster.facts.node import DISC, DISC_ONLY, NodeFacts
from ejtui.cluster.journal import Journal
from ejtui.cluster.operations.files import no_room
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.question import AskOperator
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Emit
from ejtui.cluster.run.locked_run import finish, locked
from ejtui.cluster.run.operation import RESTORE_TABLE
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.questions import KeptTable

if TYPE_CHECKING:
    from ejtui.cluster.pair.pair import Pair


@dataclass(frozen=True)
class Restored:
    """The tables that got records back, those that were left after a No, and what was seen."""

    tables: tuple[str, ...]
    left: tuple[str, ...]
    evidence: tuple[str, ...]

    @property
    def summary(self) -> str:
        """How it ended, in a few words."""
        if not self.tables:
            return "nothing was restored"
        return f"records of {', '.join(self.tables)} are restored"

    def to_json(self) -> dict[str, object]:
        """The part of `--json` about it."""
        return {"tables": list(self.tables), "left": list(self.left), "evidence": [*self.evidence]}


async def restore_tables(
    pair: Pair, wanted: str, asks: AskOperator, emit: Emit, lock: PairLock | None = None
) -> Restored:
    """Restores what first's lasting tables lack of an online backup, and asks for each table.

    Offered are tables that hold fewer records than the backup. Nothing that first has is
    overwritten. `wanted` is the backup's name or path. Raises BackupError, LockHeld, ProbeError,
    StepFailed.
    """
    journal = Journal(paths.journal_file(pair.name), pair.name)
    context = StepContext(RESTORE_TABLE, pair, await pair.refresh(), asks, emit, journal)
    if not context.facts.first.ejabberd:
        why = context.facts.first.error or "it does not run"
        raise StepFailed(f"ejabberd must run on first to get records back: {why}")
    async with locked(context, lock or PairLock(pair)):
        found = await _find(pair, wanted)
        async with no_room.explained(context, f"ejtui backups restore-table {found.name}"):
            done = await _restored(context, found.path)
    finish(context, done.summary, done.evidence)
    return done


async def _find(pair: Pair, wanted: str) -> Backup:
    known = [each for each in await inventory(pair) if "restore-table" in each.uses]
    for each in known:
        if wanted.rstrip("/") in (each.name, each.path, each.folder):
            return each
    names = ", ".join(each.name for each in known) or "none"
    raise BackupError(f"there is no online backup {wanted} of first; known: {names}")


async def _restored(context: StepContext, path: str) -> Restored:
    probe = context.pair.first.probe
    read = await questions.read_backup(probe, path, LONG)
    names = lasting(context.facts.first, list(read.tables))
    seen = await questions.kept_tables(probe, path, names, LONG)
    able = [each for each in names if has_fewer(seen.get(each))]
    agreed, left = await _agreed(context, able, seen, path)
    lines = [f"{each}: left as it is, {path} on first has its records" for each in left]
    if not able:
        lines = [f"no table of first holds fewer records than {path}"]
    if agreed:
        lines = [*await bring_back(context, agreed, path), *lines]
    return Restored(tuple(agreed), tuple(left), tuple(lines))


async def _agreed(
    context: StepContext, able: Sequence[str], seen: Mapping[str, KeptTable], path: str
) -> tuple[list[str], list[str]]:
    """The tables by the answers: a separate question for each."""
    agreed: list[str] = []
    left: list[str] = []
    for each in able:
        try:
            await context.ask(question([each], seen, path))
        except Refused:
            left.append(each)
        else:
            agreed.append(each)
    return agreed, left


def lasting(first: NodeFacts, names: Sequence[str]) -> list[str]:
    """Those tables of a backup that first keeps on disk for the cluster. Pure."""
    kept = {
        table.name
        for table in first.tables
        if table.storage in (DISC, DISC_ONLY) and not table.local_content
    }
    return [name for name in names if name in kept and name != "schema"]


def has_fewer(row: KeptTable | None) -> bool:
    """Whether first's table has fewer records than the backup, and can get them back. Pure."""
    return row is not None and can_return(row) and row.present < row.kept
