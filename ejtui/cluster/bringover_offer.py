"""What a backup has to offer: its accounts, what belongs to each, and how each stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from . import backup, bringover_done
from .accounts import Account
from .bringover_done import Done
from .bringover_places import KeptPlace, places_of
from .bringover_source import Source
from .set_aside import HELD

if TYPE_CHECKING:
    from .node import Node
    from .pair import Pair

STATES: Mapping[str, str] = {
    "new": "in the backup alone",
    "same": "in the cluster already, with this password",
    "brought": "brought over earlier, and changed in the cluster since",
    "taken": "conflict: the cluster has an account of that name with another password",
    "unclear": (
        "conflict: the cluster has an account of that name, and its password cannot be compared"
    ),
    "unserved": "conflict: the cluster does not serve its host",
}
"""How an account stands, and in words. `new` ones can be brought over, and what the cluster lacks
of the `same`."""

CONFLICTS = ("taken", "unclear", "unserved")

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
class LeftOut:
    """A table that is not brought over although it has `records` about these accounts."""

    table: str
    records: int
    why: str


@dataclass(frozen=True)
class Offer:
    """A backup's accounts against those of the cluster, asked through its node `through`.

    `verified` says how the backup was found to be whole, `doubts` what may be missing in it.
    """

    source: Source
    through: str
    verified: str
    accounts: tuple[KeptAccount, ...]
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[str, ...] = ()
    places: tuple[KeptPlace, ...] = ()

    def of(self, *states: str) -> tuple[KeptAccount, ...]:
        return tuple(each for each in self.accounts if each.state in states)

    @property
    def new(self) -> tuple[KeptAccount, ...]:
        return self.of("new")

    @property
    def conflicts(self) -> tuple[KeptAccount, ...]:
        """Accounts that are skipped, since the cluster's own are never overwritten."""
        return self.of(*CONFLICTS)

    @property
    def incomplete(self) -> tuple[KeptAccount, ...]:
        """Accounts that the cluster has with this password, and not all that is theirs."""
        return tuple(each for each in self.of("same") if each.lacks)

    @property
    def new_places(self) -> tuple[KeptPlace, ...]:
        """Rooms, groups and pubsub nodes that can be brought over."""
        return tuple(place for place in self.places if place.is_new)

    @property
    def left_places(self) -> tuple[KeptPlace, ...]:
        """What of rooms, groups and pubsub nodes stays in the backup."""
        return tuple(place for place in self.places if place.is_left)

    def lines(self) -> list[str]:
        """All of it for people: what is affected, then what is doubtful or left out.

        Of what the cluster has already only the number is said.
        """
        lines = [f"{self.source.name}: {self.verified}"]
        for account in self.new:
            lines += [account.line, f"  {account.belongings}"]
        for account in self.incomplete:
            lines.append(f"{account.name}: in the cluster, without {account.lacking}")
        lines += [account.line for account in self.conflicts]
        lines += [place.line for place in (*self.new_places, *self.left_places)]
        unaffected = len(self.of("same", "brought")) - len(self.incomplete)
        if unaffected:
            lines.append(f"in the cluster already: {unaffected} of {len(self.accounts)} accounts")
        lines += [f"doubtful: {doubt}" for doubt in self.doubts]
        for why in sorted({table.why for table in self.left_out}):
            tables = [f"{each.table} ({each.records})" for each in self.left_out if each.why == why]
            lines.append(f"left out: {', '.join(tables)}: {why}")
        return lines

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


async def read(pair: Pair, source: Source, through: Node, verified: str) -> Offer:
    """Reads the backup on second's host and compares it with the cluster. Raises ProbeError."""
    node = through.platform.node
    said: dict[str, Any] = await pair.second.probe.ask(
        "kept_accounts", source.term, node, timeout=backup.LONG
    )
    done = await bringover_done.load(pair, source)
    kept = tuple(_account(row, done) for row in said["accounts"])
    return Offer(
        source,
        node,
        verified,
        kept,
        tuple(LeftOut(str(row["table"]), row["records"], row["why"]) for row in said["left_out"]),
        tuple(said["doubts"]),
        places_of(said["places"], done, {account.name: account.state for account in kept}),
    )


def _account(row: Mapping[str, Any], done: Done) -> KeptAccount:
    account = KeptAccount(
        row["user"],
        row["server"],
        str(row["state"]),
        tuple(row["passwords"]),
        _by_name(row["holds"]),
        _by_name(row["lacks"]),
    )
    if account.name not in done.accounts or account.state == "new":
        return account
    # What the cluster lacks now of what was brought was read or removed there since.
    state = "brought" if account.state in ("taken", "unclear") else account.state
    return replace(account, state=state, lacks={})


def _by_name(counts: Mapping[Any, int]) -> dict[str, int]:
    return {str(table): count for table, count in sorted(counts.items())}
