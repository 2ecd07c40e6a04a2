"""How many records first's tables hold: before ejabberd starts on second as a member, and after.

A table counts as lost when Mnesia made it again since (its cookie is another one), made it
local_content, or dropped it, and it holds fewer records than before. People delete records at any
time, and the table stays the same one: fewer records of such a table are reported, and only one
that was emptied is a failure. What is meant to become less (messages that wait, tokens, caches) is
not compared. Of a table in memory alone (who is connected, which rooms are open) the records come
and go: only one that was made again is a failure, and one that was emptied is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ejtui.cluster.backups import listing
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.facts.node import RAM, STORAGES, NodeFacts, TableFacts
from ejtui.cluster.facts.table_count import TableCount
from ejtui.cluster.finding import Finding

if TYPE_CHECKING:
    from ejtui.cluster.pair.pair import Pair

CODE = "records-lost"

PASSING = frozenset(
    {
        *("offline_msg", "push_session", "oauth_token", "mod_register_ip", "caps_features"),
        *("mqtt_pub", "mqtt_sub", "mqtt_session", "captcha", "temporarily_blocked"),
        *("reg_users_counter", "bytestream", "pubsub_item", "pubsub_orphan"),
    }
)
"""Tables whose records come and go without anybody deleting them."""


@dataclass(frozen=True)
class Lost:
    """A table of first's that holds fewer records than before; `why` is what shows it.

    What was `in_memory` alone is in no backup that could bring it back.
    """

    name: str
    before: int
    now: int
    why: str
    certain: bool = True
    in_memory: bool = False

    @property
    def line(self) -> str:
        return f"{self.name}: {self.before} records before the join, {self.now} now; {self.why}"


def count_tables(first: NodeFacts) -> tuple[TableCount, ...]:
    """First's tables that are shared, as they are now."""
    return tuple(
        TableCount(table.name, table.size, table.cookie, table.storage == RAM)
        for table in first.tables
        if table.storage in STORAGES and not table.local_content
    )


async def of_join(pair: Pair) -> Manifest | None:
    """The backup of the join that second is in; None where there is none."""
    loaded = await listing.at_hand(pair)
    mine = (each for each in loaded if each.own and each.of_a_join)
    return next((each for each in mine if each.stage != "rolled-back"), None)


def noted(manifest: Manifest, first: NodeFacts) -> Manifest:
    """The manifest with first's tables as they are now; those already lost as they were."""
    return replace(manifest, counts=merged(manifest.counts, first))


def merged(counts: Sequence[TableCount], first: NodeFacts) -> tuple[TableCount, ...]:
    """First's tables as they are now; those that are lost already as they were."""
    kept = {lost.name for lost in compared(counts, first) if lost.certain}
    old = [count for count in counts if count.name in kept]
    new = [count for count in count_tables(first) if count.name not in kept]
    return tuple(sorted((*old, *new), key=lambda each: each.name))


def compared(counts: Sequence[TableCount], first: NodeFacts) -> list[Lost]:
    """What first has less of than before. Pure."""
    found = (_lost(count, first.table(count.name)) for count in counts)
    return [lost for lost in found if lost is not None]


def finding(lost: Sequence[Lost], backup: str) -> Finding:
    """The tables that lost records, as a step that fails names them."""
    return Finding(
        CODE,
        f"first has fewer records than before the join: {', '.join(each.name for each in lost)}",
        "first",
        tuple(each.line for each in lost),
        " ".join(_explained(lost, backup)),
        _repair(lost),
        subjects=tuple(each.name for each in lost),
    )


def _explained(lost: Sequence[Lost], backup: str) -> Iterator[str]:
    yield (
        "ejabberd on a member deleted the table in the whole cluster and made it again, or "
        "something emptied it."
    )
    if not all(each.in_memory for each in lost):
        yield f"First's online backup holds it as it was: {backup or 'there is none'}."
    if passing := [each.name for each in lost if each.in_memory]:
        yield (
            f"In memory alone: {', '.join(passing)}. What it held (who is connected, which rooms "
            "are open) belongs to connections that may still be there, and no backup brings it "
            "back."
        )


def _repair(lost: Sequence[Lost]) -> str:
    if all(each.in_memory for each in lost):
        return (
            "restart ejabberd on first: everybody connects again, and ejabberd fills its tables in "
            "memory again; or `ejtui rollback` first, which takes second out again"
        )
    return (
        "`ejtui rollback` takes second out again, and then offers to bring these records back "
        "from first's online backup; what first has now stays"
    )


def _lost(before: TableCount, now: TableFacts | None) -> Lost | None:
    records = now.size if now else 0
    if records >= before.records or (before.in_memory and before.name in PASSING):
        return None
    lost = Lost(before.name, before.records, records, "", in_memory=before.in_memory)
    if why := _made_again(before, now):
        return replace(lost, why=why)
    if before.name in PASSING or (before.in_memory and records):
        return None
    if records == 0:
        return replace(lost, why="it was emptied", certain=not before.in_memory)
    return replace(lost, why="records were deleted in it", certain=False)


def _made_again(before: TableCount, now: TableFacts | None) -> str:
    """What shows that the table is another one now, or none; "" where it is the same."""
    if now is None:
        return "the table is gone"
    if now.local_content:
        return "it was made again, with local_content"
    if before.cookie and now.cookie and now.cookie != before.cookie:
        return "it was deleted and made again"
    return ""
