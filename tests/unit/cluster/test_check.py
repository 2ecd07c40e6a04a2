"""When a check is due again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ejtui.cluster.diagnosis.look import diagnosis, outdated
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.facts.node import CookieFacts, PairFacts, SpoolFacts, SpoolFile

from .conftest import Story


def _is_outdated(then: PairFacts, now: PairFacts) -> bool:
    return outdated(diagnosis(then, Case(then)), now)


def test_a_check_lasts_while_the_nodes_say_the_same(story: Story) -> None:
    then = story.joined()
    grown = tuple(replace(table, size=99, memory=5000) for table in then.first.tables)
    assert not _is_outdated(then, story.joined())
    assert not _is_outdated(then, story.first_is(then, tables=grown, accounts=99))


@pytest.mark.parametrize(
    "change",
    [
        {"os_pid": "4712"},
        {"ejabberd": False},
        {"running_db_nodes": ("ejabberd@second",)},
        {"cookie": CookieFacts(sha256="c3" * 32, mode=0o644, owner="ejabberd", code="cookie-mode")},
        {"spool": SpoolFacts(True, files=(SpoolFile("schema.DAT", 1, owner_is_service=False),))},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_check_is_due_again_when_a_node_says_something_else(
    story: Story, change: dict[str, object]
) -> None:
    then = story.joined()
    assert _is_outdated(then, story.second_is(then, **change))
