"""What is the same on every host, once a program can be started there."""

from __future__ import annotations

import abc
import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial

from ejtui.hosts.errors import CommandFailed, CommandTimedOut
from ejtui.hosts.host import NO_ENV, Output
from ejtui.hosts.programs import files
from ejtui.hosts.programs.output import Gather
from ejtui.hosts.programs.process import Process, ProcessSink
from ejtui.hosts.programs.programs import Programs, Size
from ejtui.hosts.programs.running import Order, Running
from ejtui.hosts.programs.terminal import Terminal, TerminalEar, TerminalSink
from ejtui.hosts.secrets import Secrets

# A host that takes longer than this to start a program is not answering.
BEGIN_SECONDS = 30.0

# sshd allows ten sessions a connection; the rest is for the probe, a shell, and ending things.
_RUNS_AT_ONCE = 6


class BaseHost(Programs):
    """Base of the real hosts; see `host.Host` for what the public methods promise."""

    def __init__(
        self, name: str, where: str, login: str, become: str, secrets: Secrets | None
    ) -> None:
        super().__init__(name, where, login, become, secrets)
        self.identity = where
        self._runs = asyncio.Semaphore(_RUNS_AT_ONCE)
        self._lost_callbacks: list[Callable[[Exception], None]] = []

    @abc.abstractmethod
    async def connect(self) -> None:
        """Open the line."""

    @abc.abstractmethod
    async def _disconnect(self) -> None:
        """Close the line."""

    @property
    def root(self) -> str | None:
        """Return "root" where ejtui can become root, None where only the login user exists."""
        return "root" if self.way != "none" else None

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

        def once() -> Coroutine[object, object, Output]:
            return self._run(argv, user, env, cwd, stdin, timeout)

        output = await self._authority.do(user, once)
        if check and output.code != 0:
            raise CommandFailed(self.name, self.where, argv, output.code, output.stderr)
        return output

    async def _run(
        self,
        argv: Sequence[str],
        user: str | None,
        env: Mapping[str, str],
        cwd: str | None,
        stdin: bytes,
        timeout: float,
    ) -> Output:
        gather = Gather()
        running: Running | None = None
        async with self._runs:
            try:
                async with asyncio.timeout(timeout):
                    running = self._launch(Order(argv, user, env, cwd), gather)
                    return await self._heard(running, gather, stdin)
            except TimeoutError:
                await self._end(running, "TERM")
                raise CommandTimedOut(
                    self.name, self.where, argv, timeout, bytes(gather.stderr)
                ) from None
            except BaseException:
                await self._end(running, "TERM")
                raise
            finally:
                self.let_go(running)

    async def open_process(
        self,
        argv: Sequence[str],
        *,
        user: str | None = None,
        env: Mapping[str, str] = NO_ENV,
        cwd: str | None = None,
    ) -> Process:
        """Start a long-lived process and return once it runs."""

        async def once() -> Process:
            sink = ProcessSink()
            running = self._launch(Order(argv, user, env, cwd), sink)
            await self._begin(running, argv)
            return Process(running.spawned, sink, partial(self._end, running))

        return await self._authority.do(user, once)

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
        env = {"TERM": "xterm-256color", **env}
        size = (columns, rows)
        return await self._authority.do(user, lambda: self._open(argv, user, env, cwd, size))

    async def _open(
        self,
        argv: Sequence[str],
        user: str | None,
        env: Mapping[str, str],
        cwd: str | None,
        size: Size,
    ) -> Terminal:
        sink = TerminalSink()
        sock = await sink.open()
        try:
            running = self._launch(Order(argv, user, env, cwd), TerminalEar(sink), size)
            await self._begin(running, argv)
        except BaseException:
            sink.drop()
            sock.close()
            raise
        sink.attach(running.spawned)
        return Terminal(sock, running.spawned, sink, partial(self._end, running))

    async def _begin(self, running: Running, argv: Sequence[str]) -> None:
        """Wait until a long-lived program runs."""
        try:
            async with asyncio.timeout(BEGIN_SECONDS):
                await asyncio.shield(self._task(running))
                started = await asyncio.shield(running.launch.started)
            if not started:
                raise self.start_error(running)
        except TimeoutError:
            await self._end(running, "TERM")
            raise CommandTimedOut(
                self.name, self.where, argv, BEGIN_SECONDS, running.launch.noise
            ) from None
        except BaseException:
            await self._end(running, "TERM")
            raise

    async def read(self, path: str, *, user: str | None = None) -> bytes:
        """Return a file's bytes."""
        return (await self.run(files.reading(path), user=user)).stdout

    async def write(
        self, path: str, data: bytes, *, owner: str | None, mode: int, user: str | None
    ) -> None:
        """Replace a file atomically."""
        await self.run(files.writing(path, len(data), owner, mode), user=user, stdin=data)

    def on_lost(self, callback: Callable[[Exception], None]) -> None:
        """Call back once when the connection drops."""
        if self.lost is not None:
            asyncio.get_running_loop().call_soon(callback, self.lost)
        else:
            self._lost_callbacks.append(callback)

    async def close(self) -> None:
        """End everything started here and close the line."""
        await asyncio.gather(*(self._end(running, "TERM") for running in list(self._alive)))
        await self._disconnect()

    def _lose(self, error: Exception) -> None:
        """The connection dropped: call everyone back, once."""
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
