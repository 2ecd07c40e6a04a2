"""Plain Erlang nodes of a test's own: own epmd, homes, cookies; gone when the test ends."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ejtui.erlang.probe.client import Probe
from ejtui.hosts.local import LocalHost
from ejtui.platforms import Platform
from tests import patience

BOUND = patience.SECONDS

QUIET = ("+S", "2:2", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none")
"""Options of a VM that leaves this computer's processors to others while it waits."""


def until(what: str, condition: Callable[[], bool]) -> None:
    """Waits for a condition, and fails the test by its name."""
    end = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < end, f"waited {BOUND:g} s for {what}"
        time.sleep(0.02)


@dataclass
class Nodes:
    """Makes nodes `NAME@localhost` below one directory, all of them on one epmd."""

    root: Path
    epmd_port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def home(self, name: str) -> Path:
        home = self.root / name
        home.mkdir(exist_ok=True)
        return home

    def write_cookie(self, name: str, cookie: str, mode: int = 0o400) -> Path:
        file = self.home(name) / ".erlang.cookie"
        file.unlink(missing_ok=True)
        file.write_text(cookie)
        file.chmod(mode)
        return file

    def start(self, name: str, *options: str, program: str = "ok") -> int:
        """Starts a node with Mnesia on disc below its home; returns its process id."""
        home = self.home(name)
        ready = home / "ready"
        ready.unlink(missing_ok=True)
        argv = [
            *("erl", "-noshell", *QUIET, "-sname", f"{name}@localhost"),
            *("-mnesia", "dir", f'"{home}/db"', *options),
            *("-eval", f'{program}, file:write_file("{ready}", "").'),
        ]
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(
                argv, env=self.environment(name), stdin=-3, stdout=log, stderr=log
            )
        self.running[name] = process
        until(f"{name} to be ready", lambda: ready.exists() or process.poll() is not None)
        assert process.poll() is None, (home / "log").read_text()
        return process.pid

    def stop(self, name: str) -> None:
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def environment(self, name: str) -> dict[str, str]:
        return {
            **os.environ,
            "HOME": str(self.home(name)),
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_CRASH_DUMP_SECONDS": "0",
        }

    def platform(self, name: str) -> Platform:
        home = self.home(name)
        return Platform(
            kind="debian",
            node=f"{name}@localhost",
            home=str(home),
            spool_dir=str(home / "db"),
            log_dir=str(home),
            config_dir=str(home),
            service_user=pwd.getpwuid(os.geteuid()).pw_name,
            erl="erl",
            epmd="epmd",
            ejabberdctl="/usr/sbin/ejabberdctl",
            ejabberdctl_cfg="",
            hostname="localhost",
            start=(),
            stop=(),
            run_start_as=None,
            env={"ERL_EPMD_PORT": str(self.epmd_port)},
            dist_options=(),
            sources={},
        )


@dataclass
class Probes:
    """Starts probes on this computer and closes them."""

    nodes: Nodes
    open: list[Probe] = field(default_factory=list)

    async def __call__(self, name: str, **changes: object) -> Probe:
        platform = replace(self.nodes.platform(name), **changes)  # type: ignore[arg-type]
        probe = await Probe.start(LocalHost(name, "none"), platform)
        self.open.append(probe)
        return probe


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Nodes]:
    """No node yet, and an epmd that is not this computer's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    epmd = subprocess.Popen(["epmd", "-port", str(port), "-address", "127.0.0.1"], stderr=-3)
    made = Nodes(tmp_path, port)
    try:
        until("epmd", lambda: answers(port))
        yield made
    finally:
        for name in list(made.running):
            made.stop(name)
        epmd.kill()
        epmd.wait()


@pytest.fixture
async def probes(nodes: Nodes) -> AsyncIterator[Probes]:
    made = Probes(nodes)
    yield made
    for probe in made.open:
        await probe.close()


def answers(port: int) -> bool:
    """Whether something listens on that port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
