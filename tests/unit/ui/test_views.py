"""From facts to what is shown."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from ejtui.cluster.facts.node import CookieFacts, NodeFacts, PairFacts, SchemaFacts
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.ui.render.nodes import brief
from ejtui.ui.session import to_view
from ejtui.ui.state.view_state import Health, NodeView, ViewState
from ejtui.ui.text.glyphs import UNICODE
from ejtui.ui.text.lines import plain

States = Mapping[str, Callable[[], ViewState]]


def _pair(second: NodeFacts) -> PairFacts:
    first = NodeFacts(
        "first", "ejabberd@first", vm="up", ejabberd=True, mnesia="yes",
        schema=SchemaFacts("disc_copies", "one", (), ("ejabberd@first",)),
    )  # fmt: skip
    return PairFacts(first, second)


def test_the_health_of_a_node_in_each_condition() -> None:
    base = NodeFacts("second", "ejabberd@second")
    conditions = {
        Health.RUNNING: replace(base, vm="up", ejabberd=True, mnesia="yes"),
        Health.ERL_SHELL: replace(base, vm="up", mnesia="yes"),
        Health.STARTING: replace(base, vm="up", mnesia="yes", started="ejabberd", starting=True),
        Health.APP_DOWN: replace(base, vm="up"),
        Health.REFUSES: replace(base, vm="rejected"),
        Health.STOPPED: replace(base, vm="down"),
        Health.UNREACHABLE: NodeFacts.unreachable("second", "refused"),
    }
    for health, facts in conditions.items():
        assert to_view.health_of(facts) is health
    assert to_view.health_of(NodeFacts.blind("second", "no erl")) is Health.UNASKED


def test_a_vm_that_ejabberd_left_behind_is_no_erl_shell() -> None:
    left = NodeFacts("second", "ejabberd@second", vm="up", mnesia="yes", started="ejabberd")
    assert to_view.health_of(left) is Health.APP_DOWN


def test_an_error_loses_the_name_that_its_panel_says_already() -> None:
    error = "second (op@second.example.net): no answer on port 22. Is it up?"
    facts = NodeFacts.unreachable("second", error)
    shown = to_view.node_view(facts, _pair(facts), "op@second.example.net")
    assert shown.trouble == ("no answer on port 22. Is it up?",)


def test_nodes_of_the_pair_are_shown_by_their_short_names() -> None:
    nodes = ("ejabberd@third", "ejabberd@second", "ejabberd@first")
    second = NodeFacts("second", "ejabberd@second", vm="up", mnesia="yes",
                       db_nodes=nodes, running_db_nodes=nodes[1:])  # fmt: skip
    shown = to_view.node_view(second, _pair(second), "")
    assert shown.runs == ("first", "second")
    assert shown.members == ("first", "second", "ejabberd@third")


def test_only_the_first_digits_of_a_cookies_sum_are_shown() -> None:
    second = NodeFacts("second", cookie=CookieFacts(sha256="0123456789abcdef", mode=0o400))
    assert to_view.node_view(second, _pair(second), "").cookie == "012345"
    none = NodeFacts("second")
    assert to_view.node_view(none, _pair(none), "").cookie_trouble == "none"


def test_tables_in_the_web_admins_words(states: States) -> None:
    tables = {table.name: table for table in states["during"]().tables}
    assert (tables["passwd"].first, tables["passwd"].second) == ("RAM and disc copy", "remote copy")
    assert tables["passwd"].differs
    assert tables["ejabberd_commands"].why_fixed == "each node's own"
    assert not tables["ejabberd_commands"].differs


def test_the_choice_for_second_is_shown(states: States) -> None:
    facts = PairFacts(
        NodeFacts("first", "ejabberd@first", tables=()), NodeFacts("second", "ejabberd@second")
    )
    assert to_view.table_views(facts, Choices({"roster": "ram_copies"})) == ()


def test_how_many_settings_differ_is_not_cut_off_at_80_columns() -> None:
    both = ("first", "second")
    second = NodeView(
        "second", "ejabberd@second", "op@lyon", Health.RUNNING, ejabberd="23.01", otp="25",
        cookie="5ecfc5", runs=both, members=both, schema="RAM and disc copy", accounts=25,
        tables_here=36, tables_known=36, settings_apart=4,
    )  # fmt: skip
    first = replace(second, name="first", tables_here=35)
    rows = [plain(row) for row in brief(second, first, 38, UNICODE)]
    assert rows[2].endswith("cfg ≠ 4")
    assert UNICODE.cut not in "".join(rows)


RUNS = (("second",), ("first", "second"), ("first",), ())
TABLES = ((36, 36), (0, 17), (35, 36), (None, None))


@pytest.mark.parametrize(
    ("version", "otp"), [("23.01-1", "25"), ("24.12", "27"), ("25.10-1.1", "27")]
)
def test_no_word_of_a_node_is_cut_at_80_columns(version: str, otp: str) -> None:
    both = ("first", "second")
    first = NodeView(
        "first", "ejabberd@first", "op@lyon", Health.RUNNING, ejabberd="23.01-1", otp="25",
        cookie="5ecfc5", runs=both, members=both, schema="RAM and disc copy", accounts=25,
        tables_here=36, tables_known=36,
    )  # fmt: skip
    for health, cookie, runs, schema, count, (here, known), apart in itertools.product(
        (Health.RUNNING, Health.APP_DOWN), ("5ecfc5", "a01be3"), RUNS,
        ("RAM and disc copy", "RAM copy", "none", "on disc", "remote copy"),
        (None, 0, 1, 25, 123_456, 1_234_567), TABLES, (None, 0, 12),
    ):  # fmt: skip
        second = replace(
            first, name="second", node="ejabberd@chat-server-2.example.net", health=health,
            ejabberd=version, otp=otp, cookie=cookie, runs=runs, schema=schema, accounts=count,
            tables_here=here, tables_known=known, settings_apart=apart,
        )  # fmt: skip
        rows = [plain(row) for row in brief(second, first, 38, UNICODE)]
        assert UNICODE.cut not in "".join(rows), rows
        assert len(rows) == 3


@pytest.mark.parametrize(
    ("count", "shown"), [(1, "1 acc"), (123_456, "123k acc"), (1_250_000, "1.2M acc")]
)
def test_accounts_are_counted_alike_on_both_nodes(count: int, shown: str) -> None:
    first = NodeView("first", "a@b", "", Health.RUNNING, ejabberd="25.10-1.1", otp="27",
                     cookie="5ecfc5", accounts=count)  # fmt: skip
    second = replace(first, name="second", accounts=25, cookie="a01be3", ejabberd="24.12")
    assert shown in plain(brief(first, second, 38, UNICODE)[1])
