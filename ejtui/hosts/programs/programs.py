"""Starting programs on a host, ending them, and why one did not start."""

from __future__ import annotations

import abc
import asyncio
import secrets as random
from collections.abc import Callable, Sequence
from functools import partial

from ejtui.hosts.errors import BecomeFailed, HostError, Unreachable, printable
from ejtui.hosts.host import Output
from ejtui.hosts.programs import frames, wire
from ejtui.hosts.programs.authority import Authority
from ejtui.hosts.programs.become import Mode, becoming, failed, way
from ejtui.hosts.programs.output import Gather
from ejtui.hosts.programs.running import END, Order, Running
from ejtui.hosts.programs.spawn import LaunchSink, Sink, Spawned
from ejtui.hosts.secrets import Secrets

Size = tuple[int, int]

_END_SECONDS = 8.0


class Programs(abc.ABC):
    """What a host runs: each program started as the right user, and ended whatever happens."""

    def __init__(
        self, name: str, where: str, login: str, become: str, secrets: Secrets | None
    ) -> None:
        self.name = name
        self.where = where
        self.login = login
        self.lost: Exception | None = None
        self._become = become
        self._authority = Authority(self, secrets or Secrets())
        self._alive: set[Running] = set()
        self._endings: set[asyncio.Task[None]] = set()

    @abc.abstractmethod
    async def _spawn(self, argv: Sequence[str], sink: Sink, size: Size | None) -> Spawned:
        """Start exactly `argv`, on a terminal of `size` when given."""

    @property
    def way(self) -> str:
        """Return how to become other users: "sudo", "doas", "su" or "none"."""
        return way(self._become, self.login)

    def _launch(self, order: Order, sink: Sink, size: Size | None = None) -> Running:
        """Begin to start a program; raises at once when it cannot be done at all."""
        wrong = wire.mistake(order.argv, order.env, order.cwd)
        if wrong:
            raise self._error(wrong, "Correct the value in the configuration.")
        mode = self._authority.mode(order.user)
        if size is not None and mode is Mode.STDIN:
            mode = Mode.TERMINAL
        running = self._start(order, sink, size, mode)
        if mode is not Mode.NONE:
            running.launch.on_prompt = partial(self._authority.answer, running)
        return running

    def trial(self, user: str, mode: Mode, on_prompt: Callable[[str], None]) -> Running:
        """Begin to become a user, only to do nothing as them."""
        running = self._start(Order(["true"], user), Gather(), None, mode)
        running.launch.on_prompt = on_prompt
        return running

    def _start(self, order: Order, sink: Sink, size: Size | None, mode: Mode) -> Running:
        token = random.token_hex(6)
        behind = mode is Mode.TERMINAL and size is None
        alone = behind or size is not None  # on a terminal there is one stream, and one mark
        become = None if order.user in (None, self.login) else order.user
        inner = wire.launcher(
            order.argv, token=token, become=become, env=order.env, cwd=order.cwd, terminal=alone
        )
        if behind:
            inner = frames.relayed(token, inner)
        try:
            become, outer = becoming(self.way, self.login, order.user, inner, mode, token)
        except ValueError as exc:
            raise self._cannot(str(exc)) from None
        launch = frames.Frames(token, sink) if behind else LaunchSink(token, sink, terminal=alone)
        running = Running(launch, become, mode, framed=behind)
        running.task = asyncio.create_task(
            self._spawn(outer, launch, frames.SIZE if behind else size)
        )
        running.task.add_done_callback(partial(self._spawn_done, running))
        self._alive = {other for other in self._alive if not other.launch.over} | {running}
        return running

    def _spawn_done(self, running: Running, task: asyncio.Task[Spawned]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._alive.discard(running)

    async def _heard(self, running: Running, gather: Gather, stdin: bytes = b"") -> Output:
        await asyncio.shield(self._task(running))
        # Who may take the first line for a password gets none of the data before.
        careful = running.user is not None and (self.way == "su" or running.mode is not Mode.NONE)
        if not careful:
            running.spawned.write(stdin)
            running.spawned.write_eof()
        if not await asyncio.shield(running.launch.started):
            raise self.start_error(running)
        if careful:
            running.spawned.write(stdin)
            running.spawned.write_eof()
        await gather.done.wait()
        if gather.overflow:
            raise self._error(
                f"a command wrote more than {gather.limit >> 20} MiB", "Run it there by hand."
            )
        if gather.error is not None or gather.code is None:
            raise self._dropped(gather.error)
        return Output(gather.code, bytes(gather.stdout), bytes(gather.stderr))

    @staticmethod
    def _task(running: Running) -> asyncio.Task[Spawned]:
        assert running.task is not None  # noqa: S101 - set by _launch
        return running.task

    def let_go(self, running: Running | None) -> None:
        """Hang up on a program."""
        if running is None:
            return
        self._alive.discard(running)
        task = running.task
        if task is not None and task.done() and not task.cancelled() and not task.exception():
            task.result().close()

    async def _end(self, running: Running | None, signal: str) -> None:
        """End a program and everything it started; survives being cancelled itself."""
        if running is None or running.launch.over:
            self.let_go(running)
            return
        ending = asyncio.create_task(self._end_bounded(running, signal))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)
        await asyncio.shield(ending)

    async def _end_bounded(self, running: Running, signal: str) -> None:
        try:
            async with asyncio.timeout(_END_SECONDS):
                await self._signal(running, signal)
        except (TimeoutError, HostError):
            pass  # the line is gone, or hangs: closing our side is all that is left
        finally:
            self.let_go(running)

    async def _signal(self, running: Running, signal: str) -> None:
        launch = running.launch
        if launch.pid is None and not launch.asked:
            # Only a started program has a pid; a connection that works reports it at once.
            async with asyncio.timeout(_END_SECONDS / 4):
                await asyncio.shield(self._task(running))
                await asyncio.shield(launch.started)
        if launch.pid is None or launch.code is not None or launch.over:
            return
        gather = Gather()
        script = ["/bin/sh", "-c", END, "ejtui", signal, str(launch.pid)]
        killer = self._launch(Order(script, running.user), gather)
        try:
            await self._heard(killer, gather)
        finally:
            self.let_go(killer)

    # Errors.
    def _error(self, what: str, next_action: str) -> HostError:
        return HostError(self.name, self.where, what, next_action)

    def _cannot(self, reason: str) -> HostError:
        return BecomeFailed(
            self.name,
            self.where,
            reason,
            'Set become to "sudo", "doas" or "su", log in as root or as that user, or set '
            "service_user.",
        )

    def start_error(self, running: Running, why_none: str | None = None) -> HostError:
        """Return why a program never began; `why_none`: why there was no password for it."""
        launch = running.launch
        if launch.error is not None:
            return self._dropped(launch.error)
        if running.user is not None:
            return failed(
                self.name,
                self.where,
                way=self.way,
                login=self.login,
                user=running.user,
                said=self._authority.secrets.scrubbed(launch.noise),
                asked=launch.asked,
                why_none=why_none,
            )
        printed = printable(launch.noise, 400) or "it printed nothing"
        return self._error(
            f"the login shell of {self.login} ended without running a command: {printed}",
            "Give that user a login shell that runs commands, or log in as another user.",
        )

    def _dropped(self, error: Exception | None) -> HostError:
        if isinstance(error, HostError):
            return error
        if isinstance(self.lost, HostError):
            return self.lost
        why = f": {error}" if error is not None and str(error) else ""
        return Unreachable(
            self.name,
            self.where,
            f"the line dropped while a command ran{why}",
            "Look at the nodes again: what ran there may have gone on.",
        )
