"""View-states made from constructed facts: what the nodes would report at each moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from ejtui.cluster.facts.node import (
    CookieFacts,
    NodeFacts,
    PairFacts,
    SchemaFacts,
    SpoolFacts,
    SpoolFile,
    TableFacts,
)
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.run.events import StepProgress
from ejtui.config import Config, HostConfig
from ejtui.ui.app import EjtuiApp
from ejtui.ui.session import to_view
from ejtui.ui.session.protocols import Voice
from ejtui.ui.state.models import (
    CommandView,
    DiagnosisView,
    FindingView,
    LayerView,
    RepairView,
    StepView,
    Work,
)
from ejtui.ui.state.view_state import Health, NodeView, Typist, ViewState
from tests.patience import SECONDS
from tests.samples import step

FIRST, SECOND = "ejabberd@first", "ejabberd@second"
STEPS = (
    ("preflight", "Preflight", "both"),
    ("cookies", "Magic cookies", "second"),
    ("nodes", "Node names", "both"),
    ("cleandb", "Clean database", "second"),
    ("config", "Node configuration", "second"),
    ("sync", "Synchronise schema", "second"),
    ("tables", "Tables", "second"),
    ("quit", "Leave the erl shell", "second"),
    ("permissions", "Permissions", "second"),
    ("start", "Start", "second"),
    ("verify", "Verify", "both"),
)
TABLES = {
    "acl": "ram_copies", "archive_msg": "disc_only_copies", "ejabberd_commands": "ram_copies",
    "http_bind": "ram_copies", "irc_custom": "disc_copies", "last_activity": "disc_copies",
    "motd": "disc_copies", "muc_registered": "disc_copies", "offline_msg": "disc_only_copies",
    "passwd": "disc_copies", "privacy": "disc_copies", "pubsub_item": "disc_only_copies",
    "roster": "disc_copies", "roster_version": "disc_copies", "session": "ram_copies",
    "vcard": "disc_only_copies", "vcard_search": "disc_copies",
}  # fmt: skip
ERL = (
    """erl -sname ejabberd@second -mnesia dir '"/var/lib/ejabberd"' """
    """-mnesia extra_db_nodes "['ejabberd@first']" -s mnesia"""
)


def _tables(holders: tuple[str, ...], me: str) -> tuple[TableFacts, ...]:
    made = []
    for number, (name, storage) in enumerate(TABLES.items()):
        kind = storage if me in holders else "unknown"
        copies = {"ram_copies": (), "disc_copies": (), "disc_only_copies": (), storage: holders}
        made.append(
            TableFacts(
                name, kind, copies["ram_copies"], copies["disc_copies"],
                copies["disc_only_copies"], name == "ejabberd_commands",
                number * 25, number * 12_345, holders[0],
            )
        )  # fmt: skip
    return tuple(made)


def node(
    name: str, *, cookie: str, runs: tuple[str, ...], storage: str = "disc_copies",
    accounts: int | None, schema_cookie: str, ejabberd: bool = True,
    tables: tuple[TableFacts, ...] = (),
) -> NodeFacts:  # fmt: skip
    """A node that answers."""
    return NodeFacts(
        name=name, node=f"ejabberd@{name}", vm="up" if runs else "down", ejabberd=ejabberd,
        ejabberd_version="23.01", otp_release="25", mnesia="yes" if runs else "no",
        db_nodes=runs, running_db_nodes=runs, directory="/var/lib/ejabberd",
        schema=SchemaFacts(storage, schema_cookie, (), runs), tables=tables, accounts=accounts,
        cookie=CookieFacts(sha256=cookie * 8, mode=0o400, owner="ejabberd"),
        spool=SpoolFacts(True, files=(SpoolFile("schema.DAT", 32_768),)),
        os_pid="4711" if runs else "",
    )  # fmt: skip


def apart() -> PairFacts:
    """Two nodes that know nothing of each other; second has an account that first lacks."""
    return PairFacts(
        node("first", cookie="5ecfc512", runs=(FIRST,), accounts=25, schema_cookie="one",
             tables=_tables((FIRST,), FIRST)),
        node("second", cookie="a01be377", runs=(SECOND,), accounts=1, schema_cookie="two",
             tables=_tables((SECOND,), SECOND)),
    )  # fmt: skip


def joining() -> PairFacts:
    """Second's erl is connected; its schema and its tables are not copied."""
    both = (FIRST, SECOND)
    return PairFacts(
        node("first", cookie="5ecfc512", runs=both, accounts=25, schema_cookie="one",
             tables=_tables((FIRST,), FIRST)),
        node("second", cookie="5ecfc512", runs=both, accounts=None, schema_cookie="one",
             storage="ram_copies", ejabberd=False, tables=_tables((FIRST,), SECOND)),
    )  # fmt: skip


def together() -> PairFacts:
    """One cluster."""
    both = (FIRST, SECOND)
    return PairFacts(
        node("first", cookie="5ecfc512", runs=both, accounts=25, schema_cookie="one",
             tables=_tables(both, FIRST)),
        node("second", cookie="5ecfc512", runs=both, accounts=25, schema_cookie="one",
             tables=_tables(both, SECOND)),
    )  # fmt: skip


def checklist(current: int, failed: str = "") -> tuple[StepView, ...]:
    """Eleven steps, of which those before number `current` are done."""
    return tuple(
        StepView(
            id=id, number=number, title=title, where=where,
            state="done" if number < current else "blocked" if number > current else
            "failed" if failed else "todo",
            detail=failed if number == current else "" if number < current else
            f"waits for step {current}, {STEPS[current - 1][1].lower()}",
            reference="Synchronise Databases", why=f"Why {title.lower()} is needed.",
            commands=(CommandView("second", "ejabberd", "shell", ERL),
                      CommandView("second", "ejabberd", "erl", "mnesia:info().")),
            findings=(FindingView("epmd-unreachable", "first's epmd does not answer", "first",
                                  ("from second: 10.0.0.1: timeout",), "A firewall.",
                                  "open TCP port 4369"),) if failed and number == current else (),
        )
        for number, (id, title, where) in enumerate(STEPS, 1)
    )  # fmt: skip


def view(
    pair: PairFacts, current: int, failed: str = "", choices: Mapping[str, str] | None = None
) -> ViewState:
    """The state that the screens show of that pair."""
    return ViewState(
        first=to_view.node_view(pair.first, pair, "op@first.example.net"),
        second=to_view.node_view(pair.second, pair, "op@second.example.net"),
        connected=True,
        steps=checklist(current, failed),
        tables=to_view.table_views(pair, Choices(choices)),
    )


def _during() -> ViewState:
    progress = StepProgress(
        step("tables"), 12, 39, "tables", "offline_msg, 1.2 MB", 300_000, "4 s left"
    )
    state = replace(
        view(joining(), 7), work=Work("Tables", "tables", 3, progress),
        typist=Typist.EJTUI, shell_on="second",
    )  # fmt: skip
    return state.with_evidence("tables", ("passwd: RAM and disc copy", "roster: copied"))


LAYERS = (
    "host", "resolve", "epmd", "port", "distribution", "cookie", "schema", "tables", "ejabberd",
)  # fmt: skip


def layers(**others: bool | None) -> tuple[LayerView, ...]:
    """Every layer, well unless it is named."""
    return tuple(
        LayerView(name, others.get(name, True), f"{name} of both was seen") for name in LAYERS
    )


MISMATCH = FindingView(
    "cookie-mismatch", "the magic cookies differ, and both have one schema", "second",
    ("first: .erlang.cookie 5ecfc5", "second: .erlang.cookie a01be3",
     "second: /var/log/ejabberd/ejabberd.log, line 12: Connection attempt from node rejected"),
    "Erlang nodes which talk to each other must have the same magic cookie.",
    "copy first's cookie to second", "error", "second",
    consequences=("each side reports that the other is stopped (partitioned)",),
    repair_view=RepairView(
        "copy first's cookie, and let the running node take it",
        (CommandView("first", "ejabberd", "shell", "cat /var/lib/ejabberd/.erlang.cookie"),
         CommandView("second", "ejabberd", "erl", "erlang:set_cookie(node(), COOKIE).")),
        "ejabberd restarts on that node where its running node cannot be reached",
        "the cookie file of before, in /var/lib/ejabberd/ejtui-backups on second",
    ),
)  # fmt: skip
OVERLOAD = FindingView(
    "overload", "Mnesia of first is overloaded", "first", ("first: the log shows it",),
    "Mnesia cannot write its log off as fast as it grows.", "wait", "warning", "first",
    "the log of the next hour",
    repair_view=RepairView("no repair", why_none="Mnesia writes it to disk once that ends"),
)  # fmt: skip
SICK = DiagnosisView(
    (MISMATCH, OVERLOAD), layers(cookie=False, schema=None), False, "14:02:11", undoes=True
)
WELL = DiagnosisView((), layers(), True, "14:03:09")


def _repairing() -> ViewState:
    work = Work("repair of cookie-mismatch", "repair:cookie-mismatch", 2, repairs=MISMATCH)
    state = replace(view(together(), 12), work=work, diagnosis=SICK)
    return state.with_evidence("repair:cookie-mismatch", ("second has first's cookie 5ecfc5",))


def _unreachable() -> ViewState:
    pair = apart()
    error = "second (op@second.example.net): no answer on port 22 in 10 s.\nIs the host up?"
    return view(replace(pair, second=NodeFacts.unreachable("second", error, SECOND)), 1)


STATES: Mapping[str, Callable[[], ViewState]] = {
    "before": lambda: view(apart(), 2),
    "during": _during,
    "operator types": lambda: replace(_during(), typist=Typist.OPERATOR),
    "joined": lambda: view(together(), 12),
    "failed": lambda: view(apart(), 1, "first's epmd does not answer from second"),
    "unreachable": _unreachable,
    "sick": lambda: replace(view(together(), 12), diagnosis=SICK),
    "warned": lambda: replace(view(apart(), 2), diagnosis=replace(SICK, findings=(OVERLOAD,))),
    "well": lambda: replace(view(apart(), 2), diagnosis=WELL),
    "healthy": lambda: replace(
        view(together(), 12), diagnosis=replace(WELL, joined=True, undoes=True)
    ),
    "unsure": lambda: replace(
        view(apart(), 2), diagnosis=replace(WELL, healthy=False, layers=layers(tables=None))
    ),
    "repairing": _repairing,
    "asking": lambda: ViewState(
        NodeView("first", FIRST, "op@first.example.net", Health.ASKING),
        NodeView("second", SECOND, "op@second.example.net", Health.ASKING),
    ),
}


class Screens:
    """The app on a constructed state, with a session that only notes what it is asked."""

    def __init__(self, app: EjtuiApp, pilot: Any, asked: list[tuple[object, ...]]) -> None:
        self.app = app
        self.pilot = pilot
        self.asked = asked

    @property
    def lines(self) -> list[str]:
        """What is on the screen, line by line."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self.lines)

    @property
    def done(self) -> list[tuple[object, ...]]:
        """What the session was asked, the pane's size apart."""
        return [call for call in self.asked if call[0] != "resize_shell"]

    async def show(self, state: ViewState) -> None:
        """Have that state painted."""
        self.app.state = state
        self.app.paint()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press the keys, and wait until what comes of it is painted."""
        await self.pilot.press(*keys)
        await self.settle()

    async def until(self, holds: Callable[[str], bool]) -> None:
        """Wait until that is true of what is shown. Raises AssertionError with what is."""
        end = asyncio.get_running_loop().time() + SECONDS
        while not holds(self.text) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.02)
            await self.settle()
        assert holds(self.text), self.text

    async def settle(self) -> None:
        """Wait until nothing is left to be painted; an app that was left paints nothing more."""
        await self.pilot.pause()
        end = asyncio.get_running_loop().time() + SECONDS
        while (
            self.app.painting
            and self.app.return_code is None
            and asyncio.get_running_loop().time() < end
        ):
            await self.pilot.pause()
        await self.pilot.pause()


class _Session:
    def __init__(self, asked: list[tuple[object, ...]]) -> None:
        self._asked = asked

    async def run(self) -> None:
        """Nothing is asked of any host."""

    async def close(self) -> None:
        self._asked.append(("close",))

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *given: self._asked.append((name, *given))


Show = Callable[..., AbstractAsyncContextManager[Screens]]


@pytest.fixture(params=list(STATES))
def any_state(request: pytest.FixtureRequest) -> ViewState:
    """Each state in turn."""
    return STATES[request.param]()


@pytest.fixture
def states() -> Mapping[str, Callable[[], ViewState]]:
    """Every state by its name."""
    return STATES


@pytest.fixture
def show(config: Config) -> Show:
    """The app at a size, showing a state."""

    @asynccontextmanager
    async def shown(
        state: ViewState, width: int, height: int, *, ascii_only: bool = False
    ) -> AsyncIterator[Screens]:
        asked: list[tuple[object, ...]] = []

        def make(_config: Config, _voice: Voice) -> Any:
            return _Session(asked)

        app = EjtuiApp(config, ascii_only=ascii_only, make_session=make)
        async with app.run_test(size=(width, height)) as pilot:
            screens = Screens(app, pilot, asked)
            await pilot.pause()
            await screens.show(state)
            yield screens

    return shown


@pytest.fixture
def config() -> Config:
    """A pair of hosts that nobody asks."""
    return Config(
        "first", "second", {name: HostConfig(name, f"{name}.example.net") for name in
                            ("first", "second")},
    )  # fmt: skip
