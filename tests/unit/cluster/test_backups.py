"""What a rollback asks, which backups there are, and what each is good for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from ejtui.cluster.backups import inventory, listing, prune
from ejtui.cluster.backups.choice import Choice, choose_from, chosen, lines, nothing
from ejtui.cluster.backups.inventory import Backup, _backups, _Folder
from ejtui.cluster.backups.listing import Listing
from ejtui.cluster.backups.manifest import BackedFile, Manifest
from ejtui.cluster.backups.rollback.present import Present, is_clusters
from ejtui.cluster.backups.rollback.returned import There, compared
from ejtui.cluster.backups.rollback.rollback import _refuse_without
from ejtui.cluster.backups.rollback.rollback_question import question
from ejtui.cluster.bring_over.source import Source
from ejtui.cluster.errors import BackupError, StepFailed
from ejtui.cluster.facts.examination import Examined
from ejtui.cluster.join.check import _alone_since
from ejtui.erlang.probe.questions import Entry
from tests.unit.cluster.rules import only

GUEST, LATE = "guest@chat.example", "late@chat.example"
ROOT = "/var/lib/ejabberd/ejtui-backups"


def manifest(**changes: Any) -> Manifest:
    made = Manifest(
        stamp="20261128T220046Z",
        first="ejabberd@first",
        second="ejabberd@second",
        stage="moved",
        directory="/var/lib/ejabberd",
        place=f"{ROOT}/20261128T220046Z",
        created="2026-11-28T22:00:46+00:00",
        by="op@here",
        was_running=True,
        cookie="b2b2b2",
        accounts=(GUEST,),
        files=(BackedFile("schema.DAT", 10, "aa"), BackedFile("passwd.DAT", 20, "bb")),
    )
    return replace(made, **changes)


class TestQuestion:
    def asked(self, facts: Any, of: Manifest, present: Present, **more: Any) -> str:
        return "\n".join(question(facts, of, present, **more).takes)

    def test_from_a_cluster(self, story: Any) -> None:
        text = self.asked(story.joined(), manifest(), Present("clusters", 4))
        assert "its copies of 4 tables are set aside as a backup" in text
        assert f"its own database, with 1 account: {GUEST}" in text
        assert "first keeps all its 25 accounts" in text

    def test_what_only_second_has_now_is_named(self, story: Any) -> None:
        present = Present("own", 4, (GUEST, LATE), (LATE,))
        text = self.asked(story.strangers(), manifest(), present)
        assert f"second's present database, with 2 accounts: {GUEST}, {LATE}" in text
        assert f"1 account lives on second now and neither in this backup nor on first: {LATE}" in (
            text
        )

    def test_what_cannot_be_read_is_said(self, story: Any) -> None:
        text = self.asked(story.strangers(), manifest(), Present("own", 4, None, None))
        assert "could not be read" in text

    def test_only_the_cookie_was_replaced(self, story: Any) -> None:
        """Nothing is set aside then, and second does not go back to anything."""
        begun = manifest(stage="begun", files=(), accounts=None)
        text = self.asked(story.same_cookie(), begun, Present("own", 4, (GUEST,), (GUEST,)))
        assert "was never moved and stays as it is with 1 account" in text
        assert "second's own cookie b2b2b2 comes back" in text
        assert "set aside" not in text.splitlines()[0]
        assert "goes back to" not in text

    @pytest.mark.parametrize(
        ("stage", "said"),
        [("moving", "moved a part of second's own database"), ("restored", "back in its place")],
    )
    def test_in_between(self, story: Any, stage: Any, said: str) -> None:
        text = self.asked(story.cleaned(), manifest(stage=stage), Present("own", 2, (), ()))
        assert said in text

    def test_without_first(self, story: Any) -> None:
        text = self.asked(story.joined(), manifest(), Present("clusters", 4), without_first=True)
        assert "it will still list ejabberd@second" in text
        assert "first keeps all" not in text


class TestRollback:
    def test_only_missing_accounts_are_a_failure(self) -> None:
        both, one = (There(names) for names in ((GUEST, LATE), (GUEST,)))
        again = "ejtui rollback X"
        assert compared((GUEST,), both, in_a_cluster=False, again=again)[1].endswith(LATE)
        with pytest.raises(StepFailed, match=f"missing: {LATE}.*`{again}` restores"):
            compared((GUEST, LATE), one, in_a_cluster=False, again=again)
        gone = compared((GUEST, LATE), one, in_a_cluster=True, again=again)[1]
        assert gone.endswith(f"cluster: {LATE}")

    def test_a_database_without_accounts_is_named_so(self) -> None:
        [line] = compared((), There(()), in_a_cluster=False, again="")
        assert line == "second: its own database is back, which had no accounts"
        there = There((), (GUEST,))
        [line] = compared((GUEST,), there, in_a_cluster=False, again="")
        assert line.endswith(f"does not serve their host now: {GUEST}")

    def test_first_s_accounts_may_be_unknown(self, story: Any) -> None:
        facts = story.first_is(story.joined(), accounts=None)
        lines = question(facts, manifest(), Present("clusters")).takes
        assert any(line.startswith("first keeps all its accounts,") for line in lines)

    def test_the_way_out_is_named(self, story: Any) -> None:
        stopped = story.first_is(story.joined(), vm="down", mnesia="no")
        with pytest.raises(StepFailed, match="--without-first"):
            _refuse_without(stopped, without_first=False)
        _refuse_without(stopped, without_first=True)
        with pytest.raises(StepFailed, match="leave out --without-first"):
            _refuse_without(story.joined(), without_first=True)

    def test_whose_database_second_has(self, story: Any) -> None:
        assert is_clusters(story.joined(), "ejabberd@first")
        assert is_clusters(story.first_is(story.quitted(), vm="down", mnesia="no"), story.first)
        assert not is_clusters(story.strangers(), "ejabberd@first")


class TestStaleMember:
    def test_first_lists_a_second_that_was_rolled_back(self, story: Any) -> None:
        facts = story.strangers()
        schema = replace(facts.first.schema, disc_copies=(story.first, story.second))
        facts = story.first_is(facts, schema=schema, db_nodes=(story.first, story.second))
        assert facts.first_lists_a_stranger
        found = only(facts, Examined(alone_since="2026-11-28T23:00:00Z"))
        assert (found.code, found.node, found.subjects) == (
            "stale-member", "first", ("ejabberd@second",)
        )  # fmt: skip

    @pytest.mark.parametrize("set_aside", [True, False])
    def test_no_clock_hides_that_it_was_rolled_back(self, story: Any, set_aside: bool) -> None:
        """Older backups are dated later: second's clock was ahead then."""
        facts = story.strangers()
        schema = replace(facts.first.schema, disc_copies=(story.first, story.second))
        facts = story.first_is(facts, schema=schema, db_nodes=(story.first, story.second))
        ahead = {"created": "2099-11-30T00:00:00+00:00", "stage": "rolled-back"}
        older = [
            manifest(stamp="20991130T000000Z", number=1, used="2099-11-30T01:00:00Z", **ahead),
            manifest(stamp="20991130T010000Z", number=2, towards="20991130T000000Z", **ahead),
        ]
        used = manifest(number=3, stage="rolled-back", used="2026-11-28T23:00:00Z")
        aside = manifest(stamp="20261128T225900Z", number=4, towards=used.stamp, reason="rollback")
        there = Listing((*older, used, *([aside] if set_aside else [])))
        assert _alone_since(there, facts) == used.used


def entry(name: str, size: int = 10, kind: str = "regular") -> Entry:
    return Entry(name, kind, size)


def backups(
    name: str,
    entries: Any,
    below: Any = (),
    of: Manifest | None = None,
    *,
    on_second: bool = True,
    damage: str = "",
) -> list[Backup]:
    class Node:
        pass

    node = Node()
    node.name = "second" if on_second else "first"  # type: ignore[attr-defined]
    at = (cast("Any", node), on_second, ROOT, name)
    return list(_backups(_Folder(*at, entries, dict(below), of, damage=damage)))


class TestInventory:
    def test_a_join_s_backup(self) -> None:
        files = [entry("schema.DAT", 10), entry("passwd.DAT", 20)]
        inside = {"database": files}
        [found] = backups("20261128T220046Z", [entry("manifest.json")], inside, manifest())
        assert found.uses == ("rollback", "bring-over")
        assert (found.size, found.complete, found.used) == (30, True, "")
        [gone] = backups("20261128T220046Z", [], {"database": files[:1]}, manifest())
        assert not gone.complete
        assert gone.trouble

    @pytest.mark.parametrize("database", [[], [entry("passwd.DAT", 20)]])
    @pytest.mark.parametrize(
        ("entries", "damage", "why"),
        [
            ([entry("manifest.json")], "it is no JSON", "it is no JSON"),
            ([], "", "its manifest is not there"),
        ],
    )
    def test_a_damaged_one_is_listed_as_damaged(
        self, database: list[Entry], entries: list[Entry], damage: str, why: str
    ) -> None:
        for files in (database, [*database, entry("schema.DAT")]):
            inside = {"database": files}
            [found] = backups("20261128T220046Z", entries, inside, damage=damage)
            assert (found.state, found.complete, found.trouble) == ("damaged", False, why)
            assert "kept by a repair" not in found.reason
            assert found.to_json()["complete"] is False

    def test_one_with_files_of_another_size_is_damaged_whatever_it_was_used_for(self) -> None:
        files = [entry("schema.DAT", 10), entry("passwd.DAT", 21)]
        for stage in ("moved", "rolled-back", "restored"):
            [found] = backups("20261128T220046Z", [], {"database": files}, manifest(stage=stage))
            assert found.state == "damaged"

    def test_another_node_s_is_no_repair_s(self) -> None:
        [found] = backups("20261128T220046Z", [entry("manifest.json")])
        assert "another node" in found.reason
        [kept] = prune.sort([found])
        assert (bool(kept.why), kept.by_name) == (True, False)

    def test_a_copy_of_the_cluster_s_is_not_rolled_back_to(self) -> None:
        files = [entry("schema.DAT", 10), entry("passwd.DAT", 20)]
        aside = manifest(reason="rollback", own=False, stage="rolled-back")
        [found] = backups("20261128T220046Z", [], {"database": files}, aside)
        assert found.uses == ("bring-over",)
        assert found.stage == "kept"
        assert not found.used

    def test_what_no_manifest_tells_of(self) -> None:
        database = [entry("schema.DAT", 10), entry("passwd.DAT", 20)]
        inside = {"database": database, "joined-20261128T230000Z": database}
        old, joined = backups("20261128T220046Z", [], inside, manifest())
        assert old.name == "20261128T220046Z"
        assert joined.name == "20261128T220046Z/joined-20261128T230000Z"
        assert joined.uses == ("bring-over",)
        assert joined.created == "2026-11-28T23:00:00+00:00"
        [waiting] = backups("20261128T220046Z-tables-waiting", database)
        assert "kept by a repair (tables-waiting)" in waiting.reason
        [unread] = backups("20261128T220046Z", [], {"database": database})
        assert unread.reason == "database without a manifest that can be read"
        [online] = backups("20261128T220046Z-partitioned", [entry("second.BUP", 99)])
        assert (online.uses, online.size) == (("bring-over",), 99)
        [first] = backups("20261128T220046Z", [entry("first.BUP", 99)], on_second=False)
        assert first.uses == ("restore-table",)
        [files] = backups("20261128T220046Z-cookie-mode", [entry(".erlang.cookie")])
        assert (files.uses, files.can) == ((), "nothing yet")

    def test_names_of_any_shape_are_listed(self) -> None:
        [found] = backups("by hand", [entry("schema.DAT")])
        assert found.created == ""


class TestChoice:
    def of(self, name: str, names: tuple[str, ...], **changes: Any) -> Backup:
        created = f"2026-11-28T22:{name[-2:]}:00+00:00"
        files = [entry("schema.DAT", 10), entry("passwd.DAT", 20)]
        made = manifest(accounts=names, created=created, **changes)
        return backups(name, [], {"database": files}, made)[0]

    def test_an_empty_newest_one_is_warned_of(self) -> None:
        old, new = self.of("backup01", (GUEST,)), self.of("backup02", ())
        warning = Choice((new, old)).warning
        assert warning.startswith("WARNING: the newest backup backup02 has no accounts")
        assert GUEST in warning
        assert Choice((self.of("backup03", (LATE,)), old)).warning == ""
        large = replace(old, accounts=None, manifest=manifest(accounts=None, account_count=90_000))
        assert Choice((new, large)).warning.endswith("backup01 has 90000")
        assert not Choice((new,), (old,)).is_plain, "an older one that was used up counts, too"
        assert Choice((old,)).is_plain

    def test_commands_are_as_they_are_typed_where_first_is_gone(self) -> None:
        used = self.of("backup01", (GUEST,), stage="rolled-back")
        text = nothing(Choice((), (used,)), without_first=True)
        assert "  ejtui rollback backup01 --without-first   " in text
        assert lines((used,), without_first=True)[0].startswith(
            "  ejtui rollback backup01 --without-first   "
        )
        assert "--without-first" not in lines((used,))[0]

    def test_nothing_left_names_what_there_is(self) -> None:
        used = self.of("backup01", (GUEST,), stage="rolled-back")
        text = nothing(Choice((), (used,)))
        assert "there is no backup of a join to roll back on second" in text
        assert f"ejtui rollback backup01   2026-11-28 22:01, 1 account: {GUEST}" in text

    async def test_files_that_are_being_moved_are_brought_together_first(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        newer = manifest(stamp="20261129T000000Z", place=f"{ROOT}/20261129T000000Z")
        moving = manifest(stage="moving")

        async def load(_pair: object) -> list[Manifest]:
            return [newer, moving]

        monkeypatch.setattr(listing, "load", load)
        pair = cast("Any", object())
        assert await chosen(pair, None) == moving
        assert await chosen(pair, moving.stamp) == moving
        with pytest.raises(BackupError, match=f"`ejtui rollback {moving.stamp}` brings them"):
            await chosen(pair, newer.stamp)
        old, new = self.of("backup01", (GUEST,), stage="moving"), self.of("backup02", (LATE,))
        assert choose_from([new, old]).fresh == (old,)


@pytest.mark.parametrize("folder", ["../etc", "..", "a/b"])
def test_a_manifest_s_folder_is_one_name(folder: str) -> None:
    with pytest.raises(BackupError):
        Manifest.from_line(manifest(folder=folder).to_line())


def test_every_use_has_words() -> None:
    assert set(inventory.USES) == {"rollback", "bring-over", "restore-table", "restore-file"}


def test_every_name_of_the_list_is_a_source_s() -> None:
    """As `ejtui backups` shows it, so `ejtui bring-over` takes it."""
    database = [entry("schema.DAT", 10), entry("passwd.DAT", 20)]
    inside = {"database": database, "joined-20261128T230000Z": database}
    of = manifest()
    old, joined = backups("20261128T220046Z", [], inside, of)
    [online] = backups("20261128T220046Z-partitioned", [entry("second.BUP", 99)])
    for found, kept in ((old, of), (joined, None), (online, None)):
        path = of.database if kept else found.path
        stamp = found.name.partition("/")[0] if found is not joined else found.name
        assert found.name in Source(stamp, path, kept).named
    assert old.name not in Source(joined.name, joined.path).named, "each is another one's"
