"""A terminal that is gone takes neither the writing thread nor the app with it."""

from __future__ import annotations

import os
import queue
import selectors
import threading
import tty
from collections.abc import Iterator
from typing import TextIO, TypeAlias, cast

import pytest
from textual import events
from textual._ansi_sequences import SYNC_START
from textual.app import App
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

from ejtui.ui.driver import Dropping, DroppingDriver, Ending
from ejtui.ui.keyboard import Paused
from tests.patience import SECONDS

Events: TypeAlias = "queue.Queue[object]"


def test_who_writes_to_a_terminal_that_is_gone_comes_back() -> None:
    master, slave = os.openpty()
    terminal = os.fdopen(slave, "w", buffering=1)
    os.close(master)
    # With the terminal itself here, the thread would end and the queue would stay full.
    writer = WriterThread(cast("TextIO", Dropping(terminal)))
    writer.start()

    def write() -> None:
        for number in range(100):
            writer.write(f"line {number}\n")
        writer.stop()

    caller = threading.Thread(target=write, daemon=True)
    caller.start()
    caller.join(5)
    assert not caller.is_alive()


def test_what_asks_after_a_painting_goes_out_in_one_piece_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[str] = []
    monkeypatch.setattr(LinuxDriver, "write", lambda _self, data: written.append(data))
    driver = DroppingDriver.__new__(DroppingDriver)
    driver._question = ""
    driver.ask_for_cursor(7, behind_painting=True)
    assert written == []
    for data in (SYNC_START, "a dialog", "more"):
        driver.write(data)
    assert written == [SYNC_START, "a dialog\x1b7\x1b[1;7H\x1b[6n\x1b8", "more"]


def _reading(driver: DroppingDriver) -> threading.Thread:
    thread = threading.Thread(target=driver.run_input_thread, daemon=True)
    thread.start()
    return thread


@pytest.fixture
def quiet_driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[DroppingDriver, int, Events]]:
    """A driver that reads from a terminal, the terminal's other end, and what it hands on."""
    master, slave = os.openpty()
    tty.setraw(slave)
    driver = DroppingDriver.__new__(DroppingDriver)
    driver._debug, driver.fileno, driver.exit_event = False, slave, Ending()
    seen: Events = queue.Queue()
    monkeypatch.setattr(driver, "process_message", seen.put)
    yield driver, master, seen
    os.close(master)
    os.close(slave)


def test_a_terminal_that_nobody_types_into_wakes_nobody(
    quiet_driver: tuple[DroppingDriver, int, Events], monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, master, seen = quiet_driver
    waits: Events = queue.Queue()
    select = selectors.SelectSelector.select

    def noted(self: selectors.SelectSelector, timeout: float | None = None) -> object:
        waits.put(timeout)
        return select(self, timeout)

    monkeypatch.setattr(selectors.SelectSelector, "select", noted)
    thread = _reading(driver)
    try:
        assert isinstance(seen.get(timeout=SECONDS), Paused)
        while waits.get(timeout=SECONDS) is not None:
            pass
        os.write(master, b"x")
        typed = seen.get(timeout=SECONDS)
        assert isinstance(typed, events.Key)
        assert typed.key == "x"
    finally:
        driver.exit_event.set()
        thread.join(30)
    assert not thread.is_alive()


def test_escape_alone_is_known_after_a_long_pause(
    quiet_driver: tuple[DroppingDriver, int, Events],
) -> None:
    driver, master, seen = quiet_driver
    thread = _reading(driver)
    try:
        assert isinstance(seen.get(timeout=SECONDS), Paused)
        os.write(master, b"\x1b")
        typed = seen.get(timeout=SECONDS)
        assert isinstance(typed, events.Key)
        assert typed.key == "escape"
    finally:
        driver.exit_event.set()
        thread.join(30)


def test_an_end_before_the_reading_began_is_seen(
    quiet_driver: tuple[DroppingDriver, int, Events],
) -> None:
    driver, _, seen = quiet_driver
    driver.exit_event.set()
    thread = _reading(driver)
    thread.join(30)
    assert not thread.is_alive()
    assert seen.empty()


async def test_a_terminal_without_a_size_has_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two that differ the app would be painted for ever, first in one and then in the other."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("LINES", raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((0, 0)))
    app: App[object] = App()
    app._driver = driver = DroppingDriver(app)
    assert tuple(app.size) == driver._get_terminal_size()
