"""A file system that is full, in one sentence: what, where, how much is free, and what to do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ejtui.amounts import amount
from ejtui.cluster.errors import ClusterError, StepFailed
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.probe.questions import Room
from ejtui.erlang.shell.errors import ShellError
from ejtui.hosts import HostError
from ejtui.platforms.platform import backup_root

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.run.context import StepContext

_FULL = re.compile(r"\b(enospc|edquot)\b|no space left|disk quota exceeded", re.IGNORECASE)
_PATH = re.compile(r"(?<![\w.])(/[^\s:;,\"'<>{}\[\]()]+)")

_LITTLE = 1_000_000
"""Bytes that any place needs: for a cookie, a manifest, a copy of a schema."""


@asynccontextmanager
async def explained(context: StepContext, again: str) -> AsyncIterator[None]:
    """Inside, an error of a full file system becomes one sentence; `again` is the command that
    goes on once there is room.

    Raises StepFailed for such an error; others pass.
    """
    try:
        yield
    except (ClusterError, ProbeError, HostError, ShellError) as error:
        if not _FULL.search(str(error)):
            raise
        raise StepFailed(await _sentence(context, str(error), again)) from error


async def _sentence(context: StepContext, error: str, again: str) -> str:
    """What is full, with the numbers of now."""
    full = _FULL.search(error)
    paths = _PATH.findall(error[: full.start()] if full else error)
    written = f", so {paths[-1]} could not be written" if paths else ""
    found = [
        line
        for node in (context.pair.first, context.pair.second)
        for line in await _short_places(context, node)
    ]
    where = "; ".join(found) or _no_longer(error)
    return (
        f"{where}{written}. What was done before stays done, and nothing is lost. Make room there, "
        f"then `{again}` goes on from where the nodes stand"
    )


def _no_longer(error: str) -> str:
    """Where no place is short of room by now: a quota, or what was removed since."""
    quota = "edquot" in error or "quota" in error.lower()
    return "a disk quota is used up" if quota else "a file system was full"


async def _short_places(context: StepContext, node: Node) -> list[str]:
    """The places of a node that have less room than a join or a rollback needs there.

    One line for each file system; none for a host that does not answer.
    """
    lines: dict[str, str] = {}
    for path, needed in _needs(context, node).items():
        try:
            room = await questions.room(node.probe, path)
        except (ClusterError, ProbeError, HostError):
            continue
        if _is_short(room, needed):
            lines.setdefault(room.mount, _line(node, path, room, needed))
    return list(lines.values())


def _needs(context: StepContext, node: Node) -> dict[str, int]:
    """Bytes that each place of the node may need at most."""
    tables = sum(table.memory for table in context.facts.first.tables)
    is_first = node is context.pair.first
    own = 0 if is_first else node.facts.spool.bytes
    return {
        backup_root(node.platform): max(_LITTLE, tables if is_first else own),
        node.platform.spool_dir: max(_LITTLE, 0 if is_first else tables),
        "/tmp": _LITTLE,  # noqa: S108 (only looked at)
    }


def _is_short(room: Room, needed: int) -> bool:
    return room.free < needed or room.files == 0


def _line(node: Node, path: str, room: Room, needed: int) -> str:
    if room.free >= needed:
        return (
            f"{node.name} has no room for more files at {path} (file system {room.mount}, `df -i`)"
        )
    return (
        f"{node.name} has too little room at {path} (file system {room.mount}): at most "
        f"{amount(needed)} needed, {amount(room.free)} free"
    )
