"""A node with its database under another name: by a backup in which the name is changed."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ejtui import scripts
from ejtui.cluster.acts.act import Act, At, Command, asked, commands, plain, scripted
from ejtui.cluster.backups import folders, online
from ejtui.cluster.backups.move import database_move
from ejtui.cluster.diagnosis import own_settings
from ejtui.cluster.errors import ClusterError, StepFailed, without_stop
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations import accounts
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.repairs.tools import keep, service, settings
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.shell.erl import erl_env
from ejtui.erlang.terms import quoting
from ejtui.erlang.terms.names import NodeName
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ejtui.cluster.backups.manifest import BackedFile
    from ejtui.cluster.facts.node import NodeFacts
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.repairs.context import RepairContext

CTL_SECONDS = 120.0

_OFFLINE = scripts.erlang(__file__, "offline_names.eval")

_ALONE = (
    *("-noinput", "+S", "1", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"),
    *("-dist_listen", "false", "-start_epmd", "false", "-kernel", "dist_auto_connect", "never"),
)
"""Options of an erl that no other node meets."""

SETTING = "ERLANG_NODE"

FALLBACK = "FALLBACK.BUP"
"""What Mnesia makes its database from at its next start, whatever else lies beside it."""


def rename_commands(at: At, facts: NodeFacts, new: str) -> list[Command]:
    """What rename() runs there, for showing."""
    spool, place = at.platform.spool_dir, f"{folders.root(at.platform)}/STAMP"
    saved, changed = f"{place}/{at.name}.BUP", f"{place}/renamed/{FALLBACK}"
    online = [
        *(lifecycle.start_acts(at) if not facts.ejabberd else []),
        backup_act(at),
        _change_act(at, new, saved, changed),
        *lifecycle.stop_acts(at),
    ]
    offline = [*service.stop_acts(at, facts), _offline_act(at, new, saved, changed)]
    before = [
        *(offline if facts.lost_address else online),
        _fallback_act(at, f"{place}/renamed"),
        _move_act(at, spool, f"{place}/database"),
    ]
    setting = settings.option_command(at, SETTING, new)
    return [*commands(before), setting, *commands(lifecycle.start_acts(at))]


def backup_act(at: At) -> Act:
    """What back_up() writes."""
    return online.backup_act(at, f"{folders.root(at.platform)}/STAMP/{at.name}.BUP")


def _change_act(at: At, new: str, saved: str, changed: str) -> Act:
    """ejabberd's own command: a copy of a backup in which the node has another name."""
    platform = at.platform
    argv = [platform.ejabberdctl, "mnesia_change_nodename", platform.node, new, saved, changed]
    return plain(at, argv, platform.service_user, timeout=CTL_SECONDS)


def _offline_act(at: At, new: str, saved: str, changed: str) -> Act:
    """The same for a node that nobody reaches by its name, and its backup: beside the files."""
    platform = at.platform
    old = NodeName.parse(platform.node)
    argv = [
        *(*platform.erl_line, old.flag, str(old), *_ALONE),
        *("-mnesia", "dir", quoting.string(platform.spool_dir)),
    ]
    text = (
        f"{shlex.join(argv)} # mnesia:backup to {saved}, then as ejabberdctl "
        f"mnesia_change_nodename does: {old} becomes {new} in {changed}"
    )

    async def does(node: Node) -> None:
        paths = await questions.code_paths(node.probe)
        words = [new, saved, changed, str(int(online.LONG)), *paths]
        ran = await node.host.run(
            [*argv, "-eval", _OFFLINE, "-extra", *words],
            user=platform.service_user,
            env=erl_env(platform),
            cwd=platform.home,
            timeout=online.LONG,
        )
        said = ran.stdout.decode("utf-8", "replace").strip().rpartition("\n")[2]
        if said != "done":
            raise StepFailed(
                f"{node.name}'s database could not be read beside its files, and nothing was "
                f"changed: {said or 'erl printed nothing'}"
            )

    return scripted(at, platform.service_user, text, does)


def _fallback_act(at: At, folder: str, sha256: str = "") -> Act:
    """Puts what the new database is made from into the directory."""
    spool, files = at.platform.spool_dir, [(FALLBACK, sha256)]
    text = f"copy {folder}/{FALLBACK} into {spool}/, and compare."
    return asked(at, text, questions.restore_files, folder, spool, files, timeout=online.LONG)


def _move_act(at: At, source: str, target: str, names: Sequence[str] = ()) -> Act:
    return database_move.move_act(at, source, target, names)


async def rename(context: RepairContext, node: Node, new: str) -> Evidence:
    """The node gets this name, with its database.

    Its running database goes into a backup that is read to its end. That backup with the name
    changed is what Mnesia starts from next, before the old files are set aside and the name is
    set: no start between two of these makes an empty database, and a renaming that was broken
    off goes on. One that fails is taken back: the old files, the old name, and ejabberd runs.
    Raises StepFailed, and BackupError before anything is changed.
    """
    settings.refuse_option(node, SETTING, new)
    old, spool = node.platform.node, node.platform.spool_dir
    broken_off = FALLBACK in node.facts.spool.names
    if broken_off and node.facts.vm != "down":
        raise StepFailed(f"{spool}/{FALLBACK} would replace {old}'s database: take it away first")
    if broken_off:
        return await _move_on(context, node, old, new)
    reached = not node.facts.lost_address
    await (_make_ready if reached else _make_ready_offline)(context, node, old, new)
    setting = await settings.setting(node, SETTING)
    try:
        return await _move_on(context, node, old, new)
    except (ClusterError, HostError, ProbeError) as error:
        await _take_back(context, node, old, setting, error, reached=reached)
        raise StepFailed(
            f"{node.name} could not be renamed to {new}: {without_stop(error)}. "
            f"It runs as {old} again, with its database"
        ) from error


async def _move_on(context: RepairContext, node: Node, old: str, new: str) -> Evidence:
    """The renaming from where the new database is in its place and the node is down."""
    source = questions.file(f"{node.platform.spool_dir}/{FALLBACK}")
    held = await questions.kept_content(node.probe, source, online.LONG)
    place = await _set_rest_aside(context, node)
    done = await settings.option(context, node, SETTING, new)
    if node.platform.node != new:
        raise StepFailed(
            f"{node.name}'s node is still {node.platform.node}, by "
            f"{node.platform.sources.get('node')}: set {new} there"
        )
    await service.start(context, node)
    await context.refresh()
    hosts = (await own_settings.settings(node)).hosts
    # Accounts of a host that is served no more stay in the database, and ejabberd lists none.
    known, now = (
        accounts.names([each for each in listed if not hosts or each[1] in hosts])
        for listed in (held.accounts, await accounts.list_own(node))
    )
    if now != known:
        raise StepFailed(
            f"{node.name} has {len(now)} accounts under its new name, not {len(known)}; all of "
            f"its database is in {place}"
        )
    return [done, f"{node.name}: {len(now)} accounts, as under {old}", f"kept in {place}"]


async def _take_back(
    context: RepairContext, node: Node, old: str, setting: str, why: Exception, *, reached: bool
) -> None:
    """The old files and the old name again, and ejabberd started. Raises StepFailed."""
    context.say(f"{node.name}: renaming failed ({why}); taking it back")
    place = keep.place(context, node)
    try:
        await lifecycle.stop(node, context.say)
        await node.refresh()
        await _move(node, node.platform.spool_dir, f"{place}/failed", await _names(node))
        kept = await _kept_names(node, f"{place}/database")
        await _move(node, f"{place}/database", node.platform.spool_dir, kept)
        await settings.put_setting(context, node, SETTING, setting)
        await (service.start(context, node) if reached else service.start_unseen(node))
        await context.refresh()
    except (ClusterError, HostError, ProbeError) as error:
        raise StepFailed(
            f"{node.name} could not be renamed: {without_stop(why)}. Taking that back failed "
            f"too: {without_stop(error)}. All of {old}'s database is in {place} on "
            f"{node.name}: move the files of {place}/database back to "
            f"{node.platform.spool_dir}, set {SETTING}={old}, and start ejabberd"
        ) from why


async def _make_ready(context: RepairContext, node: Node, old: str, new: str) -> None:
    """Ends the node with what the new one starts from in its directory."""
    if not node.facts.ejabberd:
        await service.start(context, node)
        await context.refresh()
    _refuse_member(node, old, (*node.facts.db_nodes, *node.facts.running_db_nodes))
    saved = await back_up(context, node)
    folder, changed = await _folder(context, node)
    await _change_act(node, new, saved, changed).run(node)
    file = await _read(node, folder)
    await service.stop(context, node)
    await _fallback_act(node, folder, file.sha256).run(node)


async def _make_ready_offline(context: RepairContext, node: Node, old: str, new: str) -> None:
    """The same for a node that nobody reaches by its name: its files are read while it is down."""
    await service.stop(context, node)
    facts = await node.refresh()
    if facts.disk_schema is None:
        raise StepFailed(
            f"the schema in {node.platform.spool_dir} on {node.name} cannot be read; nothing was "
            "changed"
        )
    _refuse_member(node, old, facts.disk_schema.nodes)
    saved = f"{await keep.files(context, node)}/{node.name}.BUP"
    folder, changed = await _folder(context, node)
    await _offline_act(node, new, saved, changed).run(node)
    read = await questions.read_backup(node.probe, saved, online.LONG)
    context.say(f"{saved}: {read.records} records of {len(read.tables)} tables, read to the end")
    file = await _read(node, folder)
    await _fallback_act(node, folder, file.sha256).run(node)


def _refuse_member(node: Node, old: str, members: Sequence[str]) -> None:
    others = sorted(set(members) - {old})
    if others:
        raise StepFailed(
            f"{old} on {node.name} is a member of a cluster with {', '.join(others)}: take it out "
            "before it is renamed"
        )


async def _folder(context: RepairContext, node: Node) -> tuple[str, str]:
    """Where the database of the new name is made: the directory, and the file in it."""
    folder = f"{keep.place(context, node)}/renamed"
    await folders.make(node, folder)
    return folder, f"{folder}/{FALLBACK}"


async def _read(node: Node, folder: str) -> BackedFile:
    """The file that was made there, which can be read to its end. Raises ProbeError."""
    await questions.read_backup(node.probe, f"{folder}/{FALLBACK}", online.LONG)
    [file] = await database_move.checksums(node, folder, [FALLBACK])
    return file


async def _set_rest_aside(context: RepairContext, node: Node) -> str:
    """Moves the database of the old name into the backup; its directory."""
    place = f"{keep.place(context, node)}/database"
    await _move(node, node.platform.spool_dir, place, await _names(node, but=FALLBACK))
    return place


async def _names(node: Node, but: str = "") -> list[str]:
    names = [name for name in await database_move.mnesia_names(node) if name != but]
    return sorted(names, key=database_move.goes_last)


async def _kept_names(node: Node, place: str) -> list[str]:
    """What was moved there, the schema last; nothing where nothing was."""
    argv = ["sh", "-c", '[ ! -d "$1" ] || ls -A "$1"', "ls", place]
    said = await node.host.run(argv, user=node.platform.service_user)
    return sorted(said.stdout.decode().splitlines(), key=database_move.goes_last)


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
