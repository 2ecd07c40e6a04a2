"""An online backup of a running node, and the proof that it can be read to its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ejtui.cluster.acts.act import Act, At, asked
from ejtui.cluster.facts.node import NodeFacts
from ejtui.erlang.probe import questions
from ejtui.erlang.terms import quoting

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.run.context import StepContext

LONG = 24 * 3600.0
"""Seconds that reading or copying a whole database may take."""

PHASES = {
    "writing": "writing the online backup",
    "summing": "its checksum",
    "scanning": "reading it to its end",
    "reading": "reading it again, without what was replaced meanwhile",
}
"""What the probe is at, in this order."""


@dataclass(frozen=True)
class OnlineBackup:
    """A backup that was read to its end; `size` in bytes."""

    path: str
    size: int
    sha256: str
    tables: int
    records: int


def backup_act(
    at: At, path: str, on_progress: Callable[[Any], None] | None = None
) -> Act[questions.Written]:
    """Writes the running node's database to `path` on its host: what make() does."""
    text = f"mnesia:backup({quoting.string(path)}). % but large tables are read in bulk"
    return asked(at, text, questions.backup_node, path, timeout=LONG, on_progress=on_progress)


async def make(context: StepContext, node: Node, path: str) -> OnlineBackup:
    """Writes the running node's database to `path` on its host and reads all of it; reports how
    far.

    Raises ProbeError.
    """
    tell = _reporter(context, records_of(node.facts))
    written = await backup_act(node, path, tell).run(node)
    read = await questions.read_backup(node.probe, path, LONG, tell)
    return OnlineBackup(path, written.size, written.sha256, len(read.tables), read.records)


def records_of(facts: NodeFacts) -> int:
    """How many records the node's tables hold."""
    return sum(table.size for table in facts.tables)


def _reporter(context: StepContext, records: int) -> Callable[[Any], None]:
    """Reports the probe's progress; nobody knows the size of the file before it is there."""
    since: dict[str, float] = {}

    def report(said: Any) -> None:
        phase, done = said
        began = since.setdefault(phase, time.monotonic())
        seconds = time.monotonic() - began
        unit, total = "records", max(records, done)
        if phase in ("writing", "summing"):
            unit, total = "bytes", 0
        rate = done / seconds if seconds else 0.0
        context.progress(done, total, unit, PHASES[phase], rate)

    return report
