"""A backup as it lies on second's host, and a node whose probe lists it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ejtui.cluster.backups.manifest import (
    BackedFile,
    FirstBackup,
    Manifest,
)
from ejtui.cluster.facts.details import SpoolFacts, SpoolFile
from ejtui.cluster.facts.node import NodeFacts

SPOOL = "/var/lib/ejabberd"
ROOT = f"{SPOOL}/ejtui-backups"
FILES = (BackedFile("LATEST.LOG", 5, "a" * 64), BackedFile("schema.DAT", 10, "b" * 64))
MANIFEST = Manifest(
    stamp="20260101T000000Z",
    first="ejabberd@first",
    second="ejabberd@second",
    stage="moved",
    directory=SPOOL,
    place=f"{ROOT}/20260101T000000Z",
    created="2026-01-01T00:00:00+00:00",
    by="op@here",
    was_running=True,
    accounts=("guest@chat.example",),
    files=FILES,
    first_backup=FirstBackup(f"{ROOT}/20260101T000000Z/first.BUP", 5, "c" * 64, 3, 4),
    number=3,
    finished=False,
)


class Answers:
    """A probe that has one answer to `backups`."""

    def __init__(self, *backups: tuple[str, Manifest | bytes, dict[str, int]]) -> None:
        self.backups = [
            (name, (held if isinstance(held, bytes) else held.to_line()).decode(), [*sizes.items()])
            for name, held, sizes in backups
        ]
        self.asked: list[Any] = []

    async def ask(self, name: str, *arguments: Any, **_: Any) -> Any:
        self.asked.append((name, *arguments))
        empty = len(self.asked) > 1
        return {"backups": [] if empty else self.backups, "problems": []}


def a_node(probe: Answers, **platform: str) -> Any:
    values = {"home": SPOOL, "spool_dir": SPOOL, "backup_dir": "", "node": "ejabberd@second"}
    known = SimpleNamespace(**(values | platform))
    moved: list[str] = []

    async def use_directory(path: str) -> None:
        moved.append(path)

    return SimpleNamespace(
        name="second", probe=probe, platform=known, facts=NodeFacts("second", error="not asked"),
        use_directory=use_directory, moved=moved,
    )  # fmt: skip


WITH_SCHEMA = SpoolFacts(exists=True, files=(SpoolFile("schema.DAT", 10, True),))
WHOLE = {"LATEST.LOG": 5, "schema.DAT": 10}
