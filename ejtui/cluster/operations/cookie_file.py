"""The magic cookie's file: copied between hosts and into backups, by the service users alone.

No cookie passes through ejtui: one probe seals it for the other, and each reads and writes as its
own host's service user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.cluster.errors import StepFailed
from ejtui.cluster.operations.safety import refused
from ejtui.erlang.probe.client import ProbeError
from ejtui.platforms import Platform

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

NAME = ".erlang.cookie"


def path(platform: Platform) -> str:
    """Where Erlang looks for the service user's cookie."""
    return f"{platform.home}/{NAME}"


async def send(source: Node, to: Node) -> None:
    """Writes the cookie of one host into the file of the other, for its owner alone.

    Raises StepFailed.
    """
    try:
        key = await to.probe.ask("secret_key")
        sealed = await source.probe.ask("sealed_cookie", key)
        await to.probe.ask("write_sealed", path(to.platform), sealed)
    except ProbeError as error:
        raise _failed(to, error, f"{source.name}'s cookie cannot be copied to") from None


async def copy(node: Node, source: str, target: str) -> None:
    """Copies a file with a cookie on one host, for its owner alone. Raises StepFailed."""
    try:
        await node.probe.ask("copy_secret", source, target)
    except ProbeError as error:
        raise _failed(node, error, "the cookie cannot be copied on") from None


def _failed(node: Node, error: ProbeError, what: str) -> StepFailed:
    if error.code == "unsafe-path":
        return refused(node, error.text)
    return StepFailed(f"{what} {node.name}: {error.text}")
