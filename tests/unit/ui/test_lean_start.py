"""The first paint waits for nothing: neither for hosts nor for the libraries that reach them."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest
from textual.css.stylesheet import Stylesheet

from tests.unit.ui.conftest import Show
from tests.unit.ui.test_main_screen import States


def _modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.split())


def test_the_way_in_does_not_import_textual() -> None:
    loaded = _modules_after("from ejtui.ui import run")
    assert not {"textual", "asyncio", "rich", "asyncssh"} & loaded


@pytest.mark.parametrize("module", ["ejtui.ui.app"])
def test_the_first_paint_needs_neither_ssh_nor_the_cluster(module: str) -> None:
    loaded = _modules_after(f"import {module}")
    assert not {
        "asyncssh", "pexpect", "bittty", "erlang", "ejtui.cluster", "ejtui.erlang", "ejtui.hosts",
        "textual.widgets._markdown", "textual.widgets._data_table",
    } & loaded  # fmt: skip


async def test_before_the_first_screen_no_style_is_read(
    show: Show, states: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: list[bool] = []
    reparse = Stylesheet.reparse

    def noted(sheet: Stylesheet) -> None:
        again.append(True)
        reparse(sheet)

    monkeypatch.setattr(Stylesheet, "reparse", noted)
    async with show(states["before"](), 80, 24) as pilot:
        assert not again
        assert pilot.app.stylesheet._variables == pilot.app.get_css_variables()


async def test_garbage_is_collected_again_after_the_first_paint(show: Show, states: States) -> None:
    gc.disable()
    try:
        async with show(states["before"](), 80, 24):
            assert gc.isenabled()
            assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.enable()
