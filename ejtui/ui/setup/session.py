"""The set-up's own work: it tries both hosts, keeps what was found, and writes the file."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ejtui.cluster.condition.membership import is_joined
from ejtui.cluster.facts.node import PairFacts
from ejtui.config import Config, ConfigError, load
from ejtui.config.existing import Existing, existing, typed
from ejtui.config.given import table_of
from ejtui.config.node import read_node
from ejtui.config.writing import Written, text_of, write
from ejtui.hosts import HostKeyUnknown, SecretQuestion, Secrets
from ejtui.hosts.ssh.known_hosts import remember
from ejtui.hosts.ssh.known_names import offers
from ejtui.ui.session import to_view
from ejtui.ui.setup.state import HostView, OfferView, SetupState
from ejtui.ui.setup.trial import TYPED, HostOnTrial
from ejtui.ui.state.models import QuestionView


class Asking(Protocol):
    """How the set-up reaches the operator."""

    async def ask(self, question: QuestionView) -> bool:
        """Put a question; only a yes is a yes."""

    async def ask_secret(self, question: SecretQuestion) -> str | None:
        """Have a password or a passphrase typed; None is a no."""


class SetupSession:
    """Two hosts on trial. `state` is called after each change; nothing is written but by
    `write`."""

    def __init__(
        self, asking: Asking, on_change: Callable[[SetupState], None], path: Path,
        common: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.state = SetupState(_short(path), offers=tuple(_offers(common)))
        self.secrets = Secrets(self._ask_secret)
        self._asking, self._on_change, self._path, self._common = asking, on_change, path, common
        self._hosts = (HostOnTrial(self, 0), HostOnTrial(self, 1))
        self._before = None if common else existing(path)
        if self._before is not None:
            self._recall(self._before)
        self._free_to_ask = asyncio.Event()
        # A second dialog must not come over the first, and take the key that was meant for it.
        self._one_question = asyncio.Lock()
        self._mistakes: asyncio.Queue[BaseException] = asyncio.Queue()

    async def run(self) -> None:
        """Wait until cancelled; a mistake of ejtui's in a trial is raised here."""
        # What reaches hosts takes a while to load, and the operator types meanwhile.
        await asyncio.to_thread(importlib.import_module, "ejtui.hosts.ssh.host")
        if self._before is not None:
            for host in self._hosts:
                host.try_again()
        raise await self._mistakes.get()

    def _recall(self, before: Existing) -> None:
        """Start from the hosts of the file that is there."""
        for host, name in zip(self._hosts, before.pair, strict=True):
            host.recall(typed(before.tables[name]), dict(before.tables[name]))
        first, second = self._hosts
        self.state = replace(self.state, hosts=(first.view, second.view))

    def begin(self, trial: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run that trial in the background."""
        task = asyncio.create_task(trial)
        task.add_done_callback(self._start_ended)
        return task

    def _start_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (mistake := task.exception()) is not None:
            self._mistakes.put_nowait(mistake)

    # What the operator enters

    def hold(self, held: bool) -> None:
        """Whether questions wait: the operator types, and no key of that may answer one."""
        if held:
            self._free_to_ask.clear()
        else:
            self._free_to_ask.set()

    def enter(self, number: int, text: str) -> str:
        """Take what was typed for that host and try it; returns what is wrong with it, or ""."""
        host, other = self._hosts[number], self._hosts[1 - number]
        if text == host.view.entered:
            if host.view.trouble:
                self.secrets.reconsider()
                host.try_again()
            return ""
        try:
            table = table_of(text, self._common)
            read_node(TYPED, "host", table)
        except (ValueError, ConfigError) as error:
            return " ".join(_text_of(error).split())
        if (table["address"], table.get("port")) == (
            other.table.get("address"),
            other.table.get("port"),
        ):
            return "both are the same host"
        self.secrets.reconsider()
        host.enter(text, table)
        return ""

    def change(self, number: int, key: str, value: str) -> str:
        """Set one value of that host and try it again; "" leaves it to be found. Returns what is
        wrong with it, or ""."""
        host = self._hosts[number]
        table = dict(host.table)
        if value:
            table[key] = _as_written(key, value)
        else:
            table.pop(key, None)
        try:
            read_node(TYPED, "host", table)
        except ConfigError as error:
            return " ".join(_text_of(error).split())
        self.secrets.reconsider()
        host.change(key, table)
        return ""

    # What comes of it

    def text(self, first: int) -> str:
        """The file's text, where that host is the one whose accounts survive."""
        names = self._before.pair if self._before else ("first", "second")
        if self._before and first:
            names = (names[1], names[0])
        tables, notes = {}, {}
        for name, host in zip(names, (self._hosts[first], self._hosts[1 - first]), strict=True):
            tables[name], notes[name] = host.written()
        others = self._before.others if self._before else {}
        return text_of(*names, {**tables, **others}, notes)

    def write(self, first: int) -> Written:
        """Write that text; raises ConfigError, OSError."""
        return write(self._path, self.text(first))

    def read(self) -> Config:
        """What was written, read again; raises ConfigError."""
        return load(self._path)

    async def close(self) -> None:
        """Leave both hosts."""
        await asyncio.gather(*(host.stop() for host in self._hosts))

    # What the trials report and ask

    def show(self, number: int, view: HostView) -> None:
        """A host stands differently."""
        first, second = self.state.hosts
        hosts = (first, view) if number else (view, second)
        known = [host.facts for host in hosts if host.facts is not None]
        pair = PairFacts(known[0], known[1]) if len(known) == 2 else None
        self.state = replace(
            self.state,
            hosts=hosts,
            joined=pair is not None and bool(is_joined(pair)),
            one_node=pair is not None and pair.one_node,
        )
        self._on_change(self.state)

    async def accepts(self, number: int, name: str, error: HostKeyUnknown) -> bool:
        """Ask about a host key; a yes adds it to known_hosts."""
        async with self._one_question:
            await self._until_free(self._hosts[number])
            if not await self._asking.ask(to_view.host_key_question(name, error)):
                return False
        remember(error)
        return True

    async def _ask_secret(self, question: SecretQuestion) -> str | None:
        asking = [host for host in self._hosts if host.name == question.host]
        async with self._one_question:
            await self._until_free(*asking)
            return await self._asking.ask_secret(question)

    async def _until_free(self, *hosts: HostOnTrial) -> None:
        if self._free_to_ask.is_set():
            return
        for host in hosts:
            host.show(waits=True)
        await self._free_to_ask.wait()
        for host in hosts:
            host.show(waits=False)


def _offers(common: Mapping[str, str]) -> list[OfferView]:
    return [OfferView(offer.host, offer.source) for offer in offers(common)]


def _as_written(key: str, value: str) -> str | int:
    if key == "identity_file":
        # The file must hold for any directory that ejtui is started from.
        return str(Path(value).expanduser().absolute())
    return int(value) if key == "port" and value.isdecimal() else value


def _short(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _text_of(error: Exception) -> str:
    if isinstance(error, ConfigError):
        return f"{error.key.rpartition('.')[2]} {error.what}; {error.would_be_right}"
    return str(error)
