"""A whole join on real nodes, again, and what it leaves behind."""

from __future__ import annotations

import asyncio

import pytest

from ejtui import paths
from ejtui.cluster.backups import guarded_start, listing
from ejtui.cluster.facts.node import DISC
from ejtui.cluster.join import erl_shell
from ejtui.cluster.join.check import check
from ejtui.cluster.join.steps import STEPS
from ejtui.cluster.join.steps.cleandb import SECOND_STOPS
from ejtui.cluster.polling import until
from ejtui.cluster.run.events import (
    Event,
    FactsChanged,
    ShellOpened,
    StepEnded,
    StepProgress,
    StepReport,
    StepStarted,
)
from ejtui.lab import breakage
from ejtui.lab.faults.node import first, second
from ejtui.lab.lab import Lab
from tests.lab.cluster.engine import ctl, engine, joined, state_of
from tests.patience import SECONDS

BOTH = ["ejabberd@first", "ejabberd@second"]
PROCESSES = ["ps", "-A", "-o", "args="]


async def test_a_step_that_is_not_at_hand_does_not_run(lab: Lab) -> None:
    async with engine(lab) as one:
        before = state_of(lab, "second")
        assert not await one.runner.run_step("sync")
        assert one.last.state == "failed"
        assert "magic cookies" in one.last.detail
        assert state_of(lab, "second") == before, "nothing was to be changed"


async def test_every_step_is_done_with_evidence(lab: Lab) -> None:
    """And no secret is on any command line meanwhile."""
    secrets = [breakage.read_cookie(lab, host).strip() for host in ("first", "second")]
    seen = b""
    async with engine(lab) as one:
        run = asyncio.create_task(one.runner.run_on())
        while not run.done():
            for host in ("first", "second"):
                seen += (await asyncio.to_thread(lab.run, host, PROCESSES)).stdout
        assert await run, one.last
        assert b"-mnesia" in seen
        assert not [secret for secret in secrets if secret in seen]
        ended = one.of(StepEnded)
        assert [event.id for event in ended] == [step.id for step in STEPS]
        assert {event.state for event in ended} == {"done"}
        assert [q.takes[0] for q in one.questions] == [
            "1 account lives on second alone: guest@chat.example"
        ]
        copied = [event for event in one.of(StepProgress) if event.id == "tables"]
        assert copied[-1].done == copied[-1].total > 30
        evidence = " ".join(ended[-1].evidence)
        assert "25 of 25 accounts of first read through ejabberd@second" in evidence
        assert "http://first:5280/admin" in evidence
    for host in ("first", "second"):
        assert ctl(lab, host, "list_cluster") == BOTH
    theirs = ctl(lab, "second", "registered_users", "chat.example")
    assert theirs == ctl(lab, "first", "registered_users", "chat.example")
    assert len(theirs) == 25


async def test_a_second_run_changes_nothing(lab: Lab) -> None:
    await joined(lab)
    before = [state_of(lab, host) for host in ("first", "second")]
    async with engine(lab) as one:
        assert await one.runner.run_on()
        assert [event.id for event in one.of(StepStarted)] == [
            "preflight",
            "nodes",
            "administration",
            "verify",
        ]
        assert not one.questions
    assert [state_of(lab, host) for host in ("first", "second")] == before


async def test_no_secret_in_anything_written(lab: Lab) -> None:
    await joined(lab)
    cookie = breakage.read_cookie(lab, "first").strip()
    assert len(cookie) > 10
    async with engine(lab) as one:
        [newest, *_] = await listing.load(one.pair)
    own = lab.run("second", ["cat", newest.cookie_file]).stdout.strip()
    written = [file.read_bytes() for file in paths.state_dir().rglob("*") if file.is_file()]
    ours = [data for data in written if b"ejabberd@second" in data]
    assert any(b'"event"' in data for data in ours)
    assert any(b'"version": 2' in data for data in ours), "no recording was found"
    lab_keeps_it = {file for file in lab.place.root.rglob("*") if file.is_file()}
    for file in paths.state_dir().rglob("*"):
        if file.is_file() and file not in lab_keeps_it:
            assert cookie not in file.read_bytes(), file
            assert own not in file.read_bytes(), file
    manifest = lab.run("second", ["cat", f"{newest.place}/manifest.json"]).stdout
    assert cookie not in manifest
    assert own not in manifest


async def test_first_is_away_when_second_asks_for_it(
    fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Second's erl has come up alone by the time first is back; another one connects."""
    monkeypatch.setattr(erl_shell, "APART_SECONDS", 3.0)
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on("cleandb"), one.last

        def away(event: Event) -> None:
            if isinstance(event, StepStarted) and event.id == "config":
                first(fresh_lab).kill()

        one.on_event = away
        run = asyncio.create_task(one.runner.run_on())
        runs = "mnesia:system_info(is_running) =:= yes"
        await asyncio.to_thread(second(fresh_lab).until, runs)
        await asyncio.to_thread(first(fresh_lab).start)
        assert await run, one.last
        assert len(one.of(ShellOpened)) == 2


@pytest.mark.catalogue
async def test_a_no_leaves_everything_as_it_was(fresh_lab: Lab) -> None:
    async with engine(fresh_lab) as one:
        one.yes = False
        before = ctl(fresh_lab, "second", "registered_users", "chat.example")
        assert not await one.runner.run_on()
        assert (one.last.id, one.last.state) == ("cleandb", "todo")
        assert ctl(fresh_lab, "second", "registered_users", "chat.example") == before
        assert await one.at_hand() == "cleandb"
        one.yes = True
        assert await one.runner.run_on(), one.last


@pytest.mark.catalogue
async def test_step_by_step(fresh_lab: Lab) -> None:
    """Each step by another ejtui, so that nothing but the nodes is remembered."""
    for step in STEPS:
        async with engine(fresh_lab) as one:
            assert await one.runner.run_on(step.id), (step.id, one.last)
    async with engine(fresh_lab) as one:
        assert await one.at_hand() == ""


@pytest.mark.catalogue
async def test_the_operator_s_types(fresh_lab: Lab) -> None:
    async with engine(fresh_lab) as one:
        one.pair.choices.choose("session", DISC)
        try:
            assert await one.runner.run_on(), one.last
            facts = await one.pair.refresh()
        finally:
            one.pair.choices.choose("session", None)
        session = facts.first.table("session")
        assert session is not None
        assert session.storage_on("ejabberd@second") == DISC
        assert session.storage_on("ejabberd@first") == "ram_copies"


@pytest.mark.catalogue
async def test_files_of_another_owner_are_given_back(fresh_lab: Lab) -> None:
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on("quit"), one.last
        home = fresh_lab.form.home("second")
        fresh_lab.run("second", ["chown", "root", f"{home}/schema.DAT"])
        assert await one.at_hand() == "permissions"
        assert await one.runner.run_on(), one.last
        owner = fresh_lab.run("second", ["stat", "-c", "%U", f"{home}/schema.DAT"]).stdout
        assert owner.strip() == b"ejabberd"


@pytest.mark.catalogue
@pytest.mark.parametrize("step", ["cleandb", "start", "tables"])
async def test_a_cancel_leaves_a_state_to_go_on_from(fresh_lab: Lab, step: str) -> None:
    async with engine(fresh_lab) as one:
        started = asyncio.Event()
        one.on_event = lambda event: (
            started.set() if isinstance(event, StepStarted) and event.id == step else None
        )
        run = asyncio.create_task(one.runner.run_on())
        await asyncio.wait_for(started.wait(), SECONDS)
        await asyncio.sleep(0.05)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert await one.runner.run_on(), one.last


@pytest.mark.catalogue
async def test_a_cancel_while_second_stops_leaves_it_running(fresh_lab: Lab) -> None:
    """Nothing was moved yet: its users are not left without their server."""
    async with engine(fresh_lab) as one:
        stops = asyncio.Event()
        one.on_event = lambda event: (
            stops.set() if isinstance(event, StepReport) and SECOND_STOPS in event.line else None
        )
        run = asyncio.create_task(one.runner.run_on())
        await asyncio.wait_for(stops.wait(), SECONDS)
        pid = (await one.pair.refresh()).second.os_pid
        await until(
            lambda: one.pair.second.probe.ask("vm"),
            lambda seen: seen["vm"] != "up",
            what="second to begin to stop",
            seconds=SECONDS,
            poll=0.02,
        )
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        seen = await check(one.pair)
        assert seen.facts.second.ejabberd, seen
        assert seen.facts.second.os_pid != pid
        assert seen.half_done is not None
        assert seen.half_done.stage == "begun"
        assert seen.findings == ()


@pytest.mark.catalogue
async def test_a_node_that_starts_already_is_waited_for(fresh_lab: Lab) -> None:
    """An interrupted start leaves a VM behind, which cannot be started twice."""
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on("permissions"), one.last
        second = one.pair.second
        fresh_lab.run("second", ["ejabberdctl", "start"])
        await until(
            lambda: second.probe.ask("vm"),
            lambda seen: seen["vm"] == "up",
            what="second's VM",
            seconds=SECONDS,
        )
        assert (await guarded_start.start(second)).ejabberd


async def test_facts_are_told_only_when_they_change(lab: Lab) -> None:
    await joined(lab)
    async with engine(lab) as one:
        await one.runner.checklist()
        one.events.clear()
        for _ in range(5):
            await one.runner.checklist()
        assert len(one.of(FactsChanged)) <= 1
