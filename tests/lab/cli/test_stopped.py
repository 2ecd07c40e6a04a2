"""An ejtui that was stopped past its lock's lease, while a colleague rolled back: it asks again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from ejtui.lab.lab import Lab
from tests import patience
from tests.lab.cli.driver import Ejtui

LEASE = 4.0
BOUND = patience.SECONDS

# The same program, whose probes give up a silent line after seconds.
HASTY = f"""
import sys
from ejtui.cli.main import main
from ejtui.erlang.probe import bootstrap, client as probe
bootstrap.LEASE_SECONDS, probe.BEAT_SECONDS = {LEASE}, 0.5
sys.exit(main())
"""


class Stopped:
    """A join that runs on unattended, and that is stopped as Ctrl-Z does in the middle."""

    def __init__(self, ejtui: Ejtui, *options: str) -> None:
        argv = [sys.executable, "-u", "-c", HASTY, *ejtui.argv[3:], "join", "--yes", *options]
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def stop_at(self, text: str) -> None:
        """Stops it once it has printed this."""
        assert self.process.stdout is not None
        while text not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line
        self.process.send_signal(signal.SIGSTOP)

    def goes_on(self) -> int:
        """Lets it go on to its end; returns its exit code."""
        self.process.send_signal(signal.SIGCONT)
        rest, _ = self.process.communicate(timeout=BOUND)
        self.said += rest
        return self.process.returncode


@pytest.fixture
def ejtui(fresh_lab: Lab) -> Ejtui:
    return Ejtui(fresh_lab)


def lock_is_gone(ejtui: Ejtui, host: str) -> None:
    """Waits until no probe holds the lock there."""
    end = time.monotonic() + BOUND
    # The brackets keep pgrep from finding the shell that runs it.
    find = ["sh", "-c", "pgrep -f '[e]jtui:0' >/dev/null && echo held || echo free"]
    while ejtui.inside(host, *find).strip() != "free":
        assert time.monotonic() < end, f"waited {BOUND} s for the lock on {host} to be given back"
        time.sleep(0.1)


def test_a_colleague_has_rolled_back(ejtui: Ejtui) -> None:
    join = Stopped(ejtui)
    try:
        join.stop_at("Synchroni")
        for host in ("first", "second"):
            lock_is_gone(ejtui, host)
        back = ejtui("rollback", "--yes")
        assert back.returncode == 0, back.stdout + back.stderr
        before = ejtui.states()
        assert before["cleandb"] != "done"
        code = join.goes_on()
    finally:
        join.process.kill()
        join.process.wait()
    assert code == 1, join.said
    assert "lock" in join.said
    assert "rolled back" in join.said
    assert "--accept lock-lost" in join.said
    assert "Traceback" not in join.said
    assert ejtui.states() == before
    assert ejtui.ctl("second", "registered_users", "chat.example")


@pytest.mark.catalogue
def test_nobody_was_there_meanwhile(ejtui: Ejtui) -> None:
    join = Stopped(ejtui)
    try:
        join.stop_at("Synchroni")
        for host in ("first", "second"):
            lock_is_gone(ejtui, host)
        assert join.goes_on() == 0, join.said
    finally:
        join.process.kill()
        join.process.wait()
    assert set(ejtui.states().values()) == {"done"}
