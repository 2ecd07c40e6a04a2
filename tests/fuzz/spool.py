"""The target that is a directory: files with hostile names, as a real probe finds them."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from random import Random

from ejtui.cleaning import clean
from ejtui.cluster.facts.from_probe import node_facts
from ejtui.erlang.probe.client import Probe
from ejtui.hosts.local import LocalHost
from tests.fuzz.inputs import file_name
from tests.fuzz.target import Broken, Target
from tests.samples import PLATFORM

FILES = 20
# Made and written away as text, so that the directory can be made again from the input.
BETWEEN = b"/"


class Spool(Target):
    """Names of files in the spool directory: exactly those, and text wherever they are shown."""

    name = "names of files in the spool"

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="ejtui-fuzz-")
        self._home = Path(self._directory.name)
        self._spool = self._home / "spool"
        self._platform = replace(
            PLATFORM, home=str(self._home), spool_dir=str(self._spool), log_dir=str(self._home),
            service_user=pwd.getpwuid(os.geteuid()).pw_name, node="fuzz@localhost",
        )  # fmt: skip
        self._probe: Probe | None = None

    async def __aenter__(self) -> Spool:
        self._probe = await Probe.start(LocalHost("first", "none"), self._platform, timeout=60)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._probe is not None:
            await self._probe.close()
        self._directory.cleanup()

    def make(self, random: Random) -> bytes:
        return BETWEEN.join(file_name(random) for _ in range(FILES))

    def _write(self, names: set[bytes]) -> None:
        for name in names:
            (self._spool / os.fsdecode(name)).write_bytes(b"x")

    async def put(self, data: bytes) -> int:
        assert self._probe is not None
        shutil.rmtree(self._spool, ignore_errors=True)
        self._spool.mkdir()
        names = {name for name in data.split(BETWEEN) if name}
        self._write(names)
        listed = await self._probe.ask("list_dir", str(self._spool), timeout=30)
        seen = {os.fsencode(entry["name"]) for entry in listed}
        if seen != names:
            raise Broken(f"listed {seen ^ names} differently")
        facts = node_facts("first", self._platform, await self._probe.snapshot(timeout=30))
        found = {os.fsencode(file.name) for file in facts.spool.files}
        if not found <= names:
            raise Broken(f"the snapshot names {found - names}")
        read = json.loads(json.dumps(facts.to_json()))
        if not isinstance(read, dict):
            raise Broken("no JSON object")
        for file in facts.spool.files:
            if not clean(file.name).isprintable():
                raise Broken(f"shown as {clean(file.name)!r}")
        return len(names)
