"""Each rule of the catalogue: the state it tells of, and the healthy states it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ejtui.cluster.check import diagnosis
from ejtui.cluster.diagnosis import LAYERS
from ejtui.cluster.examined import DirectoryFacts, Examined, Hole, MemberFacts, NodeExam
from ejtui.cluster.facts import (
    DISC,
    RAM,
    REMOTE,
    CookieFacts,
    NodeFacts,
    PairFacts,
    PeerFacts,
    SchemaFacts,
    SpoolFacts,
    SpoolFile,
    TableFacts,
)
from ejtui.cluster.finding import Finding
from ejtui.cluster.findings import findings, stopping
from ejtui.cluster.findings.case import Case
from ejtui.cluster.logs import log_facts

DOWN: dict[str, Any] = {"vm": "down", "ejabberd": False, "mnesia": "no", "tables": ()}


def codes(facts: PairFacts, examined: Examined | None = None) -> list[str]:
    return [finding.code for finding in findings(facts, examined)]


def only(facts: PairFacts, examined: Examined | None = None) -> Finding:
    [finding] = findings(facts, examined)
    assert finding.evidence
    assert finding.explanation
    assert finding.repair
    return finding


class TestHealthy:
    @pytest.mark.parametrize("moment", ["strangers", "same_cookie", "joined"])
    def test_nothing_is_found(self, story: Any, moment: str) -> None:
        assert codes(getattr(story, moment)()) == []

    def test_healthy_means_that_every_layer_was_looked_at(self, story: Any) -> None:
        facts = story.joined()
        examined = Examined(NodeExam(asked=True), NodeExam(asked=True))
        seen = diagnosis(facts, Case(facts, examined))
        assert seen.healthy
        assert [look.layer for look in seen.looked_at] == list(LAYERS)
        unasked = diagnosis(facts, Case(facts))
        assert unasked.findings == ()
        assert not unasked.healthy

    @pytest.mark.parametrize(
        "moment", ["cleaned", "shell_alone", "connected", "synced", "copied", "quitted"]
    )
    def test_a_join_on_its_way_goes_on(self, story: Any, moment: str) -> None:
        facts = story.second_is(getattr(story, moment)(), started="mnesia")
        assert stopping(findings(facts)) == ()

    def test_what_is_half_done_by_somebody_is_no_finding(self, story: Any) -> None:
        assert codes(story.cleaned(), Examined(joining="op@here")) == []
        assert codes(story.cleaned()) == ["not-connected"]


class TestHosts:
    def test_unreachable(self, story: Any) -> None:
        facts = PairFacts(story.strangers().first, NodeFacts.unreachable("second", "refused"))
        assert only(facts).code == "host-unreachable"

    def test_what_the_other_side_sees_of_it_stands_under_it(self, story: Any) -> None:
        peer = PeerFacts(story.second, "10.0.0.2", None, "epmd", "epmd-unreachable", "timeout")
        facts = story.first_is(story.joined(), peers={story.second: peer})
        gone = NodeFacts.unreachable("second", "timeout", story.second)
        finding = only(replace(facts, second=gone))
        assert finding.code == "host-unreachable"
        assert any("epmd-unreachable" in line for line in finding.consequences)

    def test_a_full_disc(self, story: Any) -> None:
        examined = Examined(second=NodeExam(asked=True, free=1000))
        assert only(story.strangers(), examined).code == "disc-full"


class TestNames:
    def test_styles(self, story: Any) -> None:
        finding = only(story.second_is(story.strangers(), node="ejabberd@second.example"))
        assert (finding.code, finding.node) == ("name-style", "second")

    def test_another_program_has_the_name(self, story: Any) -> None:
        facts = story.second_is(
            story.strangers(), ejabberd=False, mnesia="no", started="other", os_pid="77"
        )
        finding = only(facts)
        assert (finding.code, finding.node) == ("name-in-use", "second")
        assert finding.subjects == ("77",)

    def test_one_with_another_cookie_too(self, story: Any) -> None:
        facts = story.second_is(
            story.strangers(), **DOWN | {"vm": "rejected"}, started="other", os_pid="77"
        )
        assert only(facts).code == "name-in-use"

    def test_a_renamed_host(self, story: Any) -> None:
        disk = SchemaFacts(cookie="cookie-of-first", disc_copies=(story.first, story.second))
        facts = story.first_is(story.quitted(), peers={})
        facts = story.second_is(facts, node="ejabberd@chat2", disk_schema=disk)
        gone = MemberFacts(story.second, "port", "no such node")
        examined = Examined(first=NodeExam(asked=True, members=(gone,)))
        finding = only(facts, examined)
        assert (finding.code, finding.node) == ("renamed", "second")
        assert finding.subjects == (story.second,)


class TestEpmd:
    def test_down_below_a_node_that_lives(self, story: Any) -> None:
        facts = story.first_is(
            story.strangers(), **DOWN, epmd=None, epmd_error="econnrefused", os_pid="46"
        )
        finding = only(facts)
        assert (finding.code, finding.node) == ("epmd-down", "first")
        assert any("not-connected" in line for line in finding.consequences)

    def test_down_where_nothing_runs_is_a_node_that_is_down(self, story: Any) -> None:
        facts = story.first_is(story.strangers(), **DOWN, epmd=None, epmd_error="econnrefused")
        assert only(facts).code == "not-connected"

    def test_it_forgot_a_node_that_lives(self, story: Any) -> None:
        facts = story.first_is(story.strangers(), **DOWN, epmd=(), os_pid="46")
        assert only(facts).code == "epmd-down"

    def test_stale(self, story: Any) -> None:
        facts = story.second_is(story.strangers(), **DOWN, vm_code="epmd-stale")
        finding = only(facts)
        assert (finding.code, finding.node) == ("epmd-stale", "second")

    def test_silent_says_who_has_the_port(self, story: Any) -> None:
        facts = story.first_is(
            story.strangers(), **DOWN | {"vm": "unknown"}, epmd=None, epmd_error="silent"
        )
        examined = Examined(first=NodeExam(asked=True, port_owner='users:(("nc",pid=9,fd=3))'))
        finding = only(facts, examined)
        assert (finding.code, finding.subjects) == ("epmd-silent", ("9",))

    def test_fixed_ports_must_be_the_same(self, story: Any) -> None:
        facts = story.second_is(story.strangers(), dist_port="5210", epmd=())
        finding = only(facts)
        assert (finding.code, finding.node) == ("dist-port-differs", "second")

    def test_the_same_fixed_port_needs_no_epmd(self, story: Any) -> None:
        fixed: dict[str, Any] = {"dist_port": "5210", "epmd": None, "epmd_error": "econnrefused"}
        facts = story.second_is(story.strangers(), **fixed)
        assert codes(story.first_is(facts, **fixed)) == []


class TestDistribution:
    refused = PeerFacts("ejabberd@first", "10.0.0.1", 4000, "tcp", "dist-loopback", "refused")

    def test_loopback_as_its_own_host_sees_it(self, story: Any) -> None:
        """Its own probe cannot reach it either: epmd's entry looks stale, and is not."""
        facts = story.second_is(story.strangers(), peers={story.first: self.refused})
        facts = story.first_is(
            facts, **DOWN, vm_code="epmd-stale", os_pid="46", interface="127.0.0.1"
        )
        finding = only(facts)
        assert (finding.code, finding.node) == ("dist-loopback", "first")
        assert finding.sure

    def test_a_firewall_that_refuses_is_not_called_loopback(self, story: Any) -> None:
        facts = story.second_is(story.strangers(), peers={story.first: self.refused})
        finding = only(facts)
        assert finding.code == "dist-port-blocked"
        assert not finding.sure
        assert finding.settled_by


class TestCookies:
    def test_different_ones_of_strangers_are_well(self, story: Any) -> None:
        assert codes(story.strangers()) == []

    def test_different_ones_of_a_joined_pair(self, story: Any) -> None:
        facts = story.second_is(
            story.joined(),
            cookie=CookieFacts("c3" * 32, mode=0o400, bare_sha256="c3" * 32),
            running_db_nodes=(story.second,),
        )
        facts = story.first_is(facts, running_db_nodes=(story.first,))
        finding = only(facts)
        assert (finding.code, finding.node) == ("cookie-mismatch", "second")
        assert any("partitioned" in line for line in finding.consequences)

    def test_a_node_that_still_has_the_one_before(self, story: Any) -> None:
        facts = story.first_is(story.strangers(), vm_cookie="e5" * 32)
        finding = only(facts)
        assert (finding.code, finding.node) == ("cookie-mismatch", "first")

    def test_second_with_first_s_in_its_file_is_told_by_the_join(self, story: Any) -> None:
        facts = story.second_is(story.same_cookie(), vm_cookie="b2" * 32)
        assert only(facts).mended_by == "cookies"

    def test_a_blank_at_the_end(self, story: Any) -> None:
        first = replace(story.joined().first.cookie, bare_sha256="a1" * 32)
        facts = story.first_is(story.joined(), cookie=first)
        mine = replace(first, sha256="d4" * 32)
        finding = only(story.second_is(facts, cookie=mine))
        assert (finding.code, finding.node) == ("cookie-malformed", "second")

    def test_no_evidence_holds_more_than_digits(self, story: Any) -> None:
        facts = story.second_is(story.joined(), cookie=CookieFacts("c3" * 32, mode=0o400))
        assert "c3" * 4 not in str(only(facts).to_json())


class TestFiles:
    def test_a_directory_of_root_s(self, story: Any) -> None:
        facts = story.second_is(story.strangers(), **DOWN)
        mine = NodeExam(asked=True, directory=DirectoryFacts(True, False, "root", 0o755))
        finding = only(facts, Examined(second=mine))
        assert (finding.code, finding.node) == ("dir-not-writable", "second")

    def test_files_of_root_s(self, story: Any) -> None:
        spool = SpoolFacts(exists=True, files=(SpoolFile("schema.DAT", 1, owner_is_service=False),))
        finding = only(story.second_is(story.strangers(), **DOWN, spool=spool))
        assert (finding.code, finding.mended_by) == ("dir-root-owned", "")

    def test_after_a_join_by_hand_the_last_steps_mend_them(self, story: Any) -> None:
        spool = SpoolFacts(exists=True, files=(SpoolFile("schema.DAT", 1, owner_is_service=False),))
        finding = only(story.second_is(story.quitted(), spool=spool))
        assert (finding.code, finding.mended_by) == ("dir-root-owned", "permissions")

    def test_another_directory(self, story: Any) -> None:
        facts = story.second_is(
            story.joined(),
            directory="/elsewhere",
            schema=SchemaFacts(DISC, "new", disc_copies=(story.second,)),
            running_db_nodes=(story.second,),
            db_nodes=(story.second,),
        )
        facts = story.first_is(facts, running_db_nodes=(story.first,))
        mine = NodeExam(asked=True, same_directory=False)
        finding = only(facts, Examined(second=mine))
        assert (finding.code, finding.subjects) == ("wrong-dir", ("/elsewhere",))
        assert any("schema-split" in line for line in finding.consequences)


def _apart(story: Any) -> PairFacts:
    facts = story.second_is(story.joined(), running_db_nodes=(story.second,))
    apart: PairFacts = story.first_is(facts, running_db_nodes=(story.first,))
    return apart


class TestSchema:
    def test_split(self, story: Any) -> None:
        own = SchemaFacts(DISC, "another", disc_copies=(story.second,))
        finding = only(story.second_is(_apart(story), schema=own))
        assert (finding.code, finding.node) == ("schema-split", "second")

    def test_in_memory_only(self, story: Any) -> None:
        own = SchemaFacts(DISC, "another", disc_copies=(story.second,))
        facts = story.second_is(_apart(story), schema=own)
        ram = SchemaFacts(
            DISC, "cookie-of-first", ram_copies=(story.second,), disc_copies=(story.first,)
        )
        finding = only(story.first_is(facts, schema=ram))
        assert (finding.code, finding.mended_by) == ("schema-ram", "")
        assert any("schema-split" in line for line in finding.consequences)

    def test_definitions(self, story: Any) -> None:
        ram = SchemaFacts(
            DISC, "cookie-of-first", ram_copies=(story.second,), disc_copies=(story.first,)
        )
        finding = only(story.first_is(story.quitted(), schema=ram))
        assert finding.code == "schema-definitions"
        assert len(finding.consequences) == 2

    def test_a_table_made_on_each_side(self, story: Any) -> None:
        mine = replace(story.quitted().second.disk_schema, tables=(TableFacts("t", cookie="2"),))
        facts = story.second_is(story.quitted(), disk_schema=mine)
        tables = (*facts.first.tables, TableFacts("t", storage=DISC, cookie="1"))
        facts = story.first_is(facts, tables=tables)
        finding = findings(facts)[0]
        assert (finding.code, finding.subjects) == ("table-cookie", ("t",))

    def test_a_master_that_a_healed_partition_left(self, story: Any) -> None:
        left = Examined(second=NodeExam(asked=True, masters=("passwd", "schema")))
        finding = only(story.joined(), left)
        assert (finding.code, finding.node) == ("partitioned", "second")
        assert (finding.severity, finding.sure) == ("warning", False)

    def test_partitioned(self, story: Any) -> None:
        finding = only(_apart(story))
        assert (finding.code, finding.node) == ("partitioned", "both")

    def test_overlapping(self, story: Any) -> None:
        hole = Hole("first", "third@second", "tcp", "no answer")
        finding = only(_apart(story), Examined(holes=(hole,)))
        assert (finding.code, finding.node) == ("overlapping", "first")
        assert any("partitioned" in line for line in finding.consequences)

    def test_strangers_may_know_whom_they_like(self, story: Any) -> None:
        hole = Hole("first", "monitor@second", "tcp", "no answer")
        assert codes(story.strangers(), Examined(holes=(hole,))) == []

    def test_a_lock_that_stays(self, story: Any) -> None:
        examined = Examined(first=NodeExam(asked=True, locks=("{tid,1}",)))
        assert only(story.strangers(), examined).code == "join-hangs"


class TestMembers:
    def _with(self, story: Any, member: MemberFacts, *, runs: bool, ram: bool = False) -> Finding:
        names = (story.first, member.node)
        schema = SchemaFacts(
            DISC,
            "cookie-of-first",
            ram_copies=(member.node,) if ram else (),
            disc_copies=(story.first,) if ram else names,
        )
        facts = story.first_is(
            story.strangers(),
            db_nodes=names,
            running_db_nodes=names if runs else (story.first,),
            schema=schema,
        )
        return only(facts, Examined(first=NodeExam(asked=True, members=(member,))))

    def test_stale(self, story: Any) -> None:
        finding = self._with(story, MemberFacts("former@first", "port", "unknown"), runs=False)
        assert (finding.code, finding.subjects) == ("stale-member", ("former@first",))

    def test_ghost(self, story: Any) -> None:
        member = MemberFacts("former@first", schema=DISC)
        assert self._with(story, member, runs=True).code == "ghost-member"

    def test_concurrent(self, story: Any) -> None:
        member = MemberFacts("third@first", schema=RAM)
        assert self._with(story, member, runs=True, ram=True).code == "concurrent-join"

    def test_a_third_whole_member_is_none(self, story: Any) -> None:
        member = MemberFacts("third@third", ejabberd=True, schema=DISC)
        names = (story.first, story.second, member.node)
        facts = story.first_is(story.joined(), db_nodes=names, running_db_nodes=names)
        facts = story.second_is(facts, db_nodes=names, running_db_nodes=names)
        assert codes(facts, Examined(first=NodeExam(asked=True, members=(member,)))) == []

    def test_second_taken_out_while_it_was_down(self, story: Any) -> None:
        alone = SchemaFacts(DISC, "cookie-of-first", disc_copies=(story.first,))
        facts = story.first_is(story.quitted(), schema=alone, db_nodes=(story.first,))
        finding = only(facts)
        assert (finding.code, finding.mended_by) == ("ghost-member", "cleandb")


class TestTables:
    def test_missing(self, story: Any) -> None:
        finding = only(_remote(story, "passwd"))
        assert (finding.code, finding.subjects) == ("tables-missing", ("passwd",))
        assert finding.mended_by == "tables"

    def test_chosen_to_stay_remote(self, story: Any) -> None:
        assert codes(_remote(story, "passwd"), Examined(remote=frozenset({"passwd"}))) == []

    def test_waiting_for_first(self, story: Any) -> None:
        waiting = tuple(replace(t, where_to_read="nowhere") for t in story.joined().second.tables)
        facts = story.second_is(
            story.joined(), tables=waiting, ejabberd=False, running_db_nodes=(story.second,)
        )
        facts = story.first_is(facts, **DOWN)
        finding = only(facts)
        assert (finding.code, finding.node) == ("tables-waiting", "second")
        assert len(finding.consequences) == 2


def _remote(story: Any, name: str) -> PairFacts:
    tables = tuple(
        replace(table, storage=REMOTE) if table.name == name else table
        for table in story.joined().second.tables
    )
    facts: PairFacts = story.second_is(story.joined(), tables=tables)
    return facts


class TestEjabberd:
    def test_its_machine_without_it(self, story: Any) -> None:
        facts = story.second_is(story.strangers(), ejabberd=False, started="ejabberd")
        finding = only(facts)
        assert (finding.code, finding.node, finding.mended_by) == ("vm-up-app-down", "second", "")

    def test_the_erl_of_a_join(self, story: Any) -> None:
        facts = story.second_is(story.copied(), started="mnesia")
        assert only(facts).mended_by == "config"

    def test_one_that_starts_is_not_sure(self, story: Any) -> None:
        facts = story.second_is(
            story.strangers(), ejabberd=False, started="ejabberd", starting=True
        )
        assert not only(facts).sure

    def test_second_down_before_a_join_is_a_warning(self, story: Any) -> None:
        assert only(story.second_is(story.strangers(), **DOWN)).severity == "warning"

    def test_first_down_is_none(self, story: Any) -> None:
        assert only(story.first_is(story.strangers(), **DOWN)).severity == "error"

    def test_overload(self, story: Any) -> None:
        text = "2026-11-23 00:02:54.830+00:00 [warning] <0.2.0> Mnesia(x): ** WARNING ** Mnesia is overloaded: {dump_log,write_threshold}"  # noqa: E501
        log = log_facts("/log", "", [(11, text)])
        finding = only(story.strangers(), Examined(second=NodeExam(asked=True, log=log)))
        assert (finding.code, finding.severity) == ("overload", "warning")
        assert "line 11" in finding.evidence[0]


class TestTwoAtOnce:
    def test_both_are_named(self, story: Any) -> None:
        mine = CookieFacts("b2" * 32, code="cookie-mode", mode=0o644, owner="ejabberd")
        facts = story.second_is(story.strangers(), cookie=mine)
        member = MemberFacts("former@first", "port", "unknown")
        facts = story.first_is(facts, db_nodes=(story.first, member.node))
        examined = Examined(first=NodeExam(asked=True, members=(member,)))
        assert codes(facts, examined) == ["cookie-mode", "stale-member"]

    def test_errors_come_before_warnings(self, story: Any) -> None:
        facts = story.second_is(story.strangers(), **DOWN)
        examined = Examined(first=NodeExam(asked=True, locks=("{tid,1}",)))
        assert codes(facts, examined) == ["join-hangs", "not-connected"]
