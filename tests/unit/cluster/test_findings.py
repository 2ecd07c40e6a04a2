"""Rules of hosts, names, connections and files: the state each finds, and healthy ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ejtui.cluster.diagnosis.declaration import LAYERS
from ejtui.cluster.diagnosis.diagnose import findings, stopping
from ejtui.cluster.diagnosis.look import diagnosis
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.facts.examination import DirectoryFacts, Examined, MemberFacts, NodeExam
from ejtui.cluster.facts.node import (
    DISC,
    CookieFacts,
    NodeFacts,
    PairFacts,
    PeerFacts,
    SchemaFacts,
    SpoolFacts,
    SpoolFile,
)
from tests.unit.cluster.rules import DOWN, codes, only


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

    def test_a_disc_without_room_for_one_more_file(self, story: Any) -> None:
        full, roomy = NodeExam(asked=True, free_files=40), NodeExam(asked=True, free_files=10**6)
        finding = only(story.strangers(), Examined(roomy, full))
        assert (finding.code, finding.node) == ("disc-full", "second")
        assert "40 free (`df -i`)" in finding.evidence[0]
        apart = NodeExam(asked=True, backups_apart=True, free_files=10**6, backup_files=12)
        finding = only(story.strangers(), Examined(roomy, apart))
        assert "12 free (`df -i`)" in finding.evidence[0]
        assert "backup_dir in [nodes.second]" in finding.repair
        assert codes(story.joined(), Examined(roomy, apart)) == []

    def test_no_backup_goes_into_memory(self, story: Any) -> None:
        memory = NodeExam(asked=True, backups_apart=True, backups_in_memory=True)
        finding = only(story.strangers(), Examined(NodeExam(asked=True), memory))
        assert (finding.code, finding.node) == ("disc-full", "second")
        assert "tmpfs" in finding.evidence[0]
        assert "backup_dir in [nodes.second]" in finding.repair


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
        assert only(facts).repaired_by == "cookies"

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
        assert (finding.code, finding.repaired_by) == ("dir-root-owned", "")

    def test_a_hard_link_among_them_is_named_first(self, story: Any) -> None:
        """No repair gives such a file to the service user."""
        why = "it belongs to root and has 2 names (hard links)"
        files = (SpoolFile("zz.DAT", 1, owner_is_service=False),)
        spool = SpoolFacts(exists=True, files=files, unsafe=(("zz.DAT", why),))
        finding = only(story.second_is(story.strangers(), **DOWN, spool=spool))
        assert (finding.code, finding.node) == ("unsafe-path", "second")
        assert finding.evidence == (f"second: zz.DAT: {why}",)
        assert any("dir-root-owned" in line for line in finding.consequences)

    def test_after_a_join_by_hand_the_last_steps_mend_them(self, story: Any) -> None:
        spool = SpoolFacts(exists=True, files=(SpoolFile("schema.DAT", 1, owner_is_service=False),))
        finding = only(story.second_is(story.quitted(), spool=spool))
        assert (finding.code, finding.repaired_by) == ("dir-root-owned", "permissions")

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
