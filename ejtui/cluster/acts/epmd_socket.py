"""The unit of systemd that holds epmd's port, and the drop-in that lets it listen on every address.

Where epmd is started by socket activation, that unit alone decides where it listens.
"""

from __future__ import annotations

from functools import partial

from ejtui import scripts
from ejtui.cluster.acts.act import Act, At, scripted
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.examination import SocketUnit
from ejtui.cluster.pair import fixed_files
from ejtui.cluster.pair.node import Node
from ejtui.hosts import HostError

_SECONDS = 60.0

_FIND = scripts.shell(__file__, "socket_find.sh")
_WIDEN = scripts.shell(__file__, "socket_widen.sh")
_NARROW = scripts.shell(__file__, "socket_narrow.sh")


async def find(node: Node) -> SocketUnit | None:
    """The socket unit that holds epmd's port there; None where none does. Raises HostError."""
    said = await node.host.run(["sh", "-c", _FIND, "socket_find", _port(node)], check=False)
    name, *addresses = said.stdout.decode("utf-8", "replace").splitlines() or [""]
    return SocketUnit(name, tuple(addresses)) if name.endswith(".socket") and addresses else None


def widen_act(at: At, unit: SocketUnit) -> Act:
    """The drop-in with which the unit listens on every address; ejabberd is stopped before."""
    port = _port(at)
    text = (
        f"write {unit.dropin}: [Socket] ListenStream= ListenStream={port}; systemctl daemon-reload;"
        f" systemctl stop {unit.name.replace('.socket', '.service')} {unit.name};"
        f" systemctl start {unit.name}"
    )
    return scripted(at, at.platform.root, text, partial(_run, _WIDEN, unit, port))


def narrow_act(at: At, unit: SocketUnit) -> Act:
    """How that is undone."""
    text = f"rm {unit.dropin}; systemctl daemon-reload; systemctl restart {unit.name}"
    return scripted(at, at.platform.root, text, partial(_run, _NARROW, unit, ""))


async def refuse_fixed(node: Node, unit: SocketUnit) -> None:
    """Raises StepFailed where nobody can write the drop-in, and HostError."""
    folder = unit.dropin.rpartition("/")[0]
    await fixed_files.refuse(node, [unit.dropin, folder])


async def widen(node: Node, unit: SocketUnit) -> str:
    """The unit listens on every address; returns how to undo that.

    Where it does not afterwards the drop-in is removed again. Raises StepFailed.
    """
    if node.host.root is None:
        raise StepFailed(f"{unit.dropin} on {node.name} needs root: ejtui cannot become it")
    try:
        await widen_act(node, unit).run(node)
        now = await find(node)
        if now is None or now.loopback_only:
            where = f"it listens on {', '.join(now.addresses)}" if now else "it does not listen"
            raise StepFailed(
                f"{unit.name} on {node.name} does not take {unit.dropin}: {where} still. Another "
                f"drop-in counts more (systemctl cat {unit.name}): change that one"
            )
    except (StepFailed, HostError):
        await narrow_act(node, unit).run(node)
        raise
    return f"to undo: {narrow_act(node, unit).command.text}"


async def _run(script: str, unit: SocketUnit, port: str, node: Node) -> None:
    argv = ["sh", "-euc", script, "socket", unit.name, unit.dropin, port]
    await node.host.run(argv, user=node.host.root, timeout=_SECONDS)


def _port(at: At) -> str:
    return at.platform.env.get("ERL_EPMD_PORT", "4369")
