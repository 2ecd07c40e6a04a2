"""What is loaded along with an edit of second's file, by name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.carry_over import loaded_too
from ejtui.cluster.facts.settings import NodeSettings

CHANGED = (
    ("language", ""),
    ("acl", "a.example"),
    ("mod_ping.send_pings", "a.example"),
    ("mod_new.count", "a.example"),
    ("mod_new.runs", "a.example"),
)


@pytest.mark.parametrize(
    ("changed", "edited", "named"),
    [
        (CHANGED, (), ("language", "acl", "mod_ping.send_pings", "mod_new")),
        (CHANGED, ("acl", "mod_ping"), ("language", "mod_new")),
        (CHANGED, ("language", "mod_ping.send_pings", "mod_new.count"), ("acl",)),
        (CHANGED, ("acl@a.example", "language for b"), ("mod_ping.send_pings", "mod_new")),
        ((*CHANGED[:2], ("acl", "b")), (), ("language", "acl of a.example", "acl of b")),
        ((), (), ()),
    ],
)
async def test_what_is_not_loaded_yet_is_named_without_what_is_edited(
    changed: tuple[tuple[str, str], ...],
    edited: tuple[str, ...],
    named: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def file(_: Any) -> NodeSettings:
        return NodeSettings(asked=True, in_file=True, changed=changed)

    async def changes(_: Any) -> bool:
        return True

    monkeypatch.setattr(loaded_too, "may_differ", changes)
    monkeypatch.setattr(loaded_too, "next_settings", file)
    node: Any = SimpleNamespace(facts=SimpleNamespace(ejabberd=True))
    assert await loaded_too.loads_too(node, edited) == named
    node.facts.ejabberd = False
    assert await loaded_too.loads_too(node, edited) == ()
