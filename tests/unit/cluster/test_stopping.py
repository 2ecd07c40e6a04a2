"""A VM in which ejabberd has stopped is ended beside the service manager, which only waits."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.operations.vm import lifecycle, node_log
from ejtui.cluster.repairs.tools import service
from ejtui.erlang import probe
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts.host import Output
from tests.patience import SECONDS

PROBE_SOURCE = Path(probe.__file__).parent / "source"
BARE = NodeFacts("second", "ejabberd@second", vm="up", os_pid="7", started="ejabberd")


class Vm:
    """Its unit's stop ends when it does; `serves` is whether that stop ends it."""

    def __init__(self, *, serves: bool) -> None:
        self.ended = asyncio.Event()
        self.serves = serves
        self.done: list[str] = []
        self.command = SimpleNamespace(text="systemctl stop ejabberd")

    async def run(self, _: Any) -> Output:
        self.done.append("stop")
        if self.serves:
            self.ended.set()
        await self.ended.wait()
        self.done.append("stopped")
        return Output(0, b"", b"")

    async def end(self, _: Any) -> str:
        self.done.append("end")
        ended = self.ended.is_set()
        self.ended.set()
        return "not_running" if ended else "init:stop()"


@pytest.mark.parametrize(
    ("serves", "order", "how"),
    [
        (True, ["stop", "stopped", "end"], "systemctl stop ejabberd"),
        (False, ["stop", "end", "stopped"], "systemctl stop ejabberd and init:stop()"),
    ],
)
async def test_a_unit_that_only_waits_for_its_vm_is_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, *, serves: bool, order: list[str], how: str
) -> None:
    async def gone(_: Any) -> None:
        return None

    vm = Vm(serves=serves)
    monkeypatch.setattr(lifecycle, "BARE_SECONDS", 0.05)
    monkeypatch.setattr(lifecycle, "_service_act", lambda *_: vm)
    monkeypatch.setattr(lifecycle, "_end_act", lambda _: SimpleNamespace(run=vm.end))
    monkeypatch.setattr(lifecycle, "wait_gone", gone)
    node: Any = SimpleNamespace(facts=BARE)
    async with asyncio.timeout(SECONDS):
        assert await lifecycle.stop(node) == how
    assert vm.done == order


async def test_an_ejabberd_that_does_not_end_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def runs_on(_: Any) -> str:
        raise ProbeError("still_running", "process 7 after init:stop", "stop_node")

    monkeypatch.setattr(lifecycle, "_service_act", lambda *_: None)
    monkeypatch.setattr(lifecycle, "_end_act", lambda _: SimpleNamespace(run=runs_on))
    node: Any = SimpleNamespace(facts=BARE, name="second")
    with pytest.raises(StepFailed, match=r"on second .* process 7 .*: see its log, wait until"):
        await lifecycle.stop(node)


def test_the_bounds_outlast_a_node_that_waits_for_one_it_cannot_reach() -> None:
    """It ends once its net_ticktime has passed, by up to a quarter more than the 60 s."""
    source = (PROBE_SOURCE / "ejtui_control.erl").read_text("utf-8")
    [bound] = re.findall(r"^stop_bound\(\) -> (\d+)\.$", source, re.MULTILINE)
    assert 75 + 15 < int(bound) / 1000 < lifecycle.STOP_SECONDS


async def test_a_stop_that_takes_long_says_how_long_it_may_and_what_ejabberd_logs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = iter(
        ["ejabberd is started", "closing 900 sessions", "closing 900 sessions", "Mnesia stops"]
    )
    over = asyncio.Event()

    async def logged(*_: Any) -> str:
        line = next(log, None)
        if line is None:
            over.set()
        return line or ""

    async def lasting(_: Any) -> str:
        await over.wait()
        return "init:stop()"

    monkeypatch.setattr(lifecycle, "_stop", lasting)
    monkeypatch.setattr(lifecycle, "LOG_AFTER", 0.0)
    monkeypatch.setattr(lifecycle, "LOG_EVERY", 0.0)
    monkeypatch.setattr(node_log, "LOG_AFTER", 0.0)
    monkeypatch.setattr(node_log, "LOG_EVERY", 0.0)
    monkeypatch.setattr(node_log, "log_end", logged)
    platform = SimpleNamespace(ejabberdctl="/usr/sbin/ejabberdctl", stop=("systemctl", "stop"))
    node: Any = SimpleNamespace(name="second", facts=BARE, platform=platform)
    lines: list[str] = []
    async with asyncio.timeout(SECONDS):
        assert await lifecycle.stop(node, lines.append) == "init:stop()"
    assert lines == [
        "ejabberd is stopping on second: waiting up to 330 s",
        "ejabberd is stopping on second: closing 900 sessions",
        "ejabberd is stopping on second: Mnesia stops",
    ]


@pytest.mark.parametrize(
    ("vm", "os_pid", "started", "starting", "runs"),
    [
        ("down", "7", "ejabberd", False, True),
        ("unknown", "7", "ejabberd", False, True),
        ("rejected", "7", "ejabberd", False, True),
        ("down", "", "", False, False),
        ("down", "7", "", False, False),
        ("up", "7", "ejabberd", False, False),
        ("up", "7", "ejabberd", True, True),
    ],
)
def test_what_a_repair_ends_ran_where_its_vm_could_not_be_asked_too(
    vm: Any, os_pid: str, started: str, starting: bool, runs: bool
) -> None:
    facts = NodeFacts(
        "second", "ejabberd@second", vm=vm, os_pid=os_pid, started=started, starting=starting
    )
    assert service.runs(facts) == runs
