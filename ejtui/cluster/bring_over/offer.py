"""What a backup has to offer: its accounts, what belongs to each, and how each stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from ejtui.cluster.backups import online
from ejtui.cluster.bring_over import done as bringover_done
from ejtui.cluster.bring_over.done import Done
from ejtui.cluster.bring_over.places import KeptPlace, places_of
from ejtui.cluster.bring_over.source import Source, read_from
from ejtui.cluster.facts.account_names import NAMED
from ejtui.cluster.facts.set_aside import HELD
from ejtui.cluster.operations.accounts import Account
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.questions import LeftTable, Offered, OfferedAccount
from ejtui.erlang.probe.row_list import RowList

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair

T = TypeVar("T")

STATES: Mapping[str, str] = {
    "new": "in the backup alone",
    "same": "in the cluster already, with this password",
    "brought": "brought over earlier, and changed in the cluster since",
    "taken": "conflict: the cluster has an account of that name with another password",
    "unclear": (
        "conflict: the cluster has an account of that name, and its password cannot be compared"
    ),
    "unserved": "conflict: the cluster does not serve its host, or not from its database",
    "unfit": "not brought over: its name or its password is none that ejabberd takes",
}
"""How an account stands, and in words. `new` ones can be brought over, and what the cluster lacks
of the `same`."""

CONFLICTS = ("taken", "unclear", "unserved", "unfit")

SINGLE = ("vcard", "last_activity", "privacy")
"""Tables that have one record for an account."""

UNTOLD = ("vcard_search", "roster_version")
"""Tables that only serve another one."""


@dataclass(frozen=True)
class KeptAccount:
    """An account of a backup. `passwords` are kinds ("plain", "SCRAM-SHA-1"), never passwords;
    `holds` is how many records each table has for it, `lacks` how many of them the cluster has
    not for its account of that name."""

    user: str
    server: str
    state: str
    passwords: tuple[str, ...]
    holds: Mapping[str, int]
    lacks: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.user}@{self.server}"

    @property
    def account(self) -> Account:
        return (self.user, self.server)

    @property
    def belongings(self) -> str:
        """What belongs to it, for people."""
        return ", ".join([f"password {' and '.join(self.passwords)}", *_things(self.holds)])

    @property
    def lacking(self) -> str:
        """What the cluster has not of it, for people; "" where it has all."""
        return ", ".join(_things(self.lacks))

    @property
    def line(self) -> str:
        """How it stands, with what the cluster lacks of it."""
        lacking = f"; left in the backup: {self.lacking}" if self.lacks else ""
        return f"{self.name}: {STATES[self.state]}{lacking}"

    def to_json(self) -> dict[str, object]:
        return {
            "account": self.name,
            "state": self.state,
            "password": list(self.passwords),
            "holds": dict(self.holds),
            "lacks": dict(self.lacks),
        }


def _things(holds: Mapping[str, int]) -> list[str]:
    many = {table: "" if table in SINGLE else f" ({count})" for table, count in holds.items()}
    return [HELD.get(table, table) + many[table] for table in holds if table not in UNTOLD]


@dataclass(frozen=True)
class Offer:
    """A backup's accounts against those of the cluster, asked through its node `through`.

    `verified` is how the backup was found to be whole, `doubts` what may be missing in it.
    """

    source: Source
    through: str
    verified: str
    accounts: Sequence[KeptAccount]
    left_out: tuple[LeftTable, ...] = ()
    doubts: tuple[str, ...] = ()
    places: tuple[KeptPlace, ...] = ()

    def of(self, *states: str) -> Sequence[KeptAccount]:
        return _where(self.accounts, lambda each: each.state in states)

    @cached_property
    def new(self) -> Sequence[KeptAccount]:
        return self.of("new")

    @cached_property
    def conflicts(self) -> Sequence[KeptAccount]:
        """Accounts that are skipped, since the cluster's own are never overwritten."""
        return self.of(*CONFLICTS)

    @cached_property
    def same(self) -> Sequence[KeptAccount]:
        """Accounts that the cluster has with this password."""
        return self.of("same")

    @cached_property
    def unaffected(self) -> int:
        """How many accounts are in the cluster already, with all that can be brought."""
        return len(self.same) + len(self.of("brought")) - len(self.incomplete)

    @cached_property
    def incomplete(self) -> Sequence[KeptAccount]:
        """Accounts that the cluster has with this password, and not all that is theirs."""
        return _where(self.same, lambda each: bool(each.lacks))

    @property
    def new_places(self) -> tuple[KeptPlace, ...]:
        """Rooms, groups and pubsub nodes that can be brought over."""
        return tuple(place for place in self.places if place.is_new)

    @property
    def left_places(self) -> tuple[KeptPlace, ...]:
        """What of rooms, groups and pubsub nodes stays in the backup."""
        return tuple(place for place in self.places if place.is_left)

    def sort(self) -> Offer:
        """This, with its accounts sorted by how they stand: it takes seconds for a million."""
        _ = self.new, self.conflicts, self.unaffected
        return self

    def skipped_lines(self) -> list[str]:
        """What stays in the backup, with the reason; cut where it is much."""
        left = [f"left: {place.line}" for place in self.left_places]
        return [*cut_made(self.conflicts, lambda each: f"skipped {each.line}"), *cut(left)]

    def lines(self) -> list[str]:
        """All of it for people, cut where it is much: what is affected, doubtful, or left out.

        Of what the cluster has already only the number is shown.
        """
        rows = [f"{self.source.name}: {self.verified}"]
        rows += cut_made(self.new, lambda each: f"{each.line}\n  {each.belongings}")
        rows += cut_made(
            self.incomplete, lambda each: f"{each.name}: in the cluster, without {each.lacking}"
        )
        rows += cut([place.line for place in self.new_places])
        rows += self.skipped_lines()
        if self.unaffected:
            rows.append(
                f"in the cluster already: {self.unaffected} of {len(self.accounts)} accounts"
            )
        rows += [f"doubtful: {doubt}" for doubt in self.doubts]
        for why in sorted({table.why for table in self.left_out}):
            tables = [f"{each.table} ({each.records})" for each in self.left_out if each.why == why]
            rows.append(f"left out: {', '.join(tables)}: {why}")
        return rows

    def to_json(self) -> dict[str, object]:
        return {
            "backup": {
                "name": self.source.name,
                "path": self.source.path,
                "verified": self.verified,
                "doubts": list(self.doubts),
            },
            "accounts": [account.to_json() for account in self.accounts],
            "places": [place.to_json() for place in self.places],
            "left_out": [asdict(table) for table in self.left_out],
        }


def _where(
    accounts: Sequence[KeptAccount], wanted: Callable[[KeptAccount], bool]
) -> Sequence[KeptAccount]:
    if isinstance(accounts, RowList):
        return accounts.where(wanted)
    return tuple(filter(wanted, accounts))


def cut(lines: Sequence[str]) -> list[str]:
    """Lines for people: so many as accounts are named elsewhere, and how many more there are."""
    return cut_made(lines, str)


def cut_made(items: Sequence[T], line: Callable[[T], str]) -> list[str]:
    """The same of a line for each item."""
    more = len(items) - NAMED
    shown = [part for each in items[:NAMED] for part in line(each).split("\n")]
    return [*shown, f"and {more} more; --json names all"] if more > 0 else shown


async def read(pair: Pair, source: Source, through: Node, verified: str) -> Offer:
    """Reads the backup on second's host and compares it with the cluster. Raises ProbeError."""
    node = through.platform.node
    with read_from(pair, source):
        held = await questions.kept_accounts(pair.second.probe, source.term, node, online.LONG)
    done = await bringover_done.load(pair, source)
    return await asyncio.to_thread(_compared, source, node, verified, held, done)


def _compared(source: Source, node: str, verified: str, held: Offered, done: Done) -> Offer:
    kept = held.accounts.mapped(lambda each: _account(each, done))
    owners = {place.host for place in held.places}
    states = {each.name: each.state for each in kept if each.name in owners} if owners else {}
    places = places_of(held.places, done, states)
    return Offer(source, node, verified, kept, held.left_out, held.doubts, places).sort()


def _account(held: OfferedAccount, done: Done) -> KeptAccount:
    account = KeptAccount(*held.account, held.state, held.passwords, held.holds, held.lacks)
    if account.name not in done.accounts or account.state == "new":
        return account
    # What the cluster lacks now of what was brought was read or removed there since.
    state = "brought" if account.state in ("taken", "unclear") else account.state
    return replace(account, state=state, lacks={})
