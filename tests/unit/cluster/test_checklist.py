"""The checklist is a function of two snapshots: every moment of a join, and every setback."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ejtui.cluster.facts.node import (
    DISC,
    RAM,
    CookieFacts,
    NodeFacts,
    PairFacts,
    PeerFacts,
    SchemaFacts,
    SpoolFacts,
)
from ejtui.cluster.facts.settings import UNCOMPARED, Administration
from ejtui.cluster.join.checklist import derive
from ejtui.cluster.join.steps import STEPS, StepState
from ejtui.cluster.pair.storage_choices import Choices

IDS = [step.id for step in STEPS]
NONE = Choices()


def at_hand(facts: PairFacts, choices: Choices = NONE) -> tuple[str, str]:
    """The first step that is not done, and its state; ("", "done") when all are."""
    states = derive(facts, choices)
    for step, state in zip(STEPS, states, strict=True):
        if not state.done:
            return step.id, state.state
    return "", "done"


def findings(facts: PairFacts) -> list[str]:
    return [f.code for state in derive(facts, NONE) for f in state.findings]


@pytest.mark.parametrize(
    ("moment", "step"),
    [
        ("strangers", "cookies"),
        ("same_cookie", "administration"),
        ("compared", "cleandb"),
        ("cleaned", "config"),
        ("shell_alone", "config"),
        ("connected", "sync"),
        ("synced", "tables"),
        ("copied", "quit"),
        ("quitted", "start"),
        ("joined", ""),
    ],
)
def test_each_moment_of_a_join_stands_at_its_step(story: Any, moment: str, step: str) -> None:
    facts = getattr(story, moment)()
    assert at_hand(facts) == ((step, "todo") if step else ("", "done"))


@pytest.mark.parametrize("moment", ["strangers", "cleaned", "connected", "quitted"])
def test_what_follows_an_open_step_is_blocked_by_it(story: Any, moment: str) -> None:
    states = derive(getattr(story, moment)(), NONE)
    position = next(i for i, state in enumerate(states) if not state.done)
    assert {state.state for state in states[:position]} <= {"done"}
    assert {state.state for state in states[position + 1 :]} == {"blocked"}
    assert all(STEPS[position].title.lower() in s.detail for s in states[position + 1 :])


class TestAdministration:
    def test_what_nobody_has_compared_is_still_to_do(self, story: Any) -> None:
        [state] = _of("administration", story.same_cookie())
        assert (state.state, state.detail) == ("todo", "compared when it runs")

    def test_decisions_of_an_earlier_comparison_do_not_count_for_one(self, story: Any) -> None:
        facts, choices = story.same_cookie(), Choices(decided=["mark"])
        assert at_hand(facts, choices) == ("administration", "todo")
        seen = Administration(0, ("auth_method: sql on first",), ("mark",))
        assert at_hand(replace(facts, administration=seen), choices) == ("cleandb", "todo")

    def test_what_cannot_be_compared_is_done_once_that_was_agreed_to(self, story: Any) -> None:
        facts = replace(story.same_cookie(), administration=UNCOMPARED)
        [state] = _of("administration", facts)
        assert (state.state, state.detail) == ("done", "not compared, as was agreed")

    @pytest.mark.parametrize("moment", ["cleaned", "shell_alone", "connected", "joined"])
    def test_a_join_that_went_past_it_is_not_led_back(self, story: Any, moment: str) -> None:
        [state] = _of("administration", getattr(story, moment)())
        assert (state.state, state.detail) == ("done", "`ejtui config` compares both files")

    @pytest.mark.parametrize("moment", ["cleaned", "shell_alone", "connected", "joined"])
    def test_nor_by_what_differs_by_then(self, story: Any, moment: str) -> None:
        seen = Administration(1, ("auth_method: sql on first",), ("mark",))
        facts = replace(getattr(story, moment)(), administration=seen)
        [state] = _of("administration", facts)
        assert state.state == "done"
        assert "`ejtui config` shows them" in state.detail


def _of(step: str, facts: PairFacts) -> list[StepState]:
    states = derive(facts, NONE)
    return [each for name, each in zip(IDS, states, strict=True) if name == step]


class TestPreflight:
    def test_an_unreachable_host(self, story: Any) -> None:
        gone = NodeFacts.unreachable("second", "refused")
        facts = PairFacts(story.strangers().first, gone)
        assert at_hand(facts) == ("preflight", "failed")
        assert findings(facts) == ["host-unreachable"]

    def test_a_host_without_erlang(self, story: Any) -> None:
        facts = PairFacts(NodeFacts.blind("first", "no erl"), story.strangers().second)
        assert findings(facts) == ["not-installed"]

    def test_first_down(self, story: Any) -> None:
        facts = story.first_is(story.strangers(), vm="down", ejabberd=False, mnesia="no")
        assert findings(facts) == ["not-connected"]

    def test_first_refuses_its_own_cookie(self, story: Any) -> None:
        facts = story.first_is(story.strangers(), vm="rejected", ejabberd=False, mnesia="no")
        assert findings(facts) == ["cookie-mismatch"]

    def test_versions_differ(self, story: Any) -> None:
        assert findings(story.second_is(story.strangers(), ejabberd_version="24.12")) == [
            "version-differs"
        ]

    def test_a_package_s_own_version_is_none_of_ejabberd_s(self, story: Any) -> None:
        """As when one of the hosts has had its security updates."""
        facts = story.second_is(story.strangers(), ejabberd_version="23.01-1+deb12u1")
        assert findings(facts) == []

    @pytest.mark.parametrize(("otp", "codes"), [("27", []), ("28", ["otp-distance"])])
    def test_otp_within_two_releases(self, story: Any, otp: str, codes: list[str]) -> None:
        assert findings(story.second_is(story.strangers(), otp_release=otp)) == codes

    @pytest.mark.parametrize(
        ("layer", "code", "finding"),
        [
            ("resolve", "unresolvable", "unresolvable"),
            ("resolve", "ipv6-only", "ipv6-only"),
            ("epmd", "epmd-unreachable", "epmd-unreachable"),
            ("epmd", "epmd-silent", "epmd-silent"),
            ("port", "not-connected", "not-connected"),
            ("tcp", "dist-port-blocked", "dist-port-blocked"),
            ("tcp", "dist-loopback", "dist-port-blocked"),
        ],
    )
    def test_the_way_to_first(self, story: Any, layer: str, code: str, finding: str) -> None:
        broken = {story.first: PeerFacts(story.first, "10.0.0.1", 4369, layer, code, "because")}
        facts = story.second_is(story.strangers(), peers=broken)
        assert at_hand(facts) == ("preflight", "failed")
        assert findings(facts) == [finding]

    def test_a_node_on_its_loopback_address(self, story: Any) -> None:
        refused = PeerFacts(story.first, "10.0.0.1", 4000, "tcp", "dist-loopback", "refused")
        facts = story.second_is(story.strangers(), peers={story.first: refused})
        facts = story.first_is(facts, interface="127.0.0.1")
        assert findings(facts) == ["dist-loopback"]

    def test_epmd_that_does_not_run_is_not_called_unreachable(self, story: Any) -> None:
        broken = {story.first: PeerFacts(story.first, "10.0.0.1", None, "epmd", "", "refused")}
        facts = story.second_is(story.strangers(), peers=broken)
        facts = story.first_is(facts, epmd=None, epmd_error="econnrefused")
        assert findings(facts) == ["epmd-down"]

    def test_second_need_not_answer_while_it_is_down(self, story: Any) -> None:
        peer = PeerFacts(story.second, "10.0.0.2", None, "epmd", "epmd-unreachable", "refused")
        facts = story.first_is(story.cleaned(), peers={story.second: peer})
        assert at_hand(facts) == ("config", "todo")

    def test_second_must_resolve_always(self, story: Any) -> None:
        peer = PeerFacts(story.second, "", None, "resolve", "unresolvable", "no such host")
        facts = story.first_is(story.cleaned(), peers={story.second: peer})
        assert findings(facts) == ["unresolvable"]

    def test_the_layer_is_named_before_the_cookie(self, story: Any) -> None:
        facts = story.strangers()
        broken = {story.first: PeerFacts(story.first, "10.0.0.1", None, "epmd", "", "timeout")}
        facts = story.second_is(facts, peers=broken)
        assert facts.first.cookie != facts.second.cookie
        assert findings(facts) == ["epmd-unreachable"]


class TestCookies:
    @pytest.mark.parametrize(
        ("cookie", "code"),
        [
            (CookieFacts(code="cookie-missing"), "cookie-missing"),
            (CookieFacts(code="cookie-owner", mode=0o400), "cookie-owner"),
            (CookieFacts("a1" * 32, code="cookie-mode", mode=0o644), "cookie-mode"),
            (CookieFacts("a1" * 32, code="cookie-malformed", mode=0o400), "cookie-malformed"),
            (CookieFacts("a1" * 32, mode=0o400, owner_is_service=False), "cookie-owner"),
        ],
    )
    def test_first_s_unusable_cookie_fails(
        self, story: Any, cookie: CookieFacts, code: str
    ) -> None:
        facts = story.first_is(story.strangers(), cookie=cookie)
        assert at_hand(facts) == ("preflight", "failed")
        assert findings(facts) == [code]

    def test_second_s_open_file_stops_the_join(self, story: Any) -> None:
        mine = CookieFacts("a1" * 32, code="cookie-mode", mode=0o644, owner="ejabberd")
        facts = story.second_is(story.same_cookie(), cookie=mine)
        assert at_hand(facts) == ("preflight", "failed")
        assert findings(facts) == ["cookie-mode"]

    def test_second_without_a_cookie_gets_one(self, story: Any) -> None:
        facts = story.second_is(story.strangers(), cookie=CookieFacts(code="cookie-missing"))
        assert at_hand(facts) == ("cookies", "todo")

    def test_a_running_node_with_its_old_cookie_is_still_to_do(self, story: Any) -> None:
        facts = story.second_is(story.same_cookie(), vm="rejected")
        assert at_hand(facts) == ("cookies", "todo")


class TestDatabase:
    def test_files_without_a_schema_are_still_to_be_moved(self, story: Any) -> None:
        facts = story.second_is(story.cleaned(), spool=story.synced().second.spool)
        assert at_hand(facts) == ("cleandb", "todo")

    def test_a_database_of_an_earlier_membership(self, story: Any) -> None:
        """Second's files are first's, and first has forgotten second: it would be a ghost."""
        facts = story.quitted()
        only_first = SchemaFacts(DISC, "cookie-of-first", disc_copies=(story.first,))
        facts = story.first_is(facts, schema=only_first, db_nodes=(story.first,))
        assert at_hand(facts) == ("cleandb", "todo")

    def test_a_schema_of_its_own_after_the_join(self, story: Any) -> None:
        own = SchemaFacts(cookie="cookie-of-second", disc_copies=(story.second,))
        facts = story.second_is(story.quitted(), disk_schema=own)
        assert at_hand(facts) == ("preflight", "failed")
        assert findings(facts) == ["schema-split"]

    def test_first_lists_a_second_that_is_clean(self, story: Any) -> None:
        facts = story.second_is(
            story.quitted(), disk_schema=None, spool=SpoolFacts(exists=True, files=())
        )
        assert at_hand(facts) == ("config", "todo")

    def test_running_is_asked_on_both_nodes(self, story: Any) -> None:
        facts = story.first_is(story.connected(), running_db_nodes=(story.first,))
        assert at_hand(facts) == ("config", "todo")
        facts = story.second_is(story.connected(), running_db_nodes=(story.first,))
        assert at_hand(facts) == ("config", "todo")

    def test_an_independent_schema_on_disc_is_not_synchronised(self, story: Any) -> None:
        """What {atomic,ok} with a wrong cookie leaves behind."""
        own = SchemaFacts(DISC, "cookie-of-second", disc_copies=(story.second,))
        facts = story.second_is(
            story.shell_alone(), schema=own, spool=story.strangers().second.spool
        )
        assert at_hand(facts) == ("cleandb", "todo")

    def test_schema_in_ram_of_a_running_member(self, story: Any) -> None:
        facts = story.second_is(story.connected(), ejabberd=True)
        assert at_hand(facts) == ("sync", "todo")


class TestTables:
    def test_a_choice_is_to_be_carried_out(self, story: Any) -> None:
        assert at_hand(story.joined(), Choices({"session": DISC})) == ("tables", "todo")
        assert at_hand(story.copied(session=DISC), Choices({"session": DISC})) == ("quit", "todo")

    def test_another_type_than_first_s_without_a_choice(self, story: Any) -> None:
        assert at_hand(story.copied(roster=RAM)) == ("tables", "todo")

    def test_a_table_chosen_to_stay_remote(self, story: Any) -> None:
        chosen = Choices({"roster": "unknown"})
        assert at_hand(story.copied(roster="unknown"), chosen) == ("quit", "todo")
        assert at_hand(story.joined(), chosen) == ("", "done")


class TestEnd:
    def test_files_of_another_owner(self, story: Any) -> None:
        spool = SpoolFacts(
            exists=True,
            files=story.quitted().second.spool.files,
            wrong_owner=("schema.DAT",),
            wrong_owner_count=1,
        )
        assert at_hand(story.second_is(story.quitted(), spool=spool)) == ("permissions", "todo")

    def test_a_cut_net(self, story: Any) -> None:
        facts = story.second_is(story.joined(), running_db_nodes=(story.second,))
        facts = story.first_is(facts, running_db_nodes=(story.first,))
        assert at_hand(facts) == ("start", "failed")
        assert findings(facts) == ["partitioned"]

    def test_accounts_must_agree(self, story: Any) -> None:
        assert at_hand(story.second_is(story.joined(), accounts=24)) == ("verify", "todo")

    def test_a_table_that_cannot_be_read(self, story: Any) -> None:
        facts = story.joined()
        blind = tuple(
            type(table)(**{**vars(table), "where_to_read": "nowhere"})
            for table in facts.second.tables
        )
        assert at_hand(story.second_is(facts, tables=blind)) == ("verify", "todo")
