"""Something starts ejabberd on second again while a join needs it down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ejtui.cluster.backups import listing
from ejtui.cluster.polling import until
from ejtui.cluster.run.events import Event, StepEnded, StepReport
from ejtui.lab.faults.node import second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import Engine, ctl, engine
from tests.lab.cluster.supervisor import FOREGROUND, LOOP, NAME, Supervisor, supervised
from tests.patience import SECONDS

GUEST = ["guest"]


def _accounts(lab: Lab) -> list[str]:
    return ctl(lab, "second", "registered_users", "chat.example")


async def _kept(one: Engine) -> list[Sequence[str] | None]:
    return [manifest.accounts for manifest in await listing.load(one.pair)]


async def test_a_join_beside_a_supervisor(fresh_lab: Lab) -> None:
    """It ends joined, or stops with what restarts it; then a join goes on without it."""
    with supervised(fresh_lab, "second") as supervisor:
        async with engine(fresh_lab) as one:
            joined = await one.runner.run_on()
            if not joined:
                assert [finding.code for finding in one.last.findings] == ["restart-loop"]
                await _runs_its_own(one, fresh_lab)
        supervisor.end()
        async with engine(fresh_lab) as one:
            assert await one.runner.run_on(), one.last
            assert ("guest@chat.example",) in await _kept(one)
            assert len(_accounts(fresh_lab)) == 25
            await one.roll_back()
        assert _accounts(fresh_lab) == GUEST


@pytest.mark.catalogue
@pytest.mark.parametrize(
    "loop", [pytest.param(LOOP, id="start"), pytest.param(FOREGROUND, id="foreground")]
)
async def test_one_that_starts_it_on_the_emptied_directory(fresh_lab: Lab, loop: str) -> None:
    supervisor = Supervisor(fresh_lab, "second", loop)
    node = second(fresh_lab)

    def after_cleandb(event: Event) -> None:
        if isinstance(event, StepEnded) and event.id == "cleandb" and event.state == "done":
            supervisor.begin()
            node.wait('[ -n "$(ours "$1")" ]', "^[^ ]*beam[^ ]* .*name ejabberd@second( |$)")
            node.until("lists:keymember(ejabberd, 1, application:which_applications(5000))")

    try:
        async with engine(fresh_lab) as one:
            one.on_event = after_cleandb
            assert not await one.runner.run_on()
            [finding] = one.last.findings
            assert finding.code == "restart-loop"
            assert any(NAME in line for line in finding.evidence), finding.evidence
            assert "stop" in finding.repair
            await _runs_its_own(one, fresh_lab)
        supervisor.end()
        async with engine(fresh_lab) as one:
            assert await one.runner.run_on(), one.last
            assert ("guest@chat.example",) in await _kept(one)
            await one.roll_back()
            assert _accounts(fresh_lab) == GUEST
    finally:
        supervisor.end()


@pytest.mark.catalogue
async def test_after_it_was_put_back_a_rollback_goes_on(fresh_lab: Lab) -> None:
    """The same in two runs, as after `join --until cleandb`; its own cookie comes back, too."""
    own = _cookie(fresh_lab)
    with supervised(fresh_lab, "second") as supervisor:
        supervisor.end()
        async with engine(fresh_lab) as one:
            assert await one.runner.run_on("cleandb"), one.last
        supervisor.begin()
        second(fresh_lab).until(
            "lists:keymember(ejabberd, 1, application:which_applications(5000))"
        )
        async with engine(fresh_lab) as one:
            assert not await one.runner.run_on()
            assert [finding.code for finding in one.last.findings] == ["restart-loop"]
            await _runs_its_own(one, fresh_lab)
            supervisor.end()
            await one.roll_back()
        assert _cookie(fresh_lab) == own
        assert _accounts(fresh_lab) == GUEST


@pytest.mark.catalogue
async def test_a_start_before_the_repair_is_no_loop(fresh_lab: Lab) -> None:
    """As at a boot: one repair is enough, and what second alone had is in a backup."""
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on("config"), one.last
    second(fresh_lab).start()
    status, answer = Ejtui(fresh_lab).json("repair", "schema-ram", "--yes")
    assert (status, answer["findings"]) == (0, []), answer
    assert len(_accounts(fresh_lab)) == 25
    async with engine(fresh_lab) as one:
        assert ("guest@chat.example",) in await _kept(one)


@pytest.mark.catalogue
async def test_a_rollback_beside_a_supervisor(fresh_lab: Lab) -> None:
    """Nothing starts while the files come back; second ends on its own database."""
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on(), one.last
    with supervised(fresh_lab, "second"):
        async with engine(fresh_lab) as one:
            await one.roll_back()
        assert _accounts(fresh_lab) == GUEST


@pytest.mark.catalogue
async def test_nothing_starts_while_files_are_moved(fresh_lab: Lab) -> None:
    """Nobody can start it in that moment, and the move is whole."""
    refused: list[int] = []

    def in_the_move(event: Event) -> None:
        if isinstance(event, StepReport) and "files of second's own database moved" in event.line:
            told = fresh_lab.run("second", ["ejabberdctl", "start"], check=False)
            refused.append(told.returncode)

    async with engine(fresh_lab) as one:
        one.on_event = in_the_move
        assert await one.runner.run_on(), one.last
        assert refused
        assert refused[0] != 0
        assert await _kept(one) == [("guest@chat.example",)]


async def test_a_join_that_fails_before_the_move_starts_second_again(fresh_lab: Lab) -> None:
    """First has no room for backups any more: second runs again, as it was found."""
    home = fresh_lab.form.home("first")
    spoil = 'rm -rf "$1" && touch "$1"'

    def in_cleandb(event: Event) -> None:
        if isinstance(event, StepReport) and "while second stops" in event.line:
            fresh_lab.run("first", ["sh", "-c", spoil, "sh", f"{home}/ejtui-backups"])

    async with engine(fresh_lab) as one:
        one.on_event = in_cleandb
        assert not await one.runner.run_on()
        assert one.last.id == "cleandb"
        facts = await until(
            one.pair.refresh, lambda now: now.second.ejabberd, what="second to run", seconds=SECONDS
        )
        assert facts.second.accounts == 1
    fresh_lab.run("first", ["rm", f"{home}/ejtui-backups"])


async def _runs_its_own(one: Engine, lab: Lab) -> None:
    """Second serves its own database, not an empty one."""
    await until(
        one.pair.refresh, lambda now: now.second.ejabberd, what="second to run", seconds=SECONDS
    )
    assert _accounts(lab) == GUEST, one.last


def _cookie(lab: Lab) -> bytes:
    home = Path(lab.form.home("second"))
    return lab.run("second", ["cat", str(home / ".erlang.cookie")]).stdout
