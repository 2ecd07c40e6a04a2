"""The probe: one hidden Erlang node on a host, kept open, that answers typed questions.

Its Erlang source (`source/*.erl`) goes over standard input when it starts: the host compiles
and loads it in memory, and keeps no file of it. The end of its input ends it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Protocol

from . import terms
from .erl import ErlPlatform, erl_env
from .names import NodeName
from .terms import Atom

START_BOUND = 20.0
"""Seconds a host may take to start erl and compile the probe."""

ASK_BOUND = 10.0
"""Seconds a question may take unless it is given a bound of its own."""

_MARK = b"ejtui:"
_GRACE = 2.0

# Reads one line, base64 of {Sources, Settings}; compiles and loads each source; runs the probe.
_BOOTSTRAP = (
    "{Sources,Settings}=binary_to_term(base64:decode(string:trim(io:get_line(user,[])))),"
    "Form=fun(Tokens)->{ok,F}=erl_parse:parse_form(Tokens),F end,"
    "Cut=fun Cut([],_,Forms)->lists:reverse(Forms);"
    "Cut([{dot,_}=D|Rest],Tokens,Forms)->Cut(Rest,[],[Form(lists:reverse([D|Tokens]))|Forms]);"
    "Cut([T|Rest],Tokens,Forms)->Cut(Rest,[T|Tokens],Forms) end,"
    "Load=fun(Source)->{ok,Tokens,_}=erl_scan:string(unicode:characters_to_list(Source)),"
    "{ok,Module,Code}=compile:forms(Cut(Tokens,[],[]),[no_spawn_compiler_process]),"
    "{module,Module}=code:load_binary(Module,atom_to_list(Module),Code) end,"
    "Jobs=[spawn_monitor(fun()->Load(Source) end)||Source<-Sources],"
    "[receive {'DOWN',Ref,process,Pid,normal}->ok;{'DOWN',Ref,process,Pid,Why}->exit(Why) end"
    "||{Pid,Ref}<-Jobs],"
    "spawn(fun()->ejtui_probe:run(Settings) end)."
)


class ProbePlatform(ErlPlatform, Protocol):
    """What of a host's platform values the probe needs."""

    @property
    def service_user(self) -> str: ...
    @property
    def ejabberdctl(self) -> str: ...


class Process(Protocol):
    """A long-lived program on a host, as `Host.open_process` gives it."""

    async def write(self, data: bytes) -> None: ...
    async def readline(self) -> bytes: ...
    async def close(self) -> None: ...
    def stderr_tail(self) -> str: ...


class ProcessHost(Protocol):
    """What of a host the probe needs."""

    @property
    def where(self) -> str: ...
    async def open_process(
        self,
        argv: Sequence[str],
        *,
        user: str | None = None,
        env: Mapping[str, str] = {},
        cwd: str | None = None,
    ) -> Any: ...


class ProbeError(Exception):
    """A question that has no answer. `code` is short and stable, `text` is for people."""

    def __init__(self, code: str, text: str, question: str = "") -> None:
        super().__init__(f"{question}: {text} ({code})" if question else f"{text} ({code})")
        self.code = code
        self.text = text


class ProbeLost(ProbeError):
    """The probe has ended, or never started."""

    def __init__(self, text: str) -> None:
        super().__init__("lost", text)


@dataclass
class _Pending:
    answer: asyncio.Future[object]
    on_progress: Callable[[Any], None] | None = None
    pieces: list[bytes] = field(default_factory=list)


class Probe:
    """Typed questions to one host's Erlang side. Several may be under way at once.

    In answers binaries are str, atoms Atom (a str too), `undefined` is None.
    """

    def __init__(self, process: Process, where: str) -> None:
        self._process = process
        self._where = where
        self._pending: dict[int, _Pending] = {}
        self._last_id = 0
        self._lost: ProbeLost | None = None
        self._reader: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls, host: ProcessHost, platform: ProbePlatform, *, timeout: float = START_BOUND
    ) -> Probe:
        """Starts erl on `host` as the service user and brings the probe into it.

        Raises ProbeLost when erl ends or stays silent for `timeout` seconds, BadNodeName, and
        what `host.open_process` raises.
        """
        settings = _settings(platform)
        process = await host.open_process(
            _argv(platform), user=platform.service_user, env=_env(platform), cwd="/"
        )
        probe = cls(process, host.where)
        hello = probe._expect(0)
        probe._reader = asyncio.create_task(probe._read())
        try:
            source = terms.encode((list(_sources()), settings), compressed=True)
            await process.write(base64.b64encode(source) + b"\n")
            await asyncio.wait_for(hello.answer, timeout)
        except TimeoutError:
            await probe.close()
            raise ProbeLost(f"erl on {host.where} said nothing within {timeout:g} s") from None
        except BaseException:
            await probe.close()
            raise
        return probe

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
        """One question; the probe gives it up after `timeout` seconds.

        A long one reports to `on_progress`. Raises ProbeError, ProbeLost.
        """
        if self._lost:
            raise self._lost
        self._last_id += 1
        number = self._last_id
        pending = self._expect(number, on_progress)
        frame = terms.encode((number, int(timeout * 1000), Atom(question), list(args)))
        try:
            await self._process.write(base64.b64encode(frame) + b"\n")
            return await asyncio.wait_for(pending.answer, timeout + _GRACE)
        except BrokenPipeError:
            raise self._lose(self._ended()) from None
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
        self, peers: Sequence[str] = (), *, timeout: float = ASK_BOUND
    ) -> dict[str, Any]:
        """Everything about the host's node, and how far the host reaches each of `peers`."""
        answer: dict[str, Any] = await self.ask("snapshot", nodes(peers), timeout=timeout)
        return answer

    async def close(self) -> None:
        """Ends the probe; questions under way raise ProbeLost."""
        self._lose(ProbeLost(f"the probe on {self._where} was closed"))
        if self._reader:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        await self._process.close()

    def _expect(self, number: int, on_progress: Callable[[Any], None] | None = None) -> _Pending:
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        pending = self._pending[number] = _Pending(future, on_progress)
        return pending

    async def _read(self) -> None:
        try:
            while line := await self._process.readline():
                if _MARK in line:
                    self._take(line.partition(_MARK)[2])
            self._lose(self._ended())
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._lose(ProbeLost(f"the probe on {self._where} was lost: {error}"))

    def _ended(self) -> ProbeLost:
        said = self._process.stderr_tail().strip()
        return ProbeLost(f"the probe on {self._where} ended" + (f": {said}" if said else ""))

    def _take(self, frame: bytes) -> None:
        number, kind, data = frame.split(maxsplit=2)
        pending = self._pending.get(int(number))
        if pending is None:
            return
        pending.pieces.append(data.strip())
        if kind == b"+":
            return
        value = terms.readable(terms.decode(base64.b64decode(b"".join(pending.pieces))))
        pending.pieces.clear()
        if kind == b"~":
            if pending.on_progress:
                pending.on_progress(value)
        elif not pending.answer.done():
            if kind == b"=":
                pending.answer.set_result(value)
            else:
                pending.answer.set_exception(ProbeError(value["code"], value["text"]))

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


def _argv(platform: ProbePlatform) -> tuple[str, ...]:
    """Quiet, small, hidden, listening nowhere, and without reading or making a cookie."""
    return (
        platform.erl,
        *("-noshell", "-hidden", "-dist_listen", "false", "-nocookie"),
        *("+S", "2:2", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"),
        *("-kernel", "net_setuptime", "3"),
        *platform.dist_options,
        *("-eval", _BOOTSTRAP),
    )


def _env(platform: ProbePlatform) -> dict[str, str]:
    return {**erl_env(platform), "ERL_CRASH_DUMP": "/dev/null", "ERL_CRASH_DUMP_SECONDS": "0"}


def _settings(platform: ProbePlatform) -> dict[Atom, object]:
    name = NodeName.parse(platform.node)
    return {
        Atom("node"): Atom(str(name)),
        Atom("name_style"): Atom("shortnames" if name.style == "short" else "longnames"),
        Atom("home"): platform.home,
        Atom("spool_dir"): platform.spool_dir,
        Atom("ejabberdctl"): platform.ejabberdctl,
    }


@cache
def _sources() -> tuple[bytes, ...]:
    folder = resources.files(__package__).joinpath("source")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple(file.read_bytes() for file in files if file.name.endswith(".erl"))
