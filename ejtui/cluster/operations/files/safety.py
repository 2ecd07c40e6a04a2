"""Where ejtui refuses to act, because the service user could steer what it does there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ejtui.cluster.diagnosis.rules.installation.unsafe import UNSAFE, unsafe_path
from ejtui.cluster.errors import StepFailed
from ejtui.erlang.probe import questions
from ejtui.hosts import HostError, guard

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node


def refused(node: Node, why: str) -> StepFailed:
    """The error for a path that is not safe; `why` is the path and what it is."""
    found = unsafe_path(node.role, node.name, (why,))
    return StepFailed(f"{UNSAFE} on {node.name}: {why}. {found.repair}", (found,))


async def run_guarded(node: Node, argv: Sequence[str], *, timeout: float = 600.0) -> list[str]:
    """Runs one of the guard's commands as root; returns its lines. Raises StepFailed, HostError."""
    try:
        ran = await node.host.run(argv, user=node.host.root, timeout=timeout)
    except HostError as error:
        why = guard.reason(error)
        if why is None:
            raise
        raise refused(node, why) from None
    return ran.stdout.decode("utf-8", "replace").splitlines()


async def refuse_unsafe(node: Node, directory: str) -> None:
    """Raises StepFailed where nothing should be kept in the directory.

    It must be no link, belong to the service user or root, and nobody else may write it.
    """
    for path, why in await questions.unsafe(node.probe, [directory]):
        raise refused(node, f"{path}: {why}")
