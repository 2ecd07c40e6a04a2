"""The targets that are values: configuration, probe's answers, ejabberdctl's output, JSON out."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import tempfile
from pathlib import Path
from random import Random
from typing import Any, cast

import tomli_w

from ejtui.cli.main import main
from ejtui.cluster.diagnosis.diagnose import findings
from ejtui.cluster.facts.from_probe import node_facts
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.config import ConfigError, HostConfig, load
from ejtui.erlang.probe.client import Probe, ProbeError
from ejtui.erlang.terms.etf import Atom, encode
from ejtui.hosts import HostError, Output, Process
from ejtui.hosts.local import LocalHost
from ejtui.platforms import ask_platform
from tests.fuzz.inputs import mutated
from tests.fuzz.target import Broken, Target, fit_for_people
from tests.samples import PLATFORM, SNAPSHOT

CONFIG: dict[str, Any] = {
    "first": "a",
    "second": "b",
    "nodes": {
        "a": {"address": "local", "user": "op", "become": "none", "node": "ejabberd@a"},
        "b": {"address": "local", "become": "none", "env": {"ERL_EPMD_PORT": 4370}, "erl": "erl"},
    },
}

# What ask_platform's script prints of a host.
SAID = {
    "ctl": "/usr/sbin/ejabberdctl", "ctl_there": "1", "end": "1", "hostname": "first",
    "uname": "Linux", "ERLANG_NODE": "ejabberd@first", "SPOOL_DIR": "/var/lib/ejabberd",
    "erl_found": "/usr/bin/erl", "epmd_found": "/usr/bin/epmd", "FIREWALL_WINDOW": "4370-4380",
    "INET_DIST_INTERFACE": "127.0.0.1", "ERL_DIST_PORT": "4370", "INSTALLUSER": "ejabberd",
}  # fmt: skip

ANSWER = encode({Atom(key): value for key, value in SNAPSHOT.items()})

WAITED = 2.0
"""Seconds after which an answer that came is taken for lost."""


class Configuration(Target):
    """config.toml: what it means, or one clear error."""

    name = "configuration"

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="ejtui-fuzz-")
        self._file = Path(self._directory.name) / "config.toml"

    async def __aexit__(self, *_: object) -> None:
        self._directory.cleanup()

    def make(self, random: Random) -> bytes:
        return mutated(random, tomli_w.dumps(CONFIG).encode())

    async def put(self, data: bytes) -> int:
        self._file.write_bytes(data)
        try:
            load(self._file)
        except ConfigError as error:
            fit_for_people(str(error))
        return 1


class JsonOut(Configuration):
    """`ejtui … --json` on such a configuration: one JSON object, and nothing else."""

    name = "--json out"

    def make(self, random: Random) -> bytes:
        # Never a right one: real hosts would be asked.
        broken = random.choice((b"first = 1\n", b"[nodes.a\n", b"x = '\xff'\n"))
        return broken + mutated(random, tomli_w.dumps(CONFIG).encode())

    async def put(self, data: bytes) -> int:
        self._file.write_bytes(data)
        for command in ("status", "plan", "check", "join"):
            out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
            err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                words = ["--config", str(self._file), command, "--json"]
                code = await asyncio.to_thread(main, words)
            out.seek(0)
            said = out.read()
            if code != 2:
                raise Broken(f"{command} ended with {code}: {said}")
            _one_object(said)
        return 4


class Says(LocalHost):
    """A host that sends what no real one can be made to send."""

    def __init__(self, said: bytes) -> None:
        super().__init__("first", "none")
        self._said = said

    async def run(self, *_: Any, **__: Any) -> Output:
        return Output(0, self._said, b"")


class Ejabberdctl(Target):
    """What a host reports of its ejabberd, ejabberdctl and ejabberdctl.cfg."""

    name = "ejabberdctl's output"

    def make(self, random: Random) -> bytes:
        lines = b"".join(f"{name}\t{value}\0".encode() for name, value in SAID.items())
        return mutated(random, lines)

    async def put(self, data: bytes) -> int:
        try:
            platform = await ask_platform(Says(data), HostConfig("first", "local", become="none"))
        except HostError as error:
            fit_for_people(str(error))
        else:
            json.dumps([platform.node, platform.home, list(platform.start), dict(platform.env)])
        return 1


class Line:
    """The far end of a probe, in this process's memory."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[bytes] = asyncio.Queue()

    async def write(self, data: bytes) -> None:
        """Questions go nowhere."""

    async def readline(self) -> bytes:
        return await self.said.get()

    async def close(self) -> None:
        """There is nothing to close."""

    def stderr_tail(self) -> str:
        return ""


class Answers(Target):
    """A probe's frames and the terms in them: facts and findings, or a ProbeError; always JSON."""

    name = "the probe's answers"

    def make(self, random: Random) -> bytes:
        if random.randrange(4) == 0:
            frame = b"ejtui:1 = " + base64.b64encode(ANSWER)
            return mutated(random, frame)
        return b"ejtui:1 = " + base64.b64encode(mutated(random, ANSWER))

    async def put(self, data: bytes) -> int:
        line = Line()
        probe = Probe(cast(Process, line), "op@first")
        probe._reader = asyncio.create_task(probe._read())
        for each in data.split(b"\n"):
            line.said.put_nowait(each + b"\n")
        line.said.put_nowait(b"")
        try:
            async with asyncio.timeout(WAITED):
                facts = node_facts("first", PLATFORM, await probe.ask("snapshot"))
        except ProbeError as error:
            fit_for_people(repr(str(error)))
        except TimeoutError:
            raise Broken("the question was never answered, and the probe not lost") from None
        else:
            _as_json(facts)
        finally:
            await probe.close()
        return 1


def _as_json(facts: NodeFacts) -> None:
    pair = PairFacts(node_facts("first", PLATFORM, SNAPSHOT), facts)
    said = {**pair.to_json(), "findings": [each.to_json() for each in findings(pair)]}
    _one_object(json.dumps(said))


def _one_object(said: str) -> None:
    def refuse(word: str) -> None:
        raise Broken(f"{word} is no JSON: {said!r}")

    try:
        read = json.loads(said, parse_constant=refuse)
    except ValueError:
        raise Broken(f"not one JSON object: {said!r}") from None
    if not isinstance(read, dict):
        raise Broken(f"no JSON object: {said!r}")
