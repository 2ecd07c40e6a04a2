"""What restarts ejabberd on a host: a process, the unit it belongs to, or a container."""

from __future__ import annotations

import asyncio
import re
import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui.cleaning import clean
from ejtui.cluster.acts import service_unit, unit_mask
from ejtui.cluster.finding import Finding
from ejtui.hosts import HostError
from ejtui.hosts.programs import hiding

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

LOOK_SECONDS = 5.0
"""So long its next call of ejabberdctl is waited for: a loop that calls it shows only then."""

LOOK_EVERY = 0.1

_SHOWN = 120
_DEPTH = 6

_PS = ("sh", "-c", 'ps -A -ww -o pid= -o ppid= -o args= | awk "$1"', "ps", hiding.ARGUMENTS)
_CGROUP = 'cat "/proc/$1/cgroup" 2>/dev/null || true'
_SECRET = re.compile(r"(?i)(cookie|passw\w*|token|secret)([= ]+)\S+")
_UNIT = re.compile(r"(?<=/)([\w:.@][\w:.@\\-]*\.(?:service|scope))\s*$", re.M | re.A)
"""A name that a unit may have: a user who owns a part of the tree may give a directory any name,
and people type what is shown."""
_CONTAINER = re.compile(r"(?:docker|libpod|containerd|lxc|podman)[-/.:]([0-9a-f]{12})[0-9a-f]*")
_WRAPPERS = frozenset(
    ("ejabberdctl", "su", "sudo", "doas", "runuser", "timeout", "setpriv", "erl", "erlexec", "env")
)
"""What runs ejabberd for somebody else."""

_SERVICES = frozenset(("systemctl", "service", "invoke-rc.d", "deb-systemd-invoke"))
_STARTS = frozenset(("start", "restart", "try-restart", "reload-or-restart", "unmask", "enable"))
"""Programs that have a service manager start a service, and how they are asked to."""

_SUPERVISORS = {
    "supervise-daemon": "rc-service {} stop",
    "runsv": "sv down {}",
    "s6-supervise": "s6-svc -d {}",
}
"""Supervisors whose first argument names the service, and what stops it for a time."""

_SERVICE = re.compile(r"[\w./][\w.@/-]*", re.A)


@dataclass(frozen=True)
class ProcessInfo:
    """A process of a host: its parent, and its command line as `ps` prints it."""

    pid: int
    parent: int
    args: str

    @property
    def shown(self) -> str:
        """Its command line for people: cut, without secrets and control characters."""
        return _without_secrets(self.args)

    @property
    def is_ejabberdctl(self) -> bool:
        """Whether it is ejabberdctl, also by a shell that runs it."""
        return any(_name(word) == "ejabberdctl" for word in self.args.split()[:3])

    def starts(self, service: str) -> bool:
        """Whether it has the service manager start, or unmask, that service."""
        words = self.args.split()
        asks = bool(words) and _name(words[0]) in _SERVICES and not _STARTS.isdisjoint(words)
        return asks and bool({service, f"{service}.service"} & set(words))

    @property
    def stopped_by(self) -> str:
        """The command that stops the service which it supervises, "" where it names none."""
        words = self.args.split()
        how = _SUPERVISORS.get(_name(words[0]), "") if len(words) > 1 else ""
        return how.format(words[1]) if how and _SERVICE.fullmatch(words[1]) else ""

    @property
    def _is_wrapper(self) -> bool:
        words = self.args.split()
        return self.is_ejabberdctl or (bool(words) and _name(words[0]) in _WRAPPERS)


@dataclass(frozen=True)
class Restarter:
    """Who was seen; `process` is None where nobody was caught at it.

    `own_unit` is ejabberd's own unit of systemd's, `journal` what the journal has of its starts.
    """

    vm_pid: str
    process: ProcessInfo | None = None
    above: tuple[ProcessInfo, ...] = ()
    unit: str = ""
    container: str = ""
    own_unit: str = ""
    journal: tuple[str, ...] = ()

    @property
    def is_unmasked(self) -> bool:
        """Whether ejabberd's own unit runs it, which ejtui has masked."""
        return bool(self.own_unit) and self.unit == self.own_unit


def processes(output: str) -> dict[int, ProcessInfo]:
    """By process id, from what ps prints."""
    found = {}
    for line in output.splitlines():
        words = line.split(None, 2)
        if len(words) == 3 and words[0].isdigit() and words[1].isdigit():
            found[int(words[0])] = ProcessInfo(int(words[0]), int(words[1]), words[2])
    return found


def ancestors(table: Mapping[int, ProcessInfo], pid: int) -> list[ProcessInfo]:
    """The parents of a process, nearest first; the host's first process is not among them."""
    chain: list[ProcessInfo] = []
    at = table.get(pid)
    while at is not None and at.parent > 1 and len(chain) < _DEPTH:
        at = table.get(at.parent)
        if at is not None:
            chain.append(at)
    return chain


def cause(
    table: Mapping[int, ProcessInfo], vm_pid: int, service: str = "ejabberd"
) -> list[ProcessInfo]:
    """Who started the VM, or calls ejabberdctl or the service manager now; those above follow.

    Empty when nobody.
    """
    callers = [vm_pid, *(each.pid for each in table.values() if each.is_ejabberdctl)]
    callers += [each.pid for each in table.values() if each.starts(service)]
    for pid in callers:
        chain = [each for each in ancestors(table, pid) if not each._is_wrapper]
        if chain:
            return chain
    return []


def place(cgroup: str) -> tuple[str, str]:
    """The unit and the container (its first digits) that a process' cgroup names, or ""."""
    units, container = _UNIT.findall(cgroup), _CONTAINER.search(cgroup)
    return (units[-1] if units else "", container[1] if container else "")


async def identify(node: Node) -> Restarter:
    """Looks for it some seconds; never raises."""
    pid = (await node.refresh()).os_pid
    own = unit_mask.unit(node.platform)
    service = own.removesuffix(".service") or "ejabberd"
    chain: list[ProcessInfo] = []
    end = time.monotonic() + LOOK_SECONDS
    try:
        while not chain and time.monotonic() < end:
            said = await node.host.run(_PS, user=node.host.root, check=False)
            table = processes(said.stdout.decode("utf-8", "replace"))
            chain = cause(table, int(pid) if pid.isdigit() else 0, service)
            await asyncio.sleep(LOOK_EVERY)
        of = str(chain[0].pid) if chain else pid
        argv = ["sh", "-c", _CGROUP, "sh", of]
        cgroup = await node.host.run(argv, user=node.host.root, check=False)
        unit, container = place(cgroup.stdout.decode("utf-8", "replace"))
        seen = await service_unit.starters(node)
    except HostError:
        return Restarter(pid)
    process = chain[0] if chain else None
    return Restarter(pid, process, tuple(chain[1:]), unit, container, own, seen)


def finding(name: str, node: str, seen: Restarter, state: Sequence[str]) -> Finding:
    """The finding `restart-loop`; `state` is the state in which second is left."""
    return Finding(
        "restart-loop",
        f"something restarts ejabberd on {name} while it must be down",
        "second",
        (
            f"{name}: {node} ran (process {seen.vm_pid or 'gone by now'}), and ejtui had not "
            "started it",
            *who(name, seen),
            *(f"{name}: {line}" for line in state),
        ),
        f"A join sets {name}'s own database aside. An ejabberd that starts meanwhile makes a new, "
        "empty one in its place, and serves that.",
        f"{_advice(seen)}; then run `ejtui join` again",
    )


def who(name: str, seen: Restarter) -> list[str]:
    """Lines about who was seen, for people."""
    lines = []
    if seen.process is not None:
        lines.append(f"{name}: process {seen.process.pid} starts it: {seen.process.shown}")
        lines += [f"{name}: above it, process {p.pid}: {p.shown}" for p in seen.above]
    if seen.is_unmasked:
        lines.append(f"{name}: {seen.unit} runs it, which something unmasks or starts")
    elif seen.unit:
        lines.append(f"{name}: unit {clean(seen.unit)}")
    lines += [f"{name}: the journal: {_without_secrets(line)}" for line in seen.journal]
    if seen.container:
        lines.append(f"{name}: container {seen.container}")
    return lines or [f"{name}: what starts it was not seen"]


def _advice(seen: Restarter) -> str:
    if seen.container:
        return f"stop what restarts container {seen.container}"
    if seen.is_unmasked and seen.process is None:
        return (
            f"stop what unmasks or starts {seen.unit} there for the time of the join (Puppet, "
            "Ansible, Salt, cron)"
        )
    if seen.unit.endswith(".service") and not seen.is_unmasked:
        stop = f"systemctl stop {shlex.quote(seen.unit)}"
        return f"stop that unit for the time of the join: {stop}"
    stops = [each.stopped_by for each in (seen.process, *seen.above) if each and each.stopped_by]
    if stops:
        return f"stop that service for the time of the join: {stops[0]}"
    if seen.process is not None:
        return f"stop process {seen.process.pid} for the time of the join"
    return "find and stop what starts ejabberd there for the time of the join (cron, monit, runit)"


def _without_secrets(line: str) -> str:
    text = clean(_SECRET.sub(r"\1\2…", line))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _name(word: str) -> str:
    """The program that a word of a command line names."""
    return word.rpartition("/")[2]
