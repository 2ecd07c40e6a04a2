"""A terminal that is gone takes neither the writing thread nor the app with it."""

from __future__ import annotations

import os
import threading
from typing import TextIO, cast

from textual.drivers._writer_thread import WriterThread

from ejtui.ui.driver import Dropping


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
