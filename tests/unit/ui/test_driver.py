"""A terminal that is gone takes neither the writing thread nor the app with it."""

from __future__ import annotations

import os
import threading
from typing import TextIO, cast

import pytest
from textual._ansi_sequences import SYNC_START
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

from ejtui.ui.driver import Dropping, DroppingDriver


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
