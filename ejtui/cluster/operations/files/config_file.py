"""A node's ejabberd.yml on its host: read, checked by ejabberd's own reader, replaced, loaded.

What it holds passes sealed: see `ejtui.erlang.probe.sealing`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from ejtui.cluster.acts.act import Act, At, Command, asked, doing, plain, shell
from ejtui.cluster.administration.refusals import reported
from ejtui.cluster.diagnosis import own_file
from ejtui.cluster.diagnosis.own_file import NAME, path, read
from ejtui.cluster.errors import NoRoom, StepFailed
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import CommandFailed, HostError, guard
from ejtui.hosts.host import Output
from ejtui.platforms.platform import STEERED

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

__all__ = ["NAME", "check", "path", "read", "replace", "stage"]

RELOAD_SECONDS = 60.0

_FULL = re.compile(r"no space left|quota exceeded|file system full|disc quota", re.I)
_READ_ONLY = re.compile(r"read-only file system", re.I)


class FileChanged(StepFailed):
    """Somebody has edited the file since it was read; it is as they left it."""


def stage_act(at: At, place: str, sealed: str = "") -> Act:
    """Writes the new file beside the backup, for the service user alone."""
    text = f"write {place}, mode 0600: {path(at.platform)} with the lines that were shown."
    return asked(at, text, questions.write_file, place, sealed)


async def stage(node: Node, place: str, text: str) -> None:
    """Writes the text into a new file that the service user alone may read. Raises ProbeError."""
    from ejtui.erlang.probe.sealing import sealed

    key = await questions.secret_key(node.probe)
    await stage_act(node, place, sealed(text.encode("utf-8"), key)).run(node)


def check_command(at: At, place: str) -> Command:
    """How ejabberd's own reader is asked: what check() does."""
    text = f"erl -noinput -eval 'ejabberd_config:load().' # reads {place}, starts no ejabberd"
    return shell(at, at.platform.service_user, text)


async def check(node: Node, place: str) -> str:
    """Why ejabberd's own reader refuses the file, "" where it takes it.

    Raises StepFailed where it cannot be asked.
    """
    try:
        with doing(check_command(node, place)):
            said = await own_file.checked(node, place)
    except (HostError, ProbeError) as error:
        raise StepFailed(
            f"ejabberd's own reader on {node.name} did not answer, and nothing was replaced: "
            f"{error}"
        ) from error
    why = own_file.verdict(said)
    if why is None:
        whole = reported(" ".join(said.splitlines()[-3:])) or "it printed nothing"
        raise StepFailed(
            f"ejabberd's own reader on {node.name} cannot be asked, and nothing was replaced: "
            f"{whole}"
        )
    return why and await own_file.read_without(node) + why


def replace_command(at: At, source: str) -> Command:
    """How the file gets its new content: what replace() does."""
    platform = at.platform
    text = (
        f"cp {source} {path(platform)} # owner and mode stay; as {platform.service_user} if others "
        "than root may write there"
    )
    return shell(at, platform.service_user if STEERED in platform.sources else platform.root, text)


async def replace(node: Node, source: str, sha256: str, former: str) -> str:
    """The file gets the content of `source`, by root where root alone may write its directory.

    Not where `source` has another checksum than `sha256` by then. Raises FileChanged where the
    file has another one than `former` by then, and StepFailed where neither root nor the service
    user may, as on a read-only file system. The file is then as it was, unless the host was lost.

    Returns what became of its owner where the service user alone could write it, "" for nothing.
    """
    platform = node.platform
    # A file that others may write names the path: not for root.
    root = None if STEERED in platform.sources else node.host.root
    argv = guard.replacing(path(platform), source, platform.service_user, sha256, former)
    was = "" if root else await _owner(node)
    with doing(replace_command(node, source)):
        try:
            try:
                await node.host.run(argv, user=root or platform.service_user)
            except HostError as error:
                if not root or guard.reason(error) is None:
                    raise
                await _replace_as_user(node, argv, sha256)
        except HostError as error:
            raise await _not_replaced(node, error, source) from error
    now = "" if root else await _owner(node)
    if was == now:
        return ""
    return (
        f"{path(platform)} on {node.name} belonged to {was} and belongs to {now} now: it was "
        f"written as {platform.service_user}, as others than root may write there"
    )


async def _owner(node: Node) -> str:
    """Owner and group of the file, by their names; "" where they cannot be seen."""
    argv = ["ls", "-ldL", path(node.platform)]
    try:
        listed = await node.host.run(argv, user=node.platform.service_user, check=False)
    except HostError:
        return ""
    fields = listed.stdout.decode("utf-8", "replace").split()
    return ":".join(fields[2:4]) if listed.code == 0 else ""


async def _replace_as_user(node: Node, argv: Sequence[str], sha256: str) -> None:
    """In a directory of the service user's; root gives a file of another owner's back to that one.

    Raises HostError.
    """
    platform, root = node.platform, node.host.root
    was = (await node.host.run(guard.owner_of(path(platform)), user=root)).stdout.decode().split()
    await node.host.run(argv, user=platform.service_user)
    now = (await node.host.run(guard.owner_of(path(platform)), user=root)).stdout.decode().split()
    if now != was:
        owner, group, mode = was
        user = platform.service_user
        argv = guard.giving_back(path(platform), user, owner, group, mode, sha256)
        await node.host.run(argv, user=root)


async def _not_replaced(node: Node, error: HostError, source: str) -> StepFailed:
    where = f"{path(node.platform)} on {node.name}"
    if guard.changed(error):
        return FileChanged(
            f"{where} has changed since it was read; nothing was written; compare again"
        )
    why = guard.reason(error)
    printed_there = error.stderr if isinstance(error, CommandFailed) else ""
    if _FULL.search(printed_there):
        return await _no_space(node, source)
    if why or _READ_ONLY.search(printed_there):
        why = (why or "its file system is read-only").rstrip(".")
        return StepFailed(
            f"{where} cannot be written: {why}. Set these options where that file is made"
        )
    return StepFailed(f"{where} cannot be written: {printed_there or error}")


async def _no_space(node: Node, source: str) -> NoRoom:
    """That the new file has no room beside the former one, and how much it needs."""
    directory = PurePosixPath(path(node.platform)).parent
    try:
        run = await node.host.run(
            ["wc", "-c", source], user=node.platform.service_user, check=False
        )
        size = run.stdout.decode("utf-8", "replace").partition(" /")[0].strip()
    except HostError:
        size = ""
    needed = f"{size} bytes" if size.isdecimal() else f"as much as {NAME} has"
    return NoRoom(
        f"no space left in {directory} on {node.name}: nothing was changed. The new file needs "
        f"{needed} there beside the former one; make room, then run the same command again"
    )


def reload_act(at: At) -> Act[Output]:
    """Has a running ejabberd load its file again. Whether it took is asked of it afterwards."""
    platform = at.platform
    argv = [platform.ejabberdctl, "reload_config"]
    return plain(at, argv, platform.service_user, timeout=RELOAD_SECONDS, check=False)


def printed(done: Any) -> str:
    """What ejabberd's command printed, for a message: no value of the file is in it."""
    return reported((done.stdout + done.stderr).decode("utf-8", "replace"))
