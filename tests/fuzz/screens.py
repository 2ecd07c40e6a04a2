"""The targets that are bytes for a terminal: the pane's own, and the pane on a real one."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import unicodedata
from pathlib import Path
from random import Random

from ejtui.erlang.terminal.terminal import TerminalScreen
from tests.fuzz.inputs import stream
from tests.fuzz.target import Broken, Target
from tests.lab.ui.tmux import Tmux

COLUMNS, ROWS = 80, 24
REPORTS = re.compile(rb"(\x1b\[[?>]?[0-9;]*[cnR])*")
"""What a terminal may send to the program unasked."""

CANARY = "canary-alive"
BATCH = 40
LEAVE = b"\x18\x1b\\\x1b[?1049l\x1bc"
"""Ends whatever sequence was started, and makes the pane's terminal new."""


class Screen(Target):
    """The byte stream into the pane's terminal: cells that print, and no answer but reports."""

    name = "bytes into the terminal"

    def __init__(self) -> None:
        self._screen = TerminalScreen(COLUMNS, ROWS)

    def make(self, random: Random) -> bytes:
        return stream(random)

    async def put(self, data: bytes) -> int:
        screen = self._screen
        answer = screen.feed(data)
        if not REPORTS.fullmatch(answer):
            raise Broken(f"it answered {answer!r}")
        size = (7, 3) if len(data) % 5 == 0 else (COLUMNS, ROWS)
        screen.resize(*size)
        screen.publish()
        frame = screen.frame
        shown = [*frame.lines, *screen.text_between(0, frame.line_number)[-50:]]
        for text in shown:
            if any(unicodedata.category(each) in ("Cc", "Cs") for each in text):
                raise Broken(f"a cell with a control character: {text!r}")
        return 1


class RealTerminal(Target):
    """The same through the app's pane to a real terminal, whose title and clipboard stay."""

    name = "the pane on a real terminal"

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="ejtui-fuzz-")
        self._pipe = Path(self._directory.name) / "pipe"
        self._tmux: Tmux | None = None
        self._count = 0

    async def __aenter__(self) -> RealTerminal:
        os.mkfifo(self._pipe)
        argv = [sys.executable, "-m", "tests.fuzz.pane", str(self._pipe)]
        self._tmux = Tmux(Path(self._directory.name), argv, COLUMNS, ROWS)
        self._tmux.patience = 60.0
        self._tmux.listen()
        self._tmux.plant(CANARY)
        await self.put(b"")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._tmux is not None:
            self._tmux.__exit__(None, None, None)
        self._directory.cleanup()

    def make(self, random: Random) -> bytes:
        return (LEAVE + b"\r\n").join(stream(random) for _ in range(BATCH))

    async def put(self, data: bytes) -> int:
        assert self._tmux is not None
        self._count += 1
        marker = f"<{self._count}>"
        # Split, so that the marker is on the screen only where the terminal made one of it.
        shown = f"<\x1b[m{self._count}>\r\n"
        self._pipe.write_bytes(data + LEAVE + shown.encode())
        try:
            text = self._tmux.until(lambda text: marker in text)
        except AssertionError as error:
            raise Broken(f"the app shows it no more: {error}") from None
        if "nobody typed" not in text:
            raise Broken(f"something typed into the app:\n{text}")
        told = self._tmux.told
        if told.count(CANARY) != 3 or "owned" in told:
            raise Broken(f"the terminal received {told!r}")
        self.canary = f"title, window name and clipboard are {CANARY} still, and nothing typed"
        return BATCH
