"""The backups screen: every backup, one of them whole, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from ejtui.cluster.backups.choice import Choice
from ejtui.cluster.backups.inventory import Backup
from ejtui.cluster.backups.rollback import rollback
from ejtui.cluster.errors import Refused
from ejtui.ui.screens.listing import ListPane
from ejtui.ui.session.backups import BackupsPart, why_nobody_chose
from ejtui.ui.state.actions import BY_ID
from ejtui.ui.state.backups import BackupsAsked, BackupsListed, LookedAtBackup
from ejtui.ui.state.models import BackupsView, BackupView
from ejtui.ui.state.view_state import ViewState

if TYPE_CHECKING:
    from .conftest import Show

States = Mapping[str, Callable[[], ViewState]]

PLACE = "/var/lib/ejabberd/ejtui-backups"
EMPTY = BackupView(
    "20261128T220116Z", "second", "2026-11-28 22:01", "second's own database before a join",
    "complete", 90_000, 12, (), "rollback, bring-over", f"{PLACE}/20261128T220116Z", True,
    by="op@desk", uses=("rollback", "bring-over"), account_count=0, stays="never used",
)  # fmt: skip
FULL = replace(
    EMPTY, name="20261128T220046Z", created="2026-11-28 22:00", size=1_234_567,
    accounts=("onlyhere@chat.example",), account_count=1, path=f"{PLACE}/20261128T220046Z",
)  # fmt: skip
COPY = replace(
    EMPTY, name="20261128T215900Z", created="2026-11-28 21:59", stage="complete",
    reason="copy of the cluster's database, set aside by a rollback",
    accounts=tuple(f"user{number}@chat.example" for number in range(25)), can="bring-over",
    goes_back=False, uses=("bring-over",), account_count=25, goes_by_name=True,
    path=f"{PLACE}/20261128T215900Z",
)  # fmt: skip
FILES = replace(
    EMPTY, name="20261128T215000Z-cookie-mode", host="first", created="2026-11-28 21:50",
    reason="files, kept by a repair (cookie-mode)", stage="complete", accounts=None,
    can="nothing yet", goes_back=False, is_database=False, uses=(), account_count=None,
)  # fmt: skip
NOTE = "WARNING: the newest backup has no accounts; 20261128T220046Z has 1: onlyhere@chat.example"


def listed(state: ViewState, note: str = "") -> ViewState:
    return BackupsListed((EMPTY, FULL, COPY, FILES), note).applied(state)


@pytest.mark.parametrize(("width", "height"), [(120, 40), (80, 24), (60, 20)])
async def test_a_line_each_and_one_of_them_whole(
    show: Show, states: States, width: int, height: int
) -> None:
    async with show(listed(states["before"](), NOTE), width, height) as screens:
        await screens.press("b")
        assert screens.done == [("list_backups",)]
        assert "4 backups" in screens.text
        for shown in ("2026-11-28 22:01", "1 account", "25 accounts"):
            assert shown in screens.text
        assert "WARNING: the newest backup has no accounts" in screens.text
        assert "Accounts: none" in screens.text
        await screens.press("down")
        assert "onlyhere@chat.example" in screens.text
        assert {len(line) for line in screens.lines} == {width}
        await screens.press("escape")
        assert "1 Preflight" in screens.text


async def test_a_host_that_was_not_reached_has_backups_that_nobody_knows(
    show: Show, states: States
) -> None:
    state = BackupsListed(unlisted=("second",)).applied(states["before"]())
    async with show(state, 80, 24) as screens:
        await screens.press("b")
        assert "there is no backup" not in screens.text
        assert "Not in this list: what lies on second, not reached." in screens.text
        screens.app.apply(BackupsListed((EMPTY,)))
        await screens.until(lambda text: "1 backup" in text)
        assert "Not in this list" not in screens.text


async def test_two_arrows_at_once_are_two(show: Show, states: States) -> None:
    async with show(listed(states["before"]()), 80, 24) as screens:
        await screens.press("b")
        pane = screens.app.screen.query_one("#backups", ListPane)
        pane.choose(1)
        pane.choose(1)
        await screens.settle()
        backups = screens.app.state.backups
        assert backups is not None
        assert backups.at_cursor == backups.rows[2]


async def test_what_each_can_be_used_for_is_in_sight_at_80(show: Show, states: States) -> None:
    async with show(listed(states["before"]()), 80, 24) as screens:
        await screens.press("b")
        rows = [line for line in screens.lines if "2026-11-28 2" in line]
        assert len(rows) == 4
        assert "rollback, bring-over" in rows[0]
        assert "nothing yet" in rows[3]


async def test_enter_rolls_back_to_the_one_looked_at(show: Show, states: States) -> None:
    async with show(listed(states["before"]()), 80, 24) as screens:
        await screens.press("b", "down", "enter")
        assert screens.done[-1] == ("roll_back", FULL.name)
        assert "4 backups" not in screens.text


async def test_what_cannot_be_gone_back_to_says_what_it_is_for(show: Show, states: States) -> None:
    async with show(listed(states["before"]()), 80, 24) as screens:
        await screens.press("b", "down", "down", "u")
        assert "it can be used for: bring-over" in screens.lines[-1]
        assert ("roll_back", COPY.name) not in screens.done


USED = replace(FULL, name="20261128T214000Z", stage="used", stays="", path=f"{PLACE}/used")


async def test_used_ones_are_removed_and_all_listed_again(show: Show, states: States) -> None:
    state = BackupsListed((EMPTY, USED, FILES)).applied(states["before"]())
    async with show(state, 80, 24) as screens:
        await screens.press("b")
        for _ in range(3):
            assert "p remove used" in screens.lines[-1], "it works on every row"
            await screens.press("down")
        await screens.press("p", "r")
        assert screens.done == [("list_backups",), ("prune_backups",), ("list_backups",)]


async def test_where_none_was_used_there_is_nothing_to_remove(show: Show, states: States) -> None:
    async with show(listed(states["before"]()), 120, 40) as screens:
        await screens.press("b")
        assert "p remove used" not in screens.lines[-1]
        await screens.press("p")
        assert "no backup was used: all are kept" in screens.lines[-1]
        assert screens.done == [("list_backups",)]


async def test_who_answers_no_is_shown_the_backups_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    voice = SimpleNamespace(show_backups=lambda: shown.append("b"))
    changes = SimpleNamespace(pair=None, voice=voice, ask=None, emit=None, lock=None)

    async def refused(*_given: object) -> None:
        raise Refused("answered No")

    monkeypatch.setattr(rollback, "rollback", refused)
    part = BackupsPart(cast("Any", changes))
    for backup, seen in ((None, []), (FULL.name, ["b"])):
        with pytest.raises(Refused):
            await part.roll_back(backup)
        assert shown == seen, "only who came from there is led back"


def test_an_undo_is_offered_only_where_there_is_a_backup_of_a_join(states: States) -> None:
    joined = states["healthy"]()
    assert joined.diagnosis is not None
    joined = replace(joined, diagnosis=replace(joined.diagnosis, undoes=False))
    key = BY_ID["roll_back"]
    assert not key.urgent(joined), "joined by hand"
    assert joined.diagnosis is not None
    assert key.urgent(replace(joined, diagnosis=replace(joined.diagnosis, undoes=True)))
    assert key.urgent(replace(joined, closing=("joined",)))


async def test_each_use_has_its_key_and_its_hint(show: Show, states: States) -> None:
    online = replace(FILES, uses=("restore-table",), can="restore a table", path="/x/first.BUP")
    state = BackupsListed((EMPTY, COPY, online)).applied(states["before"]())
    async with show(state, 120, 40) as screens:
        await screens.press("b")
        assert "Enter: second goes back to it" in screens.text
        assert "o: what it alone has" in screens.text
        await screens.press("t")
        assert "it can be used for: rollback, bring-over" in screens.lines[-1]
        await screens.press("x")
        assert "stays: never used" in screens.lines[-1]
        await screens.press("o")
        assert screens.done[-1] == ("bring_over", EMPTY.name)
        await screens.press("b", "down", "x")
        assert screens.done[-1] == ("prune_backups", COPY.path)
        await screens.press("down")
        assert "t: records that first's tables lack" in screens.text
        await screens.press("t")
        assert screens.done[-1] == ("restore_table", "/x/first.BUP")


async def test_the_screen_opens_during_a_join(show: Show, states: States) -> None:
    async with show(listed(states["during"]()), 80, 24) as screens:
        await screens.press("f6")
        assert "4 backups" in screens.text
        await screens.press("o")
        assert "Esc stops it" in screens.lines[-1]
        assert screens.done == [("list_backups",)]
        await screens.press("f6")
        assert "4 backups" not in screens.text


async def test_none_and_trouble_are_said(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        await screens.press("b")
        screens.app.apply(BackupsListed())
        await screens.settle()
        assert "there is no backup on either host" in screens.text
        screens.app.apply(BackupsListed(trouble="second: the line dropped"))
        await screens.settle()
        assert "second: the line dropped" in screens.text


async def test_the_session_has_the_operator_choose(show: Show, states: States) -> None:
    async with show(states["before"](), 80, 24) as screens:
        screens.app.apply(BackupsListed((EMPTY, FULL), NOTE))
        screens.app.show_backups()
        await screens.settle()
        assert "WARNING" in screens.text
        assert "roll back" in screens.lines[-1]


def test_news(states: States) -> None:
    state = LookedAtBackup(FULL.name).applied(listed(states["before"]()))
    assert state.backups is not None
    assert state.backups.at_cursor == FULL
    asked = BackupsAsked().applied(state)
    assert asked.backups is not None
    assert asked.backups.listing
    assert asked.backups.rows == state.backups.rows
    choosing = BackupsListed((COPY, EMPTY, FULL), to_choose=True).applied(state)
    assert choosing.backups is not None
    assert choosing.backups.at_cursor == FULL, "the newest with accounts that can be gone back to"
    gone = BackupsListed((EMPTY,)).applied(asked)
    assert gone.backups is not None
    assert gone.backups.at_cursor == EMPTY
    failed = BackupsListed(trouble="lost").applied(gone)
    assert failed.backups is not None
    assert failed.backups.rows == (EMPTY,), "what was known stays"
    assert BackupsView().at_cursor is None


def test_what_undoes_the_join_is_looked_at_first(states: States) -> None:
    """Not first's online backup, and not the nearly empty one that a repair has made since."""
    online = replace(FILES, name="online", reason="first's online backup", uses=("restore-table",))
    other = replace(COPY, name="used", goes_back=True)
    empty, full = (replace(each, undoes=True) for each in (EMPTY, FULL))
    rows = (online, other, empty, full)
    shown = BackupsListed(rows).applied(states["before"]())
    choosing = BackupsListed(rows, to_choose=True).applied(states["before"]())
    cursors = [each.backups.at_cursor for each in (shown, choosing) if each.backups]
    assert cursors == [empty, full]
    alone = BackupsListed((online,)).applied(states["before"]()).backups
    assert alone is not None
    assert alone.at_cursor == online


async def test_why_each_was_made_is_in_its_line_where_there_is_room(
    show: Show, states: States
) -> None:
    async with show(listed(states["before"]()), 120, 40) as screens:
        await screens.press("b")
        rows = [line for line in screens.lines if "2026-11-28 2" in line]
        assert "rollback, bring-over  second's own database before a join" in rows[0]
        assert "copy of the cluster's database, set …" in rows[2]


def test_the_way_out_where_first_is_gone(states: States) -> None:
    state = states["unreachable"]()
    swapped = replace(state, first=replace(state.second, name="first"), second=state.first)
    assert BY_ID["roll_back"].why_not(swapped) == (
        "first: not reached; where it is gone for ever: ejtui rollback --without-first"
    )
    assert BY_ID["roll_back"].why_not(state) == "second: not reached"


def test_where_there_is_no_backup_nobody_is_sent_to_choose_one() -> None:
    assert why_nobody_chose(Choice(())) == "there is no backup to go back to"
    used = Backup("S", "second", True, "/b/S", "S", "", "a join", "rolled-back", 0, 0)
    assert why_nobody_chose(Choice((), (used,))) == "choose the backup to go back to"


def test_a_backup_that_was_just_made_is_looked_at(states: States) -> None:
    state = LookedAtBackup(FULL.name).applied(
        BackupsListed((FULL, COPY)).applied(states["before"]())
    )
    again = BackupsListed((FULL, COPY)).applied(state)
    made = BackupsListed((EMPTY, FULL, COPY)).applied(state)
    assert [each.backups.at_cursor for each in (again, made) if each.backups] == [FULL, EMPTY]


async def test_enter_restores_a_file_alone(show: Show, states: States) -> None:
    kept = replace(
        FILES, host="second", uses=("restore-file",), can="a rollback of ejabberd.yml alone"
    )
    async with show(BackupsListed((kept,)).applied(states["before"]()), 80, 24) as screens:
        await screens.press("b")
        assert "Enter: second's ejabberd.yml comes back, alone" in screens.text
        await screens.press("enter")
        assert ("roll_back", kept.name) in screens.done
