"""What every machine does the same way, once it can start a program."""

from __future__ import annotations

import abc
import asyncio
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial

from ejtui.hosts import files, wire
from ejtui.hosts.become import becoming, failed, way
from ejtui.hosts.errors import (
    BecomeFailed,
    CommandFailed,
    CommandTimedOut,
    HostError,
    Unreachable,
    printable,
)
from ejtui.hosts.gather import Gather
from ejtui.hosts.host import NO_ENV, Output
from ejtui.hosts.process import Process, ProcessSink
from ejtui.hosts.running import END, Running
from ejtui.hosts.spawn import Begun, Sink, Spawned
from ejtui.hosts.terminal import Terminal, TerminalEar, TerminalSink

Size = tuple[int, int]

# A host that takes longer than this to start a program is not answering.
BEGIN_SECONDS = 30.0
_END_SECONDS = 8.0

# sshd allows ten sessions a connection; the rest is for the probe, a shell, and ending things.
_RUNS_AT_ONCE = 6


class Machine(abc.ABC):
    """Base of the real machines; see `host.Host` for what the public methods promise."""

    def __init__(self, name: str, where: str, login: str, become: str) -> None:
        self.name = name
        self.where = where
        self.login = login
        self.lost: Exception | None = None
        self._become = become
        self._runs = asyncio.Semaphore(_RUNS_AT_ONCE)
        self._alive: set[Running] = set()
        self._endings: set[asyncio.Task[None]] = set()
        self._lost_callbacks: list[Callable[[Exception], None]] = []

    @abc.abstractmethod
    async def connect(self) -> None:
        """Open the line."""

    @abc.abstractmethod
    async def _spawn(self, argv: Sequence[str], sink: Sink, size: Size | None) -> Spawned:
        """Start exactly `argv`, on a terminal of `size` when given."""

    @abc.abstractmethod
    async def _disconnect(self) -> None:
        """Close the line."""

    @property
    def root(self) -> str | None:
        """Return "root" where it can be become, None where the login user is all there is."""
        return "root" if self._way != "none" else None

    @property
    def _way(self) -> str:
        return way(self._become, self.login)

    async def run(
        self,
        argv: Sequence[str],
        *,
        user: str | None = None,
        env: Mapping[str, str] = NO_ENV,
        cwd: str | None = None,
        stdin: bytes = b"",
        timeout: float = 30.0,
        check: bool = True,
    ) -> Output:
        """Run a command to its end."""
        gather = Gather()
        running: Running | None = None
        async with self._runs:
            try:
                async with asyncio.timeout(timeout):
                    running = self._launch(argv, user, env, cwd, gather, None)
                    output = await self._talk(running, gather, stdin)
            except TimeoutError:
                await self._end(running, "TERM")
                raise CommandTimedOut(
                    self.name, self.where, argv, timeout, bytes(gather.stderr)
                ) from None
            except BaseException:
                await self._end(running, "TERM")
                raise
            finally:
                self._let_go(running)
        if check and output.code != 0:
            raise CommandFailed(self.name, self.where, argv, output.code, output.stderr)
        return output

    async def _talk(self, running: Running, gather: Gather, stdin: bytes) -> Output:
        spawned = await asyncio.shield(self._task(running))
        if running.user is None or self._way != "su":
            spawned.write(stdin)
            spawned.write_eof()
        if not await asyncio.shield(running.begun.begun):
            raise self._not_begun(running)
        if running.user is not None and self._way == "su":
            # su may take the first line for a password: it gets none of the data before.
            spawned.write(stdin)
            spawned.write_eof()
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

    async def open_process(
        self,
        argv: Sequence[str],
        *,
        user: str | None = None,
        env: Mapping[str, str] = NO_ENV,
        cwd: str | None = None,
    ) -> Process:
        """Start a long-lived process and return once it runs."""
        sink = ProcessSink()
        running = self._launch(argv, user, env, cwd, sink, None)
        await self._begin(running, argv)
        return Process(running.spawned, sink, partial(self._end, running))

    async def open_terminal(
        self,
        argv: Sequence[str],
        *,
        user: str | None = None,
        env: Mapping[str, str] = NO_ENV,
        cwd: str | None = None,
        columns: int,
        rows: int,
    ) -> Terminal:
        """Start a program on a pseudo-terminal of exactly that size."""
        sink = TerminalSink()
        sock = await sink.open()
        try:
            env = {"TERM": "xterm-256color", **env}
            running = self._launch(argv, user, env, cwd, TerminalEar(sink), (columns, rows))
            await self._begin(running, argv)
        except BaseException:
            sink.drop()
            sock.close()
            raise
        sink.attach(running.spawned)
        return Terminal(sock, running.spawned, sink, partial(self._end, running))

    async def read(self, path: str, *, user: str | None = None) -> bytes:
        """Return a file's bytes."""
        return (await self.run(files.reading(path), user=user)).stdout

    async def write(
        self, path: str, data: bytes, *, owner: str | None, mode: int, user: str = "root"
    ) -> None:
        """Replace a file atomically."""
        become = self.root if user == "root" else user
        await self.run(files.writing(path, len(data), owner, mode), user=become, stdin=data)

    def on_lost(self, callback: Callable[[Exception], None]) -> None:
        """Call back once when the line drops by itself."""
        if self.lost is not None:
            asyncio.get_running_loop().call_soon(callback, self.lost)
        else:
            self._lost_callbacks.append(callback)

    async def close(self) -> None:
        """End everything started here and close the line."""
        await asyncio.gather(*(self._end(running, "TERM") for running in list(self._alive)))
        await self._disconnect()

    def _launch(
        self,
        argv: Sequence[str],
        user: str | None,
        env: Mapping[str, str],
        cwd: str | None,
        sink: Sink,
        size: Size | None,
    ) -> Running:
        """Begin to start a program; raises at once when it cannot be done at all."""
        wrong = wire.mistake(argv, env, cwd)
        if wrong:
            raise self._error(wrong, "Mend the value in the configuration.")
        token = secrets.token_hex(6)
        try:
            become = None if user in (None, self.login) else user
            inner = wire.launcher(
                argv, token=token, become=become, env=env, cwd=cwd, terminal=size is not None
            )
            become, outer = becoming(self._way, self.login, user, inner)
        except ValueError as exc:
            raise self._cannot(str(exc)) from None
        running = Running(Begun(token, sink, terminal=size is not None), become)
        running.task = asyncio.create_task(self._spawn(outer, running.begun, size))
        running.task.add_done_callback(partial(self._spawn_done, running))
        self._alive = {other for other in self._alive if not other.begun.over} | {running}
        return running

    def _spawn_done(self, running: Running, task: asyncio.Task[Spawned]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._alive.discard(running)

    async def _begin(self, running: Running, argv: Sequence[str]) -> None:
        """Wait until a long-lived program runs."""
        try:
            async with asyncio.timeout(BEGIN_SECONDS):
                await asyncio.shield(self._task(running))
                begun = await asyncio.shield(running.begun.begun)
            if not begun:
                raise self._not_begun(running)
        except TimeoutError:
            await self._end(running, "TERM")
            raise CommandTimedOut(
                self.name, self.where, argv, BEGIN_SECONDS, running.begun.noise
            ) from None
        except BaseException:
            await self._end(running, "TERM")
            raise

    def _let_go(self, running: Running | None) -> None:
        if running is None:
            return
        self._alive.discard(running)
        task = running.task
        if task is not None and task.done() and not task.cancelled() and not task.exception():
            task.result().close()

    async def _end(self, running: Running | None, signal: str) -> None:
        """End a program and everything it started; survives being cancelled itself."""
        if running is None or running.begun.over:
            self._let_go(running)
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
            self._let_go(running)

    async def _signal(self, running: Running, signal: str) -> None:
        begun = running.begun
        if begun.pid is None and not begun.asked:
            # Only what has begun can be named; a line that is not silent says so in no time.
            async with asyncio.timeout(_END_SECONDS / 4):
                await asyncio.shield(self._task(running))
                await asyncio.shield(begun.begun)
        if begun.pid is None or begun.code is not None or begun.over:
            return
        gather = Gather()
        script = ["/bin/sh", "-c", END, "ejtui", signal, str(begun.pid)]
        killer = self._launch(script, running.user, NO_ENV, None, gather, None)
        try:
            await self._talk(killer, gather, b"")
        finally:
            self._let_go(killer)

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

    def _not_begun(self, running: Running) -> HostError:
        begun = running.begun
        if begun.error is not None:
            return self._dropped(begun.error)
        if running.user is not None:
            return failed(
                self.name,
                self.where,
                way=self._way,
                login=self.login,
                user=running.user,
                said=begun.noise,
                asked=begun.asked,
            )
        said = printable(begun.noise, 400) or "it said nothing"
        return self._error(
            f"the login shell of {self.login} ended without running a command: {said}",
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

    def _lose(self, error: Exception) -> None:
        """The line dropped by itself: tell everyone once."""
        if self.lost is not None:
            return
        self.lost = error
        callbacks, self._lost_callbacks = self._lost_callbacks, []
        for callback in callbacks:
            callback(error)

    @staticmethod
    async def _bounded(coroutine: Coroutine[object, object, object], seconds: float) -> None:
        """Await something that may never end, and let it be after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await coroutine
        except TimeoutError:
            pass
