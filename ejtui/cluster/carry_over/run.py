"""Gives second's ejabberd.yml first's values, or the operator's: shown, asked, written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ejtui import paths
from ejtui.cluster.acts import declared
from ejtui.cluster.administration.certificates import CERTFILES, CERTIFICATES
from ejtui.cluster.administration.difference import Difference
from ejtui.cluster.backups import folders
from ejtui.cluster.carry_over import certificates, pending_file, replacement, stored_format
from ejtui.cluster.carry_over.comparison import loaded, still_differing
from ejtui.cluster.carry_over.request import Prepared, Wanted, prepare
from ejtui.cluster.journal import Journal
from ejtui.cluster.operations.files import config_file
from ejtui.cluster.pair import fixed_files
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import AskOperator
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Emit, FileWritten
from ejtui.cluster.run.locked_run import finish, locked
from ejtui.cluster.run.operation import CONFIG, NOTHING, OF_FILE


@dataclass(frozen=True)
class Taken:
    """The result: the diff without secrets, what was taken and left, what still differs.

    `values` are the options that got a value of the operator's, `copied` the certificates and
    keys that second got. `not_compared` is why nobody knows what still differs, "" where one does.
    `also_loads` are options that were changed in second's file before, and are loaded with it.
    """

    changed: bool
    diff: tuple[str, ...]
    taken: tuple[str, ...]
    left: tuple[str, ...]
    differences: tuple[Difference, ...]
    evidence: tuple[str, ...]
    values: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    not_compared: str = ""
    also_loads: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The part of `--json` about it."""
        return {
            "changed": self.changed,
            "diff": list(self.diff),
            "taken": list(self.taken),
            "set": list(self.values),
            "copied": list(self.copied),
            "left": list(self.left),
            "evidence": list(self.evidence),
            "not_compared": self.not_compared,
            "also_loads": list(self.also_loads),
        }


async def take(
    pair: Pair,
    wanted: Wanted,
    asks: AskOperator,
    emit: Emit,
    lock: PairLock | None = None,
) -> Taken:
    """Takes, sets and copies what is wanted; shows it, and asks.

    Raises BadFile, LockHeld, Refused, StepFailed, BackupError, HostError, ProbeError.
    """
    journal = Journal(paths.journal_file(pair.name), pair.name)
    context = StepContext(CONFIG, pair, await pair.refresh(), asks, emit, journal)
    async with locked(context, lock or PairLock(pair)):
        done = await taken(context, wanted)
    named = (*done.taken, *done.values) or ("certificates",)
    detail = f"{NOTHING}: {'; '.join(done.left)}"
    if done.changed:
        detail = f"{OF_FILE}{', '.join(named)}"
    finish(context, detail, list(done.evidence))
    return done


async def taken(context: StepContext, wanted: Wanted) -> Taken:
    """The same below a lock that is held."""
    pair = context.pair
    found = await _compared(pair, wanted)
    prepared = await prepare(pair, wanted, found)
    for line in prepared.left:
        context.say(f"left as it is: {line}")
    if prepared.nothing:
        return await _loaded_alone(context, prepared, wanted.options or wanted.all_of(found))
    carried, files = prepared.carried, prepared.lacking.files
    platform = pair.second.platform
    changed = [f"{folders.root(platform)}/", *[each.path for each in files]]
    if carried.diff:
        what = ", ".join(prepared.edited) or CERTFILES
        declared.refuse_edit(pair.second, "ejabberd.yml", f"change {what}")
        changed.append(config_file.path(platform))
    await fixed_files.refuse(pair.second, changed)
    await stored_format.ask(context, prepared.scram)
    if carried.diff:
        await context.ask(replacement.question(context, prepared))
    if files:
        also = () if carried.diff else prepared.also_loads
        await context.ask(certificates.question(context, files, also))
    evidence = await replacement.write(context, prepared)
    context.emit(FileWritten(context.operation))
    still, unknown = await still_differing(pair)
    copied = tuple(each.path for each in files)
    return Taken(
        True, carried.diff, carried.taken, prepared.left, still, tuple(evidence), carried.values,
        copied, unknown, prepared.also,
    )  # fmt: skip


async def _loaded_alone(context: StepContext, prepared: Prepared, options: Sequence[str]) -> Taken:
    """Nothing is written; what the file has of the options already, and second not, is loaded."""
    pair = context.pair
    waiting = pending_file.waiting(prepared, options)
    evidence: list[str] = []
    if waiting:
        await context.ask(pending_file.question(pair, prepared))
        evidence = await replacement.load(context, waiting, undone="nothing is restarted")
    still, unknown = await still_differing(pair)
    left = tuple(each for each in prepared.left if each.partition(":")[0] not in waiting)
    return Taken(
        bool(waiting), (), waiting, left, still, tuple(evidence), not_compared=unknown,
        also_loads=prepared.also,
    )  # fmt: skip


async def _compared(pair: Pair, wanted: Wanted) -> Sequence[Difference]:
    """What differs, where that decides what is done."""
    if wanted.everything or CERTIFICATES in wanted.options:
        return await loaded(pair)
    return ()
