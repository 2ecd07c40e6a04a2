"""The live erl shell on second: opened once, used by several steps, found by the next ejtui."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Sequence

from ejtui.cluster.acts.act import At, Command, doing, shell, where
from ejtui.cluster.backups import restart_loop
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import KeptErl, PairFacts, in_words
from ejtui.cluster.journal import Entry, stamp
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.polling import Lasting
from ejtui.cluster.run.context import CONNECT_SECONDS, StepContext
from ejtui.cluster.run.events import ShellOpened
from ejtui.erlang.probe import questions
from ejtui.erlang.shell import keeper
from ejtui.erlang.shell.erl import erl_argv, erl_env, shown
from ejtui.erlang.shell.shell import Shell, ShellEnded, ShellTimeout
from ejtui.erlang.terminal.recorder import Recorder

READY_SECONDS = 30.0

APART_SECONDS = 20.0
"""Two that run apart for so long stay so: Mnesia asks for the other once, at its start."""

ABANDONED_SECONDS = 900
"""An erl without an ejtui for so long ends automatically, unless it copies a table."""


async def ensure_connected(context: StepContext) -> PairFacts:
    """Second's Mnesia runs with first's, in the live shell or in ejabberd; opens what is missing.

    Returns facts in which each node reports that both run. Raises StepFailed when that does not
    come about, and whatever the shell raises.
    """
    facts = await context.refresh()
    if not facts.second.asked:
        raise StepFailed(f"second is not reached: {facts.second.error}")
    if facts.second.starting and facts.member:
        context.say("ejabberd is starting on second: waiting until it runs")
        await lifecycle.started(context.pair.second, context.say)
        facts = await context.refresh()
    await restart_loop.refuse_stray(context)
    if facts.second.ejabberd:
        if not facts.both_run:
            raise StepFailed("ejabberd runs on second, and not together with first")
        return facts
    await _opened(context)
    facts = await _connecting(context, watch_apart())
    if not facts.both_run:
        context.say("first was away when second's Mnesia asked for it: once more")
        await context.pair.end_shell()
        await context.refresh()
        await _opened(context)
        facts = await _connecting(context)
    await _is_second(context)
    return facts


def watch_apart(now: Callable[[], float] = time.monotonic) -> Lasting[PairFacts]:
    """Finds whether Mnesia has run on both nodes, apart, for `APART_SECONDS`."""
    return Lasting(
        lambda facts: facts.first.mnesia_runs and facts.second.mnesia_runs and not facts.both_run,
        APART_SECONDS,
        now,
    )


async def _connecting(
    context: StepContext, gives_up: Lasting[PairFacts] | None = None
) -> PairFacts:
    """Waits until each node reports that both run, or until they will not connect."""
    return await context.until(
        lambda now: now.both_run or (gives_up is not None and gives_up(now)),
        "Mnesia on both nodes to report that both run",
        CONNECT_SECONDS,
    )


async def _opened(context: StepContext) -> None:
    """An erl on second that can be typed into: the one that is there, or another."""
    if context.pair.live_shell is not None and context.facts.second.mnesia_has_ended:
        context.say("Mnesia has ended in second's erl, which is ended, too")
        await context.pair.end_shell()
        await context.refresh()
    if context.pair.live_shell is not None or await _attached(context):
        return
    if context.facts.second.vm != "down":
        question = lifecycle.end_question(context.facts.second)
        if question is not None:
            await context.ask(question)
        context.say("ending a VM of second's name that nobody types into")
        await lifecycle.stop(context.pair.second, context.say)
    await _open(context)


def open_command(at: At, first: str) -> Command:
    """How the erl of a join is started; run_erl keeps it where the host has that."""
    return shell(at, None, shown(erl_argv(at.platform, extra_db_nodes=[first])))


def attach_command(at: At, kept: KeptErl) -> Command:
    """How an erl that outlived its connection is attached to again."""
    return shell(at, None, shlex.join(["to_erl", f"{kept.place}/"]))


def needed_commands(plan: Plan) -> list[Command]:
    """What ensure_connected() runs where Mnesia runs in an erl on second that is not ejtui's."""
    facts, second = plan.facts.second, plan.at_second
    if not facts.bare_shell:
        return []
    if facts.kept_erl is not None and plan.facts.both_run:
        return where([attach_command(second, facts.kept_erl)], _UNATTACHED)
    ends = lifecycle.stop_acts(second, facts)
    return where([*ends, open_command(second, plan.first.node)], _UNATTACHED)


_UNATTACHED = "no erl shell of ejtui's runs in it"


async def _open(context: StepContext) -> None:
    pair, platform = context.pair, context.pair.second.platform
    erl = erl_argv(platform, extra_db_nodes=[pair.first.platform.node])
    argv = keeper.with_watch(erl, ABANDONED_SECONDS)
    run_erl = await questions.run_erl(pair.second.probe)
    if run_erl:
        pair.kept_at = keeper.new_place(platform)
        argv = keeper.keeping(run_erl, pair.kept_at, argv)
    else:
        pair.kept_at = ""
        context.say("there is no run_erl on second: its erl ends with the connection")
    with doing(open_command(pair.second, pair.first.platform.node)):
        await _show(context, argv)
    await _live(context).ready(READY_SECONDS)


async def _attached(context: StepContext) -> bool:
    """Whether second runs an erl of a join that is of use and attached to now, at its prompt.

    Only the holder of the pair's lock comes here, so that nobody else's is taken away.
    """
    kept = context.facts.second.kept_erl
    if kept is None or not context.facts.both_run:
        return False
    pair = context.pair
    pair.kept_at = kept.place
    context.say(f"{describe_kept(kept)}: attached again")
    with doing(attach_command(pair.second, kept)):
        await _show(context, keeper.attaching(kept.place), again=True)
    try:
        await _ready(context)
    except (ShellEnded, ShellTimeout) as error:
        context.say(f"it does not answer, and is ended: {error}")
        await pair.end_shell()
        await context.refresh()
        return False
    return True


async def _ready(context: StepContext) -> None:
    """Waits for the prompt as long as second changes its schema, which a copy of a table does."""
    while True:
        try:
            await _live(context).ready(READY_SECONDS)
            return
        except ShellTimeout:
            if not await questions.changes_schema(context.pair.second.probe):
                raise
            context.say("it is still at work on what was typed before")


def describe_kept(kept: KeptErl) -> str:
    """What the next ejtui reports of an erl that outlived its connection."""
    return f"second runs the erl of a join, started at {kept.clock}"


async def _show(context: StepContext, argv: Sequence[str], *, again: bool = False) -> None:
    pair, second = context.pair, context.pair.second
    columns, rows = pair.shell_size
    recorder = Recorder.create(
        pair.recordings / f"{stamp()}-{second.name}.cast",
        columns,
        rows,
        f"erl on {second.platform.node}",
    )
    if recorder is not None:
        context.journal.write(
            Entry.RECORDING, step=context.id, node=second.name, path=str(recorder.path)
        )
    pair.shell = await Shell.open(
        second.host,
        argv,
        user=second.platform.service_user,
        env=erl_env(second.platform),
        cwd=second.platform.home,
        columns=columns,
        rows=rows,
        recorder=recorder,
        node=second.platform.node,
        kept=bool(pair.kept_at),
        again=again,
    )
    context.emit(ShellOpened(pair.shell))


def _live(context: StepContext) -> Shell:
    shell = context.pair.shell
    if shell is None:
        raise RuntimeError("no erl shell is open on second")
    return shell


async def _is_second(context: StepContext) -> None:
    """Nothing is changed in a shell that is not second's own.

    One that was attached to amid a line is asked twice: it draws that line in the first answer.
    """
    for _ in range(2):
        answer = await context.type("node().")
        if context.pair.second.platform.node in answer:
            return
    raise StepFailed(f"the shell is on {answer.strip()!r}, not on second's node")


def running_lists(facts: PairFacts) -> list[str]:
    """What each node reports of who runs."""
    return [
        f"{node.name}: running db nodes {in_words(node.running_db_nodes)}"
        for node in (facts.first, facts.second)
    ]
