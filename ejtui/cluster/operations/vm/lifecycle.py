"""Ending and starting what runs under a node's name."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from ejtui.cluster.acts import unit_mask
from ejtui.cluster.acts.act import Act, At, asked, plain
from ejtui.cluster.administration.refusals import logged
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.operations.vm.node_log import (
    LOG_AFTER,
    LOG_EVERY,
    LogWatch,
    Say,
    log_end,
    silent,
)
from ejtui.cluster.operations.vm.patience import Patience
from ejtui.cluster.polling import until
from ejtui.cluster.question import Question
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.terms import quoting
from ejtui.hosts import CommandFailed
from ejtui.hosts.errors import printable
from ejtui.hosts.host import Output
from ejtui.platforms import Platform

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

STOP_SECONDS = 150.0
"""Longer than the probe waits for a VM to end: see ejtui_control.erl."""

SERVICE_SECONDS = 330.0
"""So long a service manager's stop may take: Debian's unit has the VM killed after 300 s."""

BARE_SECONDS, RUNNING_SECONDS = 3.0, 20.0
"""So long it alone is given to end a VM in which ejabberd does not run, or runs."""

START_POLL = 0.04
"""Seconds between two looks at a node that boots and needs the processor for itself."""

START_SECONDS = 24 * 3600.0
"""A command that starts ejabberd may last as long as the start does (systemd's does)."""

COMMAND_END_SECONDS = 30.0
"""Seconds for that command to end once ejabberd runs."""

_SHOWN = 300
"""So many characters of what a service manager printed are shown."""

_NO_MANAGER = re.compile(
    r"(?i)d-?bus connection (?:terminated|closed)|failed to wait for response"
    r"|connect to (?:the )?bus|transport endpoint is not connected"
    r"|(?:remote peer|message recipient) disconnected"
    r"|connection reset by peer|system has not been booted with systemd|shutting down"
)
"""What systemctl prints when systemd, which it asks, ends or is not there."""


def service_managed(platform: Platform) -> bool:
    """Whether the system's own service manager starts and stops ejabberd there."""
    return platform.ejabberdctl not in platform.stop


def stop_acts(at: At, facts: NodeFacts | None = None) -> list[Act]:
    """How ejabberd, or whatever has the node's name, is ended there: what stop() does.

    Without facts, of a node on which ejabberd runs. systemd is also asked about a unit that is
    activating, or waits to start again.
    """
    service = _service_act(at, facts)
    return [service, _end_act(at)] if service else [_end_act(at)]


def _service_act(at: At, facts: NodeFacts | None) -> Act[Output] | None:
    """How the service manager stops ejabberd, where it has to be asked first."""
    platform = at.platform
    runs = facts is None or facts.ejabberd or facts.starting
    if not service_managed(platform) or not (runs or unit_mask.is_systemd(platform)):
        return None
    how = {"timeout": SERVICE_SECONDS, "check": False}
    return plain(at, platform.stop, platform.run_start_as, **how)


def _end_act(at: At) -> Act[str]:
    """How the VM of the node's name is ended, also one that ejtui did not start."""
    ask = f"rpc:call({quoting.atom(at.platform.node)}, init, stop, [])."
    where = " % where it still runs" if service_managed(at.platform) else ""
    return asked(at, f"{ask}{where}", questions.stop_node, STOP_SECONDS)


async def stop(node: Node, say: Say = silent) -> str:
    """Ends the VM of the node's name and waits until epmd has forgotten it.

    A service manager is asked first, or it starts the service again; then init:stop by remote
    call, or SIGTERM where the node cannot be asked. `say` takes a line when it takes long.
    Returns how it ended. Raises StepFailed.
    """
    watching = asyncio.create_task(_watch_stop(node, say))
    try:
        return await _stop(node)
    finally:
        watching.cancel()


async def _watch_stop(node: Node, say: Say) -> None:
    """After a few seconds: how long the stop may take, and what ejabberd logs meanwhile."""
    log = LogWatch(node, say, "stopping")
    await log.skip_present()
    await asyncio.sleep(LOG_AFTER)
    managed = service_managed(node.platform) and node.facts.vm != "down"
    limit = SERVICE_SECONDS if managed else STOP_SECONDS
    log.announce(f"ejabberd is stopping on {node.name}: waiting up to {limit:g} s")
    while True:
        await log.look()
        await asyncio.sleep(LOG_EVERY)


async def _stop(node: Node) -> str:
    service = _service_act(node, node.facts)
    if service is None:
        how = [await _end(node)]
    else:
        grace = BARE_SECONDS if node.facts.bare_shell else RUNNING_SECONDS
        how = await _stop_both(node, service, grace)
    await wait_gone(node)
    return " and ".join(filter(None, how)) or "not_running"


async def _stop_both(node: Node, service: Act[Output], grace: float) -> list[str]:
    """The service manager's stop; after so many seconds the VM is asked to end as well.

    Where ejabberd has stopped in its VM, systemd ends nothing: for minutes it waits until the VM
    ends.
    """
    stopping = asyncio.create_task(_stop_service(node, service))
    try:
        await asyncio.wait({stopping}, timeout=grace)
        said = [stopping.result()] if stopping.done() else []
        ended = await _end(node)
        return [*(said or [await stopping]), ended]
    finally:
        stopping.cancel()


async def _end(node: Node) -> str:
    """Ends the VM of the node's name; how, "" where there was none. Raises StepFailed."""
    try:
        answer = await _end_act(node).run(node)
    except ProbeError as error:
        if error.code != "still_running":
            raise
        raise StepFailed(
            f"ejabberd on {node.name} was asked to end and still runs: {error.text}. It may wait "
            "for a node that it cannot reach any more, or write what it holds in memory: see its "
            "log, wait until it has ended, and run this again"
        ) from error
    return "" if answer == "not_running" else answer


async def _stop_service(node: Node, act: Act[Output]) -> str:
    """The service manager's own stop. Whether it took is asked of the node afterwards."""
    was = node.facts.vm
    said = await act.run(node)
    if said.code == 0 or was == "down":
        return "" if was == "down" else act.command.text
    return f"{act.command.text} (which failed: {printable(said.stderr, _SHOWN)})"


async def wait_gone(node: Node) -> None:
    """Waits until no VM of the node's name is left. Raises WaitedTooLong."""
    await until(
        lambda: questions.vm(node.probe),
        lambda seen: seen.state == "down",
        what=f"the end of {node.platform.node}",
        seconds=STOP_SECONDS,
        instead=lambda seen: f"VM {seen.state}: {seen.why or 'it runs'}",
    )


def end_question(facts: NodeFacts) -> Question | None:
    """Asked before a VM that ejabberd was started in is ended; None for any other VM."""
    if facts.started != "ejabberd" or facts.vm == "down":
        return None
    now = "is starting" if facts.starting else "runs" if facts.ejabberd else "does not run"
    return Question(
        title=f"End the Erlang VM of {facts.name}'s ejabberd?",
        takes=(
            f"{facts.node}, process {facts.os_pid}, was started as ejabberd; ejabberd {now} in it",
        ),
        consequence=(
            "The VM ends by init:stop(), with all that ejabberd is doing in it. What it was "
            "converting or loading starts from the beginning at the next start. With a No it goes "
            "on, and nothing more is done; what was done before stays."
        ),
        yes_label="End it",
    )


def start_acts(at: At) -> list[Act]:
    """How ejabberd is started there: what start() does."""
    platform = at.platform
    command = plain(at, platform.start, platform.run_start_as, timeout=START_SECONDS)
    return [*unit_mask.release_acts(at), command]


def restart_acts(at: At) -> list[Act]:
    """How ejabberd is ended and started there."""
    return [*stop_acts(at), *start_acts(at)]


async def started(node: Node, say: Say = silent, awaited: float | None = None) -> NodeFacts:
    """Waits for an ejabberd that is starting as long as it lives; starts nothing.

    `awaited` is how many seconds its tables may wait for a node that is away (None: the usual
    bound). Raises StepFailed.
    """
    return await wait_running(node, say, Patience(awaited), None)


async def wait_running(
    node: Node, say: Say, patience: Patience, command: asyncio.Future[CommandFailed | None] | None
) -> NodeFacts:
    """Waits until ejabberd runs, or until there is no patience left; starts nothing.

    `command` is the running command that starts it, where there is one, with its refusal. Raises
    StepFailed with the end of ejabberd's log.
    """
    log = LogWatch(node, say, "starting")
    if command is not None:
        await log.skip_present()
    while True:
        facts = await node.refresh()
        if facts.ejabberd:
            if command is not None:
                await asyncio.wait({command}, timeout=COMMAND_END_SECONDS)
            return facts
        commanded = command is not None and not command.done()
        refused = command.result() if command is not None and command.done() else None
        why = patience.over(facts, commanded=commanded, refused=refused is not None)
        if why:
            break
        log.announce(patience.announced(facts))
        if facts.starting:
            await log.look()
        await asyncio.sleep(START_POLL)
    if refused is not None:
        raise StepFailed(f"{refusal(refused)}\nThe end of its log:\n{await log_end(node)}")
    raise StepFailed(
        f"ejabberd did not start on {node.name}: {why}; VM {facts.vm}, Mnesia {facts.mnesia}; "
        f"the end of its log:\n{await log_end(node)}"
    )


def refusal(refused: CommandFailed) -> str:
    """Why ejabberd did not start, where the command that starts it failed. Pure."""
    what = f"ejabberd did not start on {refused.host} ({refused.where})"
    said = logged(refused.stderr).rstrip(" .") or "it printed nothing"
    if _NO_MANAGER.search(refused.stderr):
        return (
            f"{what}: its service manager went away during `{refused.command}` ({said}). The host "
            "shuts down, boots, or lost its power. Once it is up again run the same ejtui command "
            "again: it goes on from where the nodes stand then."
        )
    return (
        f"{what}: `{refused.command}` ended with code {refused.code}: {said}. What the log below "
        "names has to be put right there first; `ejtui check` shows what ejtui finds."
    )


def cookie_act(at: At, kept: str | None = None) -> Act:
    """How the running VM takes the cookie that its file has: what set_cookie() does."""
    text = f"erlang:set_cookie({quoting.atom(at.platform.node)}, COOKIE). % where it runs"
    return asked(at, text, questions.set_cookie, kept)


async def set_cookie(node: Node, kept: str | None) -> bool:
    """Lets the running VM take the cookie that its file has now.

    `kept` is the file with the cookie it may still run with. False when it does not take it.
    """
    try:
        await cookie_act(node, kept).run(node)
    except ProbeError:
        return False
    return True
