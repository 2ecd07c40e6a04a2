"""The state of the pair on the main screen: in the header, and in the checklist's place."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from ejtui.cluster.condition.condition import Condition, Known, Situation
from ejtui.cluster.condition.situations import condition
from ejtui.cluster.facts.half_done import HalfDone
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps import STEPS
from ejtui.ui.app import NOTICE_SECONDS
from ejtui.ui.render.findings import detail, findings_title
from ejtui.ui.render.health import verdict
from ejtui.ui.render.pair import pair_pane
from ejtui.ui.render.top import top_line
from ejtui.ui.session.join_part import JoinPart
from ejtui.ui.state.diagnosis_updates import CheckEnded
from ejtui.ui.state.models import DiagnosisView, FindingView, QuestionView, RepairResult, Work
from ejtui.ui.state.reasons import not_joined
from ejtui.ui.state.updates import RolledBack, Seen, WorkBegan
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import UNICODE
from ejtui.ui.text.lines import plain
from tests.patience import SECONDS
from tests.unit.cluster.conftest import Story
from tests.unit.ui import kept
from tests.unit.ui.conftest import MISMATCH, SICK, STATES, Show, view

STORY = Story()
COOKIE = Finding("cookie-mismatch", MISMATCH.title, "second", repaired_by="cookies")


def parted() -> PairFacts:
    facts = STORY.joined()
    return PairFacts(
        replace(facts.first, running_db_nodes=("ejabberd@first",)),
        replace(facts.second, running_db_nodes=("ejabberd@second",)),
    )


def sick() -> ViewState:
    """A pair that was joined a year ago, and second's cookie is another."""
    facts = parted()
    state = view(facts, 1, "the cookies differ")
    return replace(state, condition=condition(facts, Known((COOKIE,))), diagnosis=SICK)


def header(state: ViewState, width: int = 80) -> str:
    return plain(top_line(state, width, UNICODE))


def pane(state: ViewState, width: int = 78) -> str:
    return "\n".join(plain(row) for row in pair_pane(state, width, UNICODE))


async def test_a_wrong_cookie_on_a_joined_pair_is_no_join_to_be_done(show: Show) -> None:
    async with show(sick(), 80, 24) as screens:
        text = screens.text
        assert "joined, broken" in screens.lines[0]
        assert "cookie-mismatch" in screens.lines[0]
        assert "0 of 11" not in text
        assert "Preflight" not in text
        assert "m repairs cookie-mismatch" in text
        assert "checked 14:02:11" in text
        await screens.press("1")
        assert "Preflight" in screens.text
        await screens.press("home")
        assert "m repairs cookie-mismatch" in screens.text


@pytest.mark.parametrize(
    ("facts", "known", "words"),
    [
        (STORY.strangers(), Known(), "not joined"),
        (STORY.joined(), Known((), True), "joined"),
        (parted(), Known(), "joined, broken: the nodes do not run together"),
        (replace(parted(), second=replace(parted().second, starting=True, ejabberd=False)),
         Known(), "joined, second starting"),
        (parted(), Known(half_done=HalfDone("rollback", "rollback", 0, "/b", "restored", "x.")),
         "rollback not finished"),
    ],
)  # fmt: skip
def test_the_header_leads_with_the_state(facts: PairFacts, known: Known, words: str) -> None:
    assert words in header(replace(view(facts, 2), condition=condition(facts, known)))


def test_an_unreachable_first_of_a_joined_pair_is_named_so() -> None:
    facts = parted()
    gone = replace(facts, first=replace(facts.first, reachable=False, error="no route"))
    state = replace(view(gone, 1), condition=condition(gone))
    assert "was joined, first is gone" in header(state)
    assert "first · second" in header(state, 120)
    assert "rollback --without-first" in pane(state).replace("\n", " ")


def test_what_a_join_did_is_shown_until_the_pair_is_parted(
    states: Mapping[str, object],
) -> None:
    assert states is STATES
    facts = STORY.joined()
    well: Condition = condition(facts, Known((), True))
    state = replace(view(facts, 12), condition=well, closing=("second was down for 8 s.",))
    text = pane(state)
    assert "second was down for 8 s." in text
    assert "u undoes a join" in text
    assert "b lists the backups" in text
    apart = replace(state, condition=condition(STORY.strangers()))
    assert "second was down" not in pane(apart)


def test_a_joined_pair_that_parted_is_no_join_half_done() -> None:
    """Also where this ejtui has run steps of a join, or of a repair, before."""
    known = Known((COOKIE,), join_open=True)
    state = replace(sick(), condition=condition(parted(), known))
    assert "joined, broken" in header(state)
    assert "m repairs cookie-mismatch" in pane(state)
    assert not not_joined(state)
    stopped = replace(parted(), second=replace(parted().second, ejabberd=False, vm="down"))
    assert condition(stopped, known).brief == "join half done"


def test_a_join_that_both_nodes_reported_done_is_not_open_any_more() -> None:
    part, start = JoinPart(), STEPS[-2].operation
    part.started(start)
    part.ended(start, "done")
    assert part.is_open
    part.complete = True
    assert not part.is_open
    part.started(start)
    part.ended(start, "failed")
    assert part.is_open


def test_a_verdict_does_not_outlive_facts_that_contradict_it() -> None:
    facts = STORY.joined()
    well = DiagnosisView(healthy=True, joined=True, at="18:58:00")
    state = replace(view(facts, 12), condition=condition(facts), diagnosis=well)
    assert "healthy" in header(state, 120)
    changed = replace(state, outdated=True)
    assert "healthy" not in header(changed, 120)
    assert "changed since the check" in header(changed, 120)
    assert "the nodes have changed since" in pane(changed)
    assert "healthy" not in verdict(changed, UNICODE)[1]
    found = replace(sick(), outdated=True)
    assert "cookie-mismatch +1  changed since" in header(found, 120)
    fresh = CheckEnded(state.diagnosis).applied(changed)
    assert "healthy" in header(fresh, 120)


async def test_a_message_gives_the_keys_back(show: Show) -> None:
    async with show(STATES["before"](), 80, 24) as screens:
        screens.app.notice("the join: done")
        await screens.settle()
        assert "the join: done" in screens.lines[-1]
        for _ in range(NOTICE_SECONDS + 1):
            screens.app._tick()
        await screens.settle()
        assert "the join: done" not in screens.text
        assert "help" in screens.lines[-1]


async def test_seconds_are_counted_only_while_something_goes_by_them(show: Show) -> None:
    async with show(STATES["before"](), 80, 24) as screens:
        timer = screens.app._ticking
        assert timer is not None
        screens.app._tick()
        assert not timer._active.is_set()
        screens.app.notice("the join: done")
        assert timer._active.is_set()
        for _ in range(NOTICE_SECONDS + 2):
            screens.app._tick()
        assert not timer._active.is_set()
    async with show(STATES["during"](), 80, 24) as screens:
        timer = screens.app._ticking
        assert timer is not None
        assert timer._active.is_set()


async def test_a_stop_dialog_follows_what_it_asks_about(show: Show) -> None:
    during = STATES["during"]()
    async with show(during, 80, 24) as screens:
        await screens.press("escape")
        assert "Step 7, Tables, has been running for" in screens.text
        await screens.show(replace(during, work=Work("Quit", "quit", 1)))
        await screens.settle()
        assert "Step 8, Quit, has been running for" in screens.text
        await screens.show(replace(during, work=None))
        await screens.settle()
        assert "Stop what is running?" not in screens.text
        await screens.press("y")
        assert ("cancel",) not in screens.done


async def test_a_question_before_leaving_follows_what_runs(show: Show) -> None:
    during = STATES["during"]()
    async with show(during, 80, 24) as screens:
        await screens.press("q")
        assert "Step 7, Tables, has been running for" in screens.text
        await screens.show(replace(during, work=Work("Quit", "quit", 1)))
        await screens.settle()
        assert "Step 8, Quit, has been running for" in screens.text
        assert "Step 7" not in screens.text
        await screens.show(replace(STATES["before"](), work=None))
        await screens.settle()
        assert "Nothing is running any more." in screens.text


async def test_questions_one_after_another_are_counted_and_the_header_waits(show: Show) -> None:
    finding = STATES["sick"]().findings[0]
    state = WorkBegan("repair of it", finding).applied(STATES["sick"]())
    async with show(state, 80, 24) as screens:
        for number in (2, 3):
            answer = asyncio.create_task(screens.app.ask(QuestionView("Set it aside?", ("all",))))
            await screens.until(lambda text: "Set it aside?" in text)
            assert f"question {number}" in screens.text
            assert "repair of it · waits for your answer" in screens.lines[0]
            await screens.press("y")
            assert await asyncio.wait_for(answer, SECONDS)
            await screens.settle()
            assert "waits for your answer" not in screens.text
        assert screens.app.state.work is not None
        assert screens.app.state.work.asked == 3


async def test_where_a_join_stands_is_shown_whole_among_the_findings(show: Show) -> None:
    async with show(kept.read("join-until-second-is-clean"), 80, 24) as screens:
        await screens.press("f")
        text = " ".join(" ".join(screens.lines).replace("┃", " ").split())
        assert "A join stands at step 6, Node configuration" in text
        assert "undoes it." in text


async def test_a_stop_dialog_below_help_goes_once_help_is_closed(show: Show) -> None:
    during = STATES["during"]()
    async with show(during, 80, 24) as screens:
        await screens.press("escape")
        assert "Stop what is running?" in screens.text
        await screens.press("f1")
        assert "help: keys" in screens.text
        await screens.show(replace(during, work=None))
        assert "help: keys" in screens.text
        await screens.press("escape")
        assert "Stop what is running?" not in screens.text
        assert "checklist" in screens.text


@pytest.mark.parametrize("key", ["a", "4 enter"])
async def test_no_step_of_a_join_runs_on_a_joined_pair_that_is_broken(show: Show, key: str) -> None:
    async with show(sick(), 80, 24) as screens:
        await screens.press(*key.split())
        assert "the two are joined: m repairs what is wrong" in screens.lines[-1]
        assert screens.done == []
        assert "run on" not in screens.lines[-1]


async def test_nothing_is_repaired_where_second_holds_what_is_left(show: Show) -> None:
    facts = parted()
    schema = replace(facts.first.schema, cookie="a-new-one", disc_copies=("ejabberd@first",))
    new = replace(facts, first=replace(facts.first, schema=schema, db_nodes=("ejabberd@first",)))
    split = replace(SICK, findings=(replace(MISMATCH, code="schema-split"),))
    state = replace(view(new, 1), condition=condition(new), diagnosis=split)
    async with show(state, 80, 24) as screens:
        assert "first is new" in screens.lines[0]
        assert "m repair" not in screens.lines[-1]
        await screens.press("m")
        assert "second holds what is left of the cluster" in " ".join(screens.text.split())


async def test_the_keys_below_a_dialog_do_not_look_alive(show: Show) -> None:
    async with show(STATES["during"](), 80, 24) as screens:
        await screens.press("escape")
        assert "The frame above has the keys" in screens.lines[-1]
        await screens.press("escape")
        assert "Esc stop" in screens.lines[-1]


async def test_the_seconds_of_a_question_are_not_counted(show: Show) -> None:
    async with show(STATES["during"](), 80, 24) as screens:
        asked = asyncio.create_task(screens.app.ask(QuestionView("Take it?")))
        await screens.settle()
        before = screens.app.state.work
        screens.app._tick()
        assert screens.app.state.work == before
        await screens.press("escape")
        assert not await asked
        screens.app._tick()
        assert screens.app.state.work != before


def test_a_count_that_is_full_does_not_stand_while_the_rest_runs() -> None:
    during = STATES["during"]()
    assert during.work
    assert during.work.progress
    full = replace(during.work.progress, done=during.work.progress.total)
    state = replace(during, work=replace(during.work, progress=full))
    assert "39/39" not in header(state)
    assert "Tables · 3 s" in header(state)


async def test_what_repairs_comes_before_the_next_step(show: Show) -> None:
    facts = STORY.strangers()
    silent = replace(MISMATCH, code="epmd-silent")
    known = Known((Finding("epmd-silent", "something else", "first"),))
    state = replace(view(facts, 2), condition=condition(facts, known),
                    diagnosis=replace(SICK, findings=(silent,)))  # fmt: skip
    async with show(state, 80, 24) as screens:
        assert "not joined" in screens.lines[0]
        assert "next:" not in screens.lines[0]
        assert screens.lines[-1].strip().startswith("m repair")
        assert "run on" not in screens.lines[-1]


async def test_keys_that_start_something_are_not_shown_while_something_runs(show: Show) -> None:
    for name in ("during", "operator types"):
        async with show(STATES[name](), 120, 40) as screens:
            assert "run step" not in screens.lines[-1]
            assert "run on" not in screens.lines[-1]
            assert "Esc stop" in screens.lines[-1]


def test_a_check_shows_when_it_was_and_what_has_overtaken_it() -> None:
    state = replace(STATES["sick"](), work=Work("Start", "start", 155))
    assert "checked 14:02:11, before Start" in plain(findings_title(state, UNICODE)[1])
    well = replace(state, diagnosis=replace(SICK, findings=(), healthy=True))
    assert "healthy" not in verdict(well, UNICODE)[1]
    assert "before Start" in verdict(well, UNICODE)[1]
    assert "cookie-mismatch" not in header(state)


def test_the_report_of_a_repair_goes_away_with_its_subject() -> None:
    done = RepairResult("cookie-mismatch", True, "cookie-mismatch is repaired", ("kept in /b",))
    state = replace(STATES["joined"](), diagnosis=replace(SICK, findings=()), repaired=done)
    assert "cookie-mismatch is repaired" in said(state)
    other = FindingView("partitioned", "both run apart", "both")
    again = CheckEnded(replace(SICK, findings=(other,))).applied(state)
    assert "cookie-mismatch is repaired" not in said(again)
    same = CheckEnded(replace(SICK, findings=())).applied(state)
    assert "cookie-mismatch is repaired" in said(same)


def said(state: ViewState) -> str:
    return "\n".join(plain(row) for row in detail(state, 78, UNICODE))


def test_the_header_shows_that_both_report_something_else_after_a_partition() -> None:
    state = sick()
    same = replace(state, second=replace(state.second, accounts=state.first.accounts))
    alike = replace(same, second=replace(same.second, cookie=same.first.cookie))
    assert "first · second" in header(alike)
    more = replace(alike, second=replace(alike.second, accounts=(alike.first.accounts or 0) + 1))
    assert "first ≠ second" in header(more)


def test_what_a_rollback_did_is_shown_until_something_else_begins() -> None:
    facts = STORY.strangers()
    state = replace(view(facts, 2), condition=condition(facts))
    done = RolledBack(("second is back to its own database, from /b/1.",)).applied(state)
    assert not done.about_join
    text = pane(done)
    assert "second is back to its own database" in text
    assert "a joins them again" in text
    assert not_joined(done), "the key bar leads with the join"
    assert not done.undoes_join
    seen = Seen(done.first, done.second, done.steps, done.tables, condition=done.condition)
    assert seen.applied(done).closing
    joined = replace(seen, condition=condition(STORY.joined()))
    assert joined.applied(done).closing == ()
    again = WorkBegan("the join").applied(done)
    assert (again.closing, again.undone) == ((), False)


def test_a_repair_that_is_not_to_be_done_here_is_not_shown_as_one() -> None:
    """Of a first that is new nothing is taken from second."""
    gone = Condition(Situation.FIRST_GONE, False, "was joined, first is new", "First is new.")
    state = replace(sick(), condition=gone)
    text = "\n".join(plain(row) for row in detail(state, 78, UNICODE))
    assert "No repair from here: first is gone or new" in text
    assert "The repair: " not in text
