"""What stands on the terminal once the app has gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ejtui.cluster.condition.condition import Condition, Situation
from ejtui.config import Config, HostConfig
from ejtui.ui.app import EjtuiApp
from ejtui.ui.run import show_parting

HALF = Condition(
    Situation.HALF_DONE, False, "join at step 5", "A join stands at step 5. `ejtui join` goes on."
)
CLOSING = ("first and second are one cluster.", "To undo the join: ejtui rollback")


def left(condition: Condition, *closing: str) -> tuple[str, ...]:
    """What is left on the terminal of an app that ends in that state."""
    hosts = {name: HostConfig(name, "127.0.0.1", port=1) for name in ("first", "second")}
    app = EjtuiApp(Config("first", "second", hosts))
    app.state = replace(app.state, condition=condition, closing=closing)
    return app.parting


def test_a_join_that_is_half_done_is_named_with_what_goes_on() -> None:
    assert left(HALF) == (HALF.text,)


def test_a_join_that_has_ended_is_summed_up() -> None:
    joined = Condition(Situation.HEALTHY, True, "joined", "Joined and healthy.")
    assert left(joined, *CLOSING) == CLOSING
    assert left(joined) == ()


def test_of_two_that_were_left_alone_nothing_is_said() -> None:
    apart = Condition(Situation.NOT_JOINED, False, "not joined", "Not joined.", "ejtui join")
    assert left(apart) == ()


def test_its_commands_reach_the_same_pair(capsys: pytest.CaptureFixture[str]) -> None:
    show_parting(CLOSING, lambda texts: [each.upper() for each in texts])
    assert capsys.readouterr().out.splitlines() == [each.upper() for each in CLOSING]
