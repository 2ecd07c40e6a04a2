"""The cluster layer on a lab, driven in this process, with every event kept."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from ejtui.cluster.backups.rollback.rollback import RolledBack, rollback
from ejtui.cluster.join.runner import Runner
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import Question
from ejtui.cluster.run.events import Event, StepEnded
from ejtui.cluster.run.resume import Resuming
from ejtui.config import load
from ejtui.erlang.probe.client import ProbeError
from ejtui.lab.lab import Lab

Kind = TypeVar("Kind")

MNESIA = (
    "schema.DAT *.DCD *.DCL *.DAT *.DAL LATEST.LOG PREVIOUS.LOG DECISION_TAB.LOG *.TMP"
    " FALLBACK.BUP MnesiaCore.*"
)


class Engine:
    """One ejtui: a pair, its runner, the events and the questions that came."""

    def __init__(self, lab: Lab, pair: Pair | None = None) -> None:
        self.lab = lab
        self.pair = pair or Pair(load(lab.config_path))
        self.events: list[Event] = []
        self.questions: list[Question] = []
        self.yes = True
        self.on_event: Callable[[Event], None] = lambda _: None
        self.answers: Callable[[Question], Awaitable[bool]] = self._answer
        self.resuming = Resuming(self.pair, self.took)
        self.runner = Runner(self.pair, self.asks, self.resuming.hear)

    async def asks(self, question: Question) -> bool:
        self.questions.append(question)
        return await self.answers(question)

    async def _answer(self, question: Question) -> bool:
        del question
        return self.yes

    def took(self, event: Event) -> None:
        self.events.append(event)
        self.on_event(event)

    def of(self, kind: type[Kind]) -> list[Kind]:
        """The events of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def last(self) -> StepEnded:
        """The step that ended last."""
        return self.of(StepEnded)[-1]

    async def at_hand(self) -> str:
        """The first step that is not done, "" when all are."""
        views = await self.runner.checklist()
        return next((view.id for view in views if not view.state.done), "")

    async def roll_back(self, wanted: str | None = None) -> list[str]:
        return list((await self.rolled_back(wanted)).evidence)

    async def rolled_back(
        self, wanted: str | None = None, *, without_first: bool = False
    ) -> RolledBack:
        return await rollback(
            self.pair,
            wanted,
            self.asks,
            self.took,
            self.runner.lock,
            without_first=without_first,
        )


@asynccontextmanager
async def engine(lab: Lab, pair: Pair | None = None) -> AsyncIterator[Engine]:
    """An engine that is open, and closed afterwards; on the lab's own pair, or another."""
    one = Engine(lab, pair)
    await one.pair.open()
    try:
        yield one
    finally:
        await one.pair.close()


@contextmanager
def broken_off(one: Engine, question: str, share: float = 0.5) -> Iterator[None]:
    """Second's probe fails inside, once it has done this share of what `question` asks of it.

    That is of one whose last argument is the list of files.
    """
    probe: Any = one.pair.second.probe
    ask = probe.ask

    async def half(name: str, *arguments: Any, **options: Any) -> Any:
        if name != question:
            return await ask(name, *arguments, **options)
        *where, files = arguments
        await ask(name, *where, files[: int(len(files) * share)], **options)
        raise ProbeError("gone", "the power went")

    probe.ask = half
    try:
        yield
    finally:
        probe.ask = ask


@contextmanager
def damaged(lab: Lab, host: str, file: str) -> Iterator[None]:
    """One more byte is at the end of a file meanwhile."""
    kept = "/root/undamaged"
    lab.run(host, ["sh", "-euc", 'cp -p "$1" "$2"; echo >>"$1"', "sh", file, kept])
    try:
        yield
    finally:
        lab.run(host, ["cp", "-p", kept, file])


async def joined(lab: Lab) -> None:
    """Joins the lab's pair unless it is."""
    async with engine(lab) as one:
        assert await one.runner.run_on(), one.last


def state_of(lab: Lab, host: str) -> dict[str, str]:
    """All that a join could change on a host: files of its home, the cookie, the process."""
    home = lab.form.home(host)
    script = 'cd "$1"; find . -path ./queue -prune -o -type f -print | sort; cat .erlang.cookie'
    listed = lab.run(host, ["sh", "-c", script, "sh", home]).stdout
    pids = lab.run(host, ["pidof", "beam.smp"], check=False).stdout.split()
    return {
        "files": hashlib.sha256(listed).hexdigest(),
        "pids": b" ".join(sorted(pids)).decode(),
    }


def sums(lab: Lab, host: str, directory: str) -> dict[str, str]:
    """Name -> SHA-256 of Mnesia's files in a directory, by the host's own sha256sum."""
    script = f'cd "$1" && for f in {MNESIA}; do [ -f "$f" ] && sha256sum "$f"; done | sort -u'
    lines = lab.run(host, ["sh", "-c", script, "sh", directory]).stdout.decode().splitlines()
    return {name: sha for sha, name in (line.split(maxsplit=1) for line in lines)}


NODE_DOWN = 3


def ctl(lab: Lab, host: str, *words: str) -> list[str]:
    """The words that the host's own ejabberdctl answers, sorted; none where it fails.

    Each call is another VM under a random name of three digits; one that does
    not get through to the node (exit code 3) is tried again, twice at most.
    """
    for _ in range(3):
        ran = lab.run(host, [lab.form.ejabberdctl(host), *words], check=False)
        if ran.returncode != NODE_DOWN:
            break
    return [] if ran.returncode else sorted(ran.stdout.decode().split())
