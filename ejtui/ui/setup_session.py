"""The set-up's own work: it tries both hosts, keeps what was found, and writes the file."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ejtui.cluster.trial import Layer, Trial
from ejtui.config import Config, ConfigError, HostConfig, load
from ejtui.config.given import Table, table_of
from ejtui.config.node import LOCAL, read_node
from ejtui.config.writing import Written, text_of, write
from ejtui.hosts import HostError, HostKeyUnknown, SecretQuestion, Secrets
from ejtui.hosts.known_hosts import remember
from ejtui.hosts.offers import offers
from ejtui.ui import views
from ejtui.ui.parts import QuestionView
from ejtui.ui.setup_state import HostView, LayerSeen, OfferView, SetupState, ValueView

_TYPED = Path("what was typed")
_FOUND = ("node", "spool_dir", "service_user", "ejabberdctl")
_WHERE_MISSING = ("erl", "home")
"""Values that are shown where the trial found none, or where one was given."""
_BY_HAND = "changed by you"


class Asking(Protocol):
    """How the set-up reaches the operator."""

    async def ask(self, question: QuestionView) -> bool:
        """Put a question; only a yes is a yes."""

    async def ask_secret(self, question: SecretQuestion) -> str | None:
        """Have a password or a passphrase typed; None is a no."""


class SetupSession:
    """Two hosts on trial. `state` is told anew whenever it changes; nothing is written but by
    `write`."""

    def __init__(
        self, asking: Asking, tell: Callable[[SetupState], None], path: Path,
        common: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.state = SetupState(_short(path), offers=tuple(_offers(common)))
        self.secrets = Secrets(self._ask_secret)
        self._asking, self._tell, self._path, self._common = asking, tell, path, common
        self._hosts = (_OnTrial(self, 0), _OnTrial(self, 1))
        self._free_to_ask = asyncio.Event()
        # A second dialog must not come over the first, and take the key that was meant for it.
        self._one_question = asyncio.Lock()
        self._mistakes: asyncio.Queue[BaseException] = asyncio.Queue()

    async def run(self) -> None:
        """Wait until cancelled; a mistake of ejtui's in a trial is raised here."""
        # What reaches hosts takes a while to load, and the operator types meanwhile.
        await asyncio.to_thread(importlib.import_module, "ejtui.hosts.ssh")
        raise await self._mistakes.get()

    def begin(self, trial: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Let that trial go on by itself."""
        task = asyncio.create_task(trial)
        task.add_done_callback(self._begun_ended)
        return task

    def _begun_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (mistake := task.exception()) is not None:
            self._mistakes.put_nowait(mistake)

    # What the operator says

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
            read_node(_TYPED, "host", table)
        except (ValueError, ConfigError) as error:
            return " ".join(_said(error).split())
        if (table["address"], table.get("port")) == (
            other.table.get("address"),
            other.table.get("port"),
        ):
            return "this is the other host already"
        self.secrets.reconsider()
        host.enter(text, table)
        return ""

    def change(self, number: int, key: str, value: str) -> str:
        """Set one value of that host and try it again; "" leaves it to be found. Returns what is
        wrong with it, or ""."""
        host = self._hosts[number]
        table = dict(host.table)
        if value:
            table[key] = int(value) if key == "port" and value.isdecimal() else value
        else:
            table.pop(key, None)
        try:
            read_node(_TYPED, "host", table)
        except ConfigError as error:
            return " ".join(_said(error).split())
        self.secrets.reconsider()
        host.change(key, table)
        return ""

    # What comes of it

    def text(self, first: int) -> str:
        """The file's text, where that host is the one whose accounts survive."""
        tables, notes = {}, {}
        for name, host in (("first", self._hosts[first]), ("second", self._hosts[1 - first])):
            tables[name], notes[name] = host.written()
        return text_of("first", "second", tables, notes)

    def write(self, first: int) -> Written:
        """Write that text; raises ConfigError, OSError."""
        return write(self._path, self.text(first))

    def read(self) -> Config:
        """What was written, read again; raises ConfigError."""
        return load(self._path)

    async def close(self) -> None:
        """Leave both hosts."""
        await asyncio.gather(*(host.stop() for host in self._hosts))

    # What the trials say and ask

    def show(self, number: int, view: HostView) -> None:
        """A host stands differently."""
        first, second = self.state.hosts
        hosts = (first, view) if number else (view, second)
        self.state = replace(self.state, hosts=hosts)
        self._tell(self.state)

    async def accepts(self, number: int, name: str, error: HostKeyUnknown) -> bool:
        """Ask about a host key; a yes adds it to known_hosts."""
        async with self._one_question:
            await self._until_free(self._hosts[number])
            if not await self._asking.ask(views.host_key_question(name, error)):
                return False
        remember(error)
        return True

    async def _ask_secret(self, question: SecretQuestion) -> str | None:
        asking = [host for host in self._hosts if host.name == question.host]
        async with self._one_question:
            await self._until_free(*asking)
            return await self._asking.ask_secret(question)

    async def _until_free(self, *hosts: _OnTrial) -> None:
        if self._free_to_ask.is_set():
            return
        for host in hosts:
            host.show(waits=True)
        await self._free_to_ask.wait()
        for host in hosts:
            host.show(waits=False)


class _OnTrial:
    """One of the two hosts."""

    def __init__(self, session: SetupSession, number: int) -> None:
        self.view = HostView()
        self.table: Table = {}
        self._session, self._number = session, number
        self._by_hand: set[str] = set()
        self._trial: Trial | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """How it is called before it is known to be first or second."""
        return _name(str(self.table.get("address", "")), self._number)

    def show(self, **changes: object) -> None:
        """Tell what is different."""
        self.view = replace(self.view, **changes)  # type: ignore[arg-type]
        self._session.show(self._number, self.view)

    def enter(self, text: str, table: Table) -> None:
        """Another host."""
        self._by_hand = set()
        self.view = HostView(entered=text)
        self._try(table)

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
        config = read_node(_TYPED, self.name, table)
        self.show(going=True, waits=False, layers=(), trouble="", next_action="", accounts=None)
        self._task = self._session.begin(self._run(config, before))

    async def _run(self, config: HostConfig, before: asyncio.Task[None] | None) -> None:
        await _ended(before)
        trial = self._trial = Trial(config, self._session.secrets)
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
        )

    async def _tried(self, trial: Trial) -> bool:
        """Show each layer as it comes; return whether to begin again, with a key accepted."""
        async for layer in trial.layers():
            error = layer.error
            if isinstance(error, HostKeyUnknown) and await self._session.accepts(
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
            said = "typed by you" if "user" in table else "ssh's, else your own name"
            rows.append(self._given("user", said, trial.login))
            if "port" in table:
                rows.append(self._given("port", "typed by you"))
        rows.append(self._given("become", "what ejtui begins with"))
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
        said = _BY_HAND if key in self._by_hand and key in self.table else source
        return ValueView(key, value, said, key in self.table)

    def written(self) -> tuple[Table, list[str]]:
        """The node's table as the file will have it, and the notes below it."""
        table = dict(self.table)
        return table, self._trial.noted(table) if self._trial else []

    async def stop(self) -> None:
        """End its trial, if one is under way."""
        await _ended(self._task)


async def _ended(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait([task])


def _name(address: str, number: int) -> str:
    """The host's address, where that is a name for a node."""
    with contextlib.suppress(ConfigError):
        return read_node(_TYPED, address, {"address": LOCAL}).name
    return f"host-{number + 1}"


def _offers(common: Mapping[str, str]) -> list[OfferView]:
    return [OfferView(offer.host, offer.source) for offer in offers(common)]


def _short(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _said(error: Exception) -> str:
    if isinstance(error, ConfigError):
        return f"{error.key.rpartition('.')[2]} {error.what}; {error.would_be_right}"
    return str(error)


def _what(error: Exception) -> tuple[str, str]:
    if isinstance(error, HostError):
        return error.what, error.next_action
    return str(error) or type(error).__name__, ""
