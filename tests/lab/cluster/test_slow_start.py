"""An ejabberd that takes long to start is waited for, shown as starting, and never ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from ejtui.cluster.diagnosis.own_settings import settings
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join.check import check
from ejtui.cluster.polling import until
from ejtui.cluster.run.events import StepReport
from ejtui.lab.faults.node import first, second
from ejtui.lab.lab import Lab
from ejtui.lab.people import GUEST
from ejtui.ui.session.to_view import health_of
from ejtui.ui.state.view_state import Health
from tests.lab.cluster import slow
from tests.lab.cluster.engine import Engine, ctl, engine, joined
from tests.patience import SECONDS


@contextmanager
def _slow(lab: Lab, host: str) -> Iterator[None]:
    """The host's ejabberd takes as long to start as a test likes, from its next start on."""
    slow.make_slow(lab, host)
    try:
        yield
    finally:
        slow.let_go(lab, host)
        slow.undo(lab, host)


@pytest.fixture
def slow_lab(fresh_lab: Lab) -> Iterator[Lab]:
    """A lab whose second is slow from its next start on."""
    with _slow(fresh_lab, "second"):
        yield fresh_lab


async def _facts(one: Engine, holds: Callable[[PairFacts], bool], what: str) -> PairFacts:
    return await until(one.pair.refresh, holds, what=what, seconds=SECONDS, poll=0.1)


async def test_a_slow_start_in_a_join(slow_lab: Lab) -> None:
    async with engine(slow_lab) as one:
        assert await one.runner.run_on("permissions"), one.last
        joining = asyncio.create_task(one.runner.run_on())
        facts = await _facts(one, lambda now: now.second.starting, "second to be starting")
        pid = facts.second.os_pid
        assert not facts.second.ejabberd
        assert health_of(facts.second) is Health.STARTING
        await _is_shown(one)
        # What it has loaded so far is not all that it will have.
        assert not (await settings(one.pair.second)).asked
        await _is_starting(one)
        # The operator leaves, and comes back: the start goes on, and so does the join.
        joining.cancel()
        with suppress(asyncio.CancelledError):
            await joining
    async with engine(slow_lab) as one:
        joining = asyncio.create_task(one.runner.run_on())
        await _is_shown(one)
        await _is_starting(one)
        assert second(slow_lab).pid() == pid
        slow.let_go(slow_lab, "second")
        assert await joining, one.last
        assert second(slow_lab).pid() == pid
        assert not [q for q in one.questions if "VM" in q.title]


@pytest.mark.catalogue
async def test_a_join_waits_for_nodes_that_are_starting(slow_lab: Lab) -> None:
    node = second(slow_lab)
    node.stop()
    node.begin()
    async with engine(slow_lab) as one:
        facts = await _facts(one, lambda now: now.second.starting, "second to be starting")
        pid = facts.second.os_pid
        looking = asyncio.create_task(one.runner.run_on("preflight"))
        await _is_shown(one)
        assert not looking.done()
        slow.let_go(slow_lab, "second")
        assert await looking, one.last
        assert node.pid() == pid


@pytest.mark.catalogue
async def test_a_rollback_waits_for_a_first_that_is_starting(fresh_lab: Lab) -> None:
    await joined(fresh_lab)
    node = first(fresh_lab)
    with _slow(fresh_lab, "first"):
        node.stop()
        node.begin()
        async with engine(fresh_lab) as one:
            await _facts(one, lambda now: now.first.starting, "first to be starting")
            back = asyncio.create_task(one.roll_back())
            await _is_shown(one)
            assert not back.done()
            assert not one.questions
            slow.let_go(fresh_lab, "first")
            await back
            facts = await one.pair.refresh()
    assert facts.first.ejabberd
    assert facts.first.db_nodes == ("ejabberd@first",)
    assert ctl(fresh_lab, "second", "registered_users", "chat.example") == [GUEST]


async def _is_starting(one: Engine) -> None:
    """The checklist, the check and what is printed all show it, and nothing advises to end it."""
    states = {view.id: view.state.state for view in await one.runner.checklist()}
    assert (states["quit"], states["permissions"], states["start"]) == ("done", "done", "todo")
    seen = await check(one.pair)
    assert seen.finding("vm-up-app-down") is None
    shown = seen.to_json()["second"]
    assert isinstance(shown, dict)
    assert (shown["starting"], shown["running"]) == (True, False)


async def _is_shown(one: Engine) -> None:
    await until(_nothing, lambda _: _shown(one), what="the log's last line", seconds=SECONDS)


def _shown(one: Engine) -> bool:
    return any(slow.LINE in said.line for said in one.of(StepReport))


async def _nothing() -> None:
    """What is looked at comes without help."""
