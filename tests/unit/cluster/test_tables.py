"""The tables screen's rows, previews and refusals; the commands that make copies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.facts.node import DISC, DISC_ONLY, RAM, REMOTE, TableFacts
from ejtui.cluster.join.steps.tables import Tables
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.tables import copies
from ejtui.cluster.tables import storage as tables

NONE = Choices()


def row(facts: Any, name: str, choices: Choices = NONE) -> tables.TableRow:
    return next(row for row in tables.rows(facts, choices) if row.name == name)


def test_before_a_join_second_shows_its_own(story: Any) -> None:
    assert row(story.strangers(), "session").second == RAM
    assert row(story.connected(), "session").second == REMOTE


def test_what_differs_after_a_join(story: Any) -> None:
    facts = story.copied(session=DISC)
    assert [row.name for row in tables.rows(facts, NONE) if row.differs] == ["session"]


def test_wanted_is_the_choice_or_first_s_type(story: Any) -> None:
    assert row(story.strangers(), "session").wanted == RAM
    chosen = row(story.strangers(), "session", Choices({"session": DISC}))
    assert (chosen.wanted, chosen.chosen) == (DISC, True)


@pytest.mark.parametrize(
    ("types", "choices", "typed"),
    [
        ({"session": REMOTE}, {}, "mnesia:add_table_copy(session, node(), ram_copies)."),
        ({}, {"session": DISC}, "mnesia:change_table_copy_type(session, node(), disc_copies)."),
    ],
)
def test_the_command_for_a_copy(
    story: Any, types: dict[str, str], choices: dict[str, str], typed: str
) -> None:
    [copy] = copies.lacking(story.copied(**types), Choices(choices))
    assert copy.text == typed


def test_a_table_s_hostile_name_stays_one_atom() -> None:
    copy = copies.Copy(TableFacts("a'b). halt("), DISC, REMOTE)
    assert copy.text == "mnesia:add_table_copy('a\\'b). halt(', node(), disc_copies)."


def test_the_last_copy_is_never_removed(story: Any) -> None:
    facts = story.joined()
    assert tables.refusal(facts, "passwd", REMOTE) == ""
    only = [
        type(t)(**{**vars(t), DISC_ONLY: (story.second,)}) if t.name == "passwd" else t
        for t in facts.first.tables
    ]
    facts = story.first_is(facts, tables=tuple(only))
    assert "records would be lost" in tables.refusal(facts, "passwd", REMOTE)


def test_a_copy_on_a_node_that_is_down_does_not_count(story: Any) -> None:
    facts = story.joined()
    elsewhere = [
        type(t)(**{**vars(t), DISC_ONLY: ("ejabberd@third", story.second)})
        if t.name == "passwd"
        else t
        for t in facts.first.tables
    ]
    facts = story.first_is(facts, tables=tuple(elsewhere))
    assert tables.refusal(facts, "passwd", REMOTE)


@pytest.mark.parametrize(("name", "storage"), [("passwd", "paper"), ("nothing", DISC)])
def test_what_is_no_choice(story: Any, name: str, storage: str) -> None:
    assert tables.refusal(story.joined(), name, storage)


def test_previews(story: Any) -> None:
    assert "The join will give" in tables.preview(story.strangers(), "passwd", DISC)
    assert "already" in tables.preview(story.joined(), "passwd", DISC_ONLY)
    assert "25 records" in tables.preview(story.joined(), "passwd", REMOTE)


class TestOverruled:
    """ejabberd's start makes copies, whatever was chosen."""

    choices = Choices({"vcard_search": REMOTE, "passwd": DISC_ONLY})

    def test_a_choice_that_the_start_overruled_is_shown_as_overruled(self, story: Any) -> None:
        facts = story.joined()
        assert row(facts, "vcard_search", self.choices).overruled
        assert not row(facts, "passwd", self.choices).overruled
        detail = Tables().state(facts, self.choices).detail
        assert "overruled the choice of vcard_search (RAM and disc copy, chosen: remote" in detail
        assert "copied as chosen" not in detail

    def test_before_ejabberd_runs_nothing_is_overruled(self, story: Any) -> None:
        for facts in (story.strangers(), story.copied(), story.quitted()):
            assert not row(facts, "vcard_search", self.choices).overruled

    def test_what_was_not_chosen_is_not_overruled(self, story: Any) -> None:
        assert copies.overruled(story.joined(), NONE) == []


class TestChoices:
    def test_they_are_kept(self, tmp_path: Path) -> None:
        file = tmp_path / "choices.json"
        Choices.load(file).choose("passwd", DISC)
        assert dict(Choices.load(file)) == {"passwd": DISC}
        assert file.stat().st_mode & 0o777 == 0o600
        Choices.load(file).choose("passwd", None)
        assert dict(Choices.load(file)) == {}

    @pytest.mark.parametrize("text", ["", "[]", '{"passwd": "paper"}', "{", '"a"', "\xff"])
    def test_a_damaged_file_is_no_choice(self, tmp_path: Path, text: str) -> None:
        file = tmp_path / "choices.json"
        file.write_text(text, encoding="latin-1")
        assert dict(Choices.load(file)) == {}

    def test_those_for_another_database_are_forgotten(self, tmp_path: Path) -> None:
        file = tmp_path / "choices.json"
        kept = Choices.load(file)
        kept.are_for("one")
        kept.choose("passwd", DISC)
        same = Choices.load(file)
        same.are_for("")
        same.are_for("one")
        assert dict(same) == {"passwd": DISC}
        same.are_for("two")
        assert dict(same) == {}

    def test_those_of_before_are_read(self, tmp_path: Path) -> None:
        file = tmp_path / "choices.json"
        file.write_text('{"passwd": "disc_copies"}')
        kept = Choices.load(file)
        kept.are_for("one")
        assert dict(kept) == {"passwd": DISC}

    def test_an_unknown_type_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no storage type"):
            Choices().choose("passwd", "paper")
