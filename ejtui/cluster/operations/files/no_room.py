"""A file system that is full, in one sentence: what, where, how much is free, and what to do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from posixpath import dirname
from typing import TYPE_CHECKING

from ejtui.amounts import amount
from ejtui.cluster.errors import ClusterError, MnesiaEnded, NoRoom
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.probe.questions import Room
from ejtui.erlang.shell.errors import ShellEnded, ShellError
from ejtui.hosts import HostError
from ejtui.platforms.platform import backup_root

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.run.context import StepContext

_FULL = re.compile(r"\b(enospc|edquot)\b|no space left|disk quota exceeded", re.IGNORECASE)
_PATH = re.compile(r"(?<![\w.])(/[^\s:;,\"'<>{}\[\]()]+)")

_LITTLE = 1_000_000
"""Bytes that any place needs: for a cookie, a manifest, a copy of a schema."""

_NOTHING = 100_000
"""Bytes: where less is free, what ended without a reason ended for that."""

_WITHOUT_A_REASON = (MnesiaEnded, ShellEnded)
"""A full file system may be why; their texts do not show it."""


def is_full(error: str) -> bool:
    """Whether an error is of a file system that takes nothing more. Pure."""
    return bool(_FULL.search(error))


@asynccontextmanager
async def explained(context: StepContext, again: str) -> AsyncIterator[None]:
    """Inside, an error of a full file system becomes one sentence; `again` is the command that
    goes on once there is room.

    Raises NoRoom for such an error; others pass, and one that is a NoRoom already.
    """
    try:
        yield
    except NoRoom:
        raise
    except (ClusterError, ProbeError, HostError, ShellError) as error:
        text = str(error)
        full = _FULL.search(text)
        if full is not None:
            paths = _PATH.findall(text[: full.start()])
            raise NoRoom(await _sentence(context, text, paths[-1:], again)) from error
        if not isinstance(error, _WITHOUT_A_REASON):
            raise
        found = await _short_places(context, (), _NOTHING)
        if not found:
            raise
        raise NoRoom(f"{'; '.join(found)}. {_way_on(again)}") from error


async def _sentence(context: StepContext, error: str, written: Sequence[str], again: str) -> str:
    """What is full, with the numbers of now; `written` is the path that could not be, if known."""
    where = "; ".join(await _short_places(context, written)) or _no_longer(error)
    so = "".join(f", so {path} could not be written" for path in written)
    return f"{where}{so}. {_way_on(again)}"


def _way_on(again: str) -> str:
    return (
        "What was done before stays done, and nothing is lost. Make room there, then "
        f"`{again}` goes on from where the nodes stand"
    )


def _no_longer(error: str) -> str:
    """Where no place is short of room by now: a quota, or what was removed since."""
    quota = "edquot" in error or "quota" in error.lower()
    return "a disk quota is used up" if quota else "a file system was full"


async def _short_places(
    context: StepContext, written: Sequence[str], most: int | None = None
) -> list[str]:
    """The places of both nodes that have less room than is needed there, by file system.

    With `most` only those that have less than so many bytes; `written` are further places. None
    for a host that does not answer.
    """
    lines: dict[tuple[str, str], str] = {}
    for node in (context.pair.first, context.pair.second):
        if not node.opened:
            continue
        places = {**dict.fromkeys(map(dirname, written), _LITTLE), **_needs(context, node)}
        for path, needed in places.items():
            try:
                room = await questions.room(node.probe, path)
            except (ClusterError, ProbeError, HostError):
                continue
            if _is_short(room, needed if most is None else most):
                lines.setdefault((node.role, room.mount), _line(node, path, room, needed))
    return list(lines.values())


def _needs(context: StepContext, node: Node) -> dict[str, int]:
    """Bytes that each place of the node may need at most."""
    tables = sum(table.memory for table in context.facts.first.tables)
    is_first = node is context.pair.first
    own = 0 if is_first else node.facts.spool.bytes
    return {
        node.platform.spool_dir: max(_LITTLE, 0 if is_first else tables),
        backup_root(node.platform): max(_LITTLE, tables if is_first else own),
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
