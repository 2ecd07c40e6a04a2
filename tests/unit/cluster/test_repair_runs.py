"""The run of a repair: what it checks before and after, and what it reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.acts.act import Command, doing, watched
from ejtui.cluster.diagnosis.catalogue import CATALOGUE
from ejtui.cluster.diagnosis.report import Diagnosis, LayerResult
from ejtui.cluster.errors import LockHeld, Refused, StepFailed
from ejtui.cluster.facts.examination import Examined
from ejtui.cluster.finding import Finding
from ejtui.cluster.question import Question
from ejtui.cluster.repairs import final_check
from ejtui.cluster.repairs import run as repair_module
from ejtui.cluster.repairs.gone import FindingGone
from ejtui.cluster.repairs.repair import Repair
from ejtui.cluster.run.events import Event, Finished
from ejtui.erlang.probe.client import ProbeError
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import DiskPair
from tests.unit.cluster.disk_pairs import Person, pair_before_the_start

EVE = {"who": "eve@there", "what": "join", "since": "now"}


@pytest.fixture
def pair(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    return pair_before_the_start(story, tmp_path, monkeypatch)


FOUND = Finding("broken", "it is broken", "second")


class Fix(Repair):
    """A repair that notes what it does."""

    codes = ("broken",)
    title = "repairs it"

    def __init__(self) -> None:
        self.done: list[str] = []
        self.asks: Question | None = None
        self.error: Exception | None = None
        self.acts: list[Command] = []

    def commands(self, plan: Any, finding: Any) -> list[Any]:
        del plan, finding
        return []

    async def takes(self, context: Any) -> Question | None:
        self.done.append(f"takes, lock held: {context.lock.held}")
        return self.asks

    async def run(self, context: Any) -> list[str]:
        self.done.append(f"run, lock held: {context.lock.held}")
        for command in self.acts:
            with doing(command):
                pass
        if self.error:
            raise self.error
        return ["done"]


class Repairing:
    """A check that finds FOUND until the repair ran, and what happens then."""

    def __init__(self, pair: DiskPair, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pair, self.fix = pair, Fix()
        self.finding: Finding | None = FOUND
        self.stays = False
        self.breaks: tuple[Finding, ...] = ()
        self.person = Person()
        self.events: list[Event] = []

        async def check(_: Any) -> Diagnosis:
            runs = any(each.startswith("run") for each in self.fix.done)
            here = (self.finding,) if self.finding and (self.stays or not runs) else ()
            found = (*here, *self.breaks) if runs else here
            well = {rule.layer for each in self.breaks for rule in CATALOGUE[each.code].rules}
            looked = tuple(LayerResult(layer, not runs, "") for layer in sorted(well))
            return Diagnosis(pair.facts, Examined(), found, looked)

        async def nothing(*_: Any) -> None: ...

        monkeypatch.setattr(repair_module, "check", check)
        monkeypatch.setattr(final_check, "check", check)
        monkeypatch.setattr(repair_module, "repairs", lambda: {"broken": self.fix})
        monkeypatch.setattr(final_check, "LOOK_SECONDS", 0.0)
        monkeypatch.setattr(final_check, "PASSING_SECONDS", 0.0)
        monkeypatch.setattr("ejtui.cluster.repairs.tools.service.start_again", nothing)

    async def __call__(self, **how: Any) -> Diagnosis:
        return await repair_module.repair(
            self.pair,  # type: ignore[arg-type]
            "broken",
            self.person,
            self.events.append,
            **how,
        )


@pytest.fixture
def repairing(pair: DiskPair, monkeypatch: pytest.MonkeyPatch) -> Repairing:
    return Repairing(pair, monkeypatch)


class TestRepair:
    async def test_it_is_done_under_the_lock_and_looked_at(self, repairing: Repairing) -> None:
        assert (await repairing()).findings == ()
        assert repairing.fix.done == ["takes, lock held: True", "run, lock held: True"]
        assert repairing.person.questions == []
        assert repairing.events[-1] == Finished(True)
        for node in (repairing.pair.first, repairing.pair.second):
            assert (node.probe.names()[0], node.probe.names()[-1]) == ("lock", "unlock")

    async def test_somebody_who_takes_the_lock_meanwhile_ends_it(
        self, repairing: Repairing, pair: DiskPair
    ) -> None:
        """A probe was lost, and another ejtui has the lock before it is taken again."""

        async def run(context: Any) -> list[str]:
            context.lock._holders = ()
            pair.second.probe.answers["lock"] = lambda *_: ("busy", EVE)
            await context.refresh()
            return ["went on"]

        repairing.fix.run = run  # type: ignore[method-assign]
        with pytest.raises(LockHeld, match="eve@there"):
            await repairing()

    async def test_one_that_is_still_found_has_failed(self, repairing: Repairing) -> None:
        repairing.stays = True
        with pytest.raises(StepFailed, match="after the repair") as failed:
            await repairing()
        assert failed.value.findings == (FOUND,)
        assert repairing.events[-1] == Finished(False)

    async def test_one_after_which_the_nodes_are_apart_has_failed(
        self, repairing: Repairing
    ) -> None:
        apart = Finding("partitioned", "not together", "both", (), "", "")
        repairing.breaks = (apart,)
        with pytest.raises(StepFailed, match="repair partitioned --node both") as failed:
            await repairing()
        assert failed.value.findings == (apart,)
        assert repairing.events[-1] == Finished(False)

    async def test_a_warning_after_it_is_no_failure(self, repairing: Repairing) -> None:
        repairing.breaks = (
            Finding("partitioned", "a master is left", "second", (), "", "", severity="warning"),
        )
        assert (await repairing()).findings == repairing.breaks

    async def test_what_is_not_found_is_not_repaired(self, repairing: Repairing) -> None:
        repairing.finding = None
        with pytest.raises(StepFailed, match="does not find broken"):
            await repairing()
        assert repairing.fix.done == []

    async def test_of_another_node_it_is_not_found(self, repairing: Repairing) -> None:
        with pytest.raises(StepFailed, match="on first"):
            await repairing(node="first")
        assert repairing.fix.done == []

    @pytest.mark.parametrize("own", [True, False])
    async def test_a_no_changes_nothing(self, repairing: Repairing, own: bool) -> None:
        repairing.person.yes = False
        if own:
            repairing.fix.asks = Question("Repair?", ("all",), "", "Yes")
        with pytest.raises(Refused):
            await repairing(confirms=not own)
        assert repairing.fix.done == ["takes, lock held: True"]
        assert len(repairing.person.questions) == 1
        assert repairing.pair.second.probe.names()[-1] == "unlock"

    async def test_a_no_is_no_change_although_the_unit_is_released_after_it(
        self, repairing: Repairing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        released = Command("second", "root", "shell", "systemctl unmask")

        async def release(_: Any) -> None:
            with doing(released):
                repairing.fix.done.append("released")

        monkeypatch.setattr("ejtui.cluster.acts.unit_mask.release", release)
        repairing.person.yes = False
        ran: list[Command] = []
        with watched(ran.append), pytest.raises(Refused):
            await repairing(confirms=True)
        assert repairing.fix.done[-1] == "released"
        assert ran == []

    async def test_a_failure_gives_the_lock_back(self, repairing: Repairing) -> None:
        repairing.fix.error = ProbeError("lost", "no answer")
        with pytest.raises(StepFailed, match=r"repairs it: .*no answer"):
            await repairing()
        assert repairing.pair.second.probe.names()[-1] == "unlock"
        assert repairing.events[-1] == Finished(False)

    async def test_one_that_takes_from_first_is_refused_where_they_look_swapped(
        self, repairing: Repairing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repairing.pair.world.change("second", accounts=25)
        repairing.pair.world.change("first", accounts=1)
        assert repairing.pair.facts.second.accounts == 25
        monkeypatch.setattr(Fix, "takes_from_first", True)
        with pytest.raises(StepFailed, match="look swapped"):
            await repairing()
        assert repairing.fix.done == []
        monkeypatch.setattr(Fix, "takes_from_first", False)
        assert (await repairing()).findings == ()

    async def test_one_that_ran_nothing_does_not_go_on_unfound(self, repairing: Repairing) -> None:
        repairing.fix.error = StepFailed("that is the operator's to change")
        with pytest.raises(StepFailed):
            await repairing()
        repairing.fix.error, repairing.fix.done = None, []
        repairing.finding = replace(FOUND, code="another")
        with pytest.raises(FindingGone, match="it finds another on"):
            await repairing()
        assert repairing.fix.done == []

    async def test_one_that_was_broken_off_goes_on_unfound(self, repairing: Repairing) -> None:
        repairing.fix.error = StepFailed("broken off")
        repairing.fix.acts = [Command("second", "root", "shell", "systemctl stop ejabberd")]
        with pytest.raises(StepFailed):
            await repairing()
        repairing.fix.error, repairing.fix.done = None, []
        repairing.finding = replace(FOUND, code="another")
        await repairing()
        assert repairing.fix.done[-1].startswith("run")

    async def test_while_another_changes_the_pair_nothing_is_done(
        self, repairing: Repairing
    ) -> None:
        repairing.pair.first.probe.answers["lock"] = lambda *_: ("busy", EVE)
        with pytest.raises(LockHeld):
            await repairing()
        assert repairing.fix.done == []
