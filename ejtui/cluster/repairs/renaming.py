"""A node with its database under another name: by a backup in which the name is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ejtui.erlang.names import NodeName

from .. import accounts, backup
from ..errors import StepFailed
from ..steps.step import Evidence
from .means import keep, service, settings

if TYPE_CHECKING:
    from ..node import Node
    from .context import RepairContext

CTL_SECONDS = 120.0


async def rename_to_host(context: RepairContext, style: Literal["short", "long"]) -> Evidence:
    """The node at hand is named after its host, in this style, with its database.

    Its running database goes into a backup that is read to its end, its files are set aside, and
    the backup with the name changed is what the new node starts from. Raises StepFailed, and
    BackupError before anything is changed.
    """
    node = context.node
    old = node.platform.node
    new = await _wanted(node, style)
    if not context.node_facts.ejabberd:
        await service.start(context, node)
        await context.refresh()
    if context.peer.platform.node in context.node_facts.db_nodes:
        raise StepFailed(f"{old} is a member of a cluster: take it out before it is renamed")
    known = accounts.names(await accounts.of(node))
    saved = await back_up(context, node)
    await service.stop(context, node)
    place = keep.place(context, node)
    names = sorted(await backup.mnesia_names(node), key=backup.goes_last)
    spool = node.platform.spool_dir
    await node.probe.ask("move_files", spool, f"{place}/database", names, timeout=backup.LONG)
    done = await settings.option(context, node, "ERLANG_NODE", new)
    if node.platform.node != new:
        raise StepFailed(f"{node.name}'s node is still {node.platform.node}, not {new}")
    await service.start(context, node)
    await _restore(node, old, new, saved)
    await service.restart(context, node)
    await context.refresh()
    now = accounts.names(await accounts.of(node))
    if now != known:
        raise StepFailed(
            f"{node.name} has {len(now)} accounts under its new name, not {len(known)}; all of "
            f"its database is in {place}"
        )
    return [done, f"{node.name}: {len(now)} accounts, as under {old}", f"{saved} was read"]


async def back_up(context: RepairContext, node: Node) -> str:
    """The running node's whole database as a Mnesia backup, read to its end; its path."""
    path = f"{await keep.files(context, node)}/{node.name}.BUP"
    written = await node.probe.ask("backup_node", path, timeout=backup.LONG)
    read = await node.probe.ask("check_backup", path, timeout=backup.LONG)
    context.say(
        f"{path}: {read['records']} records of {len(read['tables'])} tables, "
        f"{written['size']} bytes, read to the end"
    )
    return path


async def _wanted(node: Node, style: Literal["short", "long"]) -> str:
    """The node's name after its host, in this style."""
    name = NodeName.parse(node.platform.node).name
    if style == "short":
        return f"{name}@{node.platform.hostname}"
    said = await node.host.run(["hostname", "-f"], check=False)
    full = said.stdout.decode("utf-8", "replace").strip()
    if said.code != 0 or "." not in full:
        raise StepFailed(f"{node.name} has no full host name (hostname -f): give it one first")
    return f"{name}@{full}"


async def _restore(node: Node, old: str, new: str, saved: str) -> None:
    """Ejabberd's own commands change the name in the backup, and put it in for the next start."""
    changed = f"{saved}.renamed"
    for words in (
        ["mnesia_change_nodename", old, new, saved, changed],
        ["install_fallback", changed],
    ):
        argv = [node.platform.ejabberdctl, *words]
        await node.host.run(argv, user=node.platform.run_start_as, timeout=CTL_SECONDS)
