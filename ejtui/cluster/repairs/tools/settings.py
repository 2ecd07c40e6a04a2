"""Changing one setting in a host's ejabberdctl.cfg, or one line in its hosts file."""

from __future__ import annotations

import ipaddress
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ejtui import scripts
from ejtui.cluster.acts import declared
from ejtui.cluster.acts.act import At, Command, doing, shell
from ejtui.cluster.diagnosis.settings_syntax import refuse_broken
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.pair import fixed_files
from ejtui.cluster.repairs.tools import keep
from ejtui.hosts import guard
from ejtui.hosts.programs import files
from ejtui.platforms.platform import NODE_ARG, STEERED, UNIT

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.repairs.context import RepairContext

HOSTS = "/etc/hosts"

_HOST_NAME = re.compile(r"[A-Za-z0-9_.-]+")

_STAT = scripts.shell(__file__, "stat.sh")
_SET = scripts.shell(__file__, "set_option.sh")
_DROP_COOKIE = scripts.shell(__file__, "drop_cookie.sh")
_ADD = scripts.shell(__file__, "add_entry.sh")


@dataclass(frozen=True)
class Edit:
    """A change of the lines that set an option.

    "last": the last one becomes `line`, which is added where there is none; "comment": each becomes
    one; "unset": that, and it is unset behind them; "drop": the last one goes. A line with more
    than the setting, or in an `if`, stays: what is behind it counts.
    """

    how: Literal["last", "comment", "unset", "drop"]
    line: str = ""


def option_command(at: At, name: str, value: str | None) -> Command:
    """How a setting of ejabberdctl.cfg is changed: what option() does."""
    platform = at.platform
    user = platform.service_user if STEERED in platform.sources else platform.root
    gone = "becomes a comment, or is unset where a block or the unit has it"
    setting = f"{name} {gone}" if value is None else f"{name}={value}"
    return shell(at, user, f"edit {platform.ejabberdctl_cfg}: {setting}{_OWNER}")


def host_command(at: At, address: str, name: str) -> Command:
    """How a line is added to the hosts file: what host_entry() does."""
    return shell(
        at,
        at.platform.root,
        f"edit {HOSTS}: {address} {name}, no other line of this host's{_OWNER}",
    )


_MADE_AGAIN = (
    "cloud-init makes that file again at each boot of the host (manage_etc_hosts): write the line "
    "into the template that the file names, too"
)

_OWNER = " # as ejabberd's user if others than root may write the file"


def refuse_option(at: At, name: str, value: str | None) -> None:
    """Raises StepFailed where nobody edits the host's ejabberdctl.cfg, or the unit's name of the
    node wins over it, with what to set instead.
    """
    if name == "ERLANG_NODE" and NODE_ARG in at.platform.sources:
        raise StepFailed(
            f"{at.name}'s unit gives the node its name (ERLANG_NODE_ARG, or ejabberdctl --node), "
            f"which wins over {at.platform.ejabberdctl_cfg}: set {value} there "
            f"(systemctl edit {at.platform.unit}). Nothing was changed"
        )
    line = f"write `unset {name}`" if value is None else f"write `{name}={value}`"
    declared.refuse_edit(at, "ejabberdctl.cfg", line)


async def option(context: RepairContext, node: Node, name: str, value: str | None) -> str:
    """Sets NAME=value in ejabberdctl.cfg, or makes its lines comments with None.

    The file is kept first; what ejtui knows of the host is asked again. Nothing else of the file
    leaves its host: sudo there may record what passes. Returns what was done.
    """
    refuse_option(node, name, value)
    await refuse_broken(node)
    path = node.platform.ejabberdctl_cfg
    with doing(option_command(node, name, value)):
        by_unit = node.platform.sources.get(f"env.{name}") == UNIT
        change = Edit("unset") if value is None and by_unit else edit(name, value)
        await _edit(context, node, name, change)
    await context.reopen(node)
    done = f"{path} on {node.name}: " + (f"{name}={value}" if value else f"no {name} any more")
    context.say(done)
    return done


def cookie_command(at: At, path: str, line: int) -> Command:
    """How an option that gives a cookie goes: what without_cookie() does."""
    platform = at.platform
    user = platform.service_user if STEERED in platform.sources else platform.root
    return shell(at, user, f"edit {path}, line {line}: without -setcookie{_OWNER}")


async def without_cookie(context: RepairContext, node: Node, path: str, line: int) -> None:
    """Takes -setcookie out of a line of a file, which is kept first; nothing leaves its host."""
    if path == node.platform.ejabberdctl_cfg:
        declared.refuse_edit(node, "ejabberdctl.cfg", "leave out -setcookie")
    with doing(cookie_command(node, path, line)):
        await fixed_files.refuse(node, [path])
        user, by_root = await _writer(node, path)
        real, owner, mode = await there(node, path, user)
        await _keep(context, node, real, user)
        argv = dropping(real, line, owner if by_root else None, mode)
        await node.host.run(argv, user=user)
    context.say(f"{path} on {node.name}: no -setcookie in line {line} any more")


async def setting(node: Node, name: str) -> str:
    """The line of ejabberdctl.cfg that option() would replace, for put_setting(); "" for none."""
    path = node.platform.ejabberdctl_cfg
    user, _ = await _writer(node, path)
    said = await node.host.run(replaced_line(path, name), user=user)
    return said.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


async def put_setting(context: RepairContext, node: Node, name: str, line: str) -> None:
    """Makes that line what setting() has read; ejtui asks the host about the file again."""
    await _edit(context, node, name, Edit("last", line) if line else Edit("drop"))
    await context.reopen(node)
    context.say(f"{node.platform.ejabberdctl_cfg} on {node.name} is as it was")


def _is_loopback(name: str) -> bool:
    """Whether every host gives that name to itself."""
    known = {"localhost", "localhost4", "localhost6", "loopback", "broadcasthost"}
    return name.lower().partition(".")[0] in known or name.lower().startswith("ip6-")


async def host_entry(
    context: RepairContext, node: Node, address: str, name: str, wrong: Iterable[str] = ()
) -> str:
    """Adds a line to the hosts file, which is kept first. Returns what was done.

    A line that gives the name an address of the host's own, or one of the `wrong`, loses it.
    Raises StepFailed for an address or a name that is none: both come from what the hosts answer.
    """
    if not is_address(address) or not _HOST_NAME.fullmatch(name) or _is_loopback(name):
        raise StepFailed(f"{address!r} {name!r} is no line for {HOSTS}")
    declared.refuse_edit(node, "hosts", f"write `{address} {name}`")
    with doing(host_command(node, address, name)):
        made_again = await _add_entry(context, node, (address, name), wrong)
    done = f"{HOSTS} on {node.name}: {address} {name}"
    if made_again:
        done += f"; {_MADE_AGAIN}"
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


async def there(node: Node, path: str, user: str | None) -> tuple[str, str, int]:
    """Where the path leads, and the owner and mode of what is there."""
    said = await node.host.run(["sh", "-c", _STAT, "stat", path], user=user)
    real, owner_mode = said.stdout.decode().splitlines()[:2]
    owner, mode = owner_mode.split()
    return real, owner, int(mode, 8)


async def _add_entry(
    context: RepairContext, node: Node, entry: tuple[str, str], wrong: Iterable[str]
) -> bool:
    """On its host, as root where root alone can have made the file, else as the service user.

    Returns whether cloud-init makes the file again at each boot of the host.
    """
    await fixed_files.refuse(node, [HOSTS])
    user, by_root = await _writer(node, HOSTS)
    real, owner, mode = await there(node, HOSTS, user)

    def argv(how: Literal["look", "add"]) -> list[str]:
        others = {*node.facts.addresses, *wrong}
        return adding(how, real, entry, others, owner if by_root else None, mode)

    seen = (await node.host.run(argv("look"), user=user)).stdout.split()
    if b"missing" in seen:
        await _keep(context, node, real, user)
        await node.host.run(argv("add"), user=user)
    return b"cloud-init" in seen


async def _edit(context: RepairContext, node: Node, name: str, change: Edit) -> None:
    """The same for ejabberdctl.cfg, which may hold secrets: on its host."""
    path = node.platform.ejabberdctl_cfg
    await fixed_files.refuse(node, [path])
    user, by_root = await _writer(node, path)
    real, owner, mode = await there(node, path, user)
    if not (await node.host.run(looking(real, name, change), user=user)).stdout:
        return
    await _keep(context, node, real, user)
    argv = editing(real, name, change, owner if by_root else None, mode)
    await node.host.run(argv, user=user)


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


def edit(name: str, value: str | None) -> Edit:
    """How the option gets the value; with None none of its lines counts any more."""
    return Edit("comment") if value is None else Edit("last", f"{name}={shlex.quote(value)}")


def replaced_line(path: str, name: str) -> list[str]:
    """The argv that prints the line that edit() would replace, and nothing where it adds one."""
    return ["/bin/sh", "-c", _SET, "lines", name, path, "line", "", ""]


def looking(path: str, name: str, change: Edit) -> list[str]:
    """The argv that prints something where the change would change the file."""
    return ["/bin/sh", "-c", _SET, "lines", name, path, change.how, change.line, ""]


def editing(path: str, name: str, change: Edit, owner: str | None, mode: int) -> list[str]:
    """The argv that changes the option's lines in a file."""
    *_, script, _, _, _, by, digits = files.writing(path, 0, owner, mode)
    return ["/bin/sh", "-c", _SET, "set", name, path, change.how, change.line, script, by, digits]


def dropping(path: str, line: int, owner: str | None, mode: int) -> list[str]:
    """The argv that takes -setcookie in a line of a file out."""
    *_, script, _, _, _, by, digits = files.writing(path, 0, owner, mode)
    return ["/bin/sh", "-c", _DROP_COOKIE, "drop", str(line), path, script, by, digits]


def adding(
    how: Literal["look", "add"],
    path: str,
    entry: tuple[str, str],
    others: Iterable[str],
    owner: str | None,
    mode: int,
) -> list[str]:
    """The argv that adds an address and a name to a hosts file, or prints that it would change.

    The name goes from lines with an address of loopback, or one of the `others`.
    """
    *_, script, _, _, _, by, digits = files.writing(path, 0, owner, mode)
    lose = " ".join(sorted(set(others) - {entry[0]}))
    return ["/bin/sh", "-c", _ADD, "add", how, path, *entry, lose, script, by, digits]
