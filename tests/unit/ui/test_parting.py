"""What stands on the terminal once the app has gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ejtui.cluster.condition.condition import Condition, Situation
from ejtui.config import Config, HostConfig
from ejtui.ui.app import EjtuiApp
from ejtui.ui.state import addressing
from ejtui.ui.state.backups import BackupsListed
from ejtui.ui.state.diagnosis_updates import CheckEnded
from ejtui.ui.state.models import DiagnosisView, ErrorView, FindingView, QuestionView, RepairView
from ejtui.ui.state.updates import JoinClosed, LeftHalfDone, Seen, WorkEnded
from ejtui.ui.state.view_state import NodeView, Typist, ViewState

HALF = Condition(
    Situation.HALF_DONE, False, "join at step 5", "A join stands at step 5. `ejtui join` goes on."
)
CLOSING = ("first and second are one cluster.", "To undo the join: ejtui rollback")


def left(condition: Condition, *closing: str, typist: Typist = Typist.NOBODY) -> tuple[str, ...]:
    """What is left on the terminal of an app that ends in that state."""
    hosts = {name: HostConfig(name, "127.0.0.1", port=1) for name in ("first", "second")}
    app = EjtuiApp(Config("first", "second", hosts))
    app.state = replace(app.state, condition=condition, closing=closing, typist=typist)
    return app.parting


def test_a_join_that_is_half_done_is_named_with_what_goes_on() -> None:
    assert left(HALF) == (HALF.text,)


def test_a_step_that_goes_back_with_the_erl_shell_is_not_named() -> None:
    text = "A join stands at step 7, Synchronise schema: its own lies in /b. `ejtui join` goes on."
    half = replace(HALF, text=text)
    assert left(half) == (text,)
    assert left(half, typist=Typist.EJTUI) == (
        "A join stands half done: its own lies in /b. `ejtui join` goes on.",
    )


def test_a_join_that_has_ended_is_summed_up() -> None:
    joined = Condition(Situation.HEALTHY, True, "joined", "Joined and healthy.")
    assert left(joined, *CLOSING) == CLOSING
    assert left(joined) == ()
    broken = Condition(Situation.BROKEN, True, "joined, broken", "Joined, but broken.")
    assert left(broken, *CLOSING) == ("Joined, but broken.", CLOSING[1])


def test_of_two_that_were_left_alone_nothing_is_said() -> None:
    apart = Condition(Situation.NOT_JOINED, False, "not joined", "Not joined.", "ejtui join")
    assert left(apart) == ()


def here(texts: Sequence[str]) -> list[str]:
    return [each.replace("ejtui ", "ejtui --config x ") for each in texts]


def test_every_command_that_is_shown_reaches_the_same_pair() -> None:
    repair = RepairView(why_none="run ejtui setup")
    finding = FindingView(
        "stale-member", "gone", "first", repair="ejtui repair", repair_view=repair
    )
    state = ViewState(NodeView("first"), NodeView("second"))
    for news in (
        CheckEnded(DiagnosisView((finding,), standing="`ejtui join` goes on")),
        Seen(state.first, state.second, (), (), condition=HALF),
        JoinClosed(CLOSING),
        BackupsListed(note="`ejtui rollback X` goes back"),
        WorkEnded("stopped; `ejtui join` goes on"),
    ):
        state = addressing.of_update(news, here).applied(state)
    shown = state.diagnosis
    assert shown is not None
    texts = [shown.standing, shown.findings[0].repair, shown.findings[0].repair_view.why_none]
    assert state.condition is not None
    assert state.backups is not None
    texts.append(state.backups.note)
    texts += [state.condition.text, state.closing[1], state.notice]
    question = QuestionView("Go on?", ("as `ejtui plan` has it",), "No: `ejtui rollback X`")
    asked = addressing.of_question(question, here)
    texts += [*asked.takes, asked.consequence]
    texts.append(
        addressing.of_trouble(ErrorView("it failed", next_action="ejtui check"), here).next_action
    )
    assert all("ejtui --config x " in each for each in texts), texts


def test_what_was_interrupted_by_leaving_is_named_before_all_else() -> None:
    hosts = {name: HostConfig(name, "127.0.0.1", port=1) for name in ("first", "second")}
    app = EjtuiApp(Config("first", "second", hosts))
    news = addressing.of_update(
        LeftHalfDone("ejabberd is stopped on second. `ejtui rollback X` goes on."),
        lambda lines: [each.replace("ejtui ", "ejtui --config f ") for each in lines],
    )
    app.state = news.applied(app.state)
    assert app.parting == ("ejabberd is stopped on second. `ejtui --config f rollback X` goes on.",)
