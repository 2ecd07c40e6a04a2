"""A time in which no ejabberd of a node's name runs, whatever restarts it.

systemd is kept from it by a mask; everything else by holding the node's name at epmd, so that
no ejabberd of that name can start. The name is free again when the probe lets go of it, or ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from ejtui.cluster.acts import unit_mask
from ejtui.cluster.acts.act import Act, At, asked, doing
from ejtui.cluster.errors import ClusterError
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.operations.vm.node_log import Say, silent
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

STOPS = 3
"""So often what starts between a stop and the hold of the name is stopped again."""


class Intruder(ClusterError):
    """A VM of the node's name that ejtui did not start runs where none must."""


def down_acts(at: At) -> list[Act]:
    """How ejabberd is stopped and kept down: what down() does."""
    return [*lifecycle.stop_acts(at), *unit_mask.mask_acts(at), _hold_act(at)]


def _hold_act(at: At) -> Act[str]:
    text = f"register {at.platform.node} at epmd meanwhile, so that nothing starts it."
    return asked(at, text, questions.hold_name)


@asynccontextmanager
async def keep_down(node: Node, say: Say = silent) -> AsyncIterator[bool]:
    """Stops ejabberd and keeps it from starting meanwhile; whether its name is held.

    `say` takes a line when the stop takes long. The mask stays until ejtui starts ejabberd or
    gives back the lock. Raises Intruder where something starts ejabberd again and again, and
    where a VM runs at the end all the same.
    """
    held = await _take(node, say)
    try:
        yield held
        await expect_down(node)
    finally:
        with suppress(ProbeError, HostError, ClusterError), doing(_hold_act(node).command):
            await questions.release_name(node.probe)


async def _take(node: Node, say: Say) -> bool:
    """Stops it and holds its name. Raises Intruder, StepFailed."""
    for _ in range(STOPS):
        await _stop_to_its_end(node, say)
        why_not = await unit_mask.mask(node)
        result = await _hold_act(node).run(node)
        if result == "held":
            return True
        if result == "none":
            if why_not:
                raise Intruder(f"systemd can start ejabberd on {node.name} meanwhile: {why_not}")
            await expect_down(node)
            return False
    raise Intruder(f"something starts ejabberd on {node.name} as soon as it is stopped")


async def _stop_to_its_end(node: Node, say: Say) -> None:
    """Stops it. A cancel comes after the stop: what ends cannot be kept, and the caller, who
    leaves the node as it was, must not take it for one that runs. Raises StepFailed.
    """
    stopping = asyncio.ensure_future(lifecycle.stop(node, say))
    try:
        await asyncio.shield(stopping)
    except asyncio.CancelledError:
        with suppress(ProbeError, HostError, ClusterError):
            await stopping
        raise


async def expect_down(node: Node) -> None:
    """Raises Intruder where a VM of the node's name runs."""
    if (await questions.vm(node.probe)).state == "up":
        raise Intruder(f"something started ejabberd on {node.name}, which must be down")
