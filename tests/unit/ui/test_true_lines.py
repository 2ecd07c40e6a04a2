"""Lines that were misread: a number, a sign or a cut that hid what an operator has to know."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import cast

import pytest

from ejtui.cluster.condition.condition import Condition, Situation
from ejtui.cluster.join.closing import Closing
from ejtui.cluster.journal import Journal
from ejtui.cluster.run.resume import Resuming
from ejtui.help.keys import page
from ejtui.ui.render.checklist import checklist
from ejtui.ui.render.findings import detail, repair_lines
from ejtui.ui.render.key_bar import keys_line
from ejtui.ui.render.nodes import brief, panel
from ejtui.ui.render.pair import in_keys, pair_pane
from ejtui.ui.render.step import step_pane
from ejtui.ui.render.top import top_line, typist
from ejtui.ui.session.protocols import Voice
from ejtui.ui.session.work import Work
from ejtui.ui.state.addressing import of_question
from ejtui.ui.state.models import QuestionView, RepairView
from ejtui.ui.state.models import Work as Running
from ejtui.ui.state.updates import Update, WorkEnded
from ejtui.ui.state.view_state import Health, NodeView
from ejtui.ui.text.glyphs import UNICODE
from ejtui.ui.text.lines import Line, Tone, plain
from tests.unit.ui import kept
from tests.unit.ui.conftest import STATES

PANEL = 38
"""Cells of a panel's line at 80 columns."""


def _text(lines: list[Line]) -> list[str]:
    return [plain(row).rstrip() for row in lines]


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("fault-name-style", "second  ejabberd@second.example ● runs"),
        ("fault-vm-up-app-down", "second  ejabberd@second  ◐ no ejabberd"),
    ],
)
def test_a_node_s_name_stays_where_it_is_the_fault(name: str, head: str) -> None:
    state = kept.read(name)
    assert _text(brief(state.second, state.first, PANEL, UNICODE))[0] == head


def test_tables_that_wait_are_not_counted_as_there() -> None:
    state = kept.read("fault-tables-waiting")
    waits = replace(state.second, tables_here=35, tables_known=35, tables_waiting=23)
    assert "12 of 35 tables" in _text(brief(waits, state.first, PANEL, UNICODE))[2]


def test_equal_numbers_of_accounts_are_no_agreement_of_nodes_that_are_apart() -> None:
    state = kept.read("fault-partitioned")
    assert state.first.accounts == state.second.accounts
    [row] = [row for row in _text(panel(state.first, state.second, 60, UNICODE))
             if "accounts" in row]  # fmt: skip
    assert row.endswith(f"accounts {state.first.accounts}")
    together = kept.read("joined-by-ejtui")
    [row] = [row for row in _text(panel(together.first, together.second, 60, UNICODE))
             if "accounts" in row]  # fmt: skip
    assert row.endswith(f"{together.first.accounts} {UNICODE.same}")


def test_the_member_that_is_missing_is_named() -> None:
    members = ("first", "second", "third@first")
    node = replace(kept.read("joined-by-ejtui").first, members=members, runs=members[:2])
    for rows in (brief(node, node, PANEL, UNICODE), panel(node, node, 56, UNICODE)):
        assert "without third@first" in " ".join(_text(rows))
    assert UNICODE.cut not in " ".join(_text(panel(node, node, 56, UNICODE)))


def test_a_host_that_refuses_keeps_what_refuses() -> None:
    why = "198.51.100.66 port 22 refuses the connection. See whether sshd runs there and listens."
    node = NodeView("first", health=Health.UNREACHABLE, trouble=(why,))
    for width in (PANEL, 30):
        rows = _text(brief(node, node, width, UNICODE))
        assert " ".join(rows[1:]).startswith("port 22 refuses the connection.")


def test_a_host_that_is_not_reached_shows_why_first() -> None:
    why = "198.51.100.66 port 22 cannot be reached: no route to host. See whether it is up."
    node = NodeView("first", health=Health.UNREACHABLE, trouble=(why,))
    for width in (PANEL, 30):
        assert _text(brief(node, node, width, UNICODE))[1].startswith("no route to host.")


HALF_DONE = Condition(
    Situation.HALF_DONE,
    False,
    "join at step 5",
    "A join stands at step 5: it was broken off. Nothing may start ejabberd on second now. "
    "`ejtui --config '/a b/c.toml' join` goes on from there, `ejtui --config '/a b/c.toml' "
    "rollback 20261130T080044Z` brings second's database back.",
    "ejtui join",
    about_join=True,
)


def test_what_is_half_done_stands_below_the_checklist_with_its_keys() -> None:
    state = replace(kept.read("join-until-second-is-clean"), condition=HALF_DONE)
    text = " ".join(" ".join(_text(checklist(state, 80, UNICODE))).split())
    assert "Nothing may start ejabberd on second now." in text
    assert text.endswith("`a` goes on from there, `u` brings second's database back.")
    assert len(checklist(state, 44, UNICODE)) == len(state.steps)
    beside = " ".join(" ".join(_text(step_pane(state, 44, UNICODE))).split())
    assert beside.startswith(f"{UNICODE.half} A join stands at step 5")
    assert "Nothing may start ejabberd on second now." in beside
    assert "A join stands" not in " ".join(_text(step_pane(state, 80, UNICODE)))


def test_a_command_without_a_key_of_the_same_kind_stays() -> None:
    alone = replace(HALF_DONE, text="`ejtui rollback --without-first` undoes it.")
    assert in_keys(alone) == alone.text
    other = replace(HALF_DONE, situation=Situation.FIRST_GONE)
    assert in_keys(other) == other.text


def test_why_the_first_open_step_fails_is_nowhere_cut() -> None:
    state = kept.read("fault-dist-port-blocked")
    current = state.current
    assert current is not None
    rows = _text(checklist(state, 80, UNICODE))
    assert rows[0].endswith(UNICODE.cut)
    below = " ".join(row.strip() for row in rows[len(state.steps) :])
    assert current.detail in below
    # Once: its finding has the same title.
    assert below.count(current.detail) == 1
    short = tuple(replace(step, detail="no epmd", findings=()) for step in state.steps)
    alone = replace(state, steps=short, diagnosis=None)
    assert len(checklist(alone, 80, UNICODE)) == len(state.steps)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fault-vm-up-app-down", "second's Erlang node is up, ejabberd in it is not m repairs "
                                 "vm-up-app-down on second: end the Erlang VM"),
        ("fault-epmd-down", "m repairs epmd-down on first: start epmd"),
        ("strangers-second-stopped", "A join does not need it: its step Start starts it. m repairs "
                                     "not-connected on second"),
    ],
)  # fmt: skip
def test_what_m_repairs_stands_beside_the_checklist(name: str, words: str) -> None:
    state = kept.read(name)
    for rows in (checklist(state, 80, UNICODE), step_pane(state, 44, UNICODE)):
        assert words in " ".join(" ".join(_text(rows)).split())
    other = replace(state, looked_at="tables")
    assert "m repairs" not in " ".join(_text(step_pane(other, 44, UNICODE)))
    busy = replace(state, work=Running("Preflight", "preflight"))
    assert "m repairs" not in " ".join(_text(checklist(busy, 80, UNICODE)))


def test_whose_accounts_a_join_keeps_stands_beside_the_checklist() -> None:
    state = STATES["before"]()
    condition = Condition(Situation.NOT_JOINED, False, "not joined", "Not joined.", about_join=True)
    state = replace(state, condition=condition, diagnosis=None)
    state = replace(state, second=replace(state.second, accounts=1))
    rows = checklist(state, 80, UNICODE)[len(state.steps) :]
    assert " ".join(" ".join(_text(rows)).split()) == (
        "A join keeps first's database, 25 accounts. second's, 1 account, goes into a backup: you "
        "are asked before."
    )
    assert {part.tone for row in rows for part in row} == {Tone.QUIET}
    exchanged = replace(state, second=replace(state.second, accounts=26))
    tones = {part.tone for row in checklist(exchanged, 80, UNICODE)[-2:] for part in row}
    assert tones == {Tone.DIFFERS}
    # Accounts that are kept outside Mnesia are neither taken nor set aside.
    passwd = next(table for table in state.tables if table.name == "passwd")
    for tables in ((), (replace(passwd, second="remote copy"),)):
        outside = replace(state, tables=tables)
        assert len(checklist(outside, 80, UNICODE)) == len(state.steps)


def test_a_finding_s_node_is_no_part_of_its_title() -> None:
    text = " ".join(" ".join(_text(step_pane(kept.read("fault-epmd-down"), 44, UNICODE))).split())
    assert "no epmd runs on first (epmd-down on first)" in text


def test_u_is_called_the_same_in_the_pane_and_in_the_key_bar() -> None:
    state = kept.read("rollback-left-half-done")
    assert plain(keys_line(state, 80, UNICODE)).startswith(" u go on with the rollback ")
    join = kept.read("join-left-half-moved")
    assert "u roll back" in plain(keys_line(join, 80, UNICODE))


def test_an_erl_shell_that_is_open_on_a_node_is_not_none() -> None:
    state = kept.read("join-left-in-a-copy-a-kept-erl-shell")
    assert plain(typist(state)) == "an erl shell is open on second"
    assert plain(typist(kept.read("two-strangers"))) == "no erl is open"


def test_a_finding_that_is_not_certain_is_shown_so_where_m_is_offered() -> None:
    text = " ".join(_text(pair_pane(kept.read("a-cluster-of-three"), 80, UNICODE)))
    assert "Not certain. What settles it: whether third@first is meant to be a member." in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("joined-first-s-host-is-new", "`ejtui --first second --second first join` joins first to "
                                       "second"),
        ("joined-first-stopped-and-not-reached", "No repair from here: ejtui cannot repair a host"),
        ("second-in-a-cluster-with-a-third", "No repair from here: leave that cluster first"),
    ],
)  # fmt: skip
def test_where_no_key_repairs_it_what_does_is_named(name: str, words: str) -> None:
    state = kept.read(name)
    text = " ".join(" ".join(_text(pair_pane(state, 80, UNICODE))).split())
    assert words in text
    assert "m repairs" not in text


def test_long_evidence_is_whole_below_the_repair() -> None:
    rows = _text(detail(kept.read("fault-table-cookie"), 42, UNICODE))
    text = " ".join(" ".join(rows).split())
    repair = next(at for at, row in enumerate(rows) if row.startswith("The repair:"))
    assert repair < 40  # It was 47.
    head = rows.index("The shortened evidence, whole:")
    assert head > repair
    assert "Failed to merge schema" in text
    short = _text(detail(kept.read("joined-second-stopped"), 42, UNICODE))
    assert not any("shortened" in row for row in short)


def test_m_names_the_node_that_it_repairs() -> None:
    text = " ".join(_text(pair_pane(kept.read("joined-second-stopped"), 80, UNICODE)))
    assert "m repairs not-connected on second: start ejabberd" in text


def test_one_repair_is_the_key_s_and_the_other_by_hand() -> None:
    view = RepairView("end what holds the schema", (), "sessions end")
    rows = _text(repair_lines(view, "restart Mnesia on first", 80))
    assert rows[0] == "The repair: end what holds the schema"
    assert rows[-1] == "By hand: restart Mnesia on first"
    none = _text(repair_lines(RepairView(why_none="Mnesia catches up"), "none: see why", 80))
    assert none == ["No repair from here: Mnesia catches up"]


async def test_what_was_stopped_names_the_keys_that_lead_on() -> None:
    seen: list[Update] = []

    class Hears:
        def apply(self, news: Update) -> None:
            seen.append(news)

    class Once:
        async def run(self, doing: object) -> bool:
            assert doing
            await asyncio.Event().wait()
            return True

    async def nothing() -> None:
        return

    work = Work(
        cast("Voice", Hears()), cast("Resuming", Once()), cast("Journal", None), nothing,
        lambda: None,
    )  # fmt: skip
    assert work.begin("the join", lambda: asyncio.sleep(0, result=True), "a goes on, u rolls back")
    await asyncio.sleep(0)
    await work.close()
    assert seen[-1] == WorkEnded("the join: stopped. a goes on, u rolls back", False)


def test_a_question_names_keys_where_there_are_some() -> None:
    asked = QuestionView(
        "Set it aside?", ("`ejtui config` shows all", "`ejtui config --take X` takes one"),
        "`ejtui bring-over` can bring its accounts into the cluster.",
    )  # fmt: skip
    shown = of_question(asked, tuple)
    assert shown.takes == ("`e` shows all", "`ejtui config --take X` takes one")
    assert shown.consequence == "`b`, then `o`, can bring its accounts into the cluster."


def test_the_end_of_a_join_names_keys_for_what_they_do() -> None:
    closing = Closing("first", "second", 25, "/b/S", "S", ("1 account",), 8.0).lines()
    state = replace(STATES["healthy"](), closing=closing,
                    condition=Condition(Situation.HEALTHY, True, "joined", "Joined."))  # fmt: skip
    rows = _text(pair_pane(state, 80, UNICODE))
    assert "second was down for 8 s." in rows
    assert not any("ejtui bring-over" in row or "ejtui rollback" in row for row in rows)
    assert any(row.startswith("u undoes") for row in rows)


def test_settings_that_nobody_compared_are_no_question_mark() -> None:
    state = kept.read("joined-by-ejtui")
    rows = " ".join(_text(panel(state.first, state.second, 56, UNICODE)))
    assert "config   not compared" in rows
    assert "tables   35" in rows


def test_each_sign_of_the_header_is_explained_in_the_help() -> None:
    explained = page()
    state = kept.read("joined-second-stopped")
    sign = plain(top_line(state, 80, UNICODE)).split()[2]
    assert sign == UNICODE.dot
    [row] = [row for row in explained.splitlines() if "between the nodes' names" in row]
    assert row.split()[1] in (UNICODE.dot, "-")
