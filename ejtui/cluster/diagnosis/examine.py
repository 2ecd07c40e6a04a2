"""Asks what a check needs beyond the facts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ejtui import scripts
from ejtui.cluster.acts import epmd_socket, service_unit
from ejtui.cluster.administration.refusals import logged
from ejtui.cluster.diagnosis import own_file
from ejtui.cluster.diagnosis.log_reading import code_of, journal_entries, log_facts
from ejtui.cluster.diagnosis.mesh import holes
from ejtui.cluster.diagnosis.own_settings import own_settings
from ejtui.cluster.diagnosis.settings_syntax import broken_files
from ejtui.cluster.facts.examination import (
    BrokenFile,
    DirectoryFacts,
    Examined,
    MemberFacts,
    NodeExam,
    SchemaLock,
    ServiceUnit,
)
from ejtui.cluster.facts.from_probe import failures
from ejtui.cluster.facts.log import Core, LogFacts
from ejtui.cluster.facts.node import REMOTE, NodeFacts, PairFacts
from ejtui.cluster.pair.lock import holder
from ejtui.cluster.pair.members import with_names
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError
from ejtui.platforms.platform import backup_root

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair

LOG = "ejabberd.log"

SECOND_LOOK = 0.3
"""Seconds after which a lock that is still held counts as stuck."""

_PORT_OWNER = scripts.shell(__file__, "port_owner.sh")


async def examine(pair: Pair, facts: PairFacts) -> Examined:
    """Looks at both nodes more closely, at once; what cannot be asked stays unasked."""
    names = [node.node for node in (facts.first, facts.second) if node.node]
    first, second, joining = await asyncio.gather(
        _node(pair.first, facts.first, names, facts.second),
        _node(pair.second, facts.second, names, facts.first),
        _joining(pair),
    )
    first, second = await own_settings(pair, first, second)
    first = replace(first, members=with_names(first.members, pair.others))
    second = replace(second, members=with_names(second.members, pair.others))
    mesh = await holes(pair, first, second, names)
    remote = frozenset(name for name, kind in pair.choices.items() if kind == REMOTE)
    return Examined(first, second, tuple(mesh), joining, remote)


async def _node(node: Node, facts: NodeFacts, names: list[str], peer: NodeFacts) -> NodeExam:
    if not facts.asked or not node.opened:
        return NodeExam()
    log = f"{node.platform.log_dir}/{LOG}"
    looked, here, backups, unsafe, service, (unread, broken) = await asyncio.gather(
        _exam(node, log, names),
        _room(node, node.platform.spool_dir),
        _room(node, backup_root(node.platform)),
        _unsafe(node),
        _service(node, facts),
        _of_next_start(node),
    )
    exam: NodeExam = replace(
        looked,
        free=here.free if here else None,
        backup_free=backups.free if backups else None,
        backups_apart=bool(here and backups and here.mount != backups.mount),
        free_files=here.files if here else None,
        backup_files=backups.files if backups else None,
        backups_in_memory=bool(here and backups and backups.memory and not here.memory),
        unsafe=unsafe,
        service=service,
        unread_environment=unread,
        broken_files=broken,
        host_key=node.host_key,
    )
    if facts.epmd_error == "silent":
        with contextlib.suppress(ProbeError, HostError):
            exam = replace(exam, port_owner=await _port_owner(node))
    way = peer.peers.get(facts.node)
    if way is not None and way.broken == "epmd":
        with contextlib.suppress(ProbeError, HostError):
            exam = replace(exam, epmd_socket=await epmd_socket.find(node))
    return exam


async def _service(node: Node, facts: NodeFacts) -> ServiceUnit | None:
    """Ejabberd's unit; with its journal where ejabberd does not run."""
    unit = await service_unit.find(node, facts.os_pid)
    if unit is None or facts.ejabberd:
        return unit
    lines = await service_unit.journal(node, unit)
    return replace(unit, journal=journal_entries(lines))


async def _of_next_start(
    node: Node,
) -> tuple[tuple[tuple[str, str], ...], tuple[BrokenFile, ...]]:
    """Files that its next start reads: those with variables that are unread, those broken."""
    return await asyncio.gather(own_file.unread(node), broken_files(node))


async def _exam(node: Node, log: str, names: list[str]) -> NodeExam:
    """What the probe sees; not asked where it does not answer, with why where it failed."""
    try:
        exam = node_exam(await questions.exam(node.probe, log, names))
        if exam.locks:
            exam = replace(exam, locks=await _still_held(node, log, names, exam.locks))
    except ProbeError as error:
        failed = (str(error),) if error.internal else ()
        return NodeExam(failed=failed)
    except HostError:
        return NodeExam()
    return exam


async def _room(node: Node, path: str) -> questions.Room | None:
    """What is free on the file system of a path, and where that is mounted; None for unknown."""
    try:
        return await questions.room(node.probe, path)
    except (ProbeError, HostError):
        return None


async def _unsafe(node: Node) -> tuple[str, ...]:
    """Where nothing should be kept, with why."""
    try:
        seen = await questions.unsafe(node.probe, [backup_root(node.platform)])
    except (ProbeError, HostError):
        return ()
    return tuple(f"{path}: {why}" for path, why in seen)


async def _still_held(
    node: Node, log: str, names: list[str], locks: tuple[SchemaLock, ...]
) -> tuple[SchemaLock, ...]:
    """Those of the locks that are no passing transaction's."""
    await asyncio.sleep(SECOND_LOOK)
    again = node_exam(await questions.exam(node.probe, log, names))
    return tuple(lock for lock in locks if lock in again.locks)


async def _port_owner(node: Node) -> str:
    port = node.platform.env.get("ERL_EPMD_PORT", "4369")
    argv = ["sh", "-c", _PORT_OWNER, "sh", port]
    said = await node.host.run(argv, user=node.host.root, check=False)
    return " ".join(said.stdout.decode("utf-8", "replace").split())


async def _joining(pair: Pair) -> str:
    """Who is in the middle of changing this pair: this ejtui, by its shell, or another."""
    if pair.live_shell is not None:
        return "this ejtui"
    try:
        other = await holder(pair)
    except (ProbeError, HostError):
        return ""
    return f"{other.who} ({other.what})" if other else ""


def node_exam(said: Mapping[Any, Any]) -> NodeExam:
    """From the probe's answer. Raises ProbeError for one that is no exam."""
    try:
        return _node_exam(said)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise ProbeError("garbled", "its answer is not the exam of a node") from None


def _node_exam(said: Mapping[Any, Any]) -> NodeExam:
    directory = said["directory"]
    return NodeExam(
        asked=True,
        directory=DirectoryFacts(
            exists=bool(directory["exists"]),
            writable=bool(directory["writable"]),
            owner=str(directory["owner"] or ""),
            mode=directory["mode"],
        ),
        same_directory=bool(said.get("same_dir", True)),
        log=_log(said["log"], said["core"]),
        locks=tuple(
            SchemaLock(str(each["transaction"]), str(each["at"])) for each in said["locks"]
        ),
        connected=tuple(sorted(map(str, said["connected"]))),
        masters=tuple(sorted(map(str, said["masters"]))),
        failed=failures(said.get("failed")),
        members=tuple(sorted(map(_member, said["members"]), key=lambda member: member.node)),
    )


def _log(said: Mapping[Any, Any], core: Mapping[Any, Any] | None) -> LogFacts:
    dump = None
    if core:
        text = " ".join(str(core["text"]).split())
        dump = Core(str(core["path"]), logged(text), code_of(text))
    pieces = [(int(line), str(text)) for line, text in said["pieces"]]
    return log_facts(str(said["path"]), str(said["error"] or ""), pieces, dump)


def _member(said: Mapping[Any, Any]) -> MemberFacts:
    return MemberFacts(
        node=str(said["node"]),
        broken=str(said["broken"] or ""),
        why=str(said["why"] or ""),
        ejabberd=bool(said["ejabberd"]),
        schema=str(said["schema"] or ""),
    )
