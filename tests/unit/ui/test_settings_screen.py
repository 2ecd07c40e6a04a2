"""The settings screen: both ejabberd.yml side by side, and what is done about a difference."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ejtui.cluster.administration import meanings
from ejtui.cluster.administration.compare import compare
from ejtui.cluster.administration.difference import Difference
from ejtui.cluster.facts.settings import NodeSettings
from ejtui.ui.render import settings
from ejtui.ui.session.settings import differing
from ejtui.ui.state.actions import BY_ID
from ejtui.ui.state.models import QuestionView
from ejtui.ui.state.settings import (
    EverySettingMarked,
    SettingKept,
    SettingMarked,
    SettingsAsked,
    SettingsCompared,
    SettingsView,
    SettingView,
)
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import UNICODE
from ejtui.ui.text.lines import plain
from tests.patience import SECONDS

if TYPE_CHECKING:
    from .conftest import Show

States = Mapping[str, Callable[[], ViewState]]

HOST = SettingView(
    "hosts", "chat.example", "served", "not served",
    "no account of chat.example can log in on second", "config-hosts", stops=True,
)  # fmt: skip
RULES = SettingView(
    "shaper_rules", "", "max_user_sessions: 10", "max_user_sessions: 11",
    "limits depend on the node that a user is connected to", "config-access",
)  # fmt: skip
CERTIFICATE = SettingView(
    "certificate", "chat.example", "there", "none that is valid for it",
    "clients refuse second's TLS, or it offers none", "config-certificates",
    why_not="a certificate is a file",
)  # fmt: skip
SAME = SettingView("default_db", "", "mnesia", "mnesia", "it is the same on both nodes")


def compared(state: ViewState) -> ViewState:
    state = replace(state, second=replace(state.second, settings_apart=3))
    return SettingsCompared((HOST, RULES, CERTIFICATE, SAME)).applied(state)


@pytest.mark.parametrize(("width", "height"), [(120, 40), (80, 24), (60, 20)])
async def test_both_values_stand_side_by_side_and_what_follows(
    show: Show, states: States, width: int, height: int
) -> None:
    async with show(compared(states["before"]()), width, height) as screens:
        assert width < 80 or "e settings" in screens.lines[-1]
        await screens.press("e")
        assert screens.done == [("compare_settings",)]
        assert "3 differences between the two ejabberd.yml" in screens.text
        assert "No account of chat.example can log in on second" in screens.text
        row = next(line for line in screens.lines if "shaper_rules" in line)
        assert "max_user" in row.split("shaper_rules")[1]
        head = next(line for line in screens.lines if "option" in line)
        served = next(line for line in screens.lines if "not served" in line)
        assert head.index("option") == row.index("shaper_rules")
        assert head.index("first") == row.index("max_user")
        assert head.index("second") == served.index("not served")
        assert "default_db" not in screens.text
        await screens.press("d")
        assert "default_db" in screens.text
        assert {len(line) for line in screens.lines} == {width}
        await screens.press("escape")
        assert "1 Preflight" in screens.text


async def test_of_one_virtual_host_the_rows_have_the_options_alone(
    show: Show, states: States
) -> None:
    rules = replace(RULES, host="chat.example")
    for hosts, named in ((("chat.example",), False), (("chat.example", "b.example"), True)):
        rows = tuple(replace(rules, host=host) for host in hosts)
        async with show(SettingsCompared(rows).applied(states["before"]()), 120, 40) as screens:
            await screens.press("e")
            [row, *_] = [line for line in screens.lines if line.startswith("┃ »")]
            assert ("shaper_rules (chat.example)" in row) == named
            assert any("─ shaper_rules (chat.example) ─" in line for line in screens.lines)


def test_what_no_ejabberd_yml_sets_can_be_neither_taken_nor_edited() -> None:
    kernel = Difference("connect_all", "", "true", "false", meanings.KERNEL)
    ticktime = Difference("net_ticktime", "", "60 s", "30 s", meanings.KERNEL)
    one, other = differing((kernel, ticktime), frozenset())
    assert one.why_not == one.why_no_edit
    assert "-kernel in vm.args" in one.why_not
    assert (other.why_not, other.why_no_edit) == ("", "")


async def test_a_file_that_ejabberd_refuses_can_be_neither_kept_nor_taken(
    show: Show, states: States
) -> None:
    file = NodeSettings(in_file=True, refused=True, why="Missing required module")
    asked = NodeSettings(asked=True)
    rows = tuple(differing(compare(asked, replace(asked, unloaded=file)), frozenset()))
    async with show(SettingsCompared(rows).applied(states["before"]()), 120, 40) as screens:
        await screens.press("e")
        assert "refused by ejabberd: Missing required module" in screens.text
        for key in ("k", "space", "v"):
            assert "second keeps its own value" not in screens.text
            await screens.press(key)
            assert "correct it by hand on second" in screens.lines[-1]
        await screens.press("enter")
        assert screens.done == [("compare_settings",)]


async def test_marked_options_are_taken_and_one_is_kept(show: Show, states: States) -> None:
    async with show(compared(states["before"]()), 80, 24) as screens:
        await screens.press("e", "space", "down", "k")
        assert screens.done[1:] == [("keep_setting", ("shaper_rules", ""))]
        assert screens.app.state.settings is not None
        assert screens.app.state.settings.wanted == ("hosts",)
        assert any("take" in line and "hosts" in line for line in screens.lines)
        await screens.press("enter")
        assert screens.done[-1] == ("take_settings", ("hosts",))
        assert "3 differences between the two ejabberd.yml" in screens.text, "the page stays"


async def test_what_cannot_be_done_gives_the_reason(show: Show, states: States) -> None:
    async with show(compared(states["before"]()), 80, 24) as screens:
        await screens.press("e", "k")
        assert "with it there is no join: take first's value" in screens.lines[-1]
        await screens.press("down", "down", "space")
        assert "a certificate is a file" in screens.lines[-1]
        await screens.press("enter")
        assert screens.done == [("compare_settings",)]


async def test_a_value_is_written_for_the_option_looked_at(show: Show, states: States) -> None:
    kernel = SettingView(
        "connect_all", "", "true", "false", "judged", "config-ticktime", why_no_edit="no option"
    )
    rows = SettingsCompared((RULES, kernel))
    async with show(rows.applied(states["before"]()), 120, 40) as screens:
        await screens.press("e")
        assert "v: write another value for second." in screens.text
        await screens.press("down", "v")
        assert "Edit the value: no option" in screens.lines[-1]
        await screens.press("up", "v")
        assert screens.done[-1] == ("edit_setting", ("shaper_rules", ""))
        assert "2 differences between the two ejabberd.yml" in screens.text, "the page stays"


def test_certificates_are_taken_by_one_name(states: States) -> None:
    row = replace(CERTIFICATE, why_not="", takes="certificates")
    file = replace(row, option="certfiles /a.pem", host="")
    state = SettingsCompared((row, file, RULES)).applied(states["before"]())
    assert state.settings is not None
    assert state.settings.wanted == ("certificates",)
    every = EverySettingMarked().applied(state).settings
    assert every is not None
    assert every.wanted == ("certificates", "shaper_rules")


async def test_the_lines_that_change_are_shown_as_they_are(show: Show, states: States) -> None:
    diff = ("--- a", "+++ a (new)", "@@ -1 +1 @@", "-    user:   old", '+    user:   "new"')
    async with show(states["before"](), 80, 24) as screens:
        asked = QuestionView("Write it?", (), "It is kept.", "Write it", diff=diff)
        screens.app.run_worker(screens.app.ask(asked))
        await screens.until(lambda text: "Write it?" in text)
        for shown in diff:
            assert shown in screens.text


async def test_a_question_outlives_the_screen_that_brought_it_about(
    show: Show, states: States
) -> None:
    asking: list[asyncio.Task[bool]] = []

    async with show(compared(states["before"]()), 80, 24) as screens:
        app = screens.app

        def take(_options: object) -> None:
            asking.append(asyncio.create_task(app.ask(QuestionView("Write it?"))))

        app.session.take_settings = take  # type: ignore[union-attr, method-assign]
        await screens.press("e", "enter")
        await screens.until(lambda text: "Write it?" in text)
        await screens.press("y")
        async with asyncio.timeout(SECONDS):
            assert await asking[0]


def test_the_key_is_offered_only_where_something_differs(states: States) -> None:
    state = states["before"]()
    assert not BY_ID["config"].urgent(state)
    assert BY_ID["config"].urgent(compared(state))
    assert BY_ID["config"].why_not(states["asking"]()) == "the nodes have not answered yet"
    assert BY_ID["write_settings"].why_not(state) == "nothing is listed"
    busy = compared(states["during"]())
    assert BY_ID["write_settings"].why_not(busy) == "Tables is running: Esc stops it"


def test_marks_outlive_a_comparison_and_follow_what_can_be_taken(states: States) -> None:
    state = EverySettingMarked().applied(compared(states["before"]()))
    assert state.settings is not None
    assert state.settings.wanted == ("hosts", "shaper_rules")
    state = SettingKept(("shaper_rules", "")).applied(SettingMarked("hosts").applied(state))
    assert state.settings is not None
    assert state.settings.marked == frozenset()
    assert [row.kept for row in state.settings.rows] == [False, True, False, False]
    again = SettingsCompared((CERTIFICATE,)).applied(SettingMarked("hosts").applied(state))
    assert again.settings is not None
    assert (again.settings.marked, again.settings.wanted) == (frozenset(), ())
    failed = SettingsCompared(trouble="lost").applied(SettingsAsked().applied(again))
    assert failed.settings is not None
    assert failed.settings.rows == (CERTIFICATE,), "what was known stays"
    assert SettingsView().at_cursor is None


async def test_two_long_values_are_shown_from_where_they_differ(show: Show, states: States) -> None:
    text = "max_user_offline_messages: "
    row = replace(RULES, first=f"{text}100", second=f"{text}5000")
    async with show(SettingsCompared((row,)).applied(states["before"]()), 80, 24) as screens:
        await screens.press("e")
        [listed] = [line for line in screens.lines if line.startswith("┃ »")]
        assert "…100" in listed
        assert "…5000" in listed


def test_nothing_is_counted_before_both_nodes_have_answered(states: States) -> None:
    state = replace(states["before"](), settings=SettingsView(comparing=True))
    assert plain(settings.title(state, UNICODE)[0]) == "what differs between the two ejabberd.yml"
