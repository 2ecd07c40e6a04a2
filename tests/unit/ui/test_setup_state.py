"""The set-up's state, and a line as it is typed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ejtui.ui.setup.state import HostView, LayerSeen, OfferView, SetupState
from ejtui.ui.text.line_input import Typed, typed
from ejtui.ui.text.lines import plain

WELL = HostView("a", layers=(LayerSeen("running", True),), accounts=2)


def test_offers_that_begin_with_what_is_typed_come_first() -> None:
    state = SetupState("x", offers=tuple(OfferView(each, "") for each in ("xab", "Abc", "z")))
    assert [offer.host for offer in state.matching("ab")] == ["Abc", "xab"]
    assert len(state.matching("")) == 3


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        (HostView(), "enter both hosts first"),
        (replace(WELL, entered="b", going=True), "b is still being tried"),
        (
            HostView("b", layers=(LayerSeen("port", False),), trouble="refused"),
            'b does not get past "port": repair',
        ),
        (WELL, ""),
    ],
)
def test_it_goes_on_only_where_both_are_well(host: HostView, reason: str) -> None:
    state = SetupState("x", (WELL, host))
    assert state.why_not_on.startswith(reason)
    assert bool(state.why_not_on) is bool(reason)


def test_the_one_with_more_accounts_comes_first() -> None:
    many, unknown = replace(WELL, accounts=9), replace(WELL, accounts=None)
    assert SetupState("x", (WELL, many)).survivors == (1, 0)
    assert SetupState("x", (unknown, WELL)).survivors == (1, 0)
    assert SetupState("x", (WELL, WELL)).survivors == (0, 1)


@pytest.mark.parametrize(
    ("layer", "key"), [("resolves", "address"), ("root", "become"), ("authentication", "user")]
)
def test_what_broke_points_to_a_value(layer: str, key: str) -> None:
    assert HostView("a", layers=(LayerSeen(layer, False),), trouble="x").suspect == key


@pytest.mark.parametrize(
    ("seen", "next_one"),
    [
        ((), "connecting"),
        (("ssh",), "host key"),
        (("connection",), "root"),
        (("running",), "running"),
    ],
)
def test_the_layer_under_way_is_the_one_after_the_last(
    seen: tuple[str, ...], next_one: str
) -> None:
    layers = tuple(LayerSeen(name, True) for name in seen)
    assert HostView("a", going=True, layers=layers).current_layer == next_one


@pytest.mark.parametrize(
    ("keys", "text", "at"),
    [
        (("left", "left", "x"), "axbc", 2),
        (("backspace", "y"), "aby", 3),
        (("home", "delete", "end", "z"), "bcz", 3),
        (("left", "ctrl+u"), "c", 0),
        (("home", "left", "backspace"), "abc", 0),
        (("right", "delete"), "abc", 3),
    ],
)
def test_keys_change_what_is_typed(keys: tuple[str, ...], text: str, at: int) -> None:
    now = typed("abc")
    for key in keys:
        now = now.key(key, key if len(key) == 1 else None) or now
    assert now == Typed(text, at)


def test_a_paste_is_its_first_line_without_what_does_not_print() -> None:
    assert Typed("ab", 1).pasted("x\x1b[31m\ny") == Typed("ax[31mb", 6)
    assert Typed("ab", 1).pasted("") == Typed("ab", 1)
    assert Typed("ab", 1).key("f5", None) is None


@pytest.mark.parametrize("at", [0, 5, 10])
def test_the_cursor_is_always_in_sight(at: int) -> None:
    text = "0123456789"
    shown = plain(Typed(text, at).shown(5))
    assert len(shown) <= 5
    assert (text[at : at + 1] or " ") in shown
