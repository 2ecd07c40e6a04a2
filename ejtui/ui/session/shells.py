"""The live erls: the one that ejtui drives, and the operator's own; one of them is in the pane."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.journal import Journal
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.pair import Pair
from ejtui.erlang.shell.shell import Change, Control, Shell
from ejtui.ui.session import from_events
from ejtui.ui.session.own_shell import open_on
from ejtui.ui.session.protocols import Voice
from ejtui.ui.state.updates import ShellIs
from ejtui.ui.state.view_state import Typist


class Shells:
    """Shows the erl that was opened last, and who types into it."""

    def __init__(self, pair: Pair, voice: Voice, journal: Journal) -> None:
        self._pair = pair
        self._voice = voice
        self._journal = journal
        self._own: Shell | None = None
        self._own_on = ""
        self._changing: asyncio.Task[None] | None = None
        self._stop_listening: Callable[[], None] | None = None

    def open(self, node: Node, facts: NodeFacts) -> None:
        """Show the erl on that node, outside a join, and give it the keys; open it if need be."""
        live, own = self._pair.live_shell, self._own
        if live is not None and node is self._pair.second:
            self._show(live, node.name, focus=True)
        elif own is not None and not own.ended and node.name == self._own_on:
            self._show(own, node.name, focus=True)
        else:
            self._changing = asyncio.create_task(self._open_own(node, facts))

    async def _open_own(self, node: Node, facts: NodeFacts) -> None:
        try:
            pair = self._pair
            shell = await open_on(node, facts, *pair.shell_size, self._journal, pair.recordings)
        except from_events.KNOWN_ERRORS as error:
            self._voice.show_trouble(from_events.trouble_of(error, f"opening erl on {node.name}"))
            return
        await self.close()
        self._own, self._own_on = shell, node.name
        self._show(shell, node.name, focus=True)

    def opened(self, live: Shell) -> None:
        """The erl that ejtui drives was opened; the operator's own gives way to it."""
        self._changing = asyncio.create_task(self.close())
        self._show(live, self._pair.second.name, focus=False)

    def show_live(self) -> None:
        """Show the erl that ejtui drives, if there is one."""
        live = self._pair.live_shell
        if live is not None:
            self._show(live, self._pair.second.name, focus=False)

    async def close(self) -> None:
        """End the operator's own."""
        own, self._own = self._own, None
        if own is not None:
            await own.close()

    def _show(self, shell: Shell, on: str, *, focus: bool) -> None:
        if self._stop_listening is not None:
            self._stop_listening()
        mine = shell is self._own

        def heard(change: Change) -> None:
            if change is not Change.SCREEN:
                self._voice.apply(ShellIs(_typist(shell, mine=mine), on))

        self._stop_listening = shell.listen(heard)
        self._voice.show_shell(shell, focus=focus)
        self._voice.apply(ShellIs(_typist(shell, mine=mine), on))


def _typist(shell: Shell, *, mine: bool) -> Typist:
    if shell.ended:
        return Typist.NOBODY
    if mine:
        return Typist.YOURS
    return Typist.OPERATOR if shell.typist is Control.OPERATOR else Typist.EJTUI
