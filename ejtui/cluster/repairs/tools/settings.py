"""Changing one setting in a host's ejabberdctl.cfg, or one line in its hosts file."""

from __future__ import annotations

import ipaddress
import re
import shlex
from typing import TYPE_CHECKING

from ejtui import scripts
from ejtui.cluster.acts.act import At, Command, doing, shell
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.repairs.tools import keep
from ejtui.hosts import guard
from ejtui.platforms.platform import STEERED

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.repairs.context import RepairContext

HOSTS = "/etc/hosts"

_HOST_NAME = re.compile(r"[A-Za-z0-9_.-]+")

_STAT = scripts.shell(__file__, "stat.sh")


def option_command(at: At, name: str, value: str | None) -> Command:
    """How a setting of ejabberdctl.cfg is changed: what option() does."""
    platform = at.platform
    user = platform.service_user if STEERED in platform.sources else platform.root
    setting = f"{name} becomes a comment" if value is None else f"{name}={value}"
    return shell(at, user, f"edit {platform.ejabberdctl_cfg}: {setting}{_OWNER}")


def host_command(at: At, address: str, name: str) -> Command:
    """How a line is added to the hosts file: what host_entry() does."""
    return shell(at, at.platform.root, f"edit {HOSTS}: {address} {name}{_OWNER}")


_OWNER = " # as ejabberd's user if others than root may write the file"


async def option(context: RepairContext, node: Node, name: str, value: str | None) -> str:
    """Sets NAME=value in ejabberdctl.cfg, or makes its line a comment with None.

    The file is kept first; what ejtui knows of the host is asked again. Returns what was done.
    """
    path = node.platform.ejabberdctl_cfg
    with doing(option_command(node, name, value)):
        await _change(context, node, path, lambda text: changed(text, name, value))
    await context.reopen(node)
    done = f"{path} on {node.name}: " + (f"{name}={value}" if value else f"no {name} any more")
    context.say(done)
    return done


async def content(node: Node) -> str:
    """The whole of ejabberdctl.cfg as it is now, for put_content()."""
    user, _ = await _writer(node, node.platform.ejabberdctl_cfg)
    text = await node.host.read(node.platform.ejabberdctl_cfg, user=user)
    return text.decode("utf-8", "surrogateescape")


async def put_content(context: RepairContext, node: Node, text: str) -> None:
    """Makes ejabberdctl.cfg what content() has read; ejtui asks the host about it again."""
    await _change(context, node, node.platform.ejabberdctl_cfg, lambda _: text)
    await context.reopen(node)
    context.say(f"{node.platform.ejabberdctl_cfg} on {node.name} is as it was")


async def host_entry(context: RepairContext, node: Node, address: str, name: str) -> str:
    """Adds a line to the hosts file, which is kept first. Returns what was done.

    Raises StepFailed for an address or a name that is none: both come from what the hosts answer.
    """
    if not is_address(address) or not _HOST_NAME.fullmatch(name):
        raise StepFailed(f"{address!r} {name!r} is no line for {HOSTS}")
    with doing(host_command(node, address, name)):
        await _change(context, node, HOSTS, lambda text: with_entry(text, address, name))
    done = f"{HOSTS} on {node.name}: {address} {name}"
    context.say(done)
    return done


async def _writer(node: Node, path: str) -> tuple[str | None, bool]:
    """Who changes the file, and whether that is root, who alone can have made it then."""
    host = node.host
    by_root = bool(
        host.root
        and (path == HOSTS or STEERED not in node.platform.sources)
        and (await host.run(guard.believing(path), user=host.root)).stdout
    )
    return (host.root if by_root else node.platform.service_user), by_root


async def _change(context: RepairContext, node: Node, path: str, change: _Change) -> None:
    """As root where root alone can have made the file, else as the service user."""
    host = node.host
    user, by_root = await _writer(node, path)
    said = await host.run(["sh", "-c", _STAT, "stat", path], user=user)
    real, owner_mode = said.stdout.decode().splitlines()[:2]
    owner, mode = owner_mode.split()
    before = (await host.read(real, user=user)).decode("utf-8", "surrogateescape")
    after = change(before)
    if after == before:
        return
    await _keep(context, node, real, user)
    data = after.encode("utf-8", "surrogateescape")
    await host.write(real, data, owner=owner if by_root else None, mode=int(mode, 8), user=user)


async def _keep(context: RepairContext, node: Node, real: str, user: str | None) -> None:
    """A file that the service user may not read is kept beside itself, by its owner."""
    service = node.platform.service_user
    readable = await node.host.run(["test", "-r", real], user=service, check=False)
    if readable.code == 0:
        await keep.files(context, node, real)
        return
    copy = f"{real}.{context.stamp}"
    await node.host.run(["cp", "-p", real, copy], user=user)
    context.say(f"kept in {copy} on {node.name}")


def is_address(text: str) -> bool:
    """Whether the text is an IP address and nothing else."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def changed(text: str, name: str, value: str | None) -> str:
    """The file with the setting as its last word on it: in place of the last line that set it.

    With None every line that sets it becomes a comment.
    """
    lines = text.splitlines(keepends=True)
    sets = re.compile(rf"\s*(export\s+)?{re.escape(name)}=")
    found = [number for number, line in enumerate(lines) if sets.match(line)]
    if value is None:
        for number in found:
            lines[number] = f"#{lines[number]}"
        return "".join(lines)
    wanted = f"{name}={shlex.quote(value)}\n"
    if found:
        lines[found[-1]] = wanted
    else:
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        lines.append(wanted)
    return "".join(lines)


def with_entry(text: str, address: str, name: str) -> str:
    """The hosts file with a line for the name, unless that very line is there."""
    words = [line.partition("#")[0].split() for line in text.splitlines()]
    if any(word[:1] == [address] and name in word[1:] for word in words):
        return text
    end = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{end}{address}\t{name}\n"


if TYPE_CHECKING:
    from collections.abc import Callable

    _Change = Callable[[str], str]
