"""Giving files of another owner to the service user, never by a link that it could have made."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial

from ejtui.cluster.acts.act import Act, At, scripted
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.operations.files.safety import run_guarded
from ejtui.cluster.pair import fixed_files
from ejtui.cluster.pair.node import Node
from ejtui.hosts import guard
from ejtui.platforms import Platform
from ejtui.platforms.platform import STEERED

CONFIGURED = "configuration"
"""Where a value comes from that ejtui's own configuration gives."""


def spool_act(at: At) -> Act[list[str]]:
    """Gives all that another user owns in the database directory to the service user.

    It returns a line for each: who owned it, its mode, its path. Raises StepFailed, HostError.
    """
    platform = at.platform
    given = platform.sources.get("spool_dir") == CONFIGURED
    named_by = [platform.ejabberdctl, platform.ejabberdctl_cfg, *_steered_by(platform)]
    where, named_by = (platform.spool_dir, ""), [] if given else named_by
    text = (
        f"chown {_owner(platform)} what another user owns in {platform.spool_dir}, and chmod u+rwx "
        f"{platform.spool_dir}; no link is followed"
    )
    return scripted(at, platform.root, text, partial(_give, where, named_by))


def file_act(at: At, name: str) -> Act:
    """Gives one file in the service user's home to that user. Raises StepFailed, HostError."""
    platform = at.platform
    given = platform.sources.get("home") == CONFIGURED
    named_by = [] if given else _steered_by(platform)
    text = f"chown {_owner(platform)} {platform.home}/{name}, opened without following a link"
    return scripted(at, platform.root, text, partial(_give, (platform.home, name), named_by))


async def _give(where: tuple[str, str], named_by: Sequence[str], node: Node) -> list[str]:
    """Gives nothing where one of the files is such that nobody can give it."""

    def giving(*, look: bool) -> list[str]:
        user = node.platform.service_user
        return guard.giving(user, *where, named_by=named_by, look=look)

    if found := fixed_files.read("\n".join(await run_guarded(node, giving(look=True)))):
        raise StepFailed(fixed_files.why(node.name, found))
    return await run_guarded(node, giving(look=False))


def _steered_by(platform: Platform) -> list[str]:
    """The file that others than root may write, where one names the directories."""
    return [platform.sources[STEERED]] if STEERED in platform.sources else []


def _owner(platform: Platform) -> str:
    """The user and its group as chown takes them in a shell's line."""
    user = shlex.quote(platform.service_user)
    return f"{user}:$(id -gn {user})"
