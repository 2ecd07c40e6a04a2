"""What each piece of news makes of the state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ejtui.cluster.condition.condition import Condition, Situation
from ejtui.cluster.run.events import (
    HostAwaited,
    HostBack,
    StepEnded,
    StepProgress,
    StepReport,
    StepStarted,
)
from ejtui.cluster.run.operation import ROLLBACK
from ejtui.ui.render.top import top_line
from ejtui.ui.state import updates
from ejtui.ui.state.models import HolderView, LogLine, RepairResult
from ejtui.ui.state.run_updates import Happened
from ejtui.ui.state.view_state import Health, Typist, ViewState
from ejtui.ui.text.glyphs import UNICODE
from ejtui.ui.text.lines import plain
from tests.samples import step

States = Mapping[str, Callable[[], ViewState]]


def _after(state: ViewState, *told: updates.Update) -> ViewState:
    for each in told:
        state = each.applied(state)
    return state


def test_a_step_from_its_beginning_to_its_end(states: States) -> None:
    state = _after(
        states["before"](), updates.WorkBegan("the join"), Happened(StepStarted(step("cookies")))
    )
    assert state.work is not None
    assert state.work.title == "cookies"
    progress = StepProgress(step("cookies"), 1, 3, "files")
    state = _after(
        state,
        Happened(StepReport(step("cookies"), "kept")),
        Happened(progress),
        updates.Ticked(),
        updates.Ticked(),
    )
    assert state.work is not None
    assert (state.work.progress, state.work.seconds) == (progress, 2)
    assert state.evidence_of("cookies") == ("kept",)
    state = _after(
        state, Happened(StepEnded(step("cookies"), "done", "both 5ecfc5", ("kept", "equal")))
    )
    shown = state.step("cookies")
    assert shown is not None
    assert (shown.state, shown.detail) == ("done", "both 5ecfc5")
    assert state.evidence_of("cookies") == ("kept", "equal")
    state = _after(state, updates.WorkEnded("the join: done"))
    assert (state.work, state.notice) == (None, "the join: done")


def test_work_waits_for_a_host_until_it_answers_or_is_stopped(states: States) -> None:
    state = _after(
        states["before"](), updates.WorkBegan("the join"), Happened(HostAwaited(("second",), 60))
    )
    assert (
        plain(top_line(state, 120, UNICODE))
        .rstrip()
        .endswith("the join · waits for second to answer, then goes on; Esc stops")
    )
    assert "waits for second, then goes on; Esc stops" in plain(top_line(state, 60, UNICODE))
    assert "stopping" in plain(top_line(_after(state, updates.WorkStopping()), 120, UNICODE))
    state = _after(state, Happened(HostBack()))
    assert "waits" not in plain(top_line(state, 120, UNICODE))


def test_progress_of_another_step_is_not_shown(states: States) -> None:
    state = states["during"]()
    assert Happened(StepProgress(step("sync"), 1, 2)).applied(state) == state


def test_time_passes_only_while_something_is_under_way(states: States) -> None:
    state = states["joined"]()
    assert updates.Ticked().applied(state) is state


def test_what_is_not_a_step_is_shown_as_the_work_it_is(states: States) -> None:
    state = _after(
        states["joined"](), updates.WorkBegan("roll back"), Happened(StepStarted(ROLLBACK))
    )
    assert state.shown_step is not None
    assert (state.shown_step.title, state.shown_step.number) == ("roll back", 0)


def test_looking_at_a_step_ends_when_another_begins(states: States) -> None:
    state = _after(states["before"](), updates.LookedAt("verify"))
    assert state.shown_step is not None
    assert state.shown_step.id == "verify"
    state = _after(state, Happened(StepStarted(step("cookies"))))
    assert state.shown_step is not None
    assert state.shown_step.id == "cookies"


def test_one_node_is_shown_before_the_other_has_answered(states: States) -> None:
    state = states["asking"]()
    second = replace(state.second, ejabberd="23.01")
    after = updates.NodeSeen(second).applied(state)
    assert (after.first, after.second, after.connected) == (state.first, second, False)


def test_who_types(states: States) -> None:
    state = updates.ShellIs(Typist.OPERATOR, "second").applied(states["during"]())
    assert state.waits_for_operator
    assert not updates.ShellIs(Typist.YOURS, "first").applied(state).waits_for_operator


def test_log_and_evidence_do_not_grow_for_ever(states: States) -> None:
    state = states["during"]()
    lines = tuple(LogLine("today", "14:02:00", "state", str(number)) for number in range(3000))
    assert updates.Logged(lines).applied(state).log == lines[1000:]
    told = tuple(str(number) for number in range(500))
    assert state.with_evidence("sync", told).evidence_of("sync") == told[300:]


def test_what_another_ejtui_changes_ends_the_report_of_a_repair(states: States) -> None:
    state = replace(states["sick"](), repaired=RepairResult("cookie-mismatch", True, "repaired"))
    after = updates.ChangedElsewhere().applied(state)
    assert (after.repaired, after.list_changes) == (None, 1)
    holder = HolderView("op@desk", "roll back", "10:00")
    seen = updates.Seen(state.first, state.second, state.steps, state.tables, holder)
    assert seen.applied(state).repaired is None
    assert replace(seen, holder=None).applied(state).repaired is not None


def test_lists_are_read_again_when_a_node_came_or_went(states: States) -> None:
    """What a list shows of a host that was away is true no more when it is back."""
    state = states["before"]()
    seen = updates.Seen(state.first, state.second, state.steps, state.tables)
    assert seen.applied(state).list_changes == 0
    away = replace(seen, second=replace(state.second, health=Health.UNREACHABLE)).applied(state)
    assert away.list_changes == 1
    assert seen.applied(away).list_changes == 2


def test_the_closing_of_a_join_goes_with_the_join(states: States) -> None:
    state = replace(states["joined"](), closing=("they are one cluster",))
    seen = updates.Seen(state.first, state.second, state.steps, state.tables)
    apart = Condition(Situation.NOT_JOINED, False, "not joined", "Not joined.")
    one = Condition(Situation.HEALTHY, True, "joined", "Joined.")
    assert replace(seen, condition=one).applied(state).closing
    assert not replace(seen, condition=apart).applied(state).closing
