"""A service of systemd that runs epmd without a socket, and the drop-in that widens where it
listens.

Where such a unit has ERL_EPMD_ADDRESS, that counts, whatever ejabberdctl has for it.
"""

from __future__ import annotations

from functools import partial

from ejtui import scripts
from ejtui.cluster.acts.act import Act, At, scripted
from ejtui.cluster.pair import fixed_files
from ejtui.cluster.pair.node import Node

VARIABLE = "ERL_EPMD_ADDRESS"

_SECONDS = 60.0

_WIDEN = scripts.shell(__file__, "service_widen.sh")
_NARROW = scripts.shell(__file__, "service_narrow.sh")


def dropin(unit: str) -> str:
    """Where the drop-in of a service is written."""
    return f"/etc/systemd/system/{unit}.d/zz-ejtui.conf"


def widen_act(at: At, unit: str) -> Act:
    """The drop-in that takes the variable from the service; ejabberd is stopped before."""
    text = (
        f"write {dropin(unit)}: [Service] UnsetEnvironment={VARIABLE}; systemctl daemon-reload; "
        f"systemctl restart {unit}"
    )
    return scripted(at, at.platform.root, text, partial(_run, _WIDEN, unit))


def narrow_act(at: At, unit: str) -> Act:
    """How that is undone."""
    text = f"rm {dropin(unit)}; systemctl daemon-reload; systemctl restart {unit}"
    return scripted(at, at.platform.root, text, partial(_run, _NARROW, unit))


async def refuse_fixed(node: Node, unit: str) -> None:
    """Raises StepFailed where nobody can write the drop-in, and HostError."""
    await fixed_files.refuse(node, [dropin(unit), dropin(unit).rpartition("/")[0]])


async def _run(script: str, unit: str, node: Node) -> None:
    argv = ["sh", "-euc", script, "service", unit, dropin(unit), VARIABLE]
    await node.host.run(argv, user=node.host.root, timeout=_SECONDS)
