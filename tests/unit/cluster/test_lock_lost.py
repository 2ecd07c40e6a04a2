"""After the lock was lost: what somebody else has changed, and what a join does itself."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.move import half_moved
from ejtui.cluster.errors import SHELL_OPEN, LockHeld, LockLost
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join import pair_state
from ejtui.cluster.join.pair_state import CONSENT, PairState, changes, question
from ejtui.cluster.join.runner import Runner
from ejtui.cluster.join.steps.start import Start
from ejtui.cluster.join.steps.step import Step
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.question import Question
from ejtui.config import HostConfig
from ejtui.erlang.probe.client import ProbeLost
from ejtui.hosts.errors import HostError
from tests.samples import PLATFORM
from tests.unit.cluster.disk import manifest

ME = "op@here"
BACKUP = manifest(by=ME)
BEFORE = PairState("aa", "bb", {BACKUP.stamp: BACKUP})


def with_backups(*backups: Manifest) -> PairState:
    return replace(BEFORE, backups={backup.stamp: backup for backup in backups})


@pytest.mark.parametrize(
    "now",
    [
        BEFORE,
        replace(BEFORE, second_cookie="aa"),
        with_backups(BACKUP, replace(BACKUP, stamp="20260102T000000Z", stage="moving")),
    ],
)
def test_what_a_join_does_itself(now: PairState) -> None:
    assert changes(BEFORE, now, ME) == []


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (with_backups(replace(BACKUP, stage="rolled-back")), "rolled back"),
        (with_backups(replace(BACKUP, stage="restored")), "rolled back"),
        (
            with_backups(BACKUP, replace(BACKUP, stamp="20260102T000000Z", by="eve@there")),
            "eve@there made the backup 20260102T000000Z",
        ),
        (with_backups(), "is gone"),
        (replace(BEFORE, first_cookie="cc"), "first has another cookie"),
        (replace(BEFORE, second_cookie="cc"), "second has another cookie"),
    ],
)
def test_what_somebody_else_has_done(now: PairState, said: str) -> None:
    [seen] = changes(BEFORE, now, ME)
    assert said in seen
    asked = question([seen])
    assert asked.consent == CONSENT
    assert seen in asked.takes


class Probe:
    """A probe that holds the lock, as far as it is asked."""

    lost = None

    def __init__(self, answer: Any = "held") -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def ask(self, question: str, *_: object) -> Any:
        self.asked.append(question)
        return self.answer


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two hosts with probes, and whose state is `now`."""
    nodes = {
        name: SimpleNamespace(
            name=name,
            probe=Probe(),
            opened=True,
            platform=PLATFORM,
            known_platform=None,
            config=HostConfig(name, name),
            where=name,
            host_key="",
        )
        for name in ("first", "second")
    }
    pair = SimpleNamespace(**nodes, now=BEFORE)

    async def state_of(_: object) -> PairState:
        state: PairState = pair.now
        return state

    monkeypatch.setattr(pair_state, "state_of", state_of)
    monkeypatch.setattr(pair_state, "operator", lambda: ME)
    return pair


async def taken(pair: Any) -> PairLock:
    lock = PairLock(pair)
    await lock.take("join")
    await lock.note(partial(pair_state.watch, pair))
    return lock


async def test_a_lock_that_is_held_is_kept_without_asking(pair: Any) -> None:
    lock = await taken(pair)
    pair.now = with_backups()
    await lock.keep()
    assert pair.second.probe.asked == ["lock"]
    assert await lock.meanwhile() == []


async def test_a_dropped_connection_alone_is_no_reason_to_ask(pair: Any) -> None:
    lock = await taken(pair)
    pair.second.probe = Probe()
    await lock.keep()
    assert pair.second.probe.asked == ["lock"]
    assert lock.held


async def test_a_lock_that_was_lost_and_a_pair_that_was_changed(pair: Any) -> None:
    lock = await taken(pair)
    pair.second.probe = Probe()
    pair.now = with_backups(replace(BACKUP, stage="rolled-back"))
    with pytest.raises(LockLost, match="rolled back"):
        await lock.keep()
    await lock.release()
    assert await lock.meanwhile()
    lock.forget()
    assert await lock.meanwhile() == []


async def test_a_lock_that_another_has_now(pair: Any) -> None:
    lock = await taken(pair)
    pair.second.probe = Probe(("busy", {"who": "eve@there", "what": "join", "since": "now"}))
    with pytest.raises(LockHeld, match="eve@there"):
        await lock.keep()
    assert not lock.held


async def test_a_probe_that_is_gone_and_nobody_has_noticed(pair: Any) -> None:
    """Right after a sleep: giving the lock back finds out that it was lost."""
    lock = await taken(pair)

    async def lost(*_: object) -> Any:
        raise ProbeLost("the probe on second was lost")

    pair.second.probe.ask = lost
    pair.now = with_backups(replace(BACKUP, stage="rolled-back"))
    await lock.release()
    pair.second.probe = Probe()
    await lock.take("join")
    assert "rolled back" in str(await lock.meanwhile())


async def test_what_was_noted_counts_where_the_pair_cannot_be_asked_again(pair: Any) -> None:
    """Stopped while it notes how the pair stands, and awake again after the lock was lost."""
    lock = await taken(pair)

    async def unreached() -> Any:
        raise HostError("second", "second", "no answer", "")

    pair.now = with_backups(replace(BACKUP, stage="rolled-back"))
    await lock.note(unreached)
    pair.second.probe = Probe()
    assert "rolled back" in str(await lock.meanwhile())


async def test_what_is_given_back_leaves_nothing_to_compare(pair: Any) -> None:
    lock = await taken(pair)
    await lock.release()
    pair.second.probe = Probe()
    pair.now = with_backups()
    assert await lock.meanwhile() == []


@pytest.mark.parametrize("lost", [True, False])
async def test_a_run_asks_again(
    pair: Any, story: Any, lost: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    asked: list[Question] = []
    ran: list[str] = []

    async def no(question: Question) -> bool:
        asked.append(question)
        return False

    async def refresh() -> PairFacts:
        return pair.facts  # type: ignore[no-any-return]

    async def run(step: Step, _: object) -> list[str]:
        ran.append(step.id)
        return []

    async def none_stands(*_: object) -> str:
        return ""

    pair.name, pair.live_shell, pair.choices = "first+second", None, Choices()
    pair.facts, pair.refresh = story.quitted(), refresh
    runner = Runner(pair, no, lambda _: None)
    monkeypatch.setattr(Start, "run", run)
    monkeypatch.setattr(half_moved, "why_no_join", none_stands)
    await runner.lock.take("join")
    await runner.lock.note(partial(pair_state.watch, pair))
    pair.now = with_backups(replace(BACKUP, stage="rolled-back"))
    if lost:
        pair.second.probe = Probe()
    assert not await runner.run_step("start")
    assert [question.consent for question in asked] == ([CONSENT] if lost else [])
    assert bool(ran) is not lost


def test_a_refused_lock_names_who_has_it_and_what_goes_on_from_there() -> None:
    since = "2026-11-29T10:00:00+00:00"
    works = str(LockHeld("first", "eve@there", "join: tables", since))
    assert works.startswith("eve@there is changing this pair since 2026-11-29 ")
    assert "Wait until that has ended" in works
    idle = str(LockHeld("first", "eve@there", SHELL_OPEN, since))
    assert "changing" not in idle
    assert "leave that ejtui" in idle
