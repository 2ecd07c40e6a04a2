"""Both sides' accounts and tables, before one of them is taken as the loser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ejtui.erlang.probe import ProbeError
from ejtui.hosts import HostError

from ... import accounts
from ...facts import REMOTE

if TYPE_CHECKING:
    from ...node import Node
    from ..context import RepairContext

TABLES_SHOWN = 8


@dataclass(frozen=True)
class Sides:
    """What each side has, as far as it could be read.

    `first` and `second` are the accounts, None where they could not be read; `tables` lines for
    those that differ; `changed` when each side's files were written last.
    """

    first: tuple[str, ...] | None
    second: tuple[str, ...] | None
    tables: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def only_second(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.second or ()) - set(self.first or ())))

    @property
    def only_first(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.first or ()) - set(self.second or ())))

    def lines(self) -> tuple[str, ...]:
        """For a question: what is kept, what only the loser has."""
        if self.second is None:
            own = ("second's accounts could not be read now; its database is kept whole",)
        else:
            only = accounts.listed(self.only_second) or "none"
            own = (
                f"second has {len(self.second)} accounts, "
                f"{len(self.only_second)} of them on second alone: {only}",
            )
        kept = "not read" if self.first is None else str(len(self.first))
        return (
            f"first's {kept} accounts stay, {len(self.only_first)} of them on first alone",
            *own,
            *self.tables,
            *self.changed,
        )


async def sides(context: RepairContext) -> Sides:
    """Asks both nodes. Never raises for what cannot be read: that is said."""
    facts = await context.refresh()
    tables = []
    for table in facts.first.tables:
        other = facts.second.table(table.name)
        if (
            other is not None
            and REMOTE not in (table.storage, other.storage)
            and not table.local_content
            and other.size != table.size
        ):
            tables.append(f"{table.name}: {table.size} records on first, {other.size} on second")
    more = len(tables) - TABLES_SHOWN
    if more > 0:
        tables = [*tables[:TABLES_SHOWN], f"and {more} more tables differ"]
    changed = [
        f"{node.name}'s database was written last at {await _written(node)}"
        for node in (context.pair.first, context.pair.second)
    ]
    first, second = context.pair.first, context.pair.second
    return Sides(await _accounts(first), await _accounts(second), tuple(tables), tuple(changed))


async def _accounts(node: Node) -> tuple[str, ...] | None:
    if node.facts.accounts is None:
        return None
    try:
        return accounts.names(await accounts.of(node))
    except ProbeError:
        return None


async def _written(node: Node) -> str:
    """The newest change of a file of Mnesia's, in UTC."""
    try:
        entries = await node.probe.ask("list_dir", node.platform.spool_dir)
    except (ProbeError, HostError):
        return "an unknown moment"
    names = set(node.facts.spool.names)
    times = [entry["mtime"] for entry in entries if entry["name"] in names]
    if not times:
        return "no moment: it has no files"
    return datetime.fromtimestamp(max(times), UTC).isoformat(sep=" ", timespec="seconds")
