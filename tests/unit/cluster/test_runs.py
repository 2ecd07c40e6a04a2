"""A run of the checklist: how often a step is tried, what stops it, and whose lock it is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.acts import unit_mask
from ejtui.cluster.acts.act import Command, doing
from ejtui.cluster.backups.move import half_moved
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.errors import SHELL_OPEN, ClusterError, LockHeld, Refused, StepFailed
from ejtui.cluster.facts.examination import Examined
from ejtui.cluster.finding import Finding
from ejtui.cluster.join import runner as runner_module
from ejtui.cluster.join.runner import MOST_RUNS, Runner
from ejtui.cluster.join.steps.start import Start
from ejtui.cluster.pair import fixed_files
from ejtui.cluster.pair.lock import PairLock, holder
from ejtui.cluster.question import Question
from ejtui.cluster.repairs.context import RepairContext
from ejtui.cluster.repairs.members import rejoining
from ejtui.cluster.run.events import Event, Finished, StepEnded, StepStarted
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.shell.shell import ShellEnded
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import DiskPair
from tests.unit.cluster.disk_pairs import Person, pair_before_the_start
from tests.unit.cluster.test_repair_runs import FOUND

EVE = {"who": "eve@there", "what": "join", "since": "now"}


@pytest.fixture
def pair(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    return pair_before_the_start(story, tmp_path, monkeypatch)


class Steps:
    """A runner whose step "start" does what the test gives it."""

    def __init__(self, pair: DiskPair, monkeypatch: pytest.MonkeyPatch, person: Any = None) -> None:
        self.pair, self.runs = pair, 0
        self.events: list[Event] = []
        self.does: Any = None
        self.found: tuple[Finding, ...] = ()
        self.runner = Runner(pair, person or Person(), self.events.append)  # type: ignore[arg-type]

        async def run(_step: Start, context: Any) -> list[str]:
            self.runs += 1
            if self.does:
                await self.does(context)
            return ["it ran"]

        async def check(_: Any) -> Diagnosis:
            return Diagnosis(pair.facts, Examined())

        monkeypatch.setattr(Start, "run", run)
        monkeypatch.setattr(runner_module, "check", check)

    @property
    def written(self) -> list[dict[str, Any]]:
        """The journal's lines."""
        return self.runner.journal.last()

    @property
    def last(self) -> StepEnded:
        return [event for event in self.events if isinstance(event, StepEnded)][-1]

    def fails(self, error: BaseException) -> None:
        async def does(_: Any) -> None:
            raise error

        self.does = does


@pytest.fixture
def steps(pair: DiskPair, monkeypatch: pytest.MonkeyPatch) -> Steps:
    return Steps(pair, monkeypatch)


async def test_a_step_that_never_takes_is_tried_so_often(steps: Steps) -> None:
    assert not await steps.runner.run_step("start")
    assert steps.runs == MOST_RUNS
    assert steps.last.state == "failed"
    assert steps.events[-1] == Finished(False)
    views = {view.id: view for view in await steps.runner.checklist()}
    assert views["start"].state.state == "failed"


async def test_a_step_is_done_when_the_nodes_say_so(steps: Steps, story: Story) -> None:
    async def does(_: Any) -> None:
        steps.pair.world.facts = story.joined()

    steps.does = does
    assert await steps.runner.run_step("start")
    assert (steps.runs, steps.last.state, steps.last.evidence) == (1, "done", ("it ran",))
    assert await steps.runner.run_step("start")
    assert steps.runs == 1, "what is done is not run again"


async def test_an_earlier_step_that_is_not_done_blocks_it(steps: Steps, story: Story) -> None:
    steps.pair.world.facts = story.strangers()
    assert not await steps.runner.run_step("start")
    assert steps.last.state in ("blocked", "failed")
    assert steps.runs == 0
    assert "lock" not in steps.pair.first.probe.names()


async def test_a_no_stops_the_run_and_is_no_failure(steps: Steps) -> None:
    steps.fails(Refused("not agreed to"))
    assert not await steps.runner.run_step("start")
    assert (steps.runs, steps.last.state, steps.last.detail) == (1, "todo", "not agreed to")
    assert (steps.written[-1]["event"], steps.written[-1]["outcome"]) == ("run ended", "refused")


async def test_the_journal_has_the_nodes_each_command_and_the_end(
    steps: Steps, story: Story
) -> None:
    async def does(_: Any) -> None:
        with doing(Command("lyon", "root", "shell", "systemctl start ejabberd")):
            steps.pair.world.facts = story.joined()

    steps.does = does
    assert await steps.runner.run_step("start")
    by_event = {line["event"]: line for line in steps.written}
    assert by_event["nodes"]["second"]["where"] == "op@lyon"
    ran = by_event["ran"]
    assert (ran["step"], ran["host"], ran["user"]) == ("start", "lyon", "root")
    assert ran["text"] == "systemctl start ejabberd"
    assert steps.written[-1]["outcome"] == "done"


@pytest.mark.parametrize(
    "error", [StepFailed("broken"), ClusterError("broken"), ProbeError("lost", "broken")], ids=repr
)
async def test_a_failure_stops_the_run_with_why(steps: Steps, error: Exception) -> None:
    steps.fails(error)
    assert not await steps.runner.run_step("start")
    assert (steps.runs, steps.last.state) == (1, "failed")
    assert "broken" in steps.last.detail


async def test_a_shell_that_ended_is_tried_again(steps: Steps) -> None:
    steps.fails(ShellEnded("q().", ()))
    assert not await steps.runner.run_step("start")
    assert steps.runs == MOST_RUNS


async def test_what_a_failed_step_is_told_of_are_errors_that_it_does_not_mend(
    steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = (
        Finding("wrong", "", "second"),
        Finding("of-a-warning", "", "second", severity="warning"),
        Finding("its-own", "", "second", repaired_by="start"),
        Finding("of-an-earlier-step", "", "second", repaired_by="cookies"),
    )
    monkeypatch.setattr(
        runner_module, "diagnosis", lambda facts, _: Diagnosis(facts, Examined(), found)
    )
    steps.fails(StepFailed("broken"))
    await steps.runner.run_step("start")
    assert [each.code for each in steps.last.findings] == ["wrong", "of-an-earlier-step"]


async def test_where_a_rollback_must_go_on_no_step_runs(
    steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def why(*_: Any) -> str:
        return "a rollback was broken off"

    monkeypatch.setattr(half_moved, "why_no_join", why)
    assert not await steps.runner.run_step("start")
    assert (steps.runs, steps.last.detail) == (0, "a rollback was broken off")


async def test_while_another_changes_the_pair_no_step_runs(steps: Steps) -> None:
    steps.pair.second.probe.answers["lock"] = lambda *_: ("busy", EVE)
    with pytest.raises(LockHeld, match="eve@there"):
        await steps.runner.run_step("start")
    assert steps.runs == 0
    assert not any(isinstance(event, StepStarted) for event in steps.events)
    assert steps.pair.first.probe.names()[-1] == "unlock", "first's is given back"


@pytest.mark.parametrize("shell", [True, False])
async def test_the_lock_stays_while_the_shell_is_open(
    steps: Steps, monkeypatch: pytest.MonkeyPatch, shell: bool
) -> None:
    released: list[str] = []

    async def release(node: Any) -> None:
        released.append(node.name)

    monkeypatch.setattr(unit_mask, "release", release)

    async def does(_: Any) -> None:
        steps.pair.shell = SimpleNamespace(ended=False) if shell else None
        raise StepFailed("broken")

    steps.does = does
    await steps.runner.run_step("start")
    assert steps.runner.lock.held is shell
    assert (steps.runner.lock._what == SHELL_OPEN) is shell, "nothing is running any more"
    assert released == ([] if shell else ["lyon"])
    assert ("unlock" in steps.pair.second.probe.names()) is not shell


async def test_the_lock_of_a_longer_work_stays_after_a_run(
    pair: DiskPair, monkeypatch: pytest.MonkeyPatch, steps: Steps
) -> None:
    """Also the mask of second's unit: a repair releases both at its end."""
    released: list[str] = []

    async def release(node: Any) -> None:
        released.append(node.name)

    monkeypatch.setattr(unit_mask, "release", release)
    lock = PairLock(pair)  # type: ignore[arg-type]
    await lock.take("repair")
    runner = Runner(pair, Person(), steps.events.append, lock=lock)  # type: ignore[arg-type]
    steps.fails(StepFailed("broken"))
    assert not await runner.run_step("start")
    assert lock.held
    assert released == []
    assert "unlock" not in pair.second.probe.names()


async def test_what_breaks_a_run_off_is_raised_and_frees_the_pair(steps: Steps) -> None:
    steps.fails(ValueError("a mistake"))
    with pytest.raises(ValueError, match="a mistake"):
        await steps.runner.run_step("start")
    assert steps.events[-1] == Finished(False)
    assert not steps.runner.lock.held


async def test_the_lock_names_a_step_once(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []

    async def take(what: str) -> None:
        taken.append(what)

    monkeypatch.setattr(steps.runner.lock, "take", take)
    await steps.runner.run_step("start")
    assert set(taken) == {"start"}


class TestLock:
    async def test_it_is_taken_on_both_and_given_back_on_both(self, pair: DiskPair) -> None:
        lock = PairLock(pair)  # type: ignore[arg-type]
        await lock.take("join")
        assert lock.held
        await lock.release()
        assert not lock.held
        for node in (pair.first, pair.second):
            assert node.probe.names() == ["lock", "unlock"]
        await lock.release()
        assert pair.first.probe.names() == ["lock", "unlock"], "nothing was held"

    async def test_an_answer_that_is_not_understood_is_no_lock(self, pair: DiskPair) -> None:
        pair.second.probe.answers["lock"] = lambda *_: ("unknown", "eacces")
        lock = PairLock(pair)  # type: ignore[arg-type]
        with pytest.raises(ClusterError, match="cannot be taken: eacces"):
            await lock.take("join")
        assert not lock.held

    async def test_one_that_was_left_behind_is_ended_first(self, pair: DiskPair) -> None:
        lock = PairLock(pair)  # type: ignore[arg-type]
        answers = iter([("busy", EVE | {"mark": lock._mark, "probe": "77"}), "held"])
        pair.second.probe.answers["lock"] = lambda *_: next(answers)
        await lock.take("join")
        [killed] = [ran for ran in pair.world.ran if ran.what[0] == "kill"]
        assert (killed.host, killed.what[-1]) == ("lyon", "77")

    async def test_a_probe_that_still_holds_what_was_given_back_is_ended(
        self, pair: DiskPair
    ) -> None:
        """The connection dropped: the host has not noticed yet, and this ejtui takes it again."""
        lock = PairLock(pair)  # type: ignore[arg-type]
        given_back = lock._mark
        await lock.take("join")
        await lock.release()
        answers = iter([("busy", EVE | {"mark": given_back, "probe": "77"}), "held"])
        pair.second.probe.answers["lock"] = lambda *_: next(answers)
        await PairLock(pair).take("join")  # type: ignore[arg-type]
        assert [ran.what[-1] for ran in pair.world.ran if ran.what[0] == "kill"] == ["77"]

    async def test_where_its_file_cannot_be_changed_that_is_named(
        self, pair: DiskPair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def refuse(_node: object, paths: list[str]) -> None:
            raise StepFailed(f"{paths[0]} is immutable")

        monkeypatch.setattr(fixed_files, "refuse", refuse)
        pair.second.probe.answers["lock"] = lambda *_: ("unknown", "eacces")
        with pytest.raises(StepFailed, match=r"/\.ejtui\S* is immutable"):
            await PairLock(pair).take("join")  # type: ignore[arg-type]

    async def test_one_of_another_is_neither_ended_nor_taken(self, pair: DiskPair) -> None:
        pair.first.probe.answers["lock"] = lambda *_: ("busy", EVE | {"probe": "77"})
        with pytest.raises(LockHeld):
            await PairLock(pair).take("join")  # type: ignore[arg-type]
        assert not any(ran.what[0] == "kill" for ran in pair.world.ran)
        assert "lock" not in pair.second.probe.names()

    @pytest.mark.parametrize("reached", [True, False])
    async def test_without_first(self, pair: DiskPair, reached: bool) -> None:
        pair.first.opened = reached
        lock = PairLock(pair, without_first=True)  # type: ignore[arg-type]
        await lock.take("rollback")
        assert ("lock" in pair.first.probe.names()) is reached
        assert "lock" in pair.second.probe.names()

    async def test_who_holds_it_is_asked_of_the_hosts(self, pair: DiskPair) -> None:
        assert await holder(pair) is None  # type: ignore[arg-type]
        pair.second.probe.answers["lock_info"] = lambda *_: ("busy", EVE)
        found = await holder(pair)  # type: ignore[arg-type]
        assert found is not None
        assert (found.host, found.who) == ("lyon", "eve@there")


async def test_a_repairs_join_names_the_step_that_failed(
    steps: Steps, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the first one that is undone by then, as where second stopped meanwhile."""

    async def does(_: Any) -> None:
        steps.pair.world.facts = story.cleaned()
        raise StepFailed("systemd does not start it", (FOUND,))

    async def started(*_: Any, **__: Any) -> None: ...

    steps.does = does
    monkeypatch.setattr(rejoining, "wait_for_starts", started)
    pair: Any = steps.pair
    facts, journal = pair.facts, steps.runner.journal
    lock, hear = PairLock(pair), steps.events.append
    context = RepairContext(FOUND, pair, facts, Person(), hear, journal, lock)
    with pytest.raises(StepFailed, match="step start: systemd does not start it") as failed:
        await rejoining.join(context)
    assert failed.value.findings == (FOUND,)


@pytest.mark.parametrize("changed", [False, True])
async def test_a_no_reports_whether_anything_was_changed(
    steps: Steps, story: Story, changed: bool
) -> None:
    async def does(context: Any) -> None:
        if changed:
            with doing(Command("lyon", "root", "shell", "systemctl start ejabberd")):
                pass
        await context.ask(Question("Start it?", (), "", "Yes"))

    async def no(_: Question) -> bool:
        return False

    steps.runner._asks = no
    steps.does = does
    assert not await steps.runner.run_step("start")
    unchanged = "" if changed else " This step changed nothing."
    assert steps.last.detail == f"answered No: Start it?{unchanged}"
    asked = next(line for line in steps.written if line["event"] == "asked")
    assert asked["yes"] is False
    assert 0 <= asked["waited"] < 30


async def test_a_step_that_finds_a_disk_full_fails_in_words(steps: Steps) -> None:
    steps.fails(ProbeError("enospc", "/var/x: no space left on device"))
    assert not await steps.runner.run_step("start")
    assert "so /var/x could not be written" in steps.last.detail
    assert "then `ejtui join` goes on" in steps.last.detail
