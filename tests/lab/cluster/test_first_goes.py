"""First's ejabberd goes in the middle: nothing waits for ever, and first is never kept away."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from ejtui.cluster.backups import listing
from ejtui.cluster.backups.manifest import JOIN
from ejtui.cluster.errors import Refused, StepFailed
from ejtui.cluster.join.check import check
from ejtui.cluster.join.steps import tables
from ejtui.cluster.operations.vm import patience as start_patience
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.repairs.run import repair
from ejtui.cluster.run.events import StepEnded
from ejtui.lab import faults
from ejtui.lab.faults.halfway import HOLD_SCHEMA
from ejtui.lab.faults.node import RUNS, first, second
from ejtui.lab.lab import Lab
from ejtui.lab.people import GUEST
from tests import patience
from tests.lab.cluster.engine import Engine, ctl, engine, joined

SECONDS = patience.SECONDS
ALONE = [["ejabberd@first"], ["ejabberd@second"]]


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Journal and choices of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


async def undo(one: Engine, code: str, node: str) -> None:
    await repair(one.pair, code, one.asks, one.took, node=node)


async def found(one: Engine) -> list[tuple[str, str]]:
    return [(finding.code, finding.node) for finding in (await check(one.pair)).findings]


async def in_a_copy_that_hangs(one: Engine) -> asyncio.Task[bool]:
    """A join in the middle of a copy that never ends, and first's VM killed.

    Mnesia has such copies without help when first goes in the first moments of one that goes to a
    disc-only table. Here another transaction on second's erl holds what it needs.
    """
    assert await one.runner.run_on("sync"), one.last
    await asyncio.to_thread(second(one.lab).ask, HOLD_SCHEMA)
    run = asyncio.create_task(one.runner.run_on())
    shell = one.pair.live_shell
    assert shell is not None
    typed = asyncio.Event()
    shell.listen(lambda _: typed.set() if shell.at_work else None)
    async with asyncio.timeout(SECONDS):
        await typed.wait()
    await asyncio.to_thread(first(one.lab).kill)
    return run


async def test_a_copy_without_first_is_given_up(
    fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would hold the schema, and first could not start."""
    monkeypatch.setattr(tables, "ALONE_SECONDS", 2.0)
    async with engine(fresh_lab) as one:
        run = await in_a_copy_that_hangs(one)
        async with asyncio.timeout(SECONDS):
            assert not await run
        assert "first went away in the middle of mnesia:add_table_copy(" in one.last.detail
        assert not second(fresh_lab).pid()
        await asyncio.to_thread(first(fresh_lab).start)
        assert await one.runner.run_on(), one.last
        assert await found(one) == []


@pytest.mark.catalogue
async def test_what_hangs_is_ended_where_it_hangs(fresh_lab: Lab) -> None:
    """The same, and ejtui goes, too: the erl that stays behind keeps first from starting."""
    async with engine(fresh_lab) as one:
        run = await in_a_copy_that_hangs(one)
        run.cancel()
        await asyncio.wait([run])
    assert second(fresh_lab).pid()
    first(fresh_lab).begin()
    async with engine(fresh_lab) as one:
        assert ("join-hangs", "second") in await found(one)
        await undo(one, "join-hangs", "second")
        assert not second(fresh_lab).pid()
        await asyncio.to_thread(first(fresh_lab).until, RUNS)
        assert await one.runner.run_on(), one.last
        assert await found(one) == []


@pytest.mark.catalogue
async def test_the_erl_that_first_will_wait_for_is_left_to_it(fresh_lab: Lab) -> None:
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on("tables"), one.last
        await asyncio.to_thread(first(fresh_lab).kill)
        assert not await one.runner.run_on()
    pid = second(fresh_lab).pid()
    assert pid
    first(fresh_lab).start()
    assert second(fresh_lab).pid() == pid
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on(), one.last
        assert await found(one) == []


async def knows_again(one: Engine) -> None:
    """First stands still with the database in which it knows second, which was rolled back.

    As when first went away right after it had forgotten second.
    """
    node, kept = first(one.lab), "/var/lib/ejabberd-of-the-cluster"
    assert await one.runner.run_on(), one.last
    await asyncio.to_thread(node.stop)
    node.run("cp", "-a", node.home, kept)
    await asyncio.to_thread(node.start)
    await one.pair.refresh()
    await one.roll_back()
    await asyncio.to_thread(node.stop)
    node.wipe()
    node.script('cd "$1"; cp -a schema.DAT *.D?? *.LOG "$2"', kept, node.home)


def each_alone(lab: Lab) -> None:
    """Both run, with the accounts that are theirs."""
    assert (first(lab).ask(RUNS), second(lab).ask(RUNS)) == ("true", "true")
    assert len(ctl(lab, "first", "registered_users", "chat.example")) == 25
    assert ctl(lab, "second", "registered_users", "chat.example") == [GUEST]
    members = [ctl(lab, host, "list_cluster") for host in ("first", "second")]
    assert members == ALONE


@pytest.mark.catalogue
async def test_first_starts_beside_a_second_with_another_database(fresh_lab: Lab) -> None:
    one_, other = first(fresh_lab), second(fresh_lab)
    async with engine(fresh_lab) as one:
        await knows_again(one)
    cookie = one_.run("cat", f"{one_.home}/.erlang.cookie")
    other.stop()
    other.script('cat >"$1"', f"{other.home}/.erlang.cookie", stdin=cookie.encode())
    other.start()
    one_.fail_to_start()
    async with engine(fresh_lab) as one:
        assert ("stale-member", "first") in await found(one)
        await undo(one, "stale-member", "first")
        assert "Have the cluster forget ejabberd@second?" in [q.title for q in one.questions]
    each_alone(fresh_lab)


@pytest.mark.catalogue
async def test_first_waits_for_what_second_has_no_more(
    fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rollback names what must come first, the check names it, and then it is done."""
    monkeypatch.setattr(start_patience, "AWAITED_SECONDS", 3.0)
    one_, other = first(fresh_lab), second(fresh_lab)
    async with engine(fresh_lab) as one:
        await knows_again(one)
    other.stop()
    one_.begin()
    one_.until("mnesia:system_info(is_running) =:= yes")
    async with engine(fresh_lab) as one:
        assert ("tables-waiting", "first") in await found(one)
        [backup] = [
            m for m in await listing.load(one.pair) if m.stage == "rolled-back" and m.reason == JOIN
        ]
        with pytest.raises(StepFailed, match="repair tables-waiting --node first"):
            await one.roll_back(backup.stamp)
        await undo(one, "tables-waiting", "first")
        assert "Start first from its own tables?" in [q.title for q in one.questions]
        kept = one.of(StepEnded)[-1].evidence[0]
        [place] = re.findall(r"were: (\S+) on first", kept)
        assert one_.run("test", "-s", f"{place}/schema.DAT") == ""
        assert one_.ask(RUNS) == "true"
        assert not other.pid()
        await one.roll_back(backup.stamp)
    each_alone(fresh_lab)


@pytest.mark.catalogue
async def test_what_first_waits_for_is_nowhere_any_more(fresh_lab: Lab) -> None:
    """As when first went away while second's database was moved aside: there is none to start."""
    one_, other = first(fresh_lab), second(fresh_lab)
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on(), one.last
    one_.stop()
    other.stop()
    other.wipe()
    one_.begin()
    one_.until("mnesia:system_info(is_running) =:= yes")
    async with engine(fresh_lab) as one:
        assert ("tables-waiting", "first") in await found(one)
        one.yes = False
        with pytest.raises(Refused):
            await undo(one, "tables-waiting", "first")
        assert "second has no database any more" in one.questions[0].takes[0]
        one.yes = True
        await undo(one, "tables-waiting", "first")
        assert one_.ask(RUNS) == "true"
        assert not other.pid()
        assert await one.runner.run_on(), one.last
        assert await found(one) == []
    assert len(ctl(fresh_lab, "second", "registered_users", "chat.example")) == 25


@pytest.mark.catalogue
async def test_a_repair_at_whose_end_the_nodes_part_is_no_success(
    fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it repaired is gone, and the nodes are worse off than before: that is named."""
    await joined(fresh_lab)
    faults.make("tables-missing", lab=fresh_lab)
    release = PairLock.release

    async with engine(fresh_lab) as one:

        async def part(lock: PairLock) -> None:
            if [each for each in one.of(StepEnded) if each.id == "verify"]:
                monkeypatch.setattr(PairLock, "release", release)
                faults.make("partitioned", lab=fresh_lab)
            await release(lock)

        monkeypatch.setattr(PairLock, "release", part)
        with pytest.raises(StepFailed, match="ejtui repair partitioned") as failed:
            await undo(one, "tables-missing", "second")
        assert [each.code for each in failed.value.findings] == ["partitioned"]
        await undo(one, "partitioned", "both")
        assert await found(one) == []
