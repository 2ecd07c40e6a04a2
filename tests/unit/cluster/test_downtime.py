"""A time without ejabberd: who ends it early still sees what was asked to stop end."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.operations.vm import downtime, lifecycle
from ejtui.erlang.probe import questions
from tests.patience import SECONDS


async def test_a_cancel_comes_after_the_stop_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, ends, seen = asyncio.Event(), asyncio.Event(), []

    async def stop(*_: Any) -> None:
        asked.set()
        await ends.wait()
        seen.append("stopped")

    async def down() -> None:
        async with downtime.keep_down(SimpleNamespace(probe=None)):  # type: ignore[arg-type]
            seen.append("down")

    async def release_name(_: Any) -> None:
        """Nothing is held."""

    monkeypatch.setattr(lifecycle, "stop", stop)
    monkeypatch.setattr(questions, "release_name", release_name)
    run = asyncio.create_task(down())
    await asyncio.wait_for(asked.wait(), SECONDS)
    run.cancel()
    await asyncio.wait({run}, timeout=0.1)
    assert not run.done()
    ends.set()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert seen == ["stopped"]
