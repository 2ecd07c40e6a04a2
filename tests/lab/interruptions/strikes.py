"""What interrupts a run of ejtui, and how it is undone: each kind is done to real hosts."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ejtui.lab import breakage
from ejtui.lab.errors import LabError
from ejtui.lab.faults.node import RUNS, LabNode, first, second
from ejtui.lab.forms import links
from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS
from tests import patience
from tests.lab.systemd.booted import Booted

Process = subprocess.Popen[str]

KINDS = ("ejtui", "link", "erl", "first", "disk", "power", "supervisor")

WORDS = {
    "ejtui": "ejtui killed with -9",
    "link": "the link of a host cut",
    "erl": "the erl of the step killed",
    "first": "ejabberd on first killed",
    "disk": "second's disk filled",
    "power": "second's power lost",
    "supervisor": "a supervisor that restarts second",
}

MOST_SECONDS = 420.0
"""A run that has not ended by then hangs."""

LONGEST_SECONDS = 4.0
"""A link stays cut, a disk full and first down for no longer."""

LONGEST_WATCH_SECONDS = 12.0
"""A supervisor watches for no longer, unless it does so until the run ends."""

_MOST_LEFT_KB = 96

# A node that waits for a table of the other's is not up sooner than that one.
_UP_SECONDS = 20.0
_MOST_STARTS = 3

_FILL = """
until mount -o "remount,size=$(($(df --output=used -k "$1" | tail -n 1) + $2))k" "$1"; do :; done
"""

# Starts ejabberd again whenever its VM is down, as a supervisor does; $1 names it. Code 3
# is ejabberdctl's for a node that does not run.
_SUPERVISE = """
while sleep 1; do
    ejabberdctl status >/dev/null 2>&1
    [ $? != 3 ] || ejabberdctl start
done
"""
_SUPERVISOR = "ejabberd-supervisor"
_STOP = 'systemctl kill --signal=KILL "$1"; systemctl stop "$1"'

# The end of every connection of ssh's, known to the host alone: the other side is out of reach.
_END_SSH = 'ss -K -t state established "( sport = :22 )"'
_END_ERLANG = 'ss -K -t state established dst "$1"'


@dataclass(frozen=True)
class Strike:
    """One blow: `make` deals it and answers whether it fell, `undo` undoes it.

    `what` is it in words. It stays for `seconds`, or until the run that it fell into has ended.
    """

    kind: str
    what: str
    make: Callable[[Process], bool]
    undo: Callable[[], None] = lambda: None
    seconds: float = 0.0


def kinds(lab: Lab) -> tuple[str, ...]:
    """The kinds that can be done to these hosts: power is lost by those with a boot."""
    return KINDS if isinstance(lab.form, Booted) else tuple(k for k in KINDS if k != "power")


def strike(lab: Lab, kind: str, chance: random.Random) -> Strike:
    """A blow of that kind; where, how long and how much is left to chance."""
    seconds = chance.uniform(0.2, LONGEST_SECONDS)
    match kind:
        case "link":
            way = chance.choice((*HOSTS, "between"))
            return _link(lab, way, noticed=chance.random() < 0.5, seconds=seconds)
        case "erl":
            node = second(lab)
            return Strike(kind, f"what runs as {node.name}", lambda run: _killed_as_soon(run, node))
        case "first":
            node = first(lab)
            what = f"ejabberd on first, for {seconds:.1f} s"
            return Strike(kind, what, lambda run: _killed(run, node), lambda: _up(node), seconds)
        case "disk":
            left = chance.randrange(_MOST_LEFT_KB)
            return _disk(second(lab), left, seconds)
        case "power":
            return _power(lab, seconds)
        case "supervisor":
            return _supervisor(lab, chance)
    return Strike(kind, "ejtui itself", _killed_ejtui)


def _killed_ejtui(run: Process) -> bool:
    run.kill()
    return run.wait() < 0


def _killed_as_soon(run: Process, node: LabNode) -> bool:
    """The VM that has the node's name now, or as soon as there is one."""
    end = time.monotonic() + patience.SECONDS
    while run.poll() is None and time.monotonic() < end:
        if _killed(run, node):
            return True
        time.sleep(0.02)
    return False


def _killed(run: Process, node: LabNode) -> bool:
    """Whether there was one to be killed while the run was there."""
    pid = node.pid()
    if not pid:
        return False
    with _held(run) as there:
        if not there or node.lab.run(node.host, ["kill", "-KILL", pid], check=False).returncode:
            return False
    node.gone(pid)
    return True


@contextlib.contextmanager
def _held(run: Process) -> Iterator[bool]:
    """The run stands still meanwhile, or has ended: what falls now falls into it, or not at all."""
    run.send_signal(signal.SIGSTOP)
    state = os.WSTOPPED | os.WEXITED | os.WNOWAIT
    with contextlib.suppress(ChildProcessError):
        os.waitid(os.P_PID, run.pid, state)
    try:
        yield run.poll() is None
    finally:
        run.send_signal(signal.SIGCONT)


def _up(node: LabNode) -> None:
    """Start it again until it stays, as the service manager or another supervisor does."""
    for _ in range(_MOST_STARTS):
        node.run(*node.lab.form.starting(node.host), check=False)
        with contextlib.suppress(LabError):
            return node.until(RUNS, seconds=_UP_SECONDS)
        if node.pid():
            # It waits for tables of the other's.
            return None
    return None


def _link(lab: Lab, way: str, *, noticed: bool, seconds: float) -> Strike:
    """The link between the hosts, or this computer's to one of them."""
    addresses = lab.place.read_state()["addresses"]
    if way == "between":
        ends = {host: (_END_ERLANG, addresses[other]) for host, other in (HOSTS, HOSTS[::-1])}
    else:
        ends = {way: (_END_SSH, "")}

    def make(_: Process) -> bool:
        if way == "between":
            breakage.cut_link(lab)
        else:
            lab.run(way, ["nft", "-f", "-"], stdin=_CUT.encode())
        for host, (script, address) in ends.items() if noticed else ():
            lab.run(host, ["sh", "-c", script, "sh", address])
        return True

    def undo() -> None:
        if way == "between":
            breakage.repair_link(lab)
        else:
            breakage.unblock(lab, way)

    which = "between the hosts" if way == "between" else f"to {way}"
    how = "connections ended" if noticed else "connections kept"
    return Strike("link", f"the link {which} for {seconds:.1f} s, {how}", make, undo, seconds)


def _cut_rules() -> str:
    rules = f"add table {breakage.TABLE}\n"
    for hook, side in (("input", "iifname"), ("output", "oifname")):
        chain = f"{{ type filter hook {hook} priority 0; }}"
        rules += f"add chain {breakage.TABLE} {hook} {chain}\n"
        rules += f'add rule {breakage.TABLE} {hook} {side} "{links.MACHINE_LINK}" drop\n'
    return rules


_CUT = _cut_rules()


def _disk(node: LabNode, left: int, seconds: float) -> Strike:
    """Second's file system, with the database and the backups on it, holds no more than it has."""

    def make(_: Process) -> bool:
        node.script(_FILL, node.home, str(left))
        return True

    def undo() -> None:
        node.run("mount", "-o", "remount,size=50%", node.home)

    what = f"second's disk, {left} kB left, for {seconds:.1f} s"
    return Strike("disk", what, make, undo, seconds)


def _power(lab: Lab, seconds: float) -> Strike:
    """All of second's processes end at once; then it boots, and systemd starts ejabberd."""
    form = lab.form
    assert isinstance(form, Booted)

    def make(run: Process) -> bool:
        with _held(run) as there:
            if there:
                form.cut_power("second")
        return there

    def undo() -> None:
        if not form.has_power("second"):
            form.restore_power("second")

    return Strike("power", f"second without power for {seconds:.1f} s", make, undo, seconds)


def _supervisor(lab: Lab, chance: random.Random) -> Strike:
    """Something on second starts ejabberd whenever it is down; what it started stays."""
    to_the_end = chance.random() < 0.5
    seconds = MOST_SECONDS if to_the_end else chance.uniform(1.0, LONGEST_WATCH_SECONDS)
    unit = isinstance(lab.form, Booted) and chance.random() < 0.5
    watch = ["sh", "-c", _SUPERVISE, _SUPERVISOR]
    if unit:
        # Its end leaves what it started, as that of a supervisor by hand does.
        name = f"{_SUPERVISOR}-{chance.randrange(1_000_000)}"
        begin = [
            "systemd-run", "--quiet", f"--unit={name}", "--collect",
            "--property=KillMode=process", *watch,
        ]  # fmt: skip
        end = ["sh", "-c", _STOP, "sh", name]
    else:
        away = 'exec setsid --fork "$@" </dev/null >/dev/null 2>&1'
        begin = ["sh", "-c", away, "sh", *watch]
        end = ["pkill", "-KILL", "-f", f"{_SUPERVISOR}$"]

    def make(_: Process) -> bool:
        lab.run("second", begin)
        return True

    def undo() -> None:
        lab.run("second", end, check=False, timeout=patience.SECONDS)

    how = "a unit" if unit else "a loop of root's"
    long = "to the run's end" if to_the_end else f"for {seconds:.1f} s"
    return Strike("supervisor", f"{how} restarts second {long}", make, undo, seconds)
