"""When the pair is checked unasked, and how a repair ends: on two hosts where nothing answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.errors import BackupError
from ejtui.cluster.journal import Entry, Journal
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.run.events import StepEnded
from ejtui.config import Config, HostConfig
from ejtui.erlang.probe.client import ProbeLost
from ejtui.hosts.errors import Unreachable
from ejtui.ui.session import troubleshooter
from ejtui.ui.session.session import PairSession
from ejtui.ui.session.troubleshooter import Troubleshooter
from ejtui.ui.state.diagnosis_updates import CheckBegan, CheckEnded
from ejtui.ui.state.models import ErrorView, QuestionView
from ejtui.ui.state.updates import ChangedElsewhere, Logged, Update, WorkBegan, WorkEnded
from tests.samples import step

from .conftest import MISMATCH

BOUND = 30.0


class Heard:
    """A voice that keeps all updates."""

    def __init__(self) -> None:
        self.news: list[Update] = []
        self.troubles: list[ErrorView] = []
        self._came = asyncio.Event()

    def apply(self, news: Update) -> None:
        self.news.append(news)
        self._came.set()

    async def ask(self, question: QuestionView) -> bool:
        raise AssertionError(f"nothing is asked here: {question}")

    def show_trouble(self, trouble: ErrorView) -> None:
        self.troubles.append(trouble)

    async def ask_secret(self, question: object) -> None:
        raise AssertionError(f"no secret is wanted here: {question}")

    async def ask_text(self, question: object) -> None:
        raise AssertionError(f"no text is wanted here: {question}")

    def show_backups(self) -> None:
        pass

    def show_shell(self, shell: object, *, focus: bool) -> None:
        raise AssertionError(f"no shell is opened here: {shell}, {focus}")

    def checks(self) -> list[list[str] | None]:
        """The codes that each check found; None for one that was cancelled."""
        ended = [news for news in self.news if isinstance(news, CheckEnded)]
        return [
            [finding.code for finding in news.diagnosis.findings] if news.diagnosis else None
            for news in ended
        ]

    def tried(self) -> int:
        return sum(isinstance(news, CheckBegan) for news in self.news)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Let the running work go on until that holds."""
        async with asyncio.timeout(BOUND):
            while not holds():
                self._came.clear()
                await self._came.wait()


@pytest.fixture
def nobody() -> Config:
    """Two hosts that refuse every connection."""
    hosts = {name: HostConfig(name, "127.0.0.1", port=1) for name in ("first", "second")}
    return Config("first", "second", hosts)


@pytest.fixture
def heard() -> Heard:
    return Heard()


class Watched(Troubleshooter):
    """A troubleshooter, what it found, and whether it may look."""

    def __init__(self, pair: Pair, heard: Heard, path: Path) -> None:
        self.pair = pair
        super().__init__(pair, heard, Journal(path, "pair"), lambda: self.may, self.seen.append)

    seen: list[Diagnosis]
    may = True


@pytest.fixture
async def watched(nobody: Config, heard: Heard, tmp_path: Path) -> AsyncIterator[Watched]:
    Watched.seen = []
    pair = Pair(nobody)
    made = Watched(pair, heard, tmp_path / "journal.jsonl")
    await pair.open()
    yield made
    await made.stop()
    await pair.close()


async def test_it_checks_as_soon_as_both_have_answered_and_then_rests(
    watched: Watched, heard: Heard
) -> None:
    facts = await watched.pair.refresh()
    watched.consider(facts)
    watched.consider(facts)
    watched.check()
    await heard.until(lambda: len(watched.seen) == 1)
    await heard.until(lambda: heard.checks()[-1:] == [None])
    assert heard.tried() == 1
    assert heard.checks()[0] == ["host-unreachable", "host-unreachable"]
    other = replace(facts, second=replace(facts.second, reachable=True, vm="up"))
    watched.consider(other)
    assert heard.tried() == 1


async def test_after_its_rest_it_checks_what_changed_and_nothing_else(
    watched: Watched, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(troubleshooter, "REST_SECONDS", 0.0)
    facts = await watched.pair.refresh()
    watched.consider(facts)
    await heard.until(lambda: heard.checks()[-1:] == [None])
    watched.consider(watched.seen[0].facts)
    assert heard.tried() == 1
    seen = watched.seen[0].facts
    watched.consider(replace(seen, second=replace(seen.second, reachable=True, vm="up")))
    assert heard.tried() == 2


async def test_it_does_not_look_where_it_may_not(watched: Watched, heard: Heard) -> None:
    watched.may = False
    watched.consider(await watched.pair.refresh())
    watched.check()
    assert heard.news == []


async def test_a_check_is_broken_off_at_once(watched: Watched, heard: Heard) -> None:
    watched.check()
    await watched.stop()
    assert heard.checks() == [None]
    assert watched.seen == []
    watched.check()
    assert heard.tried() == 2


async def test_what_another_ejtui_has_changed_is_checked_without_a_rest(
    watched: Watched, heard: Heard
) -> None:
    facts = await watched.pair.refresh()
    watched.check()
    watched.overtake()
    watched.consider(facts)
    assert heard.tried() == 1, "one check at a time"
    await heard.until(lambda: heard.checks()[-1:] == [None])
    watched.consider(facts)
    assert heard.tried() == 2, "the one that ran was older than the change"
    await heard.until(lambda: len(watched.seen) == 2)
    await heard.until(lambda: heard.checks()[-1:] == [None])
    watched.consider(facts)
    assert heard.tried() == 2


async def test_a_check_that_is_wanted_while_one_runs_follows_it(
    watched: Watched, heard: Heard
) -> None:
    """What runs may have seen the nodes before the operator asked for it."""
    watched.check()
    watched.check_again()
    assert heard.tried() == 1, "one check at a time"
    await heard.until(lambda: len(watched.seen) == 2)
    await heard.until(lambda: heard.checks()[-1:] == [None])
    assert heard.tried() == 2
    watched.check_again()
    await watched.stop()
    assert heard.tried() == 3, "one that is broken off is not followed"


@pytest.mark.parametrize("lost", [ProbeLost("gone"), Unreachable("second", "op@b", "gone", "")])
async def test_a_connection_that_drops_during_a_check_is_no_mistake(
    watched: Watched, heard: Heard, monkeypatch: pytest.MonkeyPatch, lost: Exception
) -> None:
    """Its host's panel shows it; the check is made again when both hosts answer, not before."""
    facts = await watched.pair.refresh()
    monkeypatch.setattr(troubleshooter, "check", _raising(lost))
    watched.consider(facts)
    await heard.until(lambda: heard.checks()[-1:] == [None])
    watched.consider(facts)
    assert (heard.troubles, heard.tried()) == ([], 1)
    first, second = (
        replace(each, reachable=True, error="") for each in (facts.first, facts.second)
    )
    watched.consider(replace(facts, first=first, second=second))
    assert heard.tried() == 2


async def test_what_fails_while_a_connection_drops_is_no_mistake(
    watched: Watched, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(pair: Pair) -> Diagnosis:
        pair.second.line.well()
        pair.second.line.failed()
        raise BackupError("it ended in the middle of a manifest")

    monkeypatch.setattr(troubleshooter, "check", check)
    watched.check()
    await heard.until(lambda: heard.checks()[-1:] == [None])
    assert heard.troubles == []


async def test_a_mistake_in_a_check_is_shown(
    watched: Watched, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(troubleshooter, "check", _raising(LookupError("first")))
    watched.check()
    await heard.until(lambda: bool(heard.troubles))
    assert heard.troubles[0].why == "while: checking both nodes"


def _raising(error: Exception) -> Callable[[Pair], Awaitable[Diagnosis]]:
    async def check(_pair: Pair) -> Diagnosis:
        raise error

    return check


async def test_a_host_that_is_lost_raises_what_it_was_lost_by(nobody: Config) -> None:
    """As questions do that it is lost under: who handles the one handles the other."""
    pair = Pair(nobody)
    for role in (pair.first, pair.second):
        with pytest.raises(ProbeLost, match=f"{role.name} cannot be asked: it is not connected"):
            _ = role.probe
    await pair.open()
    for part in ("host", "platform", "probe"):
        with pytest.raises(Unreachable):
            getattr(pair.second, part)


async def test_the_session_hears_of_what_another_ejtui_does_here(
    nobody: Config, heard: Heard
) -> None:
    session = PairSession(nobody, heard)
    running = asyncio.create_task(session.run())
    try:
        await heard.until(lambda: ["host-unreachable"] * 2 in heard.checks())
        before = heard.tried()
        other = Journal(session._runner.journal.path, nobody.pair)
        other.write(Entry.STARTED, step="rollback", process=1)
        other.write(Entry.ENDED, step="cookies", state="done", process=1)
        await heard.until(lambda: any(isinstance(news, Logged) for news in heard.news))
        assert ChangedElsewhere() not in heard.news, "it goes on"
        other.write(Entry.ENDED, step="rollback", state="done", process=1)
        await heard.until(lambda: ChangedElsewhere() in heard.news)
        await heard.until(lambda: heard.tried() > before)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await session.close()


async def test_the_session_checks_unasked_and_after_work(nobody: Config, heard: Heard) -> None:
    session = PairSession(nobody, heard)
    running = asyncio.create_task(session.run())
    try:
        await heard.until(lambda: ["host-unreachable"] * 2 in heard.checks())
        before = len(heard.checks())
        session.repair(MISMATCH)
        await heard.until(lambda: any(isinstance(news, WorkEnded) for news in heard.news))
        [began] = [news for news in heard.news if isinstance(news, WorkBegan)]
        [ended] = [news for news in heard.news if isinstance(news, WorkEnded)]
        assert began == WorkBegan("repair of cookie-mismatch", MISMATCH)
        assert ended.is_trouble
        assert "the check does not find cookie-mismatch on second" in ended.text
        assert "host-unreachable on first" in ended.text
        [gone] = heard.troubles
        assert gone.title == "The nodes have changed since the check that was shown"
        assert gone.what == "cookie-mismatch on second is not found now. Nothing was changed."
        assert gone.why.startswith("host-unreachable on first leads now: ")
        assert gone.next_action.startswith("host-unreachable has no repair from here: ")
        assert gone.finding is not None
        assert gone.finding[:2] == ("host-unreachable", "first")
        await heard.until(lambda: ["host-unreachable"] * 2 in heard.checks()[before:])
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await session.close()


async def test_a_no_is_reported_as_one(nobody: Config, heard: Heard) -> None:
    session = PairSession(nobody, heard)
    no = "answered No: Replace second's cookie? This step changed nothing."

    async def work() -> bool:
        session._hear(StepEnded(step("cookies"), "todo", no))
        return False

    async def stopped() -> bool:
        return False

    try:
        for doing, text in ((work, no), (stopped, "stopped, see the step")):
            session._begin("the join", doing, "a goes on")
            await heard.until(lambda: isinstance(heard.news[-1], (WorkEnded, CheckBegan)))
            ended = [news for news in heard.news if isinstance(news, WorkEnded)][-1]
            assert ended.text == f"the join: {text}"
            heard.news.clear()
    finally:
        await session.close()
