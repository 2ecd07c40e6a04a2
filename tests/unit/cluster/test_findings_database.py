"""Rules of the database and what runs on it:

the state each finds, and the order of the findings.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ejtui.cluster.diagnosis.diagnose import findings
from ejtui.cluster.diagnosis.log_reading import log_facts
from ejtui.cluster.facts.examination import Examined, Hole, MemberFacts, NodeExam, SchemaLock
from ejtui.cluster.facts.node import (
    DISC,
    RAM,
    REMOTE,
    CookieFacts,
    KeptErl,
    PairFacts,
    SchemaFacts,
    TableFacts,
)
from ejtui.cluster.finding import Finding
from ejtui.cluster.pair.members import with_names
from ejtui.config import HostConfig
from tests.unit.cluster.rules import DOWN, codes, only

LOCK = SchemaLock("{tid,1}", "ejabberd@first")


def _apart(story: Any) -> PairFacts:
    facts = story.second_is(story.joined(), running_db_nodes=(story.second,))
    apart: PairFacts = story.first_is(facts, running_db_nodes=(story.first,))
    return apart


class TestSchema:
    @pytest.mark.parametrize(
        ("theirs", "own", "shown"), [("a", "a", True), ("a", "b", False), ("", "", False)]
    )
    def test_one_host_key_shows_a_clone(
        self, story: Any, theirs: str, own: str, shown: bool
    ) -> None:
        alone = story.same_cookie()
        facts = story.second_is(alone, schema=alone.first.schema)
        one, two = (NodeExam(host_key=key and f"SHA256:{key}") for key in (theirs, own))
        found = {each.code: each for each in findings(facts, Examined(one, two))}
        seen = "\n".join(found["same-database"].evidence)
        assert ("one SSH host key, SHA256:a" in seen) == shown

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
        assert (finding.code, finding.repaired_by) == ("schema-ram", "")
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
        start = "ejtui --first lyon --second paris"
        finding = only(_apart(story), Examined(exchanged=start))
        assert finding.repair.endswith(f"second's side instead: `{start} repair partitioned`")

    def test_overlapping(self, story: Any) -> None:
        hole = Hole("first", "third@second", "tcp", "no answer")
        finding = only(_apart(story), Examined(holes=(hole,)))
        assert (finding.code, finding.node) == ("overlapping", "first")
        assert any("partitioned" in line for line in finding.consequences)

    def test_strangers_may_know_whom_they_like(self, story: Any) -> None:
        hole = Hole("first", "monitor@second", "tcp", "no answer")
        assert codes(story.strangers(), Examined(holes=(hole,))) == []

    def test_a_lock_that_stays(self, story: Any) -> None:
        examined = Examined(first=NodeExam(asked=True, locks=(LOCK,)))
        assert only(story.strangers(), examined).code == "join-hangs"

    @pytest.mark.parametrize("seen", ["first", "second"])
    @pytest.mark.parametrize("at", ["first", "second"])
    def test_a_lock_is_found_where_its_transaction_runs(
        self, story: Any, seen: str, at: str
    ) -> None:
        locked = NodeExam(asked=True, locks=(SchemaLock("{tid,1}", getattr(story, at)),))
        examined = Examined(first=locked) if seen == "first" else Examined(second=locked)
        finding = only(story.strangers(), examined)
        assert (finding.code, finding.node) == ("join-hangs", at)

    def test_a_lock_of_a_copy_in_an_erl_that_outlived_its_line(self, story: Any) -> None:
        examined = Examined(first=NodeExam(asked=True, locks=(LOCK,)))
        kept = story.second_is(story.connected(), kept_erl=KeptErl("/home/.ejtui-erl.x", 0))
        assert "join-hangs" in codes(story.connected(), examined)
        assert "join-hangs" not in codes(kept, examined)


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

    def test_one_of_the_configuration_is_to_be_started_first_of_all(self, story: Any) -> None:
        member = MemberFacts("ejabberd@third", "port", "unknown", name="third")
        finding = self._with(story, member, runs=False)
        assert (finding.code, finding.subjects) == ("stale-member", ("ejabberd@third",))
        assert finding.repair.startswith("start ejabberd on third;")
        assert "third of the configuration" in finding.explanation

    def test_ghost(self, story: Any) -> None:
        member = MemberFacts("former@first", schema=DISC)
        assert self._with(story, member, runs=True).code == "ghost-member"

    def test_one_of_the_configuration_that_starts_is_no_ghost(self, story: Any) -> None:
        member = MemberFacts("ejabberd@third", schema=DISC, name="third")
        names = (story.first, story.second, member.node)
        facts = story.first_is(story.joined(), db_nodes=names, running_db_nodes=names)
        facts = story.second_is(facts, db_nodes=names, running_db_nodes=names)
        assert codes(facts, Examined(first=NodeExam(asked=True, members=(member,)))) == []

    @pytest.mark.parametrize(
        ("config", "name"),
        [
            (HostConfig("c", "10.0.0.3"), ""),
            (HostConfig("third", "10.0.0.3"), "third"),
            (HostConfig("c", "third"), "c"),
            (HostConfig("c", "third.example.net"), "c"),
            (HostConfig("c", "10.0.0.3", overrides={"hostname": "third"}), "c"),
            (HostConfig("c", "10.0.0.3", overrides={"node": "ejabberd@third"}), "c"),
            (HostConfig("third", "third", overrides={"node": "chat@third"}), ""),
        ],
    )
    def test_a_member_has_its_name_in_the_configuration(
        self, config: HostConfig, name: str
    ) -> None:
        (member,) = with_names([MemberFacts("ejabberd@third")], {config.name: config})
        assert member.name == name

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
        assert (finding.code, finding.repaired_by) == ("ghost-member", "cleandb")


class TestTables:
    def test_missing(self, story: Any) -> None:
        finding = only(_remote(story, "passwd"))
        assert (finding.code, finding.subjects) == ("tables-missing", ("passwd",))
        assert finding.repaired_by == "tables"

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
        # That first does not run is why they wait, and no consequence.
        assert [each.partition(" (")[2] for each in finding.consequences] == ["vm-up-app-down)"]
        assert "ejabberd does not run on first (not-connected)" in finding.evidence


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
        assert (finding.code, finding.node, finding.repaired_by) == ("vm-up-app-down", "second", "")

    def test_the_erl_of_a_join(self, story: Any) -> None:
        facts = story.second_is(story.copied(), started="mnesia")
        assert only(facts).repaired_by == "config"

    def test_one_that_starts_is_none(self, story: Any) -> None:
        facts = story.second_is(
            story.strangers(), ejabberd=False, started="ejabberd", starting=True
        )
        assert codes(facts) == []

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
        examined = Examined(first=NodeExam(asked=True, locks=(LOCK,)))
        assert codes(facts, examined) == ["join-hangs", "not-connected"]
