"""Copies of what a repair is about to touch: made first, compared, never removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui import scripts
from ejtui.cluster.backups import folders, store
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.move import database_move
from ejtui.cluster.backups.rollback.present import is_clusters
from ejtui.cluster.errors import BackupError
from ejtui.cluster.operations.files.safety import refuse_unsafe
from ejtui.hosts import HostError, guard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.repairs.context import RepairContext

_KEEP = scripts.shell(__file__, "keep.sh")

_KEEP_ROOTS = scripts.shell(__file__, "keep_roots.sh")

ROOTS = "/root/ejtui-backups"
"""The directory of root's on a host for what the service user may not read."""

_WRITE = 'umask 077; cat > "$1"'


def place(context: RepairContext, node: Node) -> str:
    """The directory on the node's host that this repair keeps things in."""
    return f"{folders.root(node.platform)}/{context.stamp}"


async def files(context: RepairContext, node: Node, *paths: str) -> str:
    """Keeps copies of files, and who owns them, before they are changed.

    The service user makes them: what it may not read is not handed to it. Returns the directory.
    What was kept by this repair before stays as it was kept first. Raises BackupError.
    """
    return await _keep(context, node, "yes", paths)


async def listing(context: RepairContext, node: Node, *paths: str) -> str:
    """Keeps whose the files are and their modes, where nothing in them changes; the directory."""
    return await _keep(context, node, "no", paths)


async def _keep(context: RepairContext, node: Node, copies: str, paths: tuple[str, ...]) -> str:
    where = place(context, node)
    await refuse_unsafe(node, folders.root(node.platform))
    argv = ["sh", "-euc", _KEEP, "keep", where, copies, *paths]
    try:
        await node.host.run(argv, user=node.platform.service_user)
    except HostError as error:
        raise BackupError(f"nothing was changed, for it cannot be kept first: {error}") from None
    context.say(f"kept in {where} on {node.name}")
    return where


async def databases(context: RepairContext) -> tuple[str, str]:
    """Keeps copies of both nodes' Mnesia files, each a backup with a manifest; first's directory
    first.

    Nobody may write them meanwhile. Raises BackupError, ProbeError.
    """
    first, second = context.pair.first, context.pair.second
    return await _database(context, first, second), await _database(context, second, first)


async def _database(context: RepairContext, node: Node, peer: Node) -> str:
    """One node's Mnesia files and the manifest that lists them; the directory."""
    names = await database_move.mnesia_names(node)
    spool = node.platform.spool_dir
    kept = await files(context, node, *(f"{spool}/{name}" for name in names))
    facts = context.node_facts if node is context.node else context.peer_facts
    manifest = Manifest(
        stamp=context.stamp,
        first=peer.platform.node,
        second=node.platform.node,
        stage="rolled-back",
        directory=spool,
        place=kept,
        created=folders.moment_of(context.stamp),
        by=store.operator(),
        was_running=facts.ejabberd,
        files=tuple(await database_move.checksums(node, kept, names)),
        reason=f"repair of {context.finding.code}",
        own=not is_clusters(context.facts, context.pair.first.platform.node),
        folder="",
        schema_cookie=facts.schema_cookie,
    )
    await store.write(node, manifest)
    return kept


async def text(context: RepairContext, node: Node, name: str, content: bytes) -> str:
    """Keeps a text, such as a listing of what is about to change; returns its path."""
    path = f"{await files(context, node)}/{name}"
    argv = ["sh", "-euc", _WRITE, "keep", path]
    await node.host.run(argv, user=node.platform.service_user, stdin=content)
    return path


async def roots(context: RepairContext, node: Node, name: str, argv: Sequence[str]) -> str:
    """Keeps what a command of root's prints where root alone may read it; returns its path.

    The service user gets none of it, and it does not leave the host. Raises BackupError.
    """
    where = f"{ROOTS}/{context.stamp}"
    script = f"set -eu\n{guard.script()}{_KEEP_ROOTS}"
    line = ["/bin/sh", "-c", script, "keep", ROOTS, context.stamp, name, *argv]
    try:
        await node.host.run(line, user=node.host.root)
    except HostError as error:
        raise BackupError(f"nothing was changed, for it cannot be kept first: {error}") from None
    context.say(f"kept in {where} on {node.name}, which root alone may read")
    return f"{where}/{name}"
