"""Which backups may be removed, why the others stay, and what the question names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ejtui.cluster.backups import prune
from ejtui.cluster.backups.inventory import Backup
from ejtui.cluster.errors import BackupError
from tests.unit.cluster.test_backups import backups, entry, manifest


class TestPrune:
    def of(self, name: str, *, used: bool, own: bool = True) -> Backup:
        files = [entry("schema.DAT", 10), entry("passwd.DAT", 20)]
        made = manifest(
            created=f"2026-11-{name}T22:00:00+00:00",
            stage="rolled-back" if used else "moved",
            reason="join" if own else "rollback",
            own=own,
        )
        return backups(name, [], {"database": files}, made)[0]

    def test_used_ones_go_and_the_last_complete_one_stays(self) -> None:
        used = [self.of(str(day), used=True) for day in (10, 11, 12)]
        found = {each.name: each.why for each in prune.sort(used)}
        assert found == {
            "10": "",
            "11": "",
            "12": "the last complete backup of second's own database",
        }

    def test_the_online_backup_of_the_last_one_s_join_names_it(self) -> None:
        online = backups("12", [entry("first.BUP", 99)], on_second=False)
        whys = [each.why for each in prune.sort([self.of("12", used=True), *online])]
        last = "the last complete backup of second's own database"
        assert whys == [last, f"belongs to 12 on second, {last}"]

    @pytest.mark.parametrize(
        ("stage", "state"),
        [("moved", "complete"), ("rolled-back", "used"), ("moving", "half-moved"),
         ("begun", "incomplete"), ("restoring", "restoring")],
    )  # fmt: skip
    def test_its_stage_is_a_word_for_people(self, stage: str, state: str) -> None:
        found = self.of("12", used=False)
        assert replace(found, stage=stage, complete=True).state == state
        assert replace(found, stage=stage).to_json()["stage"] == stage, "scripts know this word"

    def test_the_last_with_accounts_stays_where_the_last_has_none(self) -> None:
        old, full, empty = (self.of(str(day), used=True) for day in (10, 11, 12))
        found = prune.sort([old, full, replace(empty, accounts=())])
        whys = {each.name: each.why for each in found}
        assert (whys["10"], whys["11"][-18:]) == ("", " that has accounts")
        assert whys["12"].startswith("the last complete")

    def test_a_clock_that_was_ahead_makes_none_the_last(self) -> None:
        ahead, last = self.of("29", used=True), self.of("10", used=True)
        counted = replace(last, manifest=replace(last.manifest, number=2))  # type: ignore[type-var]
        whys = {each.name: each.why for each in prune.sort([ahead, counted])}
        assert (whys["29"], bool(whys["10"])) == ("", True)

    def test_what_was_never_used_stays(self) -> None:
        found = [self.of("10", used=False), self.of("11", used=True), self.of("12", used=True)]
        whys = [each.why for each in prune.sort(found)]
        assert whys == ["never used", "", "the last complete backup of second's own database"]
        copy = self.of("09", used=True, own=False)
        [kept] = prune.sort([copy])
        assert kept.why.endswith("not a database of second's own: never used")
        assert kept.by_name

    def test_a_directory_with_something_unused_stays_whole(self) -> None:
        database = [entry("schema.DAT", 10), entry("passwd.DAT", 20)]
        inside = {"database": database, "joined-20261128T230000Z": database}
        old = backups("10", [], inside, manifest(stage="rolled-back", created="2020-01-01"))
        [kept, _] = prune.sort([*old, self.of("12", used=False)])
        assert (kept.why, kept.by_name) == ("a part of it was never used", True)

    @pytest.mark.parametrize(
        ("changes", "why", "by_name"),
        [
            ({"stage": "moving"}, "stage moving: second's database is between", False),
            ({"stage": "restoring"}, "stage restoring", False),
            ({"stage": "begun", "files": ()}, "half-written", False),
            ({"own": False, "reason": "rollback"}, "not a database of second's own", True),
        ],
    )
    def test_what_stays_has_its_reason(
        self, changes: dict[str, Any], why: str, by_name: bool
    ) -> None:
        files = [entry("schema.DAT", 10), entry("passwd.DAT", 20)]
        odd = backups("10", [], {"database": files}, manifest(created="2020-01-01", **changes))
        [kept, _] = prune.sort([*odd, self.of("12", used=False)])
        assert why in kept.why
        assert kept.by_name is by_name

    def test_what_is_missing_unread_or_another_s_is_named(self) -> None:
        torn = backups("10", [], {"database": [entry("schema.DAT", 10)]}, manifest(created="2020"))
        damaged = backups("11", [entry("manifest.json")])
        files = backups("09-cookie-mode", [entry(".erlang.cookie")])
        found = {each.name: each for each in prune.sort([*torn, *damaged, *files])}
        assert "files of it are missing" in found["10"].why
        assert "by hand" in found["11"].why
        assert [found[each].by_name for each in ("10", "11", "09-cookie-mode")] == [
            True,
            False,
            True,
        ]

    def test_only_what_may_go_goes_by_name(self) -> None:
        copy, last = self.of("09", used=False, own=False), self.of("12", used=False)
        found = prune.sort([copy, last])
        assert [each.name for each in prune.chosen(found, ["09"])] == ["09"]
        assert prune.chosen(found, ()) == ()
        for name, why in (("12", "stays: the last complete"), ("13", "there is no backup 13")):
            with pytest.raises(BackupError, match=why):
                prune.chosen(found, ["09", name])

    def test_first_s_goes_with_the_join_s(self) -> None:
        [online] = backups("10", [entry("first.BUP", 99)], on_second=False)
        [other] = backups("09", [entry("first.BUP", 99)], on_second=False)
        found = [self.of("10", used=True), self.of("12", used=False), online, other]
        whys = {(each.on_second, each.name): each.why for each in prune.sort(found)}
        assert whys[False, "10"] == ""
        assert whys[False, "09"] == "first's online backup: never used"

    def test_the_question_names_each_with_its_size(self) -> None:
        gone = [each for each in prune.sort([self.of("10", used=True), self.of("12", used=True)])]
        asked = prune.question([each for each in gone if not each.why])
        assert asked.title == "Remove 1 backup for good, 30 B?"
        assert asked.takes == (
            "10 on second, 30 B: second's own database before a join, "
            "accounts: 1 (guest@chat.example)",
        )
        assert asked.consequence.startswith("It cannot be rolled back to or brought over any more.")
        assert asked.yes_label == "Remove it"

    def test_the_question_names_the_use_of_first_s_online_backup(self) -> None:
        [online] = backups("10", [entry("first.BUP", 99)], on_second=False)
        asked = prune.question(prune.sort([online]))
        assert asked.consequence.startswith("It cannot be used to restore a table any more.")
        [named] = asked.takes
        assert online.name in named
        assert "its accounts are not counted" in named
