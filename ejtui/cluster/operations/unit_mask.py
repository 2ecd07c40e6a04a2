"""Keeping systemd from starting ejabberd while its database directory is being changed.

The unit is masked below /run, so that a reboot undoes it; an operator's own mask is left alone.
Other service managers do not start again what they were told to stop.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ejtui import scripts
from ejtui.cluster.command import Command
from ejtui.cluster.errors import ClusterError
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError
from ejtui.platforms import Platform

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

MARK = "/run/ejtui-holds-ejabberd"
"""Stands on the host as long as the mask is ejtui's."""

_SECONDS = 60.0

_MASK = scripts.shell(__file__, "mask.sh")

_UNMASK = scripts.shell(__file__, "unmask.sh")


def is_systemd(platform: Platform) -> bool:
    """Whether ejabberd is a unit of systemd's there."""
    return bool(platform.stop) and platform.stop[0].rpartition("/")[2] == "systemctl"


def unit(platform: Platform) -> str:
    """The full name of the service's unit, "" where systemd does not manage it."""
    if not is_systemd(platform):
        return ""
    name = platform.stop[-1]
    return name if "." in name else f"{name}.service"


def commands(name: str, platform: Platform) -> list[Command]:
    """What mask() runs on the node called `name`, for showing."""
    masked = unit(platform)
    text = f"systemctl mask --runtime {masked}"
    return [Command(name, "root", "shell", text)] if masked else []


async def mask(node: Node) -> None:
    """Nothing starts the unit until release(). Does nothing where systemd does not manage it."""
    name = unit(node.platform)
    if name and node.host.root:
        node.masked = True
        argv = ["sh", "-c", _MASK, "sh", name, MARK]
        await node.host.run(argv, user=node.host.root, timeout=_SECONDS, check=False)


async def release(node: Node) -> None:
    """Undoes the mask of this ejtui, or of an earlier one that was ended before it could.

    Never raises: where the host is gone by then, the next ejtui does it, or the host's reboot.
    """
    platform = node.known_platform
    if platform is None or not node.opened or not unit(platform):
        return
    with suppress(ProbeError, HostError, ClusterError):
        argv = ["sh", "-c", _UNMASK, "sh", unit(platform), MARK]
        await node.host.run(argv, user=node.host.root, timeout=_SECONDS, check=False)
        node.masked = False
