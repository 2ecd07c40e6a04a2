"""A started program and how it is ended."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ejtui import scripts
from ejtui.hosts.programs.become import Mode
from ejtui.hosts.programs.frames import Encoder
from ejtui.hosts.programs.spawn import LaunchSink, Spawned
from ejtui.hosts.secrets import Key

END = scripts.shell(__file__, "end.sh")


@dataclass(frozen=True)
class Order:
    """What is to be run: `argv` as `user` (None: who logs in), in `cwd`, with `env` added."""

    argv: Sequence[str]
    user: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None


class Running:
    """A started program, what was learnt of its beginning, and as whom it runs.

    `framed`: it is behind the relay of `frames`; `answers` are the secrets that were
    given on its behalf, by their keys.
    """

    def __init__(self, launch: LaunchSink, user: str | None, mode: Mode, *, framed: bool) -> None:
        self.launch = launch
        self.user = user
        self.mode = mode
        self.framed = framed
        self.task: asyncio.Task[Spawned] | None = None
        self.answers: dict[Key, str] = {}

    @property
    def spawned(self) -> Spawned:
        """Return the program's other half; only after it was started."""
        spawned = self._started.result()
        return Encoder(spawned) if self.framed else spawned

    @property
    def _started(self) -> asyncio.Task[Spawned]:
        assert self.task is not None  # noqa: S101 - set by the only one who makes these
        return self.task

    def answer(self, key: Key, answer: str) -> None:
        """Give a secret to the program that asks, as soon as its input is open."""
        self.answers[key] = answer
        line = answer.encode("utf-8", "surrogateescape") + b"\n"

        def give(started: asyncio.Task[Spawned]) -> None:
            if not started.cancelled() and not started.exception():
                started.result().write(line)

        self._started.add_done_callback(give)
