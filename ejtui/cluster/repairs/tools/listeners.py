"""Who listens on a TCP port of a host, and ending that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui import scripts
from ejtui.cleaning import clean
from ejtui.cluster.acts import unit_mask
from ejtui.cluster.acts.act import Act, At, scripted
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.polling import until
from ejtui.hosts.programs import hiding
from ejtui.platforms.platform import STEERED

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

_SS = 'ss -Hltnp "sport = :$1"'
_USER = re.compile(r'\("([^"]*)",pid=(\d+),fd=\d+\)')
_USERS = re.compile(rf"users:\({_USER.pattern}(?:,{_USER.pattern})*\)")
"""A program names itself: with a quotation mark in its name it would name another's process id."""

_LINE = 'ps -o user= -o args= -p "$1" | awk "$2"'
_END = 'kill -TERM "$1" 2>/dev/null || true'
_UNIT = scripts.shell(__file__, "unit_of.sh")
_WHOSE = '[ "$(ps -o uid= -p "$1" | tr -d " ")" = "$(id -u "$2")" ]'

GONE_SECONDS = 15.0

EPMD = 4369
"""epmd's port where no setting names another."""

STOP_SECONDS = 120.0
"""Seconds that a unit may take to stop."""


@dataclass(frozen=True)
class Listener:
    """A process that listens: its program's name, its id, the addresses that it listens on."""

    program: str
    pid: str
    addresses: tuple[str, ...]

    @property
    def loopback_only(self) -> bool:
        return all(at.startswith(("127.", "[::1]")) for at in self.addresses)


async def list_listeners(node: Node, port: int) -> list[Listener]:
    """The processes that listen on the port. Raises StepFailed where the host cannot list them."""
    argv = ["sh", "-c", _SS, "ss", str(port)]
    ran = await node.host.run(argv, user=node.host.root, check=False)
    if ran.code != 0:
        raise StepFailed(f"{node.name} cannot list who listens on port {port}: there is no ss")
    try:
        return parsed(ran.stdout.decode("utf-8", "replace"))
    except ValueError as error:
        raise StepFailed(
            f"the program that listens on port {port} on {node.name} has a name that hides which "
            f"process it is: {clean(str(error))}. Nothing was ended. As root there: find it with "
            f"`ss -ltnpe 'sport = :{port}'`, and end it"
        ) from None


async def list_holders(node: Node, port: int) -> list[Listener]:
    """Those of the listeners that can be ended. Raises StepFailed as list_listeners() does.

    systemd listens beside a service that it started for the port, and goes on when that has ended:
    it counts only where it listens alone.
    """
    listeners = await list_listeners(node, port)
    started = [each for each in listeners if await unit_of(node, each) != "systemd"]
    return started or listeners


def parsed(text: str) -> list[Listener]:
    """Takes the lines of `ss -Hltnp` apart. Raises ValueError where that is not unambiguous."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in filter(None, text.split("\n")):
        _, mark, users = line.partition("users:")
        if not mark:
            continue
        if not _USERS.fullmatch(mark + users.strip()):
            raise ValueError(users.strip())
        words = line.split()
        for owner in _USER.findall(users):
            found.setdefault(owner, []).append(words[3] if len(words) > 3 else "")
    return [Listener(program, pid, tuple(at)) for (program, pid), at in found.items()]


async def unit_of(node: Node, listener: Listener) -> str:
    """The service that systemd runs the process as, "systemd" for its own, "user" for one of a
    user's services; "" for a process that no service manager owns."""
    argv = ["sh", "-c", _UNIT, "unit_of", listener.pid]
    ran = await node.host.run(argv, user=node.host.root, check=False)
    return ran.stdout.decode("utf-8", "replace").strip()


async def described(node: Node, listener: Listener) -> str:
    """Whose process it is and its command line, for a person."""
    argv = ["sh", "-c", _LINE, "ps", listener.pid, hiding.ARGUMENTS]
    ran = await node.host.run(argv, user=node.host.root, check=False)
    line = " ".join(ran.stdout.decode("utf-8", "replace").split())
    unit = await unit_of(node, listener)
    of = f", of {unit}" if unit else ""
    return f"process {listener.pid} ({line[:120] or listener.program}{of})"


def end_act(at: At, port: int, pid: str = "PID", unit: str = "") -> Act:
    """How a process that listens is ended: what end() does. `unit` is the service it belongs to."""
    root, service = at.platform.root, at.platform.service_user
    text = f"kill -TERM {pid} # listens on {port}; as {service} if it is {service}'s"
    if unit_mask.is_systemd(at.platform):
        text += f"; systemctl stop {unit or 'UNIT'} if a unit has it"

    async def does(node: Node) -> None:
        if unit:
            stop = ["systemctl", "stop", unit]
            await node.host.run(stop, user=root, timeout=STOP_SECONDS)
            return
        user = service if await _is_its_own(node, pid) else root
        await node.host.run(["sh", "-c", _END, "kill", pid], user=user)

    return scripted(at, root, text, does)


async def _refuse_steered(node: Node, port: int, listener: Listener) -> None:
    """Raises StepFailed where others than root name the port, and it is not theirs that listens."""
    platform = node.platform
    named = STEERED in platform.sources and port != EPMD
    if not named or await _is_its_own(node, listener.pid):
        return
    raise StepFailed(
        f"port {port} on {node.name} is held by {await described(node, listener)}, and "
        f"{platform.sources[STEERED]}, which others than root may write, names that port: nothing "
        "was ended. See by hand whether it is right"
    )


async def _is_its_own(node: Node, pid: str) -> bool:
    """Whether the process is the service user's."""
    argv = ["sh", "-c", _WHOSE, "ps", pid, node.platform.service_user]
    return (await node.host.run(argv, user=node.host.root, check=False)).code == 0


async def end(node: Node, listener: Listener, port: int) -> None:
    """Ends the process in order, and waits until it listens no more. Raises WaitedTooLong.

    The service user ends its own: the number could be another process's by the time of the signal.
    What a service manager owns is stopped by it, never signalled. Raises StepFailed where that is
    systemd itself, or a service of a user's.
    """
    unit = await unit_of(node, listener)
    if unit in ("systemd", "user"):
        raise StepFailed(
            f"port {port} on {node.name} is held by {await described(node, listener)}: find its "
            f"unit there (systemctl list-sockets; systemctl status {listener.pid}) and change that"
        )
    await _refuse_steered(node, port, listener)
    await end_act(node, port, listener.pid, unit).run(node)
    await until(
        lambda: list_listeners(node, port),
        lambda left: listener.pid not in [each.pid for each in left],
        what=f"process {listener.pid} on {node.name} to leave port {port}",
        seconds=GONE_SECONDS,
        instead=lambda left: f"process {', '.join(each.pid for each in left)} listens there still",
        poll=0.1,
    )
