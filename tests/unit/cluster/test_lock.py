"""Whether the holder that a pair's lock names still exists."""

from __future__ import annotations

import os
import subprocess
import sys

from ejtui.cluster.pair.lock import left_behind
from ejtui.erlang.probe.questions import Lock
from ejtui.processes import machine


def busy(**info: str) -> Lock:
    """What a socket answers."""
    return Lock("busy", {"who": "op@here", "what": "join", "since": "", "probe": "1", **info})


def ended() -> str:
    """The id of a process that was."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return str(process.pid)


def test_a_lock_of_ones_own_was_left_to_an_older_probe() -> None:
    assert left_behind(busy(mark="mine"), "mine")
    assert not left_behind(busy(mark="mine"), "another")
    assert not left_behind(busy(), "")


def test_whoever_took_it_here_and_is_dead_holds_nothing() -> None:
    here = machine()
    assert here
    assert left_behind(busy(machine=here, process=ended()))
    assert not left_behind(busy(machine=here, process=str(os.getpid())))
    assert not left_behind(busy(machine=here, process="1"))
    assert not left_behind(busy(machine=here))
    for none in ("9" * 30, "9" * 5000, "-1", "0", "²", "1; reboot"):
        assert not left_behind(busy(machine=here, process=none))


def test_nothing_is_known_of_another_machine_s_processes() -> None:
    assert not left_behind(busy(machine="another boot", process=ended()))
    assert not left_behind(busy(process=ended()))


def test_only_a_holder_can_have_left() -> None:
    assert not left_behind(Lock("held"), "mine")
    assert not left_behind(Lock("unknown", why="no answer"), "mine")
