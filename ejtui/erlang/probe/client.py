"""The probe: one hidden Erlang node on a host, kept open, that answers typed questions.

Its Erlang source (`source/*.erl`) goes over standard input when it starts: the host compiles
and loads it in memory, and keeps no file of it; what it compiled is kept here for the next start.
The end of its input ends it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ejtui.erlang.probe import compiled, pieces
from ejtui.erlang.probe.bootstrap import BOOTSTRAP, argv, env, settings, sources
from ejtui.erlang.terms import etf
from ejtui.erlang.terms.etf import Atom
from ejtui.erlang.terms.names import NodeName
from ejtui.hosts import Host, HostError, Process
from ejtui.hosts.programs.process import LINE_LIMIT
from ejtui.platforms import Platform

START_BOUND = 20.0
"""Seconds a host may take to start erl and compile the probe."""

ASK_BOUND = 10.0
"""Seconds a question may take unless another bound is given."""

BEAT_SECONDS = 30.0
"""Seconds without a question after which one is asked to keep the probe: see `LEASE_SECONDS`."""

_MARK = b"ejtui:"
_LONG, _LONGEST = 500, 1_000_000

MOST_ENCODED = 12 * 1024 * 1024
"""Bytes of one answer as they come; with what becomes of them it stays below 64 MB."""

_GRACE = 2.0


class ProbeError(Exception):
    """A question that has no answer. `code` is short and stable, `text` is for people."""

    def __init__(self, code: str, text: str, question: str = "") -> None:
        super().__init__(f"{question}: {text} ({code})" if question else f"{text} ({code})")
        self.code = code
        self.text = text

    @property
    def internal(self) -> bool:
        """Whether the probe itself failed at the question, not the node that it looked at."""
        return self.code in ("crashed", "garbled", "too-large")


class ProbeLost(ProbeError):
    """The probe has ended, or never started."""

    def __init__(self, text: str) -> None:
        super().__init__("lost", text)


@dataclass(frozen=True)
class Peer:
    """Another node to look for, and what is known of it.

    A handshake that is refused leaves a line in its log, so none is tried that must fail: `cookie`
    is the SHA-256 of the cookie that it takes, "" for unknown; `mark` is another text once a
    handshake that it refused is worth another attempt, "" for unknown.
    """

    node: str
    cookie: str = ""
    mark: str = ""


@dataclass
class _Pending:
    answer: asyncio.Future[object]
    on_progress: Callable[[Any], None] | None = None
    pieces: bytearray = field(default_factory=bytearray)


class Probe:
    """Typed questions to one host's Erlang side. Several may run at once.

    In answers binaries are str, atoms Atom (a str too), `undefined` is None. Callers must never
    change an answer: the next one may be the same object.
    """

    def __init__(self, process: Process, where: str) -> None:
        self._process = process
        self._where = where
        self._pending: dict[int, _Pending] = {}
        self._last_id = 0
        self._lost: ProbeLost | None = None
        self._newest: tuple[bytes, object] = b"", None
        self._reader: asyncio.Task[None] | None = None
        self._heart: asyncio.Task[None] | None = None
        self._asked = time.monotonic()
        self._goodbyes: set[asyncio.Task[None]] = set()
        self.heard = time.monotonic()
        """When anything last came from the host, by the monotonic clock."""

    @classmethod
    async def start(
        cls,
        host: Host,
        platform: Platform,
        *,
        role: str = "first",
        timeout: float = START_BOUND,
    ) -> Probe:
        """Starts erl on `host` as the service user and brings the probe into it.

        `role` is the host's in its pair: part of the name of the probe's own node.
        Raises ProbeLost when erl ends or stays silent for `timeout` seconds, BadNodeName, and
        what `host.open_process` raises.
        """
        process = await host.open_process(
            argv(platform), user=platform.service_user, env=env(platform), cwd="/"
        )
        probe = cls(process, host.where)
        release = probe._expect(0)
        probe._reader = asyncio.create_task(probe._read())
        try:
            async with asyncio.timeout(timeout):
                known = settings(platform, role)
                await probe._load(host.identity, str(await release.answer), known)
        except TimeoutError:
            await probe.close()
            raise ProbeLost(f"erl on {host.where} sent nothing within {timeout:g} s") from None
        except BaseException:
            await probe.close()
            raise
        probe._heart = asyncio.create_task(probe._beat())
        return probe

    async def _load(self, identity: str, release: str, settings: Mapping[Atom, object]) -> None:
        """Brings the modules into an erl of that release, and has them run."""
        parts = compiled.parts(identity, release)
        hello = self._expect(0)
        await self._send((list(parts), settings), compressed=True)
        await hello.answer
        if parts is sources():
            loaded = await self.ask("loaded")
            modules = [(name, code.encode("utf-8", "surrogateescape")) for name, code in loaded]
            compiled.keep(identity, release, modules)

    @property
    def lost(self) -> ProbeLost | None:
        """Why no more questions can be asked; None while they can."""
        return self._lost

    async def ask(
        self,
        question: str,
        *args: object,
        timeout: float = ASK_BOUND,
        on_progress: Callable[[Any], None] | None = None,
    ) -> Any:
        """One question; the probe gives it up after `timeout` seconds, or when cancelled.

        A long one reports to `on_progress`. A long text in the answer is `Pieces`. Raises
        ProbeError, ProbeLost.
        """
        answer = await self._answer(question, args, timeout, on_progress)
        try:
            return await pieces.whole(answer, lambda *of: self._answer("piece", of, ASK_BOUND))
        except pieces.TooMany as error:
            raise ProbeError("too-large", str(error), question) from None

    async def _answer(
        self,
        question: str,
        args: Sequence[object],
        timeout: float,
        on_progress: Callable[[Any], None] | None = None,
    ) -> Any:
        if self._lost:
            raise self._lost
        self._last_id += 1
        number = self._last_id
        pending = self._expect(number, on_progress)
        try:
            await self._send((number, int(timeout * 1000), Atom(question), list(args)))
            # Not wait_for: where an answer and a cancel meet, that of Python 3.11 drops the cancel.
            async with asyncio.timeout(timeout + _GRACE):
                return await pending.answer
        except asyncio.CancelledError:
            self._give_up(number)
            raise
        except TimeoutError:
            text = f"{self._where} gave no answer within {timeout + _GRACE:g} s"
            raise ProbeError("timeout", text, question) from None
        except ProbeLost:
            raise
        except ProbeError as error:
            raise ProbeError(error.code, error.text, question) from None
        finally:
            self._pending.pop(number, None)

    async def snapshot(
        self, peers: Sequence[Peer] = (), *, timeout: float = ASK_BOUND
    ) -> dict[str, Any]:
        """Everything about the host's node, and how far the host reaches each of `peers`."""
        known = [(*nodes([peer.node]), peer.cookie, peer.mark) for peer in peers]
        answer: dict[str, Any] = await self.ask("snapshot", known, timeout=timeout)
        return answer

    async def close(self) -> None:
        """Ends the probe; unanswered questions raise ProbeLost."""
        self._lose(ProbeLost(f"the probe on {self._where} was closed"))
        for task in (self._heart, self._reader):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await self._process.close()

    async def _send(self, term: object, *, compressed: bool = False) -> None:
        self._asked = time.monotonic()
        frame = base64.b64encode(etf.encode(term, compressed=compressed)) + b"\n"
        try:
            await self._process.write(frame)
        except BrokenPipeError:
            await asyncio.wait({self._reader} if self._reader else (), timeout=_GRACE)
            raise self._lose(self._ended()) from None

    async def _beat(self) -> None:
        """Asks something now and then, as long as there is a probe."""
        while self._lost is None:
            await asyncio.sleep(max(0.0, self._asked + BEAT_SECONDS - time.monotonic()))
            if time.monotonic() - self._asked >= BEAT_SECONDS:
                with contextlib.suppress(ProbeError, HostError, OSError):
                    await self.ask("echo", True)

    def _give_up(self, number: int) -> None:
        """Has the probe stop working on a question whose answer nobody waits for."""
        if self._lost is None:
            frame = (number, 1000, Atom("cancel"), [number])
            task = asyncio.create_task(self._send(frame))
            self._goodbyes.add(task)
            task.add_done_callback(self._goodbye_sent)

    def _goodbye_sent(self, task: asyncio.Task[None]) -> None:
        self._goodbyes.discard(task)
        if not task.cancelled():
            task.exception()

    def _expect(self, number: int, on_progress: Callable[[Any], None] | None = None) -> _Pending:
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        pending = self._pending[number] = _Pending(future, on_progress)
        return pending

    async def _read(self) -> None:
        try:
            while line := await self._line():
                self.heard = time.monotonic()
                if line.startswith(_MARK):
                    self._take(line.removeprefix(_MARK))
            self._lose(self._ended())
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # Whatever came over the line: with nobody reading, every question would hang.
            why = str(error) if isinstance(error, HostError | OSError | ValueError) else repr(error)
            self._lose(ProbeLost(f"the probe on {self._where} was lost: {why}"))

    async def _line(self) -> bytes:
        try:
            return await self._process.readline()
        except ValueError:
            limit = f"{LINE_LIMIT >> 10} kB"
            raise OSError(f"it printed more than {limit} without the end of a line") from None

    def _ended(self) -> ProbeLost:
        printed = self._process.stderr_tail().replace(BOOTSTRAP, "its bootstrap").strip()
        return ProbeLost(f"the probe on {self._where} ended" + (f": {printed}" if printed else ""))

    def _take(self, frame: bytes) -> None:
        number, kind, data = frame.split(maxsplit=2)
        pending = self._pending.get(int(number))
        if pending is None or pending.answer.done():
            return
        pending.pieces += data.strip()
        if len(pending.pieces) > MOST_ENCODED:
            self._refuse(pending, f"the answer is longer than {MOST_ENCODED >> 20} MB")
            return
        if kind == b"+":
            return
        try:
            value = self._value(pending)
        except etf.TooLarge as error:
            self._refuse(pending, str(error))
            return
        if kind == b"~":
            self._progress(pending, value)
        elif not pending.answer.done():
            if kind == b"=":
                pending.answer.set_result(value)
            else:
                pending.answer.set_exception(ProbeError(value["code"], value["text"]))

    def _refuse(self, pending: _Pending, why: str) -> None:
        """Ends a question whose answer is too large; what more comes of it is passed over."""
        pending.pieces = bytearray()
        error = ProbeError("too-large", f"{why}, and {self._where} is not believed to mean that")
        pending.answer.set_exception(error)
        pending.answer.exception()

    def _value(self, pending: _Pending) -> Any:
        """The term; the same object as before where nothing in a long answer is different.

        A node that is watched sends the same again and again, and decoding it costs the most.
        Of a long one nothing is kept twice while it is decoded.
        """
        data, pending.pieces = pending.pieces, bytearray()
        if data == self._newest[0]:
            return self._newest[1]
        kept = bytes(data) if _LONG <= len(data) <= _LONGEST else b""
        term = base64.b64decode(data)
        del data
        value = etf.readable(term)
        if kept:
            self._newest = kept, value
        return value

    def _progress(self, pending: _Pending, value: Any) -> None:
        """A callback that fails ends its own question, not the reader."""
        if pending.on_progress is None or pending.answer.done():
            return
        try:
            pending.on_progress(value)
        except Exception as error:
            pending.answer.set_exception(error)

    def _lose(self, error: ProbeLost) -> ProbeLost:
        self._lost = self._lost or error
        for pending in self._pending.values():
            if not pending.answer.done():
                pending.answer.set_exception(error)
                pending.answer.exception()
        return self._lost


def nodes(names: Sequence[str]) -> list[Atom]:
    """Node names as the atoms that questions take. Raises BadNodeName."""
    return [Atom(str(NodeName.parse(name))) for name in names]
