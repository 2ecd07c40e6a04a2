"""One host of the set-up on trial: tried in the background, and again with each changed value."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ejtui.cluster.host_trial import Layer, Trial
from ejtui.config import ConfigError, HostConfig
from ejtui.config.given import Table
from ejtui.config.node import LOCAL, read_node
from ejtui.hosts import HostError, HostKeyUnknown, Secrets
from ejtui.ui.setup.state import HostView, LayerSeen, ValueView

TYPED = Path("what was typed")
"""Stands for the file in messages about a wrong value."""

_FOUND = ("node", "spool_dir", "service_user", "ejabberdctl")
_LINE = ("port", "identity_file", "proxy_jump")
_WHERE_MISSING = ("erl", "home")
"""Like those of the line, values that are shown where the trial broke, or one was given."""
_BY_HAND = "changed by you"
_IN_FILE = "in the file"


class Around(Protocol):
    """What a host on trial needs of the set-up."""

    secrets: Secrets

    def show(self, number: int, view: HostView) -> None:
        """A host stands differently."""

    def begin(self, trial: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run that trial in the background."""

    async def accepts(self, number: int, name: str, error: HostKeyUnknown) -> bool:
        """Ask about a host key; a yes adds it to known_hosts."""


class HostOnTrial:
    """One of the two hosts: what is known of it, and its running trial."""

    def __init__(self, around: Around, number: int) -> None:
        self.view = HostView()
        self.table: Table = {}
        self._around, self._number = around, number
        self._by_hand: set[str] = set()
        self._of_file: set[str] = set()
        self._trial: Trial | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """How it is called before it is known to be first or second."""
        return _name(str(self.table.get("address", "")), self._number)

    def show(self, **changes: object) -> None:
        """Show what has changed."""
        self.view = replace(self.view, **changes)  # type: ignore[arg-type]
        self._around.show(self._number, self.view)

    def enter(self, text: str, table: Table) -> None:
        """Another host."""
        self._by_hand, self._of_file = set(), set()
        self.view = HostView(entered=text)
        self._try(table)

    def recall(self, text: str, table: Table) -> None:
        """The host that the file has; it is tried by `try_again`."""
        self.table, self.view = table, HostView(entered=text, going=True)
        self._of_file = set(table)

    def change(self, key: str, table: Table) -> None:
        """The same host, with another value."""
        self._by_hand.add(key)
        self._try(table)

    def try_again(self) -> None:
        """The same host, as it is."""
        self._try(self.table)

    def _try(self, table: Table) -> None:
        self.table = table
        before, self._task = self._task, None
        config = read_node(TYPED, self.name, table)
        self.show(going=True, waits=False, layers=(), trouble="", next_action="", accounts=None,
                  facts=None)  # fmt: skip
        self._task = self._around.begin(self._run(config, before))

    async def _run(self, config: HostConfig, before: asyncio.Task[None] | None) -> None:
        await _ended(before)
        trial = self._trial = Trial(config, self._around.secrets)
        try:
            while await self._tried(trial):
                self.show(layers=())
        finally:
            await trial.close()
        facts = trial.facts
        self.show(
            going=False,
            values=tuple(self._values(trial)),
            accounts=facts.accounts if facts and facts.ejabberd else None,
            facts=facts,
        )

    async def _tried(self, trial: Trial) -> bool:
        """Show each layer as it comes; return whether to begin again, with a key accepted."""
        async for layer in trial.layers():
            error = layer.error
            if isinstance(error, HostKeyUnknown) and await self._around.accepts(
                self._number, self.name, error
            ):
                return True
            self._saw(layer)
        return False

    def _saw(self, layer: Layer) -> None:
        error = layer.error
        seen = (*self.view.layers, LayerSeen(layer.name, layer.well, layer.found))
        if error is None:
            self.show(layers=seen)
        else:
            what, action = _what(error)
            self.show(layers=seen, trouble=what, next_action=action)

    def _values(self, trial: Trial) -> list[ValueView]:
        table = self.table
        rows = [self._given("address", "typed by you")]
        if table["address"] != LOCAL:
            source = "typed by you" if "user" in table else "ssh_config, or your login"
            rows.append(self._given("user", source, trial.login))
            for key in _LINE:
                if key in table or trial.platform is None:
                    rows.append(
                        self._given(key, "typed by you" if key in table else "from ssh_config")
                    )
        rows.append(self._given("become", "default"))
        platform = trial.platform
        sources = platform.sources if platform else {}
        kind = platform.kind if platform else ""
        rows.append(self._given("platform", sources.get("kind", "not known yet"), kind))
        if platform:
            rows[-1] = replace(rows[-1], written=True)
        more = [key for key in _WHERE_MISSING if platform is None or key in table]
        for key in (*_FOUND, *more):
            value = getattr(platform, key) if platform else ""
            rows.append(self._given(key, sources.get(key, "not known yet"), value))
        return rows

    def _given(self, key: str, source: str, found: str = "") -> ValueView:
        value = str(self.table.get(key, found))
        said = source
        if key in self.table and key in self._by_hand | self._of_file:
            said = _BY_HAND if key in self._by_hand else _IN_FILE
        return ValueView(key, value, said, key in self.table)

    def written(self) -> tuple[Table, list[str]]:
        """The node's table as the file will have it, and the notes below it."""
        table = dict(self.table)
        return table, self._trial.noted(table) if self._trial else []

    async def stop(self) -> None:
        """End its trial, if one is running."""
        await _ended(self._task)


async def _ended(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait([task])


def _name(address: str, number: int) -> str:
    """The host's address, where that is a name for a node."""
    with contextlib.suppress(ConfigError):
        return read_node(TYPED, address, {"address": LOCAL}).name
    return f"host-{number + 1}"


def _what(error: Exception) -> tuple[str, str]:
    if isinstance(error, HostError):
        return error.what, error.next_action
    return str(error) or type(error).__name__, ""
