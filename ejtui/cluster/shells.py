"""The live erl shell on second: opened once, used by several steps."""

from __future__ import annotations

from ejtui.erlang.erl import erl_argv, erl_env
from ejtui.erlang.recorder import Recorder
from ejtui.erlang.shell import Shell

from . import vm
from .context import CONNECT_SECONDS, StepContext
from .errors import StepFailed
from .events import ShellOpened
from .facts import PairFacts
from .journal import stamp

READY_SECONDS = 30.0


async def connected(context: StepContext) -> PairFacts:
    """Second's Mnesia runs with first's, in the live shell or in ejabberd; opens what is missing.

    Returns facts in which each node says that both run. Raises StepFailed when that does not
    come about, and whatever the shell raises.
    """
    facts = await context.refresh()
    if facts.second.ejabberd:
        if not facts.both_run:
            raise StepFailed("ejabberd runs on second, and not together with first")
        return facts
    if context.pair.live_shell is None:
        if facts.second.vm != "down":
            context.say("ending a virtual machine of second's name that nobody types into")
            await vm.stop(context.pair.second)
        await _open(context)
    facts = await context.until(
        lambda now: now.both_run, "Mnesia on both nodes to say that both run", CONNECT_SECONDS
    )
    await _is_second(context)
    return facts


async def _open(context: StepContext) -> None:
    pair = context.pair
    second = pair.second
    argv = erl_argv(second.platform, extra_db_nodes=[pair.first.platform.node])
    columns, rows = pair.shell_size
    recorder = Recorder(
        pair.recordings / f"{stamp()}-{second.name}.cast",
        columns,
        rows,
        f"erl on {second.platform.node}",
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
    )
    context.emit(ShellOpened(pair.shell))
    await pair.shell.ready(READY_SECONDS)


async def _is_second(context: StepContext) -> None:
    """Nothing is changed in a shell that is not second's own."""
    answer = await context.type("node().")
    if context.pair.second.platform.node not in answer:
        raise StepFailed(f"the shell is on {answer.strip()}, not on second's node")


def running_lists(facts: PairFacts) -> list[str]:
    """What each node says of who runs."""
    return [
        f"{node.name}: running db nodes {list(node.running_db_nodes)}"
        for node in (facts.first, facts.second)
    ]
