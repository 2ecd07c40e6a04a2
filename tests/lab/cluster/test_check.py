"""The check on real nodes: healthy ones, two faults at once, and every fault met by a join."""

from __future__ import annotations

import json

import pytest

from ejtui.cluster.diagnosis.declaration import LAYERS
from ejtui.cluster.join.check import check
from ejtui.cluster.run.events import Event, StepEnded, StepStarted
from ejtui.erlang.probe import questions
from ejtui.lab import faults
from ejtui.lab.faults.joined import ensure_joined
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import Engine, engine, sums

WARNED = frozenset({"overload"})
"""Named, and no reason for a join to stop."""


async def healthy(one: Engine) -> None:
    """No finding, every layer looked at."""
    seen = await check(one.pair)
    assert [finding.code for finding in seen.findings] == []
    assert [look.layer for look in seen.looked_at] == list(LAYERS)
    assert seen.healthy, seen.looked_at


@pytest.mark.catalogue
async def test_a_healthy_pair_before_a_join(lab: Lab) -> None:
    async with engine(lab) as one:
        await healthy(one)
    status, answer = Ejtui(lab).json("check")
    assert (status, answer["findings"]) == (0, [])
    assert {"first", "second"} <= answer.keys()


async def test_a_probe_that_is_killed_is_no_missing_installation(lab: Lab) -> None:
    async with engine(lab) as one:
        pid = await questions.own_pid(one.pair.second.probe)
        lab.run("second", ["kill", "-9", str(pid)])
        found = await check(one.pair)
        assert [each.code for each in found.findings] in ([], ["probe-failed"])
        assert [each.node for each in found.findings] in ([], ["second"])


async def test_a_join_on_its_way_is_no_trouble(lab: Lab) -> None:
    """What another ejtui has half done is its own business."""
    async with engine(lab) as one, engine(lab) as other:
        assert await one.runner.run_on("config"), one.last
        for each in (one, other):
            seen = await check(each.pair)
            assert seen.findings == ()
            assert seen.examined.joining


@pytest.mark.catalogue
async def test_a_healthy_pair_after_a_join(fresh_lab: Lab) -> None:
    """Joined by ejabberd's own means; joins by ejtui end with a check in other tests."""
    ensure_joined(fresh_lab, lambda _: None)
    async with engine(fresh_lab) as one:
        await healthy(one)


async def test_healthy_side_by_side(fresh_local_lab: Lab) -> None:
    async with engine(fresh_local_lab) as one:
        await healthy(one)


@pytest.mark.catalogue
def test_two_faults_at_once(fresh_lab: Lab) -> None:
    faults.make("stale-member", lab=fresh_lab)
    faults.make("cookie-mode", lab=fresh_lab)
    status, answer = Ejtui(fresh_lab).json("check")
    assert status == 1
    assert [finding["code"] for finding in answer["findings"]] == ["cookie-mode", "stale-member"]


def test_the_log_is_evidence_and_its_end_misleads(fresh_lab: Lab) -> None:
    faults.make("dir-root-owned", lab=fresh_lab)
    ran = Ejtui(fresh_lab)("check")
    assert ran.returncode == 1
    said = " ".join(ran.stdout.split())
    assert "ejabberd.log, line " in said
    assert "Cannot read schema" in said
    assert "misleads" in said


@pytest.mark.catalogue
def test_a_dump_of_mnesia_s_is_evidence(fresh_lab: Lab) -> None:
    faults.make("table-cookie", lab=fresh_lab)
    status, answer = Ejtui(fresh_lab).json("check")
    assert status == 1
    finding = answer["findings"][0]
    assert finding["code"] == "table-cookie"
    assert any("MnesiaCore." in line and "Bad cookie" in line for line in finding["evidence"])
    assert any("not-connected" in line for line in finding["consequences"])


@pytest.mark.catalogue
async def test_a_step_that_fails_names_what_check_finds(fresh_lab: Lab) -> None:
    """Somebody ran something as root between two steps."""
    spoil = ["chown", "root:", f"{fresh_lab.form.home('second')}/schema.DAT"]

    def spoilt(event: Event) -> None:
        if isinstance(event, StepStarted) and event.id == "start":
            fresh_lab.run("second", spoil)

    async with engine(fresh_lab) as one:
        one.on_event = spoilt
        assert not await one.runner.run_on()
        assert one.last.id == "start"
        assert one.last.findings[0].code == "dir-root-owned"


@pytest.mark.catalogue
@pytest.mark.parametrize("code", faults.FAULTS)
async def test_a_join_that_meets_it(fresh_lab: Lab, code: str) -> None:
    await stops_or_repairs(fresh_lab, code)


@pytest.mark.parametrize(
    "code",
    [
        "cookie-mode",
        pytest.param("epmd-unreachable", marks=pytest.mark.catalogue),
        pytest.param("schema-split", marks=pytest.mark.catalogue),
    ],
)
async def test_a_join_that_meets_one_of_each_family(fresh_lab: Lab, code: str) -> None:
    await stops_or_repairs(fresh_lab, code)


async def stops_or_repairs(fresh_lab: Lab, code: str) -> None:
    """A join stops before it takes anything and names the code, or goes on to repair it."""
    faults.make(code, lab=fresh_lab)
    home = fresh_lab.form.home("second")
    before = set(sums(fresh_lab, "second", home))
    async with engine(fresh_lab) as one:
        seen = await check(one.pair)
        well = await one.runner.run_on()
    [finding] = [each for each in seen.findings if each.code == code][:1]
    if finding.repaired_by or code in WARNED:
        preflight = next(e for e in one.of(StepEnded) if e.id == "preflight")
        assert any(line.startswith(f"{code} on ") for line in preflight.evidence)
        assert well, one.last
        return
    assert not well
    assert one.last.id == "preflight"
    assert one.last.findings[0].code == code
    assert not one.questions
    assert set(sums(fresh_lab, "second", home)) >= before - {"LATEST.LOG"}
    kept = fresh_lab.run("second", ["ls", f"{home}/ejtui-backups"], check=False)
    assert kept.returncode != 0
    status, answer = Ejtui(fresh_lab).json("join", "--yes")
    assert status == 1
    assert code in json.dumps(answer["findings"]), answer
