"""The state of a pair, in every case that its facts and a check can show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ejtui.cluster.condition.condition import Known, Situation
from ejtui.cluster.condition.membership import is_joined
from ejtui.cluster.condition.next_command import repair_command, repair_command_in
from ejtui.cluster.condition.situations import condition
from ejtui.cluster.errors import SHELL_OPEN
from ejtui.cluster.facts.details import KeptErl
from ejtui.cluster.facts.half_done import HalfDone
from ejtui.cluster.facts.node import NodeFacts, PairFacts, SchemaFacts
from ejtui.cluster.finding import Finding
from tests.unit.cluster.conftest import FIRST, SECOND, Story

THIRD = "ejabberd@third"
DOWN: dict[str, Any] = {
    "vm": "down", "ejabberd": False, "mnesia": "no", "db_nodes": (), "running_db_nodes": (),
    "schema": SchemaFacts(), "tables": (), "accounts": None,
}  # fmt: skip
ON_DISK = SchemaFacts(cookie="cookie-of-first", disc_copies=(FIRST, SECOND))
WELL = Known(findings=(), whole=True)
COOKIE = Finding("cookie-mismatch", "the cookies differ", "second", repaired_by="cookies")
STARTED = HalfDone("join", "config", 5, "/b", "moved", "A join stands at step 5.")
RETURNING = HalfDone("rollback", "rollback", 0, "/b", "restored", "A rollback stands.")


def _stopped(side: str) -> Callable[[Story], PairFacts]:
    def made(story: Story) -> PairFacts:
        other = "second" if side == "first" else "first"
        facts = story.joined()
        alone = (FIRST,) if other == "first" else (SECOND,)
        down = replace(facts.of(side), **DOWN, disk_schema=ON_DISK)
        up = replace(facts.of(other), running_db_nodes=alone)
        return PairFacts(down, up) if side == "first" else PairFacts(up, down)

    return made


def _parted(story: Story) -> PairFacts:
    facts = story.joined()
    return PairFacts(
        replace(facts.first, running_db_nodes=(FIRST,)),
        replace(facts.second, running_db_nodes=(SECOND,)),
    )


def _unreached(side: str, facts: PairFacts) -> PairFacts:
    gone = NodeFacts.unreachable(side, "no route to host", facts.of(side).node)
    return replace(facts, first=gone) if side == "first" else replace(facts, second=gone)


def _first_away(story: Story) -> PairFacts:
    return _unreached("first", _parted(story))


def _first_is_new(story: Story) -> PairFacts:
    parted = _parted(story)
    schema = replace(parted.first.schema, cookie="a-new-one", disc_copies=(FIRST,))
    return story.first_is(parted, schema=schema, db_nodes=(FIRST,))


def _first_is_empty(story: Story) -> PairFacts:
    parted = _parted(story)
    return story.first_is(parted, **DOWN, disk_schema=None, spool=replace(parted.first.spool,
                                                                          files=()))  # fmt: skip


def _elsewhere(story: Story) -> PairFacts:
    facts = story.strangers()
    schema = replace(facts.second.schema, disc_copies=(SECOND, THIRD))
    return story.second_is(facts, schema=schema, db_nodes=(SECOND, THIRD))


def _rolled_back_alone(story: Story) -> PairFacts:
    """First still lists second, which has its own database again."""
    return replace(story.strangers(), first=_parted(story).first)


def _split(story: Story) -> PairFacts:
    """Each lists the other, and the two schemas are not the same."""
    parted = _parted(story)
    return story.second_is(parted, schema=replace(parted.second.schema, cookie="another"))


def _by_hand(story: Story) -> PairFacts:
    return story.second_is(story.connected(), started="mnesia")


def _here(story: Story, name: str) -> NodeFacts:
    return replace(story.strangers().first, addresses=("10.0.0.1",), name=name)


ROWS: dict[str, tuple[Callable[[Story], PairFacts], Known, str, bool | None, str, str]] = {
    "two strangers": (
        Story.strangers, Known(), "not-joined", False, "not joined", "ejtui join"),
    "two strangers, all well": (
        Story.strangers, WELL, "not-joined", False, "not joined", "ejtui join"),
    "strangers, with a fault that stops a join": (
        Story.strangers, Known((Finding("epmd-down", "no epmd", "first"),)),
        "not-joined", False, "not joined", "ejtui repair epmd-down"),
    "another cookie before a join": (
        Story.strangers, Known((COOKIE,)), "not-joined", False, "not joined", "ejtui join"),
    "second cleaned, no backup known": (
        Story.cleaned, Known(), "not-joined", False, "not joined", "ejtui join"),
    "a join that stands": (
        Story.cleaned, Known(half_done=STARTED), "half-done", False, "join at step 5",
        "ejtui join"),
    "a join that stands, synchronised": (
        Story.synced, Known(half_done=STARTED), "half-done", False, "join at step 5",
        "ejtui join"),
    "steps of a join, not checked": (
        Story.quitted, Known(join_open=True), "half-done", False, "join half done", "ejtui join"),
    "all steps of a join, not checked": (
        Story.joined, Known(join_open=True), "joined", True, "joined", "ejtui check"),
    "a join that runs": (
        Story.synced, Known(half_done=STARTED, changing="op@desk, process 7 (join: tables)"),
        "joining", False, "join running, step", ""),
    "a join that another ejtui has open, idle": (
        Story.synced, Known(half_done=STARTED, changing=f"op@desk, process 7 ({SHELL_OPEN})"),
        "half-done", False, "join half done", ""),
    "a repair that runs": (
        Story.joined, Known(changing="op@desk, process 7 (repair of cookie-mismatch)"),
        "changing", True, "being changed", ""),
    "a join by hand": (_by_hand, Known(), "half-done", False, "join half done", "ejtui join"),
    "a kept erl shell": (
        lambda story: story.second_is(story.shell_alone(), kept_erl=KeptErl("/k", 0)), Known(),
        "half-done", False, "join half done", "ejtui join"),
    "a rollback that stands": (
        _parted, Known(half_done=RETURNING), "half-done", True, "rollback not finished",
        "ejtui rollback"),
    "joined, not checked": (Story.joined, Known(), "joined", True, "joined", "ejtui check"),
    "joined and healthy": (Story.joined, WELL, "healthy", True, "joined, healthy", ""),
    "joined, not all looked at": (
        Story.joined, Known(()), "joined", True, "joined", "ejtui check"),
    "joined, a warning": (
        Story.joined, Known((Finding("overload", "busy", "first", severity="warning"),), True),
        "joined", True, "joined, 1 warning", "ejtui check"),
    "partitioned, not checked": (
        _parted, Known(), "broken", True, "joined, broken: the nodes do not run together",
        "ejtui check"),
    "partitioned": (
        _parted, Known((Finding("partitioned", "apart", "both"),)), "broken", True,
        "joined, broken: partitioned", "ejtui repair partitioned"),
    "a wrong cookie, a year after the join": (
        _parted, Known((COOKIE,)), "broken", True, "joined, broken: cookie-mismatch",
        "ejtui repair cookie-mismatch"),
    "schema split": (
        _split, Known((Finding("schema-split", "two", "second"),)), "broken", True,
        "joined, broken: schema-split", "ejtui repair schema-split"),
    "second stopped": (
        _stopped("second"), Known(), "broken", True, "joined, broken: second is stopped",
        "ejtui check"),
    "first stopped": (
        _stopped("first"), Known(), "broken", True, "joined, broken: first is stopped",
        "ejtui check"),
    "ejabberd down on second": (
        lambda story: story.second_is(story.joined(), ejabberd=False, started="ejabberd"), Known(),
        "broken", True, "joined, broken: ejabberd does not run on second", "ejtui check"),
    "second refuses its cookie": (
        lambda story: story.second_is(_stopped("second")(story), vm="rejected"), Known(),
        "broken", True, "joined, broken: second refuses its own host's cookie", "ejtui check"),
    "waits for tables": (
        lambda story: story.second_is(story.joined(), tables=tuple(
            replace(table, where_to_read="nowhere") for table in story.joined().second.tables)),
        Known(), "broken", True, "joined, broken: second waits for tables", "ejtui check"),
    "starting, joined": (
        lambda story: story.second_is(_parted(story), starting=True, ejabberd=False), Known(),
        "starting", True, "joined, second starting", "ejtui check"),
    "starting, not joined": (
        lambda story: story.second_is(story.strangers(), starting=True, ejabberd=False), Known(),
        "starting", False, "not joined, second starting", "ejtui check"),
    "first's host is gone": (
        _first_away, Known(), "first-gone", None, "was joined, first is gone", "ejtui check"),
    "first's host is new": (
        _first_is_new, Known(), "first-gone", False, "was joined, first is new", "ejtui setup"),
    "first's database is gone": (
        _first_is_empty, Known(), "first-gone", False, "was joined, first is new",
        "ejtui setup"),
    "first not reached, second stopped": (
        lambda story: _unreached("first", _stopped("second")(story)), Known(), "unknown", None,
        "unknown: first not reached", "ejtui check"),
    "first not reached from here": (
        lambda story: _unreached("first", story.joined()), Known(), "unknown", None,
        "first not reached, but runs", "ejtui check"),
    "first not reached, second a stranger": (
        lambda story: _unreached("first", story.strangers()), Known(), "unknown", None,
        "unknown: first not reached", "ejtui check"),
    "second not reached": (
        lambda story: _unreached("second", _parted(story)), Known(), "unknown", None,
        "unknown: second not reached", "ejtui check"),
    "neither reached": (
        lambda story: _unreached("first", _unreached("second", story.joined())), Known(),
        "unknown", None, "unknown: first and second not reached", "ejtui check"),
    "second not reached from here": (
        lambda story: _unreached("second", story.joined()), Known(), "unknown", None,
        "second not reached, but runs", "ejtui check"),
    "second without a probe": (
        lambda story: replace(story.joined(), second=NodeFacts.blind("second", "no ejabberd")),
        Known(), "unknown", None, "unknown: second cannot be asked", "ejtui check"),
    "members of different clusters": (
        _elsewhere, Known(), "other-cluster", False, "members of different clusters",
        "ejtui check"),
    "one node given twice": (
        lambda story: PairFacts(_here(story, "first"), _here(story, "second")),
        Known(), "one-node", None, "both are one node", "ejtui setup"),
    "first still lists a second that was rolled back": (
        _rolled_back_alone, Known(), "broken", False, "was joined, broken: another database",
        "ejtui check"),
    "second's disk is new, and first still lists it": (
        _rolled_back_alone, Known((Finding("schema-split", "two", "second"),)), "broken", False,
        "was joined, broken: schema-split", "ejtui repair schema-split"),
    "first lists a second in memory, which has nothing on its disk": (
        lambda story: replace(story.cleaned(), first=_parted(story).first), Known(),
        "not-joined", False, "not joined", "ejtui join"),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_each_state(story: Story, name: str) -> None:
    facts_of, known, situation, joined, brief, command = ROWS[name]
    found = condition(facts_of(story), known)
    assert (found.situation.value, found.joined, found.command) == (situation, joined, command)
    assert found.brief.startswith(brief)
    assert found.text.endswith(".")


def test_every_situation_is_in_the_table() -> None:
    assert {row[2] for row in ROWS.values()} == {each.value for each in Situation}


def test_healthy_is_never_of_nodes_that_are_not_joined() -> None:
    for name, (facts_of, known, *_) in ROWS.items():
        found = condition(facts_of(Story()), replace(known, findings=(), whole=True))
        said = f"{found.brief} {found.text}".lower()
        assert "healthy" not in said or found.joined, name


def test_the_checklist_is_shown_where_a_join_is_the_subject(story: Story) -> None:
    about = {name for name, row in ROWS.items() if condition(row[0](story), row[1]).about_join}
    assert {"two strangers", "a join that stands", "a join by hand", "a join that runs"} <= about
    assert not {"a wrong cookie, a year after the join", "partitioned", "second stopped"} & about


def test_a_finding_without_a_repair_names_the_join_or_nothing() -> None:
    assert repair_command(Finding("other-cluster", "", "second")) == ""
    assert repair_command(Finding("other-cluster", "", "second", repaired_by="x")) == "ejtui join"


def test_nothing_is_taken_from_a_first_that_is_new(story: Story) -> None:
    split = Finding("schema-split", "two", "second")
    assert repair_command_in(_first_is_new(story), split) == ""
    assert repair_command_in(_split(story), split) == "ejtui repair schema-split"


def test_a_ghost_in_another_cluster_of_second_s_is_not_first_s_to_forget(story: Story) -> None:
    ghost = Finding("ghost-member", "a ghost", "second")
    assert repair_command_in(_elsewhere(story), ghost) == ""
    assert repair_command_in(_parted(story), ghost) == "ejtui repair ghost-member"


def test_a_join_by_hand_is_not_offered_to_be_undone(story: Story) -> None:
    gone = _first_away(story)
    assert "rollback --without-first" in condition(gone, Known(undoes=True)).text
    assert "rollback" not in condition(gone, Known(undoes=False)).text


def test_it_is_one_object(story: Story) -> None:
    seen = condition(_parted(story), Known((COOKIE,))).to_json()
    assert seen == {
        "state": "broken",
        "joined": True,
        "text": "Joined, but broken: the cookies differ (cookie-mismatch).",
        "next": "ejtui repair cookie-mismatch",
        "finding": "cookie-mismatch",
    }


def test_two_nodes_of_one_name_are_no_cluster(story: Story) -> None:
    name = "ejabberd@localhost"
    alone = {"node": name, "db_nodes": (name,), "running_db_nodes": (name,), "mnesia": "yes"}
    schema = SchemaFacts("disc_copies", "cookie-of-first", disc_copies=(name,))
    own = replace(schema, cookie="cookie-of-second")
    facts = story.second_is(story.strangers(), schema=own, hostname="second", **alone)
    facts = story.first_is(facts, schema=schema, hostname="first", **alone)
    assert (facts.both_run, facts.member, facts.first_will_wait) == (False, False, False)
    assert is_joined(facts) is False
    shown = condition(facts, WELL)
    assert (shown.brief, shown.joined) == ("not joined", False)
    assert "still lists" not in shown.text


def test_a_first_that_is_new_gets_what_second_holds_by_one_command(story: Story) -> None:
    known = Known(exchanged="ejtui --first paris --second lyon")
    assert (
        condition(_first_is_new(story), known).command == "ejtui --first paris --second lyon join"
    )


def test_where_a_node_cannot_be_asked_the_connection_comes_first(story: Story) -> None:
    unreached = [_unreached(side, pair(story)) for side in ("first", "second")
                 for pair in (Story.joined, Story.strangers)]  # fmt: skip
    for facts in (*unreached, _unreached("first", _stopped("second")(story))):
        state = condition(facts)
        assert state.situation is Situation.UNKNOWN
        sides = {"first": facts.first, "second": facts.second}
        [silent] = [name for name, side in sides.items() if not side.asked]
        assert state.text.endswith(f"See to the connection to {silent}, then check again.")
    neither = condition(_unreached("first", _unreached("second", story.joined())))
    assert "See to the connections to first and second, then" in neither.text


def test_what_runs_with_first_may_be_another_than_second(story: Story) -> None:
    facts = _unreached("second", story.joined())
    nameless = replace(facts, second=replace(facts.second, node=""))
    text = condition(nameless).text
    assert "first runs together with ejabberd@second; whether that is second is not known." in text
    assert "is not known" not in condition(facts).text
