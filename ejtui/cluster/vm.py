"""Ending and starting what runs under a node's name."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from ejtui.erlang.probe import ProbeError
from ejtui.hosts import CommandFailed, HostError, Platform

from . import half_moved
from .errors import StepFailed
from .facts import NodeFacts
from .waiting import until

if TYPE_CHECKING:
    from .node import Node

STOP_SECONDS = 90.0
START_SECONDS = 180.0
LIFELESS_SECONDS = 30.0
"""A start after which no virtual machine is seen for so long has failed."""

GONE_SECONDS = 10.0
"""So is one whose virtual machine was seen and then none for so long; systems start it again."""

START_POLL = 0.04
"""Seconds between two looks at a node that boots and needs the processor for itself."""

LOG_LINES = "12"


def service_managed(platform: Platform) -> bool:
    """Whether the system's own service manager starts and stops ejabberd there."""
    return platform.ejabberdctl not in platform.stop


def stop_command(platform: Platform) -> str:
    """How stop() ends ejabberd there, for showing."""
    if service_managed(platform):
        return " ".join(platform.stop)
    return f"erl: init:stop() on {platform.node}"


async def stop(node: Node) -> str:
    """Ends the virtual machine of the node's name and waits until epmd has forgotten it.

    A service manager is told first, lest it start the service again; then init:stop by remote
    call, or SIGTERM where the node cannot be asked. Returns how it ended. Raises StepFailed.
    """
    platform = node.platform
    if service_managed(platform) and node.facts.ejabberd:
        await node.host.run(platform.stop, user=platform.run_start_as, timeout=STOP_SECONDS)
    answer = await node.probe.ask("stop_node", timeout=STOP_SECONDS)
    await gone(node)
    return str(answer["how"])


async def gone(node: Node) -> None:
    """Waits until no virtual machine of the node's name is left. Raises WaitedTooLong."""
    await until(
        lambda: node.probe.ask("vm"),
        lambda seen: seen["vm"] == "down",
        what=f"the end of {node.platform.node}",
        seconds=STOP_SECONDS,
        instead=lambda seen: f"VM {seen['vm']}: {seen['vm_why'] or 'it runs'}",
    )


async def start(node: Node) -> NodeFacts:
    """Starts ejabberd as the platform does, and waits until the application runs.

    It is not started where a part of its database is in a backup.

    Raises StepFailed with the end of ejabberd's log when it does not come up, and CommandFailed
    when the command refused and what runs there does not become ejabberd either.
    """
    await half_moved.refuse_start(node)
    refused = await _begin(node)
    seen_alive, lifeless = time.monotonic(), LIFELESS_SECONDS
    end = seen_alive + (LIFELESS_SECONDS if refused else START_SECONDS)
    while time.monotonic() < end:
        facts = await node.refresh()
        if facts.ejabberd:
            return facts
        if facts.vm != "down":
            seen_alive, lifeless = time.monotonic(), GONE_SECONDS
        elif refused or time.monotonic() - seen_alive > lifeless:
            break
        await asyncio.sleep(START_POLL)
    if refused:
        raise refused
    raise StepFailed(
        f"ejabberd did not start on {node.name}: VM {node.facts.vm}, Mnesia {node.facts.mnesia}; "
        f"the end of its log:\n{await log_end(node)}"
    )


async def _begin(node: Node) -> CommandFailed | None:
    """Gives the command that starts ejabberd; returns its refusal.

    It refuses as well when a start that was broken off has begun the machine already, which is
    what was wanted.
    """
    platform = node.platform
    try:
        await node.host.run(platform.start, user=platform.run_start_as, timeout=START_SECONDS)
    except CommandFailed as refused:
        return refused
    return None


async def log_end(node: Node) -> str:
    """The last lines of the node's log, or why they cannot be read."""
    path = f"{node.platform.log_dir}/ejabberd.log"
    try:
        output = await node.host.run(
            ["tail", "-n", LOG_LINES, path], user=node.platform.service_user, check=False
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
