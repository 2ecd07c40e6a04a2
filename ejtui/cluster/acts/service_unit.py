"""Ejabberd's unit of systemd: its state, and whether the running VM belongs to it."""

from __future__ import annotations

from ejtui import scripts
from ejtui.cleaning import clean
from ejtui.cluster.acts import unit_mask
from ejtui.cluster.facts.examination import ServiceUnit
from ejtui.cluster.pair.node import Node
from ejtui.hosts import HostError

_SECONDS = 30.0

_FIND = scripts.shell(__file__, "unit_find.sh")
_STARTERS = scripts.shell(__file__, "unit_starters.sh")
_JOURNAL = scripts.shell(__file__, "unit_journal.sh")

JOURNAL_LINES = 12
"""So many of the journal's last lines are read."""

STARTERS = 3
"""So many of them about who starts the unit."""


async def find(node: Node, os_pid: str) -> ServiceUnit | None:
    """The unit, and where the VM with that process id ("" for none) runs.

    None where systemd does not manage ejabberd, or cannot be asked.
    """
    name = unit_mask.unit(node.platform)
    if not name:
        return None
    argv = ["sh", "-c", _FIND, "unit_find", name, os_pid if os_pid.isdigit() else ""]
    try:
        said = await node.host.run(argv, timeout=_SECONDS, check=False)
    except HostError:
        return None
    return read(name, said.stdout.decode("utf-8", "replace"))


async def journal(node: Node, unit: ServiceUnit) -> tuple[str, ...]:
    """What the journal has of the unit's last start, the newest last; empty where nobody can read
    it.

    What is printed before ejabberd writes its log, and why systemd ended it, is there alone.
    """
    argv = ["sh", "-c", _JOURNAL, "unit_journal", unit.name, str(JOURNAL_LINES)]
    try:
        said = await node.host.run(argv, user=node.host.root, timeout=_SECONDS, check=False)
    except HostError:
        return ()
    lines = said.stdout.decode("utf-8", "replace").splitlines()
    return tuple(clean(line).strip() for line in lines if line.strip())


async def starters(node: Node) -> tuple[str, ...]:
    """What the journal has of those who unmask or start the unit while ejtui masks it.

    Configuration management and sudo write there what they do. Raises HostError.
    """
    name = unit_mask.unit(node.platform)
    if not name:
        return ()
    argv = ["sh", "-c", _STARTERS, "unit_starters", name, unit_mask.MARK, str(STARTERS)]
    said = await node.host.run(argv, user=node.host.root, timeout=_SECONDS, check=False)
    lines = said.stdout.decode("utf-8", "replace").splitlines()
    return tuple(clean(line).strip() for line in lines if line.strip())


def read(name: str, text: str) -> ServiceUnit | None:
    """From what `systemctl show` and /proc print; None where that is no state. Pure."""
    lines = text.splitlines()
    known = dict(line.split("=", 1) for line in lines if "=" in line and ":" not in line)
    groups = tuple(line.partition(":")[2].partition(":")[2] for line in lines if ":/" in line)
    if "ActiveState" not in known:
        return None
    restarts = known.get("NRestarts", "")
    return ServiceUnit(
        name=name,
        active=known["ActiveState"],
        sub=known.get("SubState", ""),
        restarts=int(restarts) if restarts.isdigit() else 0,
        load=known.get("LoadState", ""),
        result=known.get("Result", ""),
        timeout=known.get("TimeoutStartUSec", ""),
        stop_timeout=known.get("TimeoutStopUSec", ""),
        group=known.get("ControlGroup", ""),
        file_state=known.get("UnitFileState", ""),
        vm_groups=groups,
    )
