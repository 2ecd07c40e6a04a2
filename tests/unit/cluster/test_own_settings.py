"""Rules of what a member's start would change in the cluster, and what first must not lose."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.tables.table_counts import Lost, compared, count_tables, finding, noted
from ejtui.cluster.diagnosis import own_settings as seen
from ejtui.cluster.diagnosis.diagnose import findings, stopping
from ejtui.cluster.diagnosis.own_settings import own_settings
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.diagnosis.rules.database import members
from ejtui.cluster.diagnosis.rules.installation import passwords, releases
from ejtui.cluster.facts.examination import CustomSchema, Examined, NodeExam, PasswordFormats
from ejtui.cluster.facts.node import DISC, PairFacts, SchemaFacts, TableFacts
from ejtui.cluster.facts.settings import NodeSettings
from ejtui.cluster.facts.table_count import TableCount
from ejtui.cluster.operations import agreement
from ejtui.erlang.probe.client import ProbeError
from tests.samples import PLATFORM
from tests.unit.cluster.conftest import FIRST, SECOND
from tests.unit.cluster.rules import DOWN, codes
from tests.unit.cluster.test_records import MANIFEST

PATH = "/var/lib/ejabberd/ejabberd.schema"


def custom(**tables: dict[str, str]) -> CustomSchema:
    """A file with these definitions; without any there is no file."""
    if not tables:
        return CustomSchema(PATH, tables={})
    return CustomSchema(PATH, text=repr(tables), tables=tables)


def exams(first: CustomSchema | None, second: CustomSchema | None) -> Examined:
    return Examined(NodeExam(asked=True, custom=first), NodeExam(asked=True, custom=second))


def of(code: str, facts: PairFacts, examined: Examined) -> Any:
    return next((each for each in findings(facts, examined) if each.code == code), None)


@pytest.mark.parametrize(
    ("changes", "opened", "read"),
    [({}, True, True), ({}, False, False), ({"reachable": False}, True, False),
     ({"starting": True}, True, False)],
)  # fmt: skip
async def test_of_a_stopped_second_the_file_is_read(
    story: Any, changes: Any, opened: bool, read: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def file(_: Any) -> NodeSettings:
        return NodeSettings(asked=True, in_file=True)

    async def ask(*_: object) -> Any:
        return None

    monkeypatch.setattr(seen, "next_settings", file)
    facts = replace(story.strangers().second, **{**DOWN, **changes})
    node: Any = SimpleNamespace(probe=SimpleNamespace(ask=ask), opened=opened, facts=facts)
    assert (await seen.of_second(node)).asked is read


class TestCustomSchema:
    def test_the_same_on_both_is_well(self, story: Any) -> None:
        one = custom(roster={"storage_type": "disc_copies"})
        assert codes(story.strangers(), exams(one, one)) == []
        assert codes(story.strangers(), exams(custom(), custom())) == []
        assert codes(story.strangers(), exams(None, one)) == [], "what was not asked is no finding"

    @pytest.mark.parametrize(("code", "stops"), [("timeout", True), ("crashed", True),
                                                 ("lost", False)])  # fmt: skip
    async def test_a_host_that_does_not_answer_for_it_stops_the_join(
        self, story: Any, code: str, stops: bool
    ) -> None:
        async def ask(*_: object) -> Any:
            raise ProbeError(code, "no answer")

        node = SimpleNamespace(
            probe=SimpleNamespace(ask=ask),
            platform=PLATFORM,
            opened=True,
            facts=story.strangers().second,
        )
        asked = NodeExam(asked=True)
        pair: Any = SimpleNamespace(first=node, second=node, administration=None)
        one = Examined(*await own_settings(pair, asked, asked))
        found = of("custom-schema", story.strangers(), one)
        assert (found is not None) is stops
        if stops:
            assert found in stopping(findings(story.strangers(), one))
            assert any("did not answer" in line for line in found.evidence)

    @pytest.mark.parametrize(("key", "value"), [("local_content", "true"), ("type", "ordered_set")])
    def test_a_table_that_would_be_deleted_stops_the_join(
        self, story: Any, key: str, value: str
    ) -> None:
        facts = story.strangers()
        found = of("custom-schema", facts, exams(custom(), custom(roster={key: value})))
        assert (found.node, found.severity, found.subjects) == ("second", "error", ("roster",))
        assert found in stopping(findings(facts, exams(custom(), custom(roster={key: value}))))
        assert any("deletes the table in the whole cluster" in line for line in found.evidence)

    def test_what_first_s_file_says_and_its_tables_are_not_yet(self, story: Any) -> None:
        """Equal files, and first was not restarted since: second's start would do it."""
        one = exams(*[custom(roster={"local_content": "true"})] * 2)
        found = [each for each in findings(story.joined(), one) if each.code == "custom-schema"]
        assert [(each.node, each.subjects) for each in found] == [
            ("first", ("roster",)),
            ("second", ("roster",)),
        ]

    def test_a_first_that_is_down_is_known_by_the_member_that_runs(self, story: Any) -> None:
        facts = story.first_is(story.joined(), **DOWN, disk_schema=story.joined().first.schema)
        one = exams(custom(roster={"local_content": "true"}), custom())
        found = of("custom-schema", facts, one)
        assert (found.node, found.severity) == ("first", "error")

    def test_first_alone_has_one(self, story: Any) -> None:
        found = of("custom-schema", story.strangers(), exams(custom(x={"type": "bag"}), custom()))
        assert "where ejabberd's own definition is another" in " ".join(found.evidence)

    def test_a_storage_type_stops_a_join_and_not_a_member(self, story: Any) -> None:
        other = exams(custom(), custom(roster={"storage_type": "ram_copies"}))
        assert of("custom-schema", story.strangers(), other).severity == "error"
        found = of("custom-schema", story.joined(), other)
        assert found.severity == "warning"
        assert "changes second's copy at each of its starts" in " ".join(found.evidence)

    def test_what_could_not_be_read_is_not_believed_to_be_well(self, story: Any) -> None:
        unread = CustomSchema(PATH, text="roster: {", tables=None)
        assert of("custom-schema", story.strangers(), exams(custom(), unread)).severity == "error"
        closed = CustomSchema(PATH, error="permission denied", tables={})
        found = of("custom-schema", story.strangers(), exams(custom(), closed))
        assert "permission denied" in " ".join(found.evidence)

    def test_where_the_environment_names_it(self, story: Any) -> None:
        there = replace(custom(roster={"type": "bag"}), elsewhere=True)
        found = of("custom-schema", story.strangers(), exams(custom(), there))
        assert "EJABBERD_MNESIA_SCHEMA" in " ".join(found.evidence)


class TestReleases:
    def test_it_ranks_before_a_node_that_does_not_run(self, story: Any) -> None:
        facts = story.second_is(story.quitted(), ejabberd_version="26.07-1")
        facts = story.first_is(facts, ejabberd_version="24.12-3+deb13u2")
        assert codes(facts) == ["version-differs", "not-connected"]
        found = findings(facts)[0]
        assert "26.07: passwd gets other keys" in " ".join(found.evidence)
        assert "muc_occupant_id is deleted" in " ".join(found.evidence)
        assert "archive_msg" not in " ".join(found.evidence)

    @pytest.mark.parametrize(
        ("one", "other", "tables"),
        [
            ("23.01", "24.12", ["archive_msg"]),
            ("21.01", "26.07", ["archive_msg", "passwd", "muc_occupant_id"]),
            ("24.12", "23.01", ["archive_msg"]),
            ("25.03", "25.10", []),
            ("9.9", "24.12", ["archive_msg"]),
        ],
    )
    def test_what_changes(self, story: Any, one: str, other: str, tables: list[str]) -> None:
        facts = story.joined()
        first = replace(facts.first, ejabberd_version=one)
        second = replace(facts.second, ejabberd_version=other)
        assert [line.split()[0] for line in releases.changes(first, second)] == tables
        assert releases.mixed(PairFacts(first, second))
        assert not releases.mixed(facts)

    def test_two_strangers_of_two_releases_are_no_mixed_cluster(self, story: Any) -> None:
        assert not releases.mixed(story.first_is(story.strangers(), ejabberd_version="24.12"))

    def test_the_question(self, story: Any) -> None:
        facts = story.first_is(story.quitted(), ejabberd_version="26.07")
        asked = agreement.mixed_release(Case(facts), facts.second, ["kept in x"])
        assert asked.consent == "mixed-release"
        assert "kept in x" in asked.takes


def formats(first: str, second: str, source: str = "running") -> Examined:
    return Examined(
        NodeExam(asked=True, passwords=PasswordFormats("running", {"a.example": first})),
        NodeExam(
            asked=True,
            passwords=PasswordFormats(source, {"a.example": second} if second else {}),
        ),
    )


class TestPasswords:
    def test_the_same_is_well(self, story: Any) -> None:
        assert codes(story.strangers(), formats("scram", "scram")) == []
        assert not passwords.converts(Case(story.strangers(), formats("plain", "plain")))

    def test_scram_on_second_converts_before_25_03(self, story: Any) -> None:
        facts, examined = story.strangers(), formats("plain", "scram")
        found = of("config-passwords", facts, examined)
        assert "for good" in found.evidence[-1]
        assert passwords.converts(Case(facts, examined))
        asked = agreement.password_format(Case(facts, examined), 25)
        assert "25 passwords are plain text on first" in asked.takes
        assert asked.consent == "password-format"
        assert "a.example: plain on first, scram on second" in asked.takes

    def test_later_releases_leave_what_is_stored(self, story: Any) -> None:
        facts = story.second_is(story.strangers(), ejabberd_version="26.07")
        found = of("config-passwords", facts, formats("plain", "scram"))
        assert "leaves the stored passwords as they are" in found.evidence[-1]
        assert not passwords.converts(Case(facts, formats("plain", "scram")))

    def test_plain_on_second_converts_nothing(self, story: Any) -> None:
        facts, examined = story.strangers(), formats("scram", "plain")
        assert of("config-passwords", facts, examined) is not None
        assert not passwords.converts(Case(facts, examined))

    def test_what_could_not_be_read_is_said_and_asked(self, story: Any) -> None:
        facts, examined = story.strangers(), formats("plain", "", source="")
        found = of("config-passwords", facts, examined)
        assert not found.sure
        assert "could not be read" in found.evidence[0]
        assert "could not be read" in agreement.password_format(Case(facts, examined)).title
        assert passwords.converts(Case(facts, examined))

    def test_without_accounts_in_mnesia_nothing_is_converted(self, story: Any) -> None:
        facts = story.first_is(story.strangers(), tables=())
        assert of("config-passwords", facts, formats("plain", "scram")) is None


THIRD = "ejabberd@third"


class TestOtherCluster:
    def with_third(self, story: Any) -> PairFacts:
        facts: PairFacts = story.strangers()
        both = (SECOND, THIRD)
        alone = TableFacts("own", DISC, disc_copies=(SECOND,), size=3, where_to_read=SECOND)
        schema = replace(facts.second.schema, disc_copies=both)
        changed: PairFacts = story.second_is(
            facts, schema=schema, db_nodes=both, running_db_nodes=both, tables=(alone,)
        )
        return changed

    def test_it_is_named_and_does_not_stop_the_checklist(self, story: Any) -> None:
        facts = self.with_third(story)
        [found] = findings(facts)
        assert (found.code, found.node, found.subjects) == ("other-cluster", "second", (THIRD,))
        assert stopping((found,)) == ()
        asked = agreement.other_cluster(Case(facts), (THIRD,))
        assert asked.consent == "other-cluster"
        assert asked.takes[0] == f"{THIRD} runs with second"
        assert "own: 3 records live on second alone" in asked.takes[1]

    def test_a_stopped_one_is_known_by_its_disk(self, story: Any) -> None:
        disk = SchemaFacts(cookie="cookie-of-second", disc_copies=(SECOND, THIRD))
        facts = story.second_is(story.strangers(), **DOWN, disk_schema=disk)
        assert members.cluster_of_second(Case(facts)) == (THIRD,)

    @pytest.mark.parametrize("moment", ["strangers", "joined", "quitted", "connected"])
    def test_no_other_members(self, story: Any, moment: str) -> None:
        assert members.cluster_of_second(Case(getattr(story, moment)())) == ()

    def test_a_third_of_the_same_cluster_is_none(self, story: Any) -> None:
        facts = story.joined()
        schema = replace(facts.first.schema, disc_copies=(FIRST, SECOND, THIRD))
        facts = story.first_is(story.second_is(facts, schema=schema), schema=schema)
        assert members.cluster_of_second(Case(facts)) == ()


def table(name: str, size: int, cookie: str = "1", **more: Any) -> TableFacts:
    return TableFacts(name, DISC, size=size, cookie=cookie, **more)


class TestCounts:
    BEFORE = (TableCount("roster", 3, "1"), TableCount("offline_msg", 2, "1"))

    def first(self, story: Any, *tables: TableFacts) -> Any:
        return story.first_is(story.joined(), tables=tables).first

    def test_no_less_is_well(self, story: Any) -> None:
        first = self.first(story, table("roster", 3), table("offline_msg", 4))
        assert compared(self.BEFORE, first) == []

    def test_what_is_meant_to_become_less(self, story: Any) -> None:
        first = self.first(story, table("roster", 3), table("offline_msg", 0))
        assert compared(self.BEFORE, first) == []

    @pytest.mark.parametrize(
        ("now", "why", "certain"),
        [
            (table("roster", 0, "2"), "it was deleted and made again", True),
            (table("roster", 2, "2"), "it was deleted and made again", True),
            (table("roster", 1, "2", local_content=True), "with local_content", True),
            (table("roster", 0), "it was emptied", True),
            (table("roster", 2), "records were deleted in it", False),
            (table("other", 2), "the table is gone", True),
        ],
    )
    def test_less(self, story: Any, now: TableFacts, why: str, certain: bool) -> None:
        [lost] = compared(self.BEFORE[:1], self.first(story, now))
        assert why in lost.line
        assert lost.certain is certain
        assert finding([lost], "/b/first.BUP").subjects == ("roster",)

    def test_a_table_made_again_that_has_as_many_is_well(self, story: Any) -> None:
        first = self.first(story, table("roster", 3, "2"), table("offline_msg", 2))
        assert compared(self.BEFORE, first) == []

    def test_shared_tables_are_counted(self, story: Any) -> None:
        first = self.first(
            story,
            table("roster", 3),
            table("own", 3, local_content=True),
            TableFacts("session", "ram_copies", size=4, cookie="2"),
            TableFacts("vcard", "unknown", size=5),
        )
        assert count_tables(first) == (
            TableCount("roster", 3, "1"),
            TableCount("session", 4, "2", in_memory=True),
        )

    @pytest.mark.parametrize(
        ("now", "why", "certain"),
        [
            ((1, "2"), "it was deleted and made again", True),
            (None, "the table is gone", True),
            ((0, "1"), "it was emptied", False),
            ((1, "1"), "", False),
            ((5, "2"), "", False),
        ],
    )
    def test_a_table_in_memory(
        self, story: Any, now: tuple[int, str] | None, why: str, certain: bool
    ) -> None:
        tables = [TableFacts("session", "ram_copies", size=now[0], cookie=now[1])] if now else []
        before = [TableCount("session", 4, "1", in_memory=True)]
        lost = compared(before, self.first(story, *tables))
        assert [(each.certain, each.in_memory) for each in lost] == [(certain, True)] * bool(why)
        assert all(why in each.line for each in lost)

    def test_what_is_in_memory_and_only_passes_through_is_no_loss(self, story: Any) -> None:
        before = [TableCount("bytestream", 4, "1", in_memory=True)]
        assert compared(before, self.first(story)) == []

    def test_no_backup_is_named_for_what_was_in_memory(self) -> None:
        memory = Lost("session", 4, 0, "it was deleted and made again", in_memory=True)
        named = finding([memory], "/b/first.BUP")
        assert "/b/first.BUP" not in named.explanation
        assert "restart ejabberd on first" in named.repair
        both = finding([memory, Lost("roster", 4, 0, "it was emptied")], "/b/first.BUP")
        assert "/b/first.BUP" in both.explanation
        assert "In memory alone: session." in both.explanation
        assert "ejtui rollback" in both.repair

    def test_what_is_lost_already_stays_known(self, story: Any) -> None:
        """A second start after a first that failed does not make the loss the new truth."""
        manifest = replace(MANIFEST, counts=self.BEFORE)
        first = self.first(story, table("roster", 0, "2"), table("offline_msg", 7))
        assert noted(manifest, first).counts == (
            TableCount("offline_msg", 7, "1"),
            TableCount("roster", 3, "1"),
        )

    def test_a_manifest_reads_them_back(self) -> None:
        written = replace(MANIFEST, counts=self.BEFORE, custom_schema="aa", custom_given=True)
        assert Manifest.from_line(written.to_line()) == written
