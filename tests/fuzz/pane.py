"""The app's pane alone, on a program that prints what comes through a pipe (the one argument)."""

from __future__ import annotations

import asyncio
import sys

from textual.app import App, ComposeResult
from textual.widgets import Static

from ejtui.config import HostConfig
from ejtui.erlang.shell.shell import Shell
from ejtui.hosts import open_host
from ejtui.ui.widgets.terminal import ShellPane

# Raw, as a program that draws has it; what is answered to it is read by nobody.
PRINT = 'stty raw -echo; while :; do cat "$1"; done'


class PaneApp(App[None]):
    """A pane, and a line that shows whether a key has ever come."""

    CSS = "Static { height: 1; dock: bottom; }"

    def __init__(self, pipe: str) -> None:
        super().__init__()
        self._pipe = pipe

    def compose(self) -> ComposeResult:
        yield ShellPane()
        yield Static("nobody typed")

    async def on_mount(self) -> None:
        """The program begins, and the pane has the keys."""
        host = open_host(HostConfig(name="here", address="local"))
        await host.connect()
        size = self.size
        shell = await Shell.open(
            host, ["sh", "-c", PRINT, "sh", self._pipe],
            columns=size.width, rows=size.height - 1, node="ejabberd@second",
        )  # fmt: skip
        pane = self.query_one(ShellPane)
        pane.attach(shell)
        pane.focus()

    def on_shell_pane_taken_over(self) -> None:
        """A key has come, and no person is here."""
        self.query_one(Static).update("somebody typed")


if __name__ == "__main__":
    asyncio.run(PaneApp(sys.argv[1]).run_async())
