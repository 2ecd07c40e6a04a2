"""Hosts without epmd: what restarts ejabberd on second finds the node's fixed port held."""

from __future__ import annotations

import pytest

from ejtui.cluster.operations.vm.downtime import keep_down
from ejtui.cluster.run.events import Event, StepReport
from ejtui.lab.faults.node import first, second
from ejtui.lab.lab import Lab
from ejtui.lab.people import GUEST
from tests.lab.cluster.engine import ctl, engine

PORT = "5210"


def _without_epmd(lab: Lab) -> None:
    for node in (first(lab), second(lab)):
        node.stop()
        node.run("epmd", "-kill")
        node.configure(ERL_DIST_PORT=PORT)
        node.begin()
    for host in ("first", "second"):
        lab.run(host, [lab.form.ejabberdctl(host), "started"], check=False)


@pytest.mark.catalogue
async def test_nothing_starts_on_the_fixed_port_while_files_are_moved(fresh_lab: Lab) -> None:
    """Starts in the middle of the move fail, and second's own database comes back whole."""
    _without_epmd(fresh_lab)
    refused: list[str] = []

    def in_the_move(event: Event) -> None:
        if isinstance(event, StepReport) and "files of second's own database moved" in event.line:
            started = fresh_lab.run("second", ["ejabberdctl", "foreground"], check=False)
            refused.append(str(started.returncode))
            holders = ["ss", "-Hltnp", "sport", "=", f":{PORT}"]
            refused.append(fresh_lab.run("second", holders).stdout.decode())

    async with engine(fresh_lab) as one:
        one.on_event = in_the_move
        assert await one.runner.run_on(), one.last
        assert len(refused) == 2
        assert refused[0] != "0"
        assert "beam" in refused[1] or "erl" in refused[1]
        await one.roll_back()
        assert ctl(fresh_lab, "second", "registered_users", "chat.example") == [GUEST]
        async with keep_down(one.pair.second) as held:
            assert held
