"""Keeping systemd from starting ejabberd while its database directory is being changed.

The unit is masked below /run, so that a reboot undoes it; an operator's own mask is left alone.
Other service managers do not restart a service that they have stopped.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from ejtui import scripts
from ejtui.cleaning import clean
from ejtui.cluster.acts.act import Act, At, scripted
from ejtui.cluster.errors import ClusterError
from ejtui.cluster.pair.node import Node
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError
from ejtui.hosts.host import Output
from ejtui.platforms import Platform

MARK = "/run/ejtui-holds-ejabberd"
"""Stands on the host as long as the mask is ejtui's."""

_RUN = "/run/systemd/system"

_SECONDS = 60.0

_MASK = scripts.shell(__file__, "mask.sh")

_UNMASK = scripts.shell(__file__, "unmask.sh")


def is_systemd(platform: Platform) -> bool:
    """Whether ejabberd is a unit of systemd's there."""
    return bool(platform.unit)


def unit(platform: Platform) -> str:
    """The full name of the service's unit, "" where systemd does not manage it."""
    return platform.unit


def mask_acts(at: At) -> list[Act[Output]]:
    """How systemd is kept from starting the unit: what mask() does; nothing elsewhere."""
    return _acts(at, _MASK, f"systemctl mask --runtime {unit(at.platform)}")


def release_acts(at: At) -> list[Act[Output]]:
    """How that is undone: what release() does; nothing elsewhere."""
    text = f"systemctl unmask --runtime {unit(at.platform)} # where ejtui has masked it"
    return _acts(at, _UNMASK, text)


def _acts(at: At, script: str, text: str) -> list[Act[Output]]:
    name, root = unit(at.platform), at.platform.root
    if not (name and root):
        return []

    async def does(node: Node) -> Output:
        argv = ["sh", "-c", script, "sh", name, MARK]
        return await node.host.run(argv, user=root, timeout=_SECONDS, check=False)

    return [scripted(at, root, text, does)]


def places(platform: Platform) -> list[str]:
    """What mask() writes: it must not be fixed there (see fixed_files). Pure."""
    name = unit(platform)
    return [MARK, f"{_RUN}/{name}", f"{_RUN}/{name}.d/"] if name and platform.root else []


async def mask(node: Node) -> str:
    """Nothing starts the unit until release(). Does nothing where systemd does not manage it.

    Why systemd could not be kept from it, "" where it is.
    """
    for act in mask_acts(node):
        node.undo_at_close = partial(release, node)
        said = await act.run(node)
        if said.code != 0:
            return clean(said.stderr.decode("utf-8", "replace")).strip() or "systemctl failed"
    return ""


async def release(node: Node) -> None:
    """Undoes the mask of this ejtui, or of an earlier one that was ended before it could.

    Never raises: where the host is gone by then, the next ejtui does it, or the host's reboot.
    """
    if node.known_platform is None or not node.opened:
        return
    with suppress(ProbeError, HostError, ClusterError):
        for act in release_acts(node):
            await act.run(node)
            node.undo_at_close = None
