"""A node with its database under another name: by a backup in which the name is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.cluster.acts.act import Act, At, Command, asked, commands, plain
from ejtui.cluster.backups import join_backup, online, store
from ejtui.cluster.errors import ClusterError, StepFailed
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations import accounts, lifecycle
from ejtui.cluster.repairs.tools import keep, service, settings
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.terms.names import NodeName
from ejtui.hosts import HostError
from ejtui.platforms import Platform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ejtui.cluster.facts.node import NodeFacts
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.repairs.context import RepairContext

CTL_SECONDS = 120.0

SETTING = "ERLANG_NODE"

FALLBACK = "FALLBACK.BUP"
"""What Mnesia makes its database from at its next start, whatever else lies beside it."""


def rename_commands(at: At, facts: NodeFacts, new: str) -> list[Command]:
    """What rename() runs there, for showing."""
    spool, place = at.platform.spool_dir, f"{store.root(at.platform)}/STAMP"
    before = [
        *(lifecycle.start_acts(at) if not facts.ejabberd else []),
        backup_act(at),
        _change_act(at, new, f"{place}/{at.name}.BUP", f"{place}/renamed/{FALLBACK}"),
        *lifecycle.stop_acts(at),
        _fallback_act(at, f"{place}/renamed"),
        _move_act(at, spool, f"{place}/database"),
    ]
    setting = settings.option_command(at, SETTING, new)
    return [*commands(before), setting, *commands(lifecycle.start_acts(at))]


def backup_act(at: At) -> Act:
    """What back_up() writes."""
    return online.backup_act(at, f"{store.root(at.platform)}/STAMP/{at.name}.BUP")


def _change_act(at: At, new: str, saved: str, changed: str) -> Act:
    """ejabberd's own command: a copy of a backup in which the node has another name."""
    platform = at.platform
    argv = [platform.ejabberdctl, "mnesia_change_nodename", platform.node, new, saved, changed]
    return plain(at, argv, platform.service_user, timeout=CTL_SECONDS)


def _fallback_act(at: At, folder: str, sha256: str = "") -> Act:
    """Puts what the new database is made from into the directory."""
    spool, files = at.platform.spool_dir, [(FALLBACK, sha256)]
    text = f"copy {folder}/{FALLBACK} into {spool}/, and compare."
    return asked(at, text, questions.restore_files, folder, spool, files, timeout=join_backup.LONG)


def _move_act(at: At, source: str, target: str, names: Sequence[str] = ()) -> Act:
    return join_backup.move_act(at, source, target, names)


async def rename(context: RepairContext, node: Node, new: str) -> Evidence:
    """The node gets this name, with its database.

    Its running database goes into a backup that is read to its end. That backup with the name
    changed is what Mnesia starts from next, before the old files are set aside and the name is
    set: no start between two of these makes an empty database, and a renaming that was broken
    off goes on. One that fails is taken back: the old files, the old name, and ejabberd runs.
    Raises StepFailed, and BackupError before anything is changed.
    """
    old, spool = node.platform.node, node.platform.spool_dir
    broken_off = FALLBACK in node.facts.spool.names
    if broken_off and node.facts.vm != "down":
        raise StepFailed(f"{spool}/{FALLBACK} would replace {old}'s database: take it away first")
    if broken_off:
        return await _move_on(context, node, old, new)
    await _make_ready(context, node, old, new)
    setting = await settings.setting(node, SETTING)
    try:
        return await _move_on(context, node, old, new)
    except (ClusterError, HostError, ProbeError) as error:
        await _take_back(context, node, old, setting, error)
        raise StepFailed(
            f"{node.name} could not be renamed to {new}: {error}. It runs as {old} again, with "
            "its database"
        ) from error


async def _move_on(context: RepairContext, node: Node, old: str, new: str) -> Evidence:
    """The renaming from where the new database is in its place and the node is down."""
    source = questions.file(f"{node.platform.spool_dir}/{FALLBACK}")
    held = await questions.kept_content(node.probe, source, join_backup.LONG)
    place = await _set_rest_aside(context, node)
    done = await settings.option(context, node, SETTING, new)
    if node.platform.node != new:
        raise StepFailed(
            f"{node.name}'s node is still {node.platform.node}, by "
            f"{node.platform.sources.get('node')}: set {new} there"
        )
    await service.start(context, node)
    await context.refresh()
    known = accounts.names(held.accounts)
    now = accounts.names(await accounts.list_accounts(node))
    if now != known:
        raise StepFailed(
            f"{node.name} has {len(now)} accounts under its new name, not {len(known)}; all of "
            f"its database is in {place}"
        )
    return [done, f"{node.name}: {len(now)} accounts, as under {old}", f"kept in {place}"]


async def _take_back(
    context: RepairContext, node: Node, old: str, setting: str, why: Exception
) -> None:
    """The old files and the old name again, and ejabberd started. Raises StepFailed."""
    context.say(f"{node.name}: renaming failed ({why}); taking it back")
    place = keep.place(context, node)
    try:
        await lifecycle.stop(node)
        await node.refresh()
        await _move(node, node.platform.spool_dir, f"{place}/failed", await _names(node))
        kept = await _kept_names(node, f"{place}/database")
        await _move(node, f"{place}/database", node.platform.spool_dir, kept)
        await settings.put_setting(context, node, SETTING, setting)
        await service.start(context, node)
        await context.refresh()
    except (ClusterError, HostError, ProbeError) as error:
        raise StepFailed(
            f"{node.name} could not be renamed: {why}. Taking that back failed too: {error}. All "
            f"of {old}'s database is in {place} on {node.name}: move the files of "
            f"{place}/database back to {node.platform.spool_dir}, set {SETTING}={old}, and start "
            "ejabberd"
        ) from why


async def _make_ready(context: RepairContext, node: Node, old: str, new: str) -> None:
    """Ends the node with what the new one starts from in its directory."""
    if not node.facts.ejabberd:
        await service.start(context, node)
        await context.refresh()
    others = sorted(set(_members(node.facts)) - {old})
    if others:
        raise StepFailed(
            f"{old} on {node.name} is a member of a cluster with {', '.join(others)}: take it out "
            "before it is renamed"
        )
    saved = await back_up(context, node)
    folder = f"{keep.place(context, node)}/renamed"
    await store.make(node, folder)
    changed = f"{folder}/{FALLBACK}"
    await _change_act(node, new, saved, changed).run(node)
    await questions.read_backup(node.probe, changed, join_backup.LONG)
    [file] = await join_backup.checksums(node, folder, [FALLBACK])
    await service.stop(context, node)
    await _fallback_act(node, folder, file.sha256).run(node)


def _members(facts: NodeFacts) -> tuple[str, ...]:
    return (*facts.db_nodes, *facts.running_db_nodes)


async def _set_rest_aside(context: RepairContext, node: Node) -> str:
    """Moves the database of the old name into the backup; its directory."""
    place = f"{keep.place(context, node)}/database"
    await _move(node, node.platform.spool_dir, place, await _names(node, but=FALLBACK))
    return place


async def _names(node: Node, but: str = "") -> list[str]:
    names = [name for name in await join_backup.mnesia_names(node) if name != but]
    return sorted(names, key=join_backup.goes_last)


async def _kept_names(node: Node, place: str) -> list[str]:
    """What was moved there, the schema last; nothing where nothing was."""
    argv = ["sh", "-c", '[ ! -d "$1" ] || ls -A "$1"', "ls", place]
    said = await node.host.run(argv, user=node.platform.service_user)
    return sorted(said.stdout.decode().splitlines(), key=join_backup.goes_last)


async def _move(node: Node, source: str, target: str, names: list[str]) -> None:
    if names:
        await _move_act(node, source, target, names).run(node)


async def back_up(context: RepairContext, node: Node) -> str:
    """The running node's whole database as a Mnesia backup, read to its end; its path."""
    path = f"{await keep.files(context, node)}/{node.name}.BUP"
    read = await online.make(context, node, path)
    context.say(
        f"{path}: {read.records} records of {read.tables} tables, {read.size} bytes, "
        "read to the end"
    )
    return path


def host_name(platform: Platform, peer: Platform) -> str:
    """The name of the node after its host, as far as it is known before the host is asked.

    A long one where the other node has a long one, or where both hosts have one short name.
    """
    name = NodeName.parse(platform.node).name
    other = NodeName.parse(peer.node)
    long = other.style == "long" and not other.of_localhost
    if long or platform.hostname == peer.hostname:
        return f"{name}@FULL.HOST.NAME"
    return f"{name}@{platform.hostname}"


async def wanted_name(node: Node, peer: Node) -> str:
    """The name of the node after its host: see host_name(). Raises StepFailed for a host that
    has none that the other one could know it by.
    """
    known = host_name(node.platform, peer.platform)
    if not known.endswith("@FULL.HOST.NAME"):
        host = NodeName.parse(known).host
        if host == "localhost":
            raise StepFailed(
                f"the host {node.name} is called localhost: give it another name first "
                "(hostnamectl set-hostname NAME)"
            )
        return known
    full = await full_host_name(node)
    if not full or full.partition(".")[0] == "localhost":
        raise StepFailed(
            f"{node.name} has no full host name (hostname -f), and {node.platform.hostname} alone "
            "does not do: give it one first, in DNS or in /etc/hosts"
        )
    if full == await full_host_name(peer):
        raise StepFailed(
            f"both hosts are called {full} (hostname -f): give one another name first "
            "(hostnamectl set-hostname NAME)"
        )
    return f"{NodeName.parse(node.platform.node).name}@{full}"


async def full_host_name(node: Node) -> str:
    """What `hostname -f` answers there, "" where that has no dot."""
    said = await node.host.run(["hostname", "-f"], check=False)
    full = said.stdout.decode("utf-8", "replace").strip()
    return full if said.code == 0 and "." in full else ""
