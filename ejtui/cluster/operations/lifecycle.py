"""Ending and starting what runs under a node's name."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui.cleaning import clean
from ejtui.cluster.backups import half_moved
from ejtui.cluster.command import Command
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.operations import unit_mask
from ejtui.cluster.operations.patience import AWAITED_SECONDS, Patience
from ejtui.cluster.polling import until
from ejtui.cluster.question import Question
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.terms import quoting
from ejtui.hosts import CommandFailed, HostError
from ejtui.platforms import Platform

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

STOP_SECONDS = 90.0

START_POLL = 0.04
"""Seconds between two looks at a node that boots and needs the processor for itself."""

START_SECONDS = 24 * 3600.0
"""A command that starts ejabberd may last as long as the start does (systemd's does)."""

COMMAND_END_SECONDS = 30.0
"""Seconds for that command to end once ejabberd runs."""

LOG_AFTER, LOG_EVERY = 3.0, 2.0
"""Seconds after which a start shows the last line of the log, and then looks for another."""

LOG_LINES = 12

Say = Callable[[str], None]


def _silent(_: str) -> None:
    """For callers who show nothing of a start."""


def service_managed(platform: Platform) -> bool:
    """Whether the system's own service manager starts and stops ejabberd there."""
    return platform.ejabberdctl not in platform.stop


@dataclass(frozen=True)
class _Act:
    """One part of a stop: the command that is shown, and what runs it and says how it ended."""

    command: Command
    run: Callable[[Node], Awaitable[str]]


def _stop_acts(name: str, platform: Platform) -> list[_Act]:
    """How ejabberd, or whatever has the node's name, is ended there."""
    runner, user = platform.run_start_as or platform.service_user, platform.service_user
    ask = f"rpc:call({quoting.atom(platform.node)}, init, stop, [])."
    if not service_managed(platform):
        return [_Act(Command(name, user, "erl", ask), _stop_node)]
    return [
        _Act(Command(name, runner, "shell", " ".join(platform.stop)), _stop_service),
        _Act(Command(name, user, "erl", f"{ask} % where it still runs"), _stop_node),
    ]


def stop_commands(name: str, platform: Platform) -> list[Command]:
    """What stop() runs on the node called `name`, for showing."""
    return [act.command for act in _stop_acts(name, platform)]


async def stop(node: Node) -> str:
    """Ends the VM of the node's name and waits until epmd has forgotten it.

    A service manager is asked first, or it starts the service again; then init:stop by remote
    call, or SIGTERM where the node cannot be asked. Returns how it ended. Raises StepFailed.
    """
    how = [await act.run(node) for act in _stop_acts(node.name, node.platform)]
    await gone(node)
    return " and ".join(filter(None, how)) or "not_running"


async def _stop_service(node: Node) -> str:
    """The service manager's own stop; systemd's also for a unit that is activating or waits to
    start again. Whether it took is asked of the node afterwards."""
    platform, facts = node.platform, node.facts
    if not (unit_mask.is_systemd(platform) or facts.ejabberd or facts.starting):
        return ""
    said = await node.host.run(
        platform.stop, user=platform.run_start_as, timeout=STOP_SECONDS, check=False
    )
    return " ".join(platform.stop) if said.code == 0 and facts.vm != "down" else ""


async def _stop_node(node: Node) -> str:
    answer = await node.probe.ask("stop_node", timeout=STOP_SECONDS)
    how = str(answer["how"])
    return "" if how == "not_running" else how


async def gone(node: Node) -> None:
    """Waits until no VM of the node's name is left. Raises WaitedTooLong."""
    await until(
        lambda: node.probe.ask("vm"),
        lambda seen: seen["vm"] == "down",
        what=f"the end of {node.platform.node}",
        seconds=STOP_SECONDS,
        instead=lambda seen: f"VM {seen['vm']}: {seen['vm_why'] or 'it runs'}",
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
            "converting or loading starts from the beginning at the next start."
        ),
        yes_label="End it",
    )


def start_commands(name: str, platform: Platform) -> list[Command]:
    """What start() runs on the node called `name`, for showing."""
    runner = platform.run_start_as or platform.service_user
    return [Command(name, runner, "shell", " ".join(platform.start))]


async def start(node: Node, say: Say = _silent) -> NodeFacts:
    """Starts ejabberd as the platform does, unless it is starting, and waits until it runs.

    It is not started where a part of its database is in a backup. `say` gets the log's last line
    while that takes long. Raises StepFailed with the end of ejabberd's log when it does not come
    up, and CommandFailed when the command refused and what runs there does not become ejabberd
    either.
    """
    facts = await node.refresh()
    if facts.ejabberd or facts.starting:
        return await started(node, say)
    await half_moved.refuse_start(node)
    await unit_mask.release(node)
    command = asyncio.ensure_future(_command(node))
    try:
        return await _running(node, say, Patience(), command)
    finally:
        if not command.done():
            command.cancel()
            await asyncio.wait({command})


async def started(node: Node, say: Say = _silent, awaited: float = AWAITED_SECONDS) -> NodeFacts:
    """Waits for an ejabberd that is starting as long as it lives; starts nothing.

    `awaited` is how many seconds its tables may wait for a node that is away. Raises StepFailed.
    """
    return await _running(node, say, Patience(awaited), None)


async def _running(
    node: Node, say: Say, patience: Patience, command: asyncio.Future[CommandFailed | None] | None
) -> NodeFacts:
    log = _Log(node, say)
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
        await log.look()
        await asyncio.sleep(START_POLL)
    if refused is not None:
        raise refused
    raise StepFailed(
        f"ejabberd did not start on {node.name}: {why}; VM {facts.vm}, Mnesia {facts.mnesia}; "
        f"the end of its log:\n{await log_end(node)}"
    )


async def _command(node: Node) -> CommandFailed | None:
    """Gives the command that starts ejabberd; returns its refusal.

    It refuses as well when somebody else has started the VM already, which is what was wanted.
    """
    platform = node.platform
    try:
        await node.host.run(platform.start, user=platform.run_start_as, timeout=START_SECONDS)
    except CommandFailed as refused:
        return refused
    return None


class _Log:
    """Shows the last line of ejabberd's log, when it is another, while a start takes long."""

    def __init__(self, node: Node, say: Say) -> None:
        self._node = node
        self._say = say
        self._next = time.monotonic() + LOG_AFTER
        self._shown = ""

    async def look(self) -> None:
        if self._say is _silent or time.monotonic() < self._next:
            return
        line = (await log_end(self._node, 1)).strip()
        if line and line != self._shown and self._node.facts.starting:
            self._say(f"ejabberd is starting on {self._node.name}: {clean(line)}")
            self._shown = line
        self._next = time.monotonic() + LOG_EVERY


async def log_end(node: Node, lines: int = LOG_LINES) -> str:
    """The last lines of the node's log, or why they cannot be read."""
    path = f"{node.platform.log_dir}/ejabberd.log"
    try:
        output = await node.host.run(
            ["tail", "-n", str(lines), path], user=node.platform.service_user, check=False
        )
    except HostError as error:
        return str(error)
    return (output.stdout or output.stderr).decode("utf-8", "replace").strip()


async def tell_cookie(node: Node, kept: str | None) -> bool:
    """Lets the running virtual machine take the cookie that its file has now.

    `kept` is the file with the cookie it may still run with. False when it cannot be told.
    """
    try:
        await node.probe.ask("set_cookie", kept)
    except ProbeError:
        return False
    return True
