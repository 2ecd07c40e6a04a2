"""An ejabberd that is starting: a separate state, waited for as long as it lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from ejtui.cli.render.sides import side_by_side
from ejtui.cluster.acts.act import commands
from ejtui.cluster.diagnosis.layers import looks
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.facts.examination import Examined, NodeExam
from ejtui.cluster.facts.node import NodeFacts, PairFacts, TableFacts
from ejtui.cluster.join.checklist import derive
from ejtui.cluster.join.steps import STEPS
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.operations.vm.patience import MOST_LIVES, Patience
from ejtui.cluster.pair.plan import Target
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.hosts import CommandFailed
from ejtui.platforms import Platform
from tests.unit.cluster.test_repairs import platform

DOWN = NodeFacts("second", "ejabberd@second", vm="down")
STARTING = NodeFacts(
    "second", "ejabberd@second", vm="up", os_pid="7", started="ejabberd", starting=True
)
SERVICE = ("systemctl", "stop", "ejabberd")


class Clock:
    """Seconds that pass when the test advances them."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Start:
    """One start, looked at each second."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.patience = Patience(now=self.clock)

    def seen(
        self, facts: NodeFacts, seconds: int, *, commanded: bool = False, refused: bool = False
    ) -> str:
        """The message after so many seconds of this; "" while there is a chance."""
        why = ""
        for _ in range(seconds + 1):
            why = self.patience.over(facts, commanded=commanded, refused=refused)
            if why:
                break
            self.clock.seconds += 1
        return why


def test_one_that_lives_is_waited_for_without_a_bound() -> None:
    assert Start().seen(STARTING, 10_000) == ""


def test_one_that_never_lives_is_over() -> None:
    assert "no VM" in Start().seen(DOWN, 40)
    assert Start().seen(DOWN, 20) == ""


def test_one_that_has_gone_is_over_sooner() -> None:
    start = Start()
    start.seen(STARTING, 500)
    assert "no VM" in start.seen(DOWN, 12)


def test_a_refused_command_without_a_vm_is_over_at_once() -> None:
    assert Start().seen(DOWN, 0, refused=True)


def test_a_refused_command_beside_a_vm_that_is_starting_is_no_end() -> None:
    assert Start().seen(STARTING, 1000, refused=True) == ""


def test_a_command_that_goes_on_is_given_its_time() -> None:
    assert Start().seen(DOWN, 200, commanded=True) == ""
    assert "command" in Start().seen(DOWN, 400, commanded=True)


def test_a_vm_without_ejabberd_is_over() -> None:
    assert "neither" in Start().seen(replace(STARTING, starting=False), 60)


def test_tables_that_wait_for_a_node_that_is_away_are_over() -> None:
    table = TableFacts("passwd", "disc_copies", disc_copies=("ejabberd@first", "ejabberd@second"),
                       where_to_read="nowhere")  # fmt: skip
    waiting = replace(STARTING, mnesia="yes", tables=(table,), running_db_nodes=(STARTING.node,))
    assert waiting.awaited == ("ejabberd@first",)
    assert "ejabberd@first" in Start().seen(waiting, 90)
    together = replace(waiting, running_db_nodes=("ejabberd@first", "ejabberd@second"))
    assert together.awaited == ()
    assert Start().seen(together, 10_000) == ""


def test_a_host_that_is_silent_is_over() -> None:
    assert Start().seen(NodeFacts.unreachable("second", "no answer"), 60) == "no answer"


def test_vms_that_end_again_and_again_are_over() -> None:
    start, why = Start(), ""
    for number in range(MOST_LIVES):
        assert why == ""
        start.seen(replace(STARTING, os_pid=str(number)), 3)
        why = start.seen(DOWN, 5)
    assert f"{MOST_LIVES} VMs" in why


def _states(facts: PairFacts) -> Mapping[str, str]:
    states = derive(facts, Choices())
    return {step.id: state.state for step, state in zip(STEPS, states, strict=True)}


def test_the_checklist_keeps_its_ticks_while_second_is_starting(story: Any) -> None:
    up = story.second_is(story.copied(), started="ejabberd", starting=True, os_pid="7")
    booting = story.second_is(
        story.quitted(), vm="up", started="ejabberd", starting=True, os_pid="7", mnesia="no"
    )
    merging = story.second_is(
        booting, mnesia="starting", disk_schema=None, schema=story.synced().second.schema
    )
    for facts in (up, booting, merging):
        states = _states(facts)
        assert (states["quit"], states["permissions"], states["start"]) == ("done", "done", "todo")


def test_a_vm_that_ejabberd_left_behind_is_ended_by_quit_after_a_question(story: Any) -> None:
    facts = story.second_is(story.copied(), started="ejabberd", os_pid="7")
    assert _states(facts)["quit"] == "todo"
    question = lifecycle.end_question(facts.second)
    assert question is not None
    assert "process 7" in question.takes[0]
    assert "With a No it goes on" in question.consequence
    assert lifecycle.end_question(story.second_is(story.copied(), started="mnesia").second) is None


def test_a_first_that_is_starting_is_waited_for(story: Any) -> None:
    facts = story.first_is(story.strangers(), ejabberd=False, started="ejabberd", starting=True)
    assert _states(facts)["preflight"] == "todo"


def test_it_is_shown_as_starting(story: Any) -> None:
    facts = story.second_is(
        story.copied(), started="ejabberd", starting=True, ejabberd=False, os_pid="7"
    )
    shown = facts.second.to_json()
    assert (shown["starting"], shown["running"]) == (True, False)
    assert any("ejabberd is starting" in line for line in side_by_side(facts))
    examined = Examined(NodeExam(asked=True), NodeExam(asked=True))
    [look] = [look for look in looks(Case(facts, examined), {}) if look.layer == "ejabberd"]
    assert look.well is None
    assert "is starting, process 7" in look.seen


def test_of_a_stopped_one_no_table_is_counted(story: Any) -> None:
    facts = story.second_is(story.copied(), ejabberd=False, mnesia="", vm="down", tables=())
    examined = Examined(NodeExam(asked=True), NodeExam(asked=True))
    [look] = [look for look in looks(Case(facts, examined), {}) if look.layer == "tables"]
    assert look.well is None
    assert look.seen.endswith("second: not known: stopped")


@pytest.mark.parametrize(
    ("stop", "texts"),
    [
        (("/usr/sbin/ejabberdctl", "stop"), ["rpc:call(ejabberd@second, init, stop, [])."]),
        (
            SERVICE,
            [
                "systemctl stop ejabberd",
                "rpc:call(ejabberd@second, init, stop, []). % where it still runs",
            ],
        ),
    ],
)
def test_what_a_stop_shows(stop: tuple[str, ...], texts: list[str]) -> None:
    shown = commands(lifecycle.stop_acts(Target("lyon", _with(stop))))
    assert [command.text for command in shown] == texts
    assert {command.host for command in shown} == {"lyon"}


def _with(stop: tuple[str, ...]) -> Platform:
    return replace(platform("second"), stop=stop, env=MappingProxyType({}))


LOST = (
    "Warning! D-Bus connection terminated.\nFailed to wait for response: Connection reset by peer"
)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        (LOST, ("went away", "lost its power", "run the same ejtui command again")),
        ("Failed to connect to bus: No such file or directory", ("went away", "Once it is up")),
        ("Job for ejabberd.service failed.\nSee its journal for details.", ("`ejtui check`",)),
        ("", ("it printed nothing", "`ejtui check`")),
    ],
)
def test_a_start_that_fails_is_explained(said: str, names: tuple[str, ...]) -> None:
    argv = ("systemctl", "start", "ejabberd")
    shown = lifecycle.refusal(CommandFailed("second", "op@second", argv, 1, said.encode()))
    for each in ("second (op@second)", "systemctl start ejabberd", *names):
        assert each in shown
    assert ".." not in shown


def test_the_sign_of_ejabberd_is_that_of_its_sentence(story: Any) -> None:
    stopped = story.second_is(story.copied(), ejabberd=False, mnesia="", vm="down", tables=())
    examined = Examined(NodeExam(asked=True), NodeExam(asked=True))
    [look] = [each for each in looks(Case(stopped, examined), {})
              if each.layer == "ejabberd"]  # fmt: skip
    assert (look.well, "second: " in look.seen, "does not run" in look.seen) == (None, True, True)
    unwell = {"ejabberd": ["overload", "overload"]}
    [look] = [each for each in looks(Case(story.strangers(), examined), unwell)
              if each.layer == "ejabberd"]  # fmt: skip
    assert look.well is False
    assert look.seen.endswith("runs (overload)")


def test_of_a_stopped_node_nothing_is_called_the_same(story: Any) -> None:
    facts = story.second_is(story.strangers(), ejabberd=False, mnesia="", vm="down", tables=())
    facts = replace(facts, second=replace(facts.second, cookie=facts.first.cookie))
    text = " ".join(side_by_side(facts))
    assert (
        "second is stopped: only ejabberd, OTP and cookie can be compared, and they agree." in text
    )
