"""Ejabberd's unit of systemd: what is read of it, and what a check makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ejtui.cluster.acts import service_unit
from ejtui.cluster.facts.examination import Examined, NodeExam, ServiceUnit
from ejtui.cluster.facts.node import PairFacts
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.rules import codes, only

UNIT = "ejabberd.service"

RESTARTING = """\
ActiveState=activating
SubState=auto-restart
NRestarts=7
ControlGroup=
"""

OWN = f"0::/system.slice/{UNIT}\n"
KEEPER = "0::/system.slice/keep.service\n"
VERSION_1 = f"12:pids:/system.slice/{UNIT}\n1:name=systemd:/system.slice/{UNIT}\n"


def unit(text: str) -> ServiceUnit:
    found = service_unit.read(UNIT, text)
    assert found is not None
    return found


def examined(text: str) -> Examined:
    return Examined(second=NodeExam(asked=True, service=unit(text)))


def started(story: Story, how: str = "ejabberd") -> PairFacts:
    facts = story.joined()
    return replace(facts, second=replace(facts.second, started=how, os_pid="99"))


def test_what_systemd_and_the_kernel_report() -> None:
    seen = unit(RESTARTING + KEEPER)
    assert (seen.active, seen.sub, seen.restarts) == ("activating", "auto-restart", 7)
    assert seen.vm_groups == ("/system.slice/keep.service",)
    assert seen.vm_place == "keep.service"
    assert unit(RESTARTING + "0::/\n").vm_place == "no unit of systemd"


@pytest.mark.parametrize("text", ["", "Failed to connect to bus: No such file or directory"])
def test_no_state_is_no_unit(text: str) -> None:
    assert service_unit.read(UNIT, text) is None


@pytest.mark.parametrize("group", [OWN, VERSION_1])
def test_a_vm_of_the_unit_is_well(story: Story, group: str) -> None:
    assert unit(RESTARTING + group).holds_vm
    assert "outside-unit" not in codes(started(story), examined(RESTARTING + group))


def test_a_vm_beside_a_unit_that_restarts_is_named(story: Story) -> None:
    finding = only(started(story), examined(RESTARTING + KEEPER))
    assert (finding.code, finding.node, finding.severity) == ("outside-unit", "second", "warning")
    assert "7 restarts" in finding.evidence[0]
    assert "keep.service" in finding.evidence[1]


def test_a_vm_whose_end_systemd_waits_for_is_named(story: Story) -> None:
    text = RESTARTING.replace("activating", "deactivating").replace("auto-restart", "stop-sigterm")
    stopping = f"{text}TimeoutStopUSec=5min\n{OWN}"
    finding = only(started(story), examined(stopping))
    assert (finding.code, finding.node, finding.severity) == ("unit-stopping", "second", "warning")
    assert "5min" in str(finding)
    facts = started(story)
    ends = replace(facts, second=replace(facts.second, ejabberd=False))
    assert "unit-stopping" not in codes(ends, examined(stopping))
    in_order = stopping.replace("stop-sigterm", "stop")
    assert "unit-stopping" not in codes(started(story), examined(in_order))


@pytest.mark.parametrize("state", ["failed", "inactive"])
def test_a_vm_beside_a_unit_that_rests_is_named(story: Story, state: str) -> None:
    rests = RESTARTING.replace("activating", state) + "UnitFileState=enabled\n"
    finding = only(started(story), examined(rests + KEEPER))
    assert (finding.code, finding.severity) == ("outside-unit", "warning")
    assert f"is {state}" in finding.title
    assert "keep.service" in finding.evidence[1]
    assert "systemctl" in str(finding)
    assert codes(started(story), examined(rests + OWN)) == []


@pytest.mark.parametrize("file_state", ["disabled", "masked", "masked-runtime", ""])
def test_a_stopped_unit_that_nobody_enabled_is_none(story: Story, file_state: str) -> None:
    """Ejabberd is started in another way there."""
    rests = RESTARTING.replace("activating", "inactive") + f"UnitFileState={file_state}\n"
    assert codes(started(story), examined(rests + KEEPER)) == []


def test_one_of_another_vm_is_not(story: Story) -> None:
    assert codes(started(story), examined(RESTARTING)) == []
    erl = started(story, "mnesia")
    assert "outside-unit" not in codes(erl, examined(RESTARTING + KEEPER))
