"""Gives second's ejabberd.yml first's values: shown, kept, checked, written, loaded, looked at."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from ejtui import paths
from ejtui.cluster.acts import declared, fixed_files
from ejtui.cluster.acts.act import Act, At, Command, plain, where
from ejtui.cluster.administration.agreement import agreements
from ejtui.cluster.administration.carry import Carried, carry, options_of
from ejtui.cluster.administration.compare import Difference, compare, summary
from ejtui.cluster.administration.masking import hidden
from ejtui.cluster.backups import config_copy, guarded_start, store
from ejtui.cluster.diagnosis.own_settings import settings
from ejtui.cluster.errors import BackupError, ClusterError, StepFailed
from ejtui.cluster.facts.settings import NodeSettings
from ejtui.cluster.journal import Journal
from ejtui.cluster.operations import config_file, lifecycle
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import AskOperator, Question
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Emit
from ejtui.cluster.run.locked_run import finish, locked
from ejtui.cluster.run.operation import CONFIG
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError


@dataclass(frozen=True)
class Taken:
    """The result: the diff without secrets, what was taken and left, what still differs."""

    changed: bool
    diff: tuple[str, ...]
    taken: tuple[str, ...]
    left: tuple[str, ...]
    differences: tuple[Difference, ...]
    evidence: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """The part of `--json` about it."""
        return {
            "changed": self.changed,
            "diff": list(self.diff),
            "taken": list(self.taken),
            "left": list(self.left),
            "evidence": list(self.evidence),
        }


async def loaded(pair: Pair) -> tuple[Difference, ...]:
    """What both have loaded, compared. Raises StepFailed where one does not answer."""
    return _differences(pair, *await _asked(pair))


async def side_by_side(pair: Pair) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """What differs, which the pair then knows, and what is the same. Raises StepFailed as above."""
    first, second = await _asked(pair)
    found = _differences(pair, first, second)
    pair.administration = summary(found)
    return found, agreements(first, second)


def _differences(pair: Pair, here: NodeSettings, there: NodeSettings) -> tuple[Difference, ...]:
    first, second = pair.facts.first, pair.facts.second
    return compare(here, there, one_release=first.ejabberd_version == second.ejabberd_version)


async def _asked(pair: Pair) -> tuple[NodeSettings, NodeSettings]:
    first, second = await asyncio.gather(settings(pair.first), settings(pair.second))
    for node, each in ((pair.first, first), (pair.second, second)):
        if not each.asked:
            raise StepFailed(
                f"ejabberd on {node.name} has not loaded its settings, or does not answer: wait "
                "until it has started, start it, or see `ejtui check`"
            )
    return first, second


async def prepare(
    pair: Pair, options: Sequence[str], *, everything: bool = False
) -> tuple[Carried, str]:
    """What taking these options would write, and the checksum of the file that it is made from.

    Reads both files, and changes nothing. Raises BadFile, StepFailed, HostError, ProbeError.
    """
    first, second = await asyncio.gather(
        config_file.read(pair.first), config_file.read(pair.second)
    )
    carried = await asyncio.to_thread(partial(carry, first, second, options, everything=everything))
    return carried, hashlib.sha256(second.main.text.encode("utf-8")).hexdigest()


async def take(
    pair: Pair,
    options: Sequence[str] | None,
    asks: AskOperator,
    emit: Emit,
    lock: PairLock | None = None,
) -> Taken:
    """Takes the options, or with None all that differ and belong to no host.

    Raises BadFile, LockHeld, Refused, StepFailed, BackupError, HostError, ProbeError.
    """
    journal = Journal(paths.journal_file(pair.name), pair.name)
    context = StepContext(CONFIG, pair, await pair.refresh(), asks, emit, journal)
    async with locked(context, lock or PairLock(pair)):
        done = await taken(context, options)
    finish(context, "second's ejabberd.yml", list(done.evidence))
    return done


async def taken(
    context: StepContext, options: Sequence[str] | None, codes: Collection[str] = ()
) -> Taken:
    """The same below a lock that is held; `codes` limits what differs to these findings."""
    pair = context.pair
    everything = options is None
    if options is None:
        found = await loaded(pair)
        options = options_of([each for each in found if not codes or each.meaning.code in codes])
    carried, checksum = await prepare(pair, options, everything=everything)
    for line in carried.left:
        context.say(f"left as it is: {line}")
    if not carried.taken:
        return Taken(False, (), (), carried.left, await _still(pair), ())
    options_taken = ", ".join(carried.taken)
    declared.refuse_edit(pair.second, "ejabberd.yml", f"give {options_taken} first's values")
    platform = pair.second.platform
    await fixed_files.refuse(pair.second, [config_file.path(platform), f"{store.root(platform)}/"])
    await context.ask(question(context, carried))
    evidence = await _written(context, carried, checksum)
    still = await _still(pair)
    return Taken(True, carried.diff, carried.taken, carried.left, still, tuple(evidence))


def question(context: StepContext, carried: Carried) -> Question:
    """Asks before second's file is written; shows what changes in it."""
    path = config_file.path(context.pair.second.platform)
    return Question(
        title=f"Give {', '.join(carried.taken)} first's values in {path} on second?",
        takes=(),
        consequence=(
            "Other lines stay as they are. The former file is kept, and a rollback restores it. "
            "ejabberd's own reader checks the new one first; a running ejabberd then loads it "
            "without a restart where it can."
        ),
        yes_label="Write it",
        diff=carried.diff,
    )


def commands(at: At) -> list[Command]:
    """What taking runs on second, for showing."""
    place = f"{store.root(at.platform)}/STAMP"
    new = f"{place}/{config_copy.NEW}"
    return [
        config_copy.keep_act(at, f"{place}/{config_file.NAME}").command,
        config_file.stage_act(at, new).command,
        config_file.check_command(at, new),
        config_file.replace_command(at, new),
        _remove_act(at, new).command,
        *where([config_file.reload_act(at)], "ejabberd runs"),
        *where(lifecycle.restart_acts(at), "loading it again is not enough, after asking"),
    ]


def _remove_act(at: At, path: str) -> Act:
    return plain(at, ["rm", "-f", path], at.platform.service_user, check=False)


async def _written(context: StepContext, carried: Carried, checksum: str) -> list[str]:
    second = context.pair.second
    path = config_file.path(second.platform)
    place = await config_copy.keep(context)
    kept, new = f"{place}/{config_file.NAME}", f"{place}/{config_copy.NEW}"
    if await config_copy.checksum(second, kept) != checksum:
        raise StepFailed(f"{path} on {second.name} was changed meanwhile; look at it again")
    try:
        await config_file.stage(second, new, carried.text)
        why = await config_file.check(second, new)
        if why:
            raise StepFailed(
                f"ejabberd's own reader on {second.name} refuses the new {path}, and nothing was "
                f"replaced: {hidden(why, carried.hidden)}"
            )
        await config_file.replace(second, new)
    finally:
        await _remove_act(second, new).run(second)
    seen = [f"{path} on {second.name} has first's {', '.join(carried.taken)}", f"kept: {kept}"]
    facts = (await context.refresh()).second
    if not facts.ejabberd:
        return [*seen, f"ejabberd on {second.name} loads it at its next start"]
    try:
        return [*seen, *await _loaded(context, carried)]
    except (ClusterError, HostError, ProbeError) as error:
        await _put_back(context, kept)
        raise StepFailed(
            f"ejabberd on {second.name} did not take the new {path}, and the former one is back: "
            f"{hidden(str(error), carried.hidden)}"
        ) from error


async def _loaded(context: StepContext, carried: Carried) -> list[str]:
    """Has the running ejabberd load the file, by a restart where it does not otherwise."""
    second = context.pair.second
    done = await config_file.reload_act(second).run(second)
    if done.code != 0:
        raise StepFailed(config_file.printed(done) or "it printed nothing; see its log")
    left = await _not_loaded(context.pair, carried)
    if not left:
        return [f"ejabberd on {second.name} has loaded it"]
    await context.ask(_restart_question(second.name, left))
    await lifecycle.stop(second)
    await guarded_start.start(second, context.say)
    await context.until(lambda now: now.second.ejabberd, f"ejabberd on {second.name}")
    return [f"ejabberd on {second.name} was restarted, and has loaded it"]


async def _not_loaded(pair: Pair, carried: Carried) -> list[str]:
    """What was taken and still differs in the running ejabberd."""
    try:
        still = {each.option for each in await loaded(pair)}
    except StepFailed:
        return []
    return [
        each
        for each in carried.taken
        if any(option == each or option.startswith(f"{each}.") for option in still)
    ]


def _restart_question(name: str, left: Sequence[str]) -> Question:
    return Question(
        title=f"Restart ejabberd on {name}?",
        takes=(f"{', '.join(left)}: ejabberd takes the new value at its start alone",),
        consequence="Its users are disconnected for the time of the restart. With a No the former "
        "file comes back.",
        yes_label="Restart it",
    )


async def _put_back(context: StepContext, kept: str) -> None:
    """The former file in its place, and loaded, or ejabberd started with it. Raises BackupError."""
    second = context.pair.second
    try:
        await config_file.replace(second, kept)
        facts = await second.refresh()
        if facts.ejabberd:
            await config_file.reload_act(second).run(second)
        else:
            await guarded_start.start(second, context.say)
    except (ClusterError, HostError, ProbeError) as error:
        raise BackupError(
            f"{config_file.path(second.platform)} on {second.name} is to be restored from {kept}, "
            f"and that failed: {error}. Copy it there by hand, then start ejabberd"
        ) from error


async def _still(pair: Pair) -> tuple[Difference, ...]:
    """What differs now; nothing where that cannot be asked."""
    try:
        await pair.refresh()
        return await loaded(pair)
    except StepFailed:
        return ()
