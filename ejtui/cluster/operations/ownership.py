"""Giving files of another owner to the service user, never by a link that it could have made."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ejtui.cluster.operations.safety import run_guarded
from ejtui.hosts import guard

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

CONFIGURED = "configuration"
"""Where a value comes from that ejtui's own configuration gives."""


async def give_spool(node: Node) -> list[str]:
    """Gives all that another user owns in the database directory to the service user.

    Returns a line for each: who owned it, its mode, its path. Raises StepFailed, HostError.
    """
    platform = node.platform
    given = platform.sources.get("spool_dir") == CONFIGURED
    named_by = [] if given else [platform.ejabberdctl, platform.ejabberdctl_cfg]
    argv = guard.giving(platform.service_user, platform.spool_dir, named_by=named_by)
    return await run_guarded(node, argv)


def owner(user: str) -> str:
    """The user and its group as chown takes them in a shell's line, for showing."""
    return f"{shlex.quote(user)}:$(id -gn {shlex.quote(user)})"
