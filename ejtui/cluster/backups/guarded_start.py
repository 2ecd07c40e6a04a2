"""The one way to start ejabberd: never on a database of which a part lies in a backup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.cluster.backups.move import half_moved
from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.operations.vm.launch import launch
from ejtui.cluster.operations.vm.node_log import Say, silent

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node


async def start(node: Node, say: Say = silent) -> NodeFacts:
    """Starts ejabberd as the platform does, unless it is starting, and waits until it runs.

    It is not started where a part of its database is in a backup. `say` gets the log's last line
    while that takes long. Raises StepFailed with the end of ejabberd's log when it does not come
    up, and with what the command printed when that refused and what runs there does not become
    ejabberd either.
    """
    facts = await node.refresh()
    if facts.ejabberd or facts.starting:
        return await lifecycle.started(node, say)
    await half_moved.refuse_start(node)
    return await launch(node, say)
