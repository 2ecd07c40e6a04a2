"""A recording pair of which second has a disk: files with bytes, which are moved and copied.

The probe and the host answer of these files as the real ones do, so that backups, rollback and
restore run whole. What is asked is kept in order; each answer can be replaced for one test.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from ejtui.cluster.backups.manifest import BackedFile, Manifest
from ejtui.cluster.facts.node import NodeFacts, PairFacts, SchemaFacts, SpoolFacts, SpoolFile
from ejtui.cluster.pair.plan import Plan
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts.host import Output
from tests.unit.cluster.recorded import World
from tests.unit.cluster.recording import (
    RecordingHost,
    RecordingNode,
    RecordingPair,
    RecordingProbe,
)
from tests.unit.cluster.test_repairs import platform

SPOOL = "/var/lib/ejabberd"
BACKUPS = f"{SPOOL}/ejtui-backups"
OWN = {"schema.DAT": b"second's schema", "passwd.DAT": b"guest", "LATEST.LOG": b"log"}
THEIRS = {"schema.DAT": b"first's schema", "passwd.DAT": b"25 accounts"}
GUEST = "guest@chat.example"
STAMP = "20260101T000000Z"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def account_text(*names: str) -> str:
    """Accounts as a probe answers with them."""
    pairs = (name.partition("@") for name in names)
    return "\x1e".join(f"{user}\x1f{server}" for user, _, server in pairs)


def manifest(**changes: Any) -> Manifest:
    """The backup of a join that took second's own database."""
    made = Manifest(
        stamp=STAMP, first="ejabberd@first", second="ejabberd@second", stage="moved",
        directory=SPOOL, place=f"{BACKUPS}/{STAMP}", created="2026-01-01T00:00:00+00:00",
        by="op@here", was_running=True, accounts=(GUEST,), number=1, finished=True,
        files=tuple(BackedFile(name, len(data), sha(data)) for name, data in OWN.items()),
    )  # fmt: skip
    return replace(made, **changes)


class Disk:
    """Files by path, and what was done to them in order."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.done: list[tuple[str, str]] = []

    def put(self, directory: str, files: dict[str, bytes]) -> None:
        self.files.update({f"{directory}/{name}": data for name, data in files.items()})

    def inside(self, directory: str) -> dict[str, bytes]:
        """The files right in a directory, by name."""
        at = PurePosixPath(directory)
        found = {PurePosixPath(path): data for path, data in self.files.items()}
        return {path.name: data for path, data in found.items() if path.parent == at}

    def below(self, directory: str) -> set[str]:
        """The names of directories in a directory."""
        start = f"{directory}/"
        rest = (path[len(start) :] for path in self.files if path.startswith(start))
        return {path.partition("/")[0] for path in rest if "/" in path}

    def manifests(self) -> dict[str, Manifest]:
        """By the stamp, as they were written last."""
        return {
            name: Manifest.from_line(self.files[path])
            for name in self.below(BACKUPS)
            if (path := f"{BACKUPS}/{name}/manifest.json") in self.files
        }


class DiskHost(RecordingHost):
    """Makes directories and writes files."""

    def __init__(self, node: DiskNode) -> None:
        super().__init__(node)
        self._folders = 0

    async def run(self, argv: Sequence[str], *, user: str | None = None, **how: Any) -> Output:
        if argv[0] == "sh" and len(argv) == 7:
            self._folders += 1
            moment = f"2026020{self._folders}T000000Z"
            name = f"{argv[5]}{moment}{argv[6]}"
            return Output(0, f"{name}\n{moment}\n".encode(), b"")
        node = self._node
        assert isinstance(node, DiskNode)
        name = argv[3] if argv[0] == "/bin/sh" and len(argv) > 5 else argv[0]
        if name == "replace":
            node.disk.files[argv[4]] = node.disk.files[argv[5]]
        elif name == "cp" and argv[-2] in node.disk.files:
            node.disk.files[argv[-1]] = node.disk.files[argv[-2]]
        return await super().run(argv, user=user, **how)

    async def write(self, path: str, data: bytes, *, user: str | None = None, **how: Any) -> None:
        del user, how
        node = self._node
        assert isinstance(node, DiskNode)
        node.disk.files[path] = data
        node.disk.done.append(("write", path))


class DiskProbe(RecordingProbe):
    """Answers of the disk; `answers` has what a test puts in place of that."""

    def __init__(self, node: DiskNode) -> None:
        super().__init__(node)
        self.node = node
        self.asked: list[tuple[str, tuple[Any, ...]]] = []
        self.answers: dict[str, Callable[..., Any]] = {}
        self.has: tuple[str, ...] = (GUEST,)
        self.stored: tuple[str, ...] | None = None

    async def ask(self, function: str, *arguments: Any, **how: Any) -> Any:
        self.asked.append((function, arguments))
        own = self.answers.get(function) or getattr(self, f"_{function}", None)
        if own is not None:
            self._record(function, arguments)
            return own(*arguments)
        return await super().ask(function, *arguments, **how)

    def names(self) -> list[str]:
        return [function for function, _ in self.asked]

    def _lock(self, *_: Any) -> str:
        return "held"

    def _accounts(self, *_: Any) -> str:
        return account_text(*self.has)

    def _stored_accounts(self, *_: Any) -> str:
        return account_text(*(self.has if self.stored is None else self.stored))

    def _lives_there(self, accounts: list[tuple[str, str]]) -> str:
        names = {f"{user}@{server}" for user, server in accounts}
        return account_text(*sorted(names & set(self.has)))

    def _kept_content(self, source: tuple[Any, str]) -> dict[str, Any]:
        own = self.node.disk.files.get(f"{source[1]}/passwd.DAT") == OWN["passwd.DAT"]
        return {"accounts": account_text(*([GUEST] if own else [])), "tables": {}, "doubts": []}

    def _room(self, _path: str) -> dict[str, Any]:
        return {"free": 10**12, "mount": "/", "files": None, "memory": False}

    def _backups(self, chain: list[str], _most: int) -> dict[str, Any]:
        root, disk, found = chain[-1], self.node.disk, []
        for name in sorted(disk.below(root)):
            text = disk.files.get(f"{root}/{name}/manifest.json")
            if text is None:
                continue
            folder = json.loads(text)["folder"] or "."
            sizes = [(n, len(d)) for n, d in disk.inside(f"{root}/{name}/{folder}").items()]
            found.append((name, text.decode(), sizes))
        return {"backups": found, "problems": []}

    def _checksum(self, paths: list[str]) -> list[tuple[str, str, int]]:
        files = self.node.disk.files
        if absent := [path for path in paths if path not in files]:
            raise ProbeError("enoent", f"{absent[0]}: no such file")
        return [(path, sha(files[path]), len(files[path])) for path in paths]

    def _list_dir(self, place: str) -> list[dict[str, Any]]:
        disk = self.node.disk
        files = [{"name": n, "type": "regular", "size": len(d)} for n, d in
                 disk.inside(place).items()]  # fmt: skip
        return [*files, *({"name": n, "type": "directory", "size": 0} for n in disk.below(place))]

    def _move_files(self, source: str, to: str, names: list[str]) -> list[str]:
        disk = self.node.disk
        for name in names:
            disk.files[f"{to}/{name}"] = disk.files.pop(f"{source}/{name}")
            disk.done.append(("move", f"{to}/{name}"))
        if source == SPOOL and "schema.DAT" in names:
            self.node.emptied()
        return names

    def _restore_files(self, source: str, to: str, names: list[tuple[str, str]]) -> list[str]:
        disk = self.node.disk
        for name, _ in names:
            disk.files[f"{to}/{name}"] = disk.files[f"{source}/{name}"]
            disk.done.append(("copy", f"{to}/{name}"))
        return [name for name, _ in names]


class DiskNode(RecordingNode):
    """A node with a disk."""

    def __init__(self, world: World, role: Any) -> None:
        super().__init__(world, role, platform(role))
        self.disk = Disk()
        self.host: DiskHost = DiskHost(self)
        self.probe: DiskProbe = DiskProbe(self)

    @property
    def facts(self) -> NodeFacts:
        files = tuple(SpoolFile(name, len(data)) for name, data in self.disk.inside(SPOOL).items())
        return replace(self.world.now(self.role), spool=SpoolFacts(exists=True, files=files))

    def emptied(self) -> None:
        self.world.change(
            self.role, disk_schema=None, schema=SchemaFacts(), tables=(), accounts=None, db_nodes=()
        )


class DiskPair(RecordingPair):
    """First serves the cluster; second's own database is in the backup that the disk holds."""

    first: DiskNode
    second: DiskNode

    def __init__(self, facts: PairFacts, directory: Path) -> None:
        world = World(facts)
        super().__init__(world, platform("first"), platform("second"), directory)
        self.first, self.second = DiskNode(world, "first"), DiskNode(world, "second")

    @property
    def facts(self) -> PairFacts:
        return PairFacts(self.first.facts, self.second.facts)

    def plan(self, facts: PairFacts | None = None) -> Plan:
        one, two = self.first, self.second
        now = facts or self.facts
        return Plan(one.name, two.name, one.platform, two.platform, now, self.choices)

    def keep(self, backup: Manifest, files: dict[str, bytes] = OWN) -> None:
        """Second's disk has this backup."""
        self.second.disk.put(backup.database, files)
        self.second.disk.files[f"{backup.place}/manifest.json"] = backup.to_line()
