"""What ejabberd's log shows of a start is of that start."""

from __future__ import annotations

from typing import Any

import pytest

from ejtui.cluster.operations.vm import node_log
from ejtui.cluster.operations.vm.node_log import LogWatch


async def test_a_line_of_before_the_start_is_no_news_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["ejabberd is stopped in the node", "Loading configuration"]
    shown: list[str] = []

    class Node:
        name = "first"

    async def log_end(_node: Any, _lines: int = 0) -> str:
        return lines[0]

    monkeypatch.setattr(node_log, "log_end", log_end)
    monkeypatch.setattr(node_log, "LOG_AFTER", 0.0)
    monkeypatch.setattr(node_log, "LOG_EVERY", 0.0)
    node: Any = Node()
    watch = LogWatch(node, shown.append, "starting")
    await watch.skip_present()
    await watch.look()
    assert shown == []
    del lines[0]
    await watch.look()
    assert shown == ["ejabberd is starting on first: Loading configuration"]
