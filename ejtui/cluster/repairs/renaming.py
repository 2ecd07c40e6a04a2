"""A node with its database under another name: by a backup in which the name is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ejtui.cluster.backups import join_backup, online, store
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations import accounts
from ejtui.cluster.repairs.tools import keep, service, settings
from ejtui.erlang.terms.etf import Atom
from ejtui.erlang.terms.names import NodeName

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.repairs.context import RepairContext

CTL_SECONDS = 120.0


FALLBACK = "FALLBACK.BUP"
"""What Mnesia makes its database from at its next start, whatever else lies beside it."""


async def rename_to_host(context: RepairContext, style: Literal["short", "long"]) -> Evidence:
    """The node at hand is named after its host, in this style, with its database.

    Its running database goes into a backup that is read to its end. That backup with the name
    changed is what Mnesia starts from next, before the old files are set aside and the name is
    set: no start between two of these makes an empty database, and a renaming that was broken
    off goes on. Raises StepFailed, and BackupError before anything is changed.
    """
    node = context.node
    old, new = node.platform.node, await _wanted(node, style)
    spool = node.platform.spool_dir
    begun = FALLBACK in context.node_facts.spool.names
    if begun and context.node_facts.vm != "down":
        raise StepFailed(f"{spool}/{FALLBACK} would replace {old}'s database: take it away first")
    if not begun:
        await _make_ready(context, old, new)
    source = (Atom("file"), f"{spool}/{FALLBACK}")
    held = await node.probe.ask("kept_content", source, timeout=join_backup.LONG)
    place = await _set_rest_aside(context, node)
    done = await settings.option(context, node, "ERLANG_NODE", new)
    if node.platform.node != new:
        raise StepFailed(f"{node.name}'s node is still {node.platform.node}, not {new}")
    await service.start(context, node)
    await context.refresh()
    known = accounts.names(accounts.read(held["accounts"]))
    now = accounts.names(await accounts.of(node))
    if now != known:
        raise StepFailed(
            f"{node.name} has {len(now)} accounts under its new name, not {len(known)}; all of "
            f"its database is in {place}"
        )
    return [done, f"{node.name}: {len(now)} accounts, as under {old}", f"kept in {place}"]


async def _make_ready(context: RepairContext, old: str, new: str) -> None:
    """Ends the node with what the new one starts from in its directory."""
    node = context.node
    if not context.node_facts.ejabberd:
        await service.start(context, node)
        await context.refresh()
    if context.peer.platform.node in context.node_facts.db_nodes:
        raise StepFailed(f"{old} is a member of a cluster: take it out before it is renamed")
    saved = await back_up(context, node)
    folder = f"{keep.place(context, node)}/renamed"
    await store.make(node, folder)
    changed = f"{folder}/{FALLBACK}"
    argv = [node.platform.ejabberdctl, "mnesia_change_nodename", old, new, saved, changed]
    await node.host.run(argv, user=node.platform.service_user, timeout=CTL_SECONDS)
    await node.probe.ask("check_backup", changed, timeout=join_backup.LONG)
    [file] = await join_backup.checksums(node, folder, [FALLBACK])
    await service.stop(context, node)
    files = [(FALLBACK, file.sha256)]
    await node.probe.ask(
        "restore_files", folder, node.platform.spool_dir, files, timeout=join_backup.LONG
    )


async def _set_rest_aside(context: RepairContext, node: Node) -> str:
    """Moves the database of the old name into the backup; its directory."""
    place = f"{keep.place(context, node)}/database"
    names = [name for name in await join_backup.mnesia_names(node) if name != FALLBACK]
    ordered = sorted(names, key=join_backup.goes_last)
    await node.probe.ask(
        "move_files", node.platform.spool_dir, place, ordered, timeout=join_backup.LONG
    )
    return place


async def back_up(context: RepairContext, node: Node) -> str:
    """The running node's whole database as a Mnesia backup, read to its end; its path."""
    path = f"{await keep.files(context, node)}/{node.name}.BUP"
    read = await online.make(context, node, path)
    context.say(
        f"{path}: {read.records} records of {read.tables} tables, {read.size} bytes, "
        "read to the end"
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
