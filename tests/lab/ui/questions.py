"""The app with a session that asks what a test wants asked: `python -m tests.lab.ui.questions DIR`.

The test drives it by files in DIR: `hold` stops the app's own loop, as a busy computer does, until
it is gone; `ask-TITLE` has a question asked, `withdraw` takes all questions back, and `erl` opens
an erl that has the keys. `answers` gets a line for each answer.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from ejtui.config import Config, HostConfig
from ejtui.erlang.shell.shell import Shell
from ejtui.hosts import open_host
from ejtui.ui.app import EjtuiApp
from ejtui.ui.session.protocols import Voice
from ejtui.ui.state.models import QuestionView
from ejtui.ui.state.updates import ShellIs
from ejtui.ui.state.view_state import Typist

_LOOK = 0.01


class AskingSession:
    """Asks, and notes the answers; everything else is refused."""

    def __init__(self, voice: Voice, directory: Path) -> None:
        self._voice = voice
        self._directory = directory
        self._shell: Shell | None = None

    async def run(self) -> None:
        """Look for the test's files until cancelled."""
        asking: set[asyncio.Task[None]] = set()
        while True:
            await asyncio.sleep(_LOOK)
            if self._is_there("hold"):
                self._hold()
            if self._took("withdraw"):
                for asked in asking:
                    asked.cancel()
            if self._took("erl"):
                await self._open_erl()
            for ask in self._directory.glob("ask-*"):
                ask.unlink()
                asking.add(asyncio.create_task(self._ask(ask.name.removeprefix("ask-"))))

    def _is_there(self, name: str) -> bool:
        return (self._directory / name).exists()

    def _took(self, name: str) -> bool:
        there = self._is_there(name)
        (self._directory / name).unlink(missing_ok=True)
        return there

    async def _open_erl(self) -> None:
        host = open_host(HostConfig("here", "local"))
        await host.connect()
        self._shell = await Shell.open(host, ["erl"], columns=80, rows=18, node="")
        self._voice.show_shell(self._shell, focus=True)
        self._voice.apply(ShellIs(Typist.YOURS, "second"))

    def _hold(self) -> None:
        (self._directory / "held").touch()
        while self._is_there("hold"):
            # The loop stands still meanwhile: that is what is wanted.
            time.sleep(_LOOK)
        (self._directory / "held").unlink()

    async def _ask(self, title: str) -> None:
        question = QuestionView(f"Question {title}?", ("its database",), "It is kept.", "Yes")
        answer = await self._voice.ask(question)
        with (self._directory / "answers").open("a") as answers:
            answers.write(f"{title} {'yes' if answer else 'no'}\n")

    async def close(self) -> None:
        """End the erl."""
        if self._shell is not None:
            await self._shell.close()

    def resize_shell(self, _columns: int, _rows: int) -> None:
        """It has the size that it has."""


def main() -> None:
    """Run the app until it is left."""
    directory = Path(sys.argv[1])
    hosts = {name: HostConfig(name, "192.0.2.1") for name in ("first", "second")}
    config = Config("first", "second", hosts, directory / "config.toml")

    def make(_config: Config, voice: Voice) -> Any:
        return AskingSession(voice, directory)

    EjtuiApp(config, make_session=make).run()


if __name__ == "__main__":
    main()
