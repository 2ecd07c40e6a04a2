"""Both sides' accounts and tables, before one of them is taken as the loser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from ejtui.cluster.backups import online
from ejtui.cluster.facts import account_names
from ejtui.cluster.facts.node import REMOTE
from ejtui.cluster.operations import accounts
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.probe.questions import Content
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.repairs.context import RepairContext

TABLES_SHOWN = 8

_FEW = 8
"""So many accounts that stay are named beside those that do not."""


@dataclass(frozen=True)
class Sides:
    """What each side has, as far as it could be read.

    `first` and `second` are the accounts, None where they could not be read; `tables` lines for
    those that differ; `changed` when each side's files were written last. The `loser` gives up
    what it alone has.
    """

    first: Sequence[str] | None
    second: Sequence[str] | None
    tables: tuple[str, ...]
    changed: tuple[str, ...]
    loser: Literal["first", "second"] = "second"

    @cached_property
    def only_second(self) -> Sequence[str]:
        return accounts.without(self.second or (), self.first or ())

    @cached_property
    def only_first(self) -> Sequence[str]:
        return accounts.without(self.first or (), self.second or ())

    def compare(self) -> Sides:
        """These, with what each side alone has: it takes seconds for a million."""
        _ = self.only_second, self.only_first
        return self

    def lines(self) -> tuple[str, ...]:
        """For a question: what is kept, what only the loser has."""
        sides = [
            ("first", self.first, self.only_first),
            ("second", self.second, self.only_second),
        ]
        if self.loser == "first":
            sides.reverse()
        (winner, kept, on_winner), (loser, lost, on_loser) = sides
        if lost is None:
            own = f"{loser}'s accounts could not be read now; its database is kept whole"
        elif kept is None:
            own = f"{loser} has {_count(lost)}; which of them {winner} has, too, is not known"
        else:
            own = f"{loser} has {_count(lost)}, {len(on_loser)} of them on {loser} alone: " + (
                account_names.listed(on_loser) or "none"
            )
        stay = f"{winner}'s accounts stay; they could not be read now"
        if kept is not None:
            alone = "" if lost is None else f", {len(on_winner)} of them on {winner} alone"
            if lost is not None and 0 < len(on_winner) <= _FEW:
                alone += f": {account_names.listed(on_winner)}"
            stays = "stays" if len(kept) == 1 else "stay"
            stay = f"{winner}'s {_count(kept)} {stays}{alone}"
        return (stay, own, *self.tables, *self.changed)

    @property
    def on_second_alone(self) -> str:
        """What second alone had, in words; what could not be read is no reason to name none."""
        if self.second is None:
            return "accounts that could not be read"
        names = account_names.listed(self.only_second) or "no accounts"
        return names if self.first is not None else f"{names} (first's could not be read)"


async def listing(loser: str, names: Sequence[str]) -> bytes:
    """The file that is kept of what the loser alone has: JSON, however many there are."""
    return await asyncio.to_thread(_listing, loser, names)


def _listing(loser: str, names: Sequence[str]) -> bytes:
    return json.dumps({f"only_{loser}": list(names)}, indent=1).encode()


def _count(names: Sequence[str]) -> str:
    return f"{len(names)} account{'' if len(names) == 1 else 's'}"


async def compare_sides(context: RepairContext) -> Sides:
    """Asks both nodes. Never raises for what cannot be read: that is reported."""
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
    first, second = context.pair.first, context.pair.second
    sides = Sides(
        await _accounts(first), await _accounts(second), _shown(tables), await _changed(context)
    )
    return await asyncio.to_thread(sides.compare)


async def on_disc(context: RepairContext, first: str, second: str) -> Sides:
    """Reads both nodes' databases from directories of files that nobody writes, on their hosts.

    The loser is the node that is not repaired. Raises ProbeError where one cannot be read.
    """
    one = await _content(context.pair.first, first)
    two = await _content(context.pair.second, second)
    tables = [
        f"{name}: {one.tables[name]} records on first, {two.tables[name]} on second"
        for name in sorted(one.tables.keys() & two.tables.keys())
        if one.tables[name] != two.tables[name]
    ]
    doubts = [
        f"{node}: {line}" for node, seen in (("first", one), ("second", two))
        for line in seen.doubts
    ]  # fmt: skip
    sides = Sides(
        await accounts.sorted_names(one.accounts),
        await accounts.sorted_names(two.accounts),
        (*_shown(tables), *doubts),
        await _changed(context),
        "second" if context.on_first else "first",
    )
    return await asyncio.to_thread(sides.compare)


async def _content(node: Node, directory: str) -> Content:
    """What lies there of the node's database; nothing where it has none."""
    if not node.facts.spool.names:
        return Content()
    source = questions.directory(directory)
    return await questions.kept_content(node.probe, source, online.LONG)


def _shown(tables: Sequence[str]) -> tuple[str, ...]:
    more = len(tables) - TABLES_SHOWN
    rest = (f"and {more} more tables differ",) if more > 0 else ()
    return (*tables[:TABLES_SHOWN], *rest)


async def _changed(context: RepairContext) -> tuple[str, ...]:
    pair = context.pair
    return tuple(
        [
            f"{node.name}'s database was written last at {await _written(node)}"
            for node in (pair.first, pair.second)
        ]
    )


async def _accounts(node: Node) -> Sequence[str] | None:
    if node.facts.accounts is None:
        return None
    try:
        return await accounts.sorted_names(await accounts.list_accounts(node))
    except ProbeError:
        return None


async def _written(node: Node) -> str:
    """The newest change of a file of Mnesia's, in UTC."""
    try:
        entries = await questions.entries(node.probe, node.platform.spool_dir)
    except (ProbeError, HostError):
        return "an unknown moment"
    names = set(node.facts.spool.names)
    times = [entry.mtime for entry in entries if entry.name in names]
    if not times:
        return "no moment: it has no files"
    return datetime.fromtimestamp(max(times), UTC).isoformat(sep=" ", timespec="seconds")
