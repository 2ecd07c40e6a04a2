"""What is shown of a command: words for what the probe does look like nothing to type."""

from __future__ import annotations

import pytest

from ejtui.cluster.acts.command_words import prompt, within


@pytest.mark.parametrize(
    ("place", "text", "inside", "before"),
    [
        ("shell", "systemctl stop ejabberd", "", "$ "),
        ("erl", "mnesia:info().", "in erl", "> "),
        ("erl", "q().", "in erl", "> "),
        ("erl", "[mnesia:info() || true].", "in erl", "> "),
        ("erl", "{ok, F} = file:open(X).", "in erl", "> "),
        ("erl", "copy /a/.erlang.cookie to /b, mode 0400.", "by ejtui's probe", ""),
        ("erl", "rename /a/{schema.DAT} into /b/", "by ejtui's probe", ""),
        ("erl", "register ejabberd@second at epmd meanwhile", "by ejtui's probe", ""),
    ],
)
def test_each_kind(place: str, text: str, inside: str, before: str) -> None:
    assert within(place, text) == inside
    assert prompt(place, text) == before
