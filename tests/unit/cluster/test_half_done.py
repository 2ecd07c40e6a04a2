"""What is half done: a join or a rollback that was broken off, and what goes on with it."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.backups import former_first
from ejtui.cluster.backups.listing import Listing
from ejtui.cluster.backups.manifest import (
    Manifest,
    Stage,
)
from ejtui.cluster.backups.move import broken_rollback, half_moved, standing_database
from ejtui.cluster.diagnosis.diagnose import findings
from ejtui.cluster.errors import BackupError, StepFailed
from ejtui.cluster.facts.examination import Examined
from ejtui.cluster.facts.settings import Administration
from ejtui.cluster.join.check import undoes_join
from ejtui.cluster.join.checklist import derive
from ejtui.cluster.join.half_done import find_half_done
from ejtui.cluster.join.steps import step_of
from ejtui.cluster.pair.storage_choices import Choices
from tests.unit.cluster.listed import FILES, MANIFEST, ROOT, SPOOL, WHOLE, Answers, a_node


def stands(story: Any, facts: Any, manifest: Manifest, **lacking: Any) -> Any:
    there = Listing((manifest,), (), ((manifest.place, lacking.get("lacking", ())),))
    return find_half_done(there, [manifest], facts, Choices())


def test_between_two_steps_a_join_stands_and_nothing_is_found(story: Any) -> None:
    seen = stands(story, story.cleaned(), MANIFEST)
    assert (seen.step, seen.explains_second) == ("config", True)
    assert f"`ejtui rollback {MANIFEST.stamp}` undoes it" in seen.text
    assert json.dumps(seen.to_json())
    assert [each.code for each in findings(story.cleaned())] == ["not-connected"]
    assert findings(story.cleaned(), Examined(half_done=seen)) == ()


def test_a_start_after_second_was_emptied_is_named(story: Any) -> None:
    facts = story.same_cookie()
    seen = stands(story, facts, MANIFEST)
    assert "; ejabberd was started there since, with an empty one." in seen.text
    assert "started there" not in stands(story, story.cleaned(), MANIFEST).text
    assert "started there" not in stands(story, story.connected(), MANIFEST).text


def test_a_half_moved_database_says_how_far_it_is(story: Any) -> None:
    seen = stands(
        story, story.same_cookie(), replace(MANIFEST, stage="moving"), lacking=("schema.DAT",)
    )
    assert seen.step == "cleandb"
    assert "1 of 2 files" in seen.text
    assert "on an incomplete database" in seen.text
    # What is set aside is a part of it, as the step's row has it.
    assert (
        step_of("cleandb").state(story.same_cookie(), Choices()).detail.startswith("to set aside: ")
    )


def test_a_joined_pair_has_nothing_half_done(story: Any) -> None:
    assert stands(story, story.joined(), replace(MANIFEST, finished=True)) is None
    assert stands(story, story.joined(), MANIFEST) is None
    assert stands(story, story.strangers(), replace(MANIFEST, stage="rolled-back")) is None


def test_a_broken_off_rollback_stands(story: Any) -> None:
    seen = stands(story, story.cleaned(), replace(MANIFEST, stage="restoring"))
    assert seen.kind == "rollback"
    assert f"`ejtui rollback {MANIFEST.stamp}` goes on" in seen.text
    assert seen.command == f"ejtui rollback {MANIFEST.stamp}"


def test_a_begun_join_hides_no_finding(story: Any) -> None:
    seen = stands(story, story.same_cookie(), replace(MANIFEST, stage="begun"))
    assert not seen.explains_second


def test_a_second_that_a_begun_join_has_stopped_is_no_finding(story: Any) -> None:
    """The join leads: it starts second again, and so does the rollback. Without one it is found."""
    held = replace(story.cleaned().second, spool=story.strangers().second.spool)
    facts = replace(story.cleaned(), second=held)
    seen = stands(story, facts, replace(MANIFEST, stage="begun"))
    stopped = "second still has its own database, and ejabberd is stopped there"
    assert f"{stopped}. `ejtui join` goes on" in seen.text
    assert seen.names_the_stop
    assert [each.code for each in findings(facts)] == ["not-connected"]
    assert findings(facts, Examined(half_done=seen)) == ()
    gone = story.first_is(facts, vm="down", ejabberd=False, mnesia="no")
    assert [each.node for each in findings(gone, Examined(half_done=seen))] == ["first"]


@pytest.mark.parametrize("moment", ["same_cookie", "compared", "cleaned", "connected", "quitted"])
def test_a_join_stands_where_the_checklist_has_its_next_step(story: Any, moment: str) -> None:
    facts = getattr(story, moment)()
    stage: Stage = "begun" if facts.second.ejabberd else "moved"
    seen = stands(story, facts, replace(MANIFEST, stage=stage))
    states = derive(facts, Choices())
    assert seen.number == 1 + next(at for at, each in enumerate(states) if not each.done)


def test_what_stops_a_join_before_its_next_step_is_named(story: Any) -> None:
    facts = story.first_is(story.cleaned(), vm="down", ejabberd=False, mnesia="no")
    seen = stands(story, facts, MANIFEST)
    assert seen.step == "config"
    assert "Step 1, Preflight, stops it now: ejabberd does not run on first." in seen.text


def test_a_join_that_was_left_at_the_question_about_settings_stands_there(story: Any) -> None:
    """It asks there again; not once that is decided."""
    facts, kept = story.same_cookie(), replace(MANIFEST, stage="begun")
    assert stands(story, facts, kept).step == "administration"
    differs = Administration(0, ("auth_method: first sql, second internal",), ("mark",))
    there = Listing((kept,), (), ((kept.place, ()),))
    compared, decided = replace(facts, administration=differs), Choices()
    stand = find_half_done(there, [kept], compared, decided)
    assert stand is not None
    assert stand.step == "administration"
    decided.decide(differs.marks)
    stand = find_half_done(there, [kept], compared, decided)
    assert stand is not None
    assert stand.step == "cleandb"


def a_pair(first: str, *backups: Manifest) -> tuple[Any, Listing]:
    values = {"home": SPOOL, "spool_dir": SPOOL, "backup_dir": "", "node": first}
    platform = SimpleNamespace(**values)
    there = SimpleNamespace(known_platform=platform, platform=platform)
    return SimpleNamespace(first=there, second=a_node(Answers())), Listing(backups)


@pytest.mark.parametrize("stage", ["moving", "restoring", "restored"])
def test_a_backup_of_a_former_first_stops_a_join(stage: Stage) -> None:
    pair, there = a_pair("chat@first", replace(MANIFEST, stage=stage))
    assert there.at_hand(pair) == list(there.backups)
    with pytest.raises(StepFailed, match=f"`ejtui rollback {MANIFEST.stamp}`") as refused:
        former_first.refuse_join(pair, there.at_hand(pair))
    assert "first as ejabberd@first, and first is chat@first now" in str(refused.value)
    same, _ = a_pair("ejabberd@first")
    former_first.refuse_join(same, there.of(same))


@pytest.mark.parametrize("stage", ["begun", "moved", "rolled-back"])
def test_a_settled_backup_of_a_former_first_is_kept_for_a_rollback(stage: Stage) -> None:
    pair, there = a_pair("chat@first", replace(MANIFEST, stage=stage))
    assert there.of(pair) == list(there.backups)
    assert there.at_hand(pair) == []


def test_a_half_moved_database_names_the_first_it_was_moved_for(story: Any) -> None:
    held = replace(MANIFEST, stage="moving", first="old@first")
    seen = stands(story, story.cleaned(), held, lacking=("schema.DAT",))
    assert f"`ejtui rollback {MANIFEST.stamp}`" in seen.text
    assert "`ejtui join` goes on" not in seen.text


def test_whose_database_stands_beside_a_half_filled_backup(story: Any) -> None:
    joined, apart = story.joined(), story.strangers()
    held = replace(MANIFEST, stage="moving")
    assert standing_database.differs(joined, held), "it is first's schema"
    assert not standing_database.differs(apart, held)
    own = apart.second.schema_cookie
    assert own
    assert not standing_database.differs(apart, replace(held, schema_cookie=own))
    assert standing_database.differs(apart, replace(held, schema_cookie="another"))


def test_missing_files_name_the_backups_that_have_them() -> None:
    held = replace(MANIFEST, stage="moving")
    other = replace(MANIFEST, place=f"{ROOT}/20260102T000000Z", files=FILES[1:])
    standing_database.refuse_missing(held, set(), [held, other])
    with pytest.raises(BackupError, match="20260102T000000Z/database has 1"):
        standing_database.refuse_missing(held, {"schema.DAT"}, [held, other])
    with pytest.raises(BackupError, match="no backup that is found here"):
        standing_database.refuse_missing(held, {"schema.DAT"}, [held])


USED = replace(
    MANIFEST,
    stamp="20250101T000000Z",
    place=f"{ROOT}/20250101T000000Z",
    stage="restoring",
    used="2026",
    number=1,
)
ASIDE = replace(
    MANIFEST,
    stage="moving",
    reason="rollback",
    towards=USED.stamp,
)


def test_a_rollback_that_was_setting_a_database_aside_stands_as_such(story: Any) -> None:
    seen = stands(story, story.cleaned(), ASIDE, lacking=("schema.DAT",))
    assert (seen.kind, seen.stage, seen.explains_second) == ("rollback", "moving", True)
    assert "broken off when 1 of 2 files" in seen.text
    assert "Nothing may start ejabberd" in seen.text
    assert f"`ejtui rollback {USED.stamp}` goes on from there" in seen.text
    assert "ejtui join" not in seen.text
    started = stands(story, story.strangers(), ASIDE, lacking=("schema.DAT",))
    assert "ejabberd was started on second since" in started.text


def test_the_rollback_that_was_broken_off_goes_on_with_its_own_backup() -> None:
    other = replace(
        MANIFEST, stamp="20240101T000000Z", place=f"{ROOT}/20240101T000000Z", stage="rolled-back"
    )
    known = [ASIDE, USED, other]
    assert broken_rollback.half_aside([USED, other]) is None
    assert broken_rollback.chosen(ASIDE, known, None) is USED
    assert broken_rollback.chosen(ASIDE, known, USED.stamp) is USED
    assert broken_rollback.chosen(ASIDE, known, ASIDE.place) is ASIDE, "the rollback is undone"
    with pytest.raises(BackupError, match=f"`ejtui rollback {USED.stamp}` or"):
        broken_rollback.chosen(ASIDE, known, other.stamp)


def test_where_its_own_backup_is_gone_second_gets_back_what_it_had() -> None:
    other = replace(
        MANIFEST, stamp="20240101T000000Z", place=f"{ROOT}/20240101T000000Z", stage="rolled-back"
    )
    assert broken_rollback.chosen(ASIDE, [ASIDE, other], None) is ASIDE
    assert broken_rollback.chosen(ASIDE, [ASIDE, other], other.stamp) is other
    copy = replace(ASIDE, own=False)
    with pytest.raises(BackupError, match=f"`ejtui rollback {other.stamp}` goes on"):
        broken_rollback.chosen(copy, [copy, other], None)


def test_no_join_takes_what_a_rollback_was_setting_aside_for_its_own() -> None:
    with pytest.raises(StepFailed, match=f"`ejtui rollback {USED.stamp}` goes on from there"):
        broken_rollback.refuse([ASIDE, USED])
    broken_rollback.refuse([USED])


async def test_nothing_starts_while_a_rollback_is_setting_a_database_aside() -> None:
    for sizes in ({"LATEST.LOG": 5}, WHOLE):
        node = a_node(Answers((ASIDE.stamp, ASIDE, sizes)))
        with pytest.raises(StepFailed, match=f"`ejtui rollback {USED.stamp}` goes on from there"):
            await half_moved.refuse_start(node)


def test_a_manifest_without_the_new_field_is_read() -> None:
    line = json.loads(ASIDE.to_line())
    assert Manifest.from_line(json.dumps(line).encode()) == ASIDE
    del line["towards"]
    old = Manifest.from_line(json.dumps(line).encode())
    assert (old.towards, old.half_aside) == ("", False)


@pytest.mark.parametrize(
    ("changes", "lacking", "undoes"),
    [
        ({}, (), True),
        ({}, ("passwd.DCD",), False),
        ({"stage": "moving"}, ("passwd.DCD",), True),
        ({"stage": "rolled-back"}, (), False),
        ({"reason": "before a repair"}, (), False),
    ],
)
def test_a_join_is_undone_by_a_whole_backup_that_was_not_used(
    changes: dict[str, Any], lacking: tuple[str, ...], undoes: bool
) -> None:
    one = replace(MANIFEST, **{"stage": "moved", **changes})
    there = Listing((one,), lacking=((one.place, lacking),) if lacking else ())
    assert undoes_join(there, one) == undoes
