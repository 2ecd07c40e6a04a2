"""Repairs without hosts: which codes have one, what it shows, and on which node."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.examination import Examined
from ejtui.cluster.facts.node import PairFacts, SchemaFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.journal import Journal
from ejtui.cluster.operations.membership import bare_on_second, refuse_last_copies
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.repairs.registry import repairs, why_none
from ejtui.cluster.repairs.repair import NOTHING_LOST, side
from ejtui.cluster.repairs.run import finding_to_repair, refuse_stopped_first, refuse_swapped
from ejtui.platforms import Platform
from tests.unit.cluster.conftest import FIRST, SECOND, Story

REPAIRS = repairs()
ROLES = ("first", "second", "both")


def platform(host: str) -> Platform:
    return Platform(
        kind="debian",
        node=f"ejabberd@{host}",
        home="/var/lib/ejabberd",
        spool_dir="/var/lib/ejabberd",
        log_dir="/var/log/ejabberd",
        config_dir="/etc/ejabberd",
        service_user="ejabberd",
        erl="/usr/bin/erl",
        epmd="/usr/bin/epmd",
        ejabberdctl="/usr/sbin/ejabberdctl",
        ejabberdctl_cfg="/etc/default/ejabberd",
        hostname=host,
        start=("ejabberdctl", "start"),
        stop=("ejabberdctl", "stop"),
        run_start_as="root",
        env=MappingProxyType({}),
        dist_options=(),
        sources=MappingProxyType({}),
    )


def plan(facts: PairFacts) -> Plan:
    """A pair whose configuration calls first "kyoto" and second "lyon"."""
    return Plan("kyoto", "lyon", platform("first"), platform("second"), facts, Choices())


def test_an_unknown_code_has_none() -> None:
    assert why_none("nonsense") == "there is no repair for it"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("code", REPAIRS)
def test_what_is_shown_is_exact_about_host_and_user(story: Story, code: str, role: str) -> None:
    finding = Finding(code, code, role, subjects=("former@first",))
    for facts in (story.strangers(), story.cleaned(), story.joined()):
        for command in REPAIRS[code].commands(plan(facts), finding):
            assert command.host in ("kyoto", "lyon")
            assert command.as_user in ("root", "ejabberd")
            assert command.place in ("shell", "erl")
            assert command.text


@pytest.mark.parametrize("code", ["cookie-mode", "dir-root-owned", "renamed", "epmd-down"])
def test_a_repair_of_one_host_shows_that_host_alone(story: Story, code: str) -> None:
    for role, name in (("first", "kyoto"), ("second", "lyon")):
        finding = Finding(code, code, role, subjects=("ejabberd@old",))
        shown = REPAIRS[code].commands(plan(story.joined()), finding)
        assert {command.host for command in shown} == {name}


def test_a_finding_of_both_is_mended_on_second(story: Story) -> None:
    at = side(plan(story.joined()), Finding("partitioned", "", "both"))
    assert (at.name, at.platform.node) == ("lyon", SECOND)


def test_the_document_s_words_for_what_cannot_be_undone() -> None:
    for code in ("partitioned", "schema-split", "ghost-member", "tables-waiting", "join-hangs"):
        assert REPAIRS[code].cannot_undo != NOTHING_LOST


def test_no_cookie_is_ever_in_a_command(story: Story) -> None:
    facts = story.joined()
    texts = [
        command.text
        for code in REPAIRS
        for role in ROLES
        for command in REPAIRS[code].commands(plan(facts), Finding(code, "", role))
    ]
    assert not [text for text in texts if re.search(r"setcookie|a1a1a1|b2b2b2", text)]


# -- first and second in each other's place ----------------------------------------------------


def test_a_pair_as_it_should_be_is_not_swapped(story: Story) -> None:
    for facts in (story.strangers(), story.joined(), story.cleaned()):
        refuse_swapped(facts)


def test_a_second_that_serves_more_accounts_than_first_is_refused(story: Story) -> None:
    facts = story.strangers()
    with pytest.raises(StepFailed, match=r"swapped.*1 accounts.*25 accounts.*first = "):
        refuse_swapped(PairFacts(facts.second, facts.first))


def test_members_that_ran_apart_may_each_have_got_accounts(story: Story) -> None:
    refuse_swapped(story.second_is(story.joined(), accounts=27))
    with pytest.raises(StepFailed, match="swapped"):
        refuse_swapped(story.first_is(story.joined(), accounts=3))


def test_a_first_that_cannot_be_read_while_second_serves_is_refused(story: Story) -> None:
    facts = story.first_is(story.joined(), accounts=None)
    with pytest.raises(StepFailed, match="no accounts that can be read"):
        refuse_swapped(facts)


def test_a_first_that_does_not_run_is_to_be_started_before(story: Story) -> None:
    facts = story.first_is(story.joined(), vm="down", os_pid="", ejabberd=False, accounts=None)
    with pytest.raises(StepFailed, match="repair not-connected --node first"):
        refuse_stopped_first(facts)
    refuse_stopped_first(story.joined())
    assert all(REPAIRS[code].needs_first for code in ("schema-split", "schema-ram"))
    assert not REPAIRS["cookie-mismatch"].needs_first


@pytest.mark.parametrize(
    "code", ["schema-split", "cookie-mismatch", "partitioned", "table-cookie", "schema-ram"]
)
def test_whatever_puts_first_s_in_place_of_second_s_looks_at_that(code: str) -> None:
    assert REPAIRS[code].takes_from_first


def test_first_s_own_cookie_takes_nothing_from_second() -> None:
    repair = REPAIRS["cookie-mismatch"]
    assert not repair.replaces_second(Finding("cookie-mismatch", "", "first"))
    assert repair.replaces_second(Finding("cookie-mismatch", "", "second"))


# -- members and tables ---------------------------------------------------------------------------


def test_a_member_with_the_last_copy_of_a_table_is_not_forgotten(story: Story) -> None:
    first = story.joined().first
    refuse_last_copies(first, ("ejabberd@gone",))
    alone = replace(first.tables[0], disc_only_copies=("ejabberd@gone",), ram_copies=())
    with pytest.raises(StepFailed, match=alone.name):
        refuse_last_copies(replace(first, tables=(alone,)), ("ejabberd@gone",))


def test_a_table_without_records_that_second_alone_has_is_given_to_first(story: Story) -> None:
    facts = story.joined()
    first, second = facts.first, facts.second
    alone = replace(first.tables[0], disc_only_copies=(second.node,), ram_copies=(), disc_copies=())
    for kept, bare in (
        (replace(alone, size=0), True),
        (replace(alone, size=3), False),
        (replace(alone, size=3, storage="ram_copies"), True),
    ):
        pair = PairFacts(replace(first, tables=(alone,)), replace(second, tables=(kept,)))
        assert (bare_on_second(pair) == (kept,)) is bare
        stopped = replace(pair, second=replace(pair.second, vm="down"))
        assert bare_on_second(stopped) == ()


def test_what_a_node_waits_for(story: Story) -> None:
    second = story.joined().second
    assert second.waiting == ()
    stuck = replace(second.tables[0], where_to_read="nowhere")
    assert replace(second, tables=(stuck, *second.tables[1:])).waiting == (stuck.name,)


def test_one_cluster_is_told_by_the_schema_running_or_on_disc(story: Story) -> None:
    from ejtui.cluster.repairs.tools.service import of_one_cluster

    assert of_one_cluster(story.joined())
    assert of_one_cluster(story.quitted())
    assert not of_one_cluster(story.strangers())
    nothing = story.first_is(story.cleaned(), mnesia="no", schema=SchemaFacts())
    assert not of_one_cluster(nothing)
    assert FIRST in story.joined().second.running_db_nodes


def test_a_code_without_a_repair_says_what_to_do_instead(story: Story, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", "first-second")
    full = Finding("disc-full", "second has too little room", "second")
    seen = Diagnosis(story.strangers(), Examined(), (full,))
    with pytest.raises(StepFailed, match="disc-full has no repair: make room") as refused:
        finding_to_repair(seen, "disc-full", None, journal)
    assert refused.value.findings == (full,)
    with pytest.raises(StepFailed, match=r"nothing wrong\. disc-full has no repair: make room"):
        finding_to_repair(replace(seen, findings=()), "disc-full", None, journal)


@pytest.mark.parametrize("code", ["vm-up-app-down", "already-running", "name-in-use"])
def test_a_repair_that_renames_nothing_speaks_of_no_renaming(story: Story, code: str) -> None:
    renames = "rename" in REPAIRS[code].title
    assert renames == ("rename" in REPAIRS[code].keeps) == (code == "name-in-use")
    one = plan(story.strangers())
    one_name = replace(one, second=replace(one.second, node=one.first.node))
    assert bool(REPAIRS[code].commands(one_name, Finding(code, "", "second"))) == renames
