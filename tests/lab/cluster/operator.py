"""An operator at the live shell, who takes it over in the middle of a step and hands it back."""

from __future__ import annotations

import asyncio

from ejtui.cluster.polling import until
from ejtui.cluster.run.events import (
    Event,
    HandedBack,
    ShellOpened,
    StepProgress,
    StepStarted,
    StoodAside,
)
from tests.lab.cluster.engine import Engine
from tests.patience import SECONDS


class Operator:
    """Types 1+1. as soon as the step is running, and hands back when it is answered."""

    def __init__(self, one: Engine, step: str) -> None:
        self.one = one
        self.step = step
        self.task: asyncio.Task[None] | None = None
        one.on_event = self

    def __call__(self, event: Event) -> None:
        begun = isinstance(event, StepStarted) and event.id == self.step == "sync"
        copying = isinstance(event, StepProgress) and event.id == self.step and event.done == 3
        if self.task is None and (begun or copying):
            self.task = asyncio.create_task(self._type())

    async def _type(self) -> None:
        shell = self.one.pair.live_shell
        assert shell is not None
        shell.key(b"\x151+1.\r")
        await until(
            _nothing,
            lambda _: "2" in shell.screen.frame.lines and bool(self.one.of(StoodAside)),
            what="the answer, and ejtui standing aside",
            seconds=SECONDS,
        )
        shell.hand_back()


async def joined_with_the_operator(one: Engine, step: str) -> None:
    """Joins the pair, with the operator typing within the step; ejtui waits, and goes on."""
    Operator(one, step)
    async with asyncio.timeout(240):
        assert await one.runner.run_on(), one.last
    assert len(one.of(StoodAside)) == 1
    assert len(one.of(HandedBack)) == 1
    screen = one.of(ShellOpened)[0].shell.screen
    text = screen.text_between(0, screen.frame.line_number)
    at = next(i for i, line in enumerate(text) if line.endswith("> 1+1."))
    assert text[at + 1] == "2"


async def _nothing() -> None:
    """What is looked at comes without help."""
