"""The start of ejabberd itself, unasked: `backups.guarded_start` alone may use it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ejtui.cluster.acts import unit_mask
from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.operations.vm.lifecycle import start_acts, wait_running
from ejtui.cluster.operations.vm.node_log import Say
from ejtui.cluster.operations.vm.patience import Patience
from ejtui.hosts import CommandFailed

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node


async def launch(node: Node, say: Say) -> NodeFacts:
    """Gives the platform's command that starts ejabberd, and waits until it runs.

    Raises StepFailed as `guarded_start.start` does.
    """
    await unit_mask.release(node)
    command = asyncio.ensure_future(_command(node))
    try:
        return await wait_running(node, say, Patience(), command)
    finally:
        if not command.done():
            command.cancel()
            await asyncio.wait({command})


async def _command(node: Node) -> CommandFailed | None:
    """Gives the command that starts ejabberd; returns its refusal.

    It refuses as well when somebody else has started the VM already, which is what was wanted.
    """
    try:
        await start_acts(node)[-1].run(node)
    except CommandFailed as refused:
        return refused
    return None
