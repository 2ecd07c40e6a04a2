"""What a backup has to offer: its accounts, what belongs to each, and how each stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from . import backup
from .accounts import Account, listed
from .bringover_source import Source

if TYPE_CHECKING:
    from .node import Node
    from .pair import Pair

STATES: Mapping[str, str] = {
    "new": "in the backup alone",
    "same": "in the cluster already, with this password",
    "taken": "conflict: the cluster has an account of that name with another password",
    "unserved": "conflict: the cluster does not serve its host",
}
"""How an account stands, and in words. `new` ones can be brought over."""

CONFLICTS = ("taken", "unserved")

HELD: Mapping[str, str] = {
    "roster": "contacts",
    "vcard": "vCard",
    "offline_msg": "waiting messages",
    "private_storage": "private storage",
    "privacy": "privacy lists",
    "last_activity": "last activity",
    "archive_msg": "archived messages",
    "push_session": "push sessions",
}
"""Tables as people call what is in them; the others go by their names."""

SINGLE = ("vcard", "last_activity", "privacy")
"""Tables that have one record for an account."""

UNTOLD = ("vcard_search", "roster_version")
"""Tables that only serve another one."""


@dataclass(frozen=True)
class KeptAccount:
    """An account of a backup. `passwords` are kinds ("plain", "SCRAM-SHA-1"), never passwords;
    `holds` is how many records each table has for it."""

    user: str
    server: str
    state: str
    passwords: tuple[str, ...]
    holds: Mapping[str, int]

    @property
    def name(self) -> str:
        return f"{self.user}@{self.server}"

    @property
    def account(self) -> Account:
        return (self.user, self.server)

    @property
    def belongings(self) -> str:
        """What belongs to it, for people."""
        things = [f"password {' and '.join(self.passwords)}"]
        for table, count in self.holds.items():
            if table not in UNTOLD:
                many = "" if table in SINGLE else f" ({count})"
                things.append(HELD.get(table, table) + many)
        return ", ".join(things)

    def to_json(self) -> dict[str, object]:
        return {
            "account": self.name,
            "state": self.state,
            "password": list(self.passwords),
            "holds": dict(self.holds),
        }


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
    def there(self) -> list[str]:
        """At most one line: the accounts that need nothing."""
        same = [account.name for account in self.of("same")]
        return [f"{STATES['same']}: {listed(same)}"] if same else []

    def lines(self) -> list[str]:
        """All of it for people: accounts, then what is doubtful or left out."""
        lines = [f"{self.source.name}: {self.verified}"]
        for account in (*self.new, *self.conflicts):
            lines.append(f"{account.name}: {STATES[account.state]}")
            lines.append(f"  {account.belongings}")
        lines += self.there
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
            "left_out": [asdict(table) for table in self.left_out],
        }


async def read(pair: Pair, source: Source, through: Node, verified: str) -> Offer:
    """Reads the backup on second's host and compares it with the cluster. Raises ProbeError."""
    node = through.platform.node
    said: dict[str, Any] = await pair.second.probe.ask(
        "kept_accounts", source.term, node, timeout=backup.LONG
    )
    return Offer(
        source,
        node,
        verified,
        tuple(_account(row) for row in said["accounts"]),
        tuple(LeftOut(str(row["table"]), row["records"], row["why"]) for row in said["left_out"]),
        tuple(said["doubts"]),
    )


def _account(row: Mapping[str, Any]) -> KeptAccount:
    holds = {str(table): count for table, count in sorted(row["holds"].items())}
    return KeptAccount(
        row["user"], row["server"], str(row["state"]), tuple(row["passwords"]), holds
    )
