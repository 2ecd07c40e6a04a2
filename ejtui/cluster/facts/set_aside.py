"""What of second's own database a join sets aside, by name and number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ejtui.cluster.facts import account_names

HELD: Mapping[str, str] = {
    "roster": "contacts",
    "vcard": "vCard",
    "offline_msg": "waiting messages",
    "private_storage": "private storage",
    "privacy": "privacy lists",
    "last_activity": "last activity",
    "archive_msg": "archived messages",
    "push_session": "push sessions",
    "pubsub_node": "personal pubsub nodes",
    "sr_user": "memberships of shared roster groups",
}
"""Tables as people call what is in them; the others go by their names."""

_OTHER = "other"
_PASSWORDS = {_OTHER: "another password", "unknown": "a password that cannot be compared"}

_DETAILED = 5
"""So many accounts are named with what differs; of the rest only the number is shown."""


@dataclass(frozen=True)
class Differing:
    """An account of both nodes: how its passwords compare (same, other, unknown), and how many
    records second alone has for it, by table."""

    name: str
    passwords: str
    holds: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        """Whether anything is known to differ."""
        return self.passwords == _OTHER or bool(self.holds)

    @property
    def line(self) -> str:
        things = [_PASSWORDS[self.passwords]] if self.passwords in _PASSWORDS else []
        things += _by_table(self.holds)
        return f"{self.name} ({', '.join(things)})"

    def to_json(self) -> dict[str, object]:
        return {"account": self.name, "password": self.passwords, "holds": dict(self.holds)}


@dataclass(frozen=True)
class SetAside:
    """What of second's a join sets aside, names as "user@server" or "name@host".

    `alone` are accounts that first does not have, None where they could not be read; `differing`
    are accounts of both. `rooms`, `groups` and `nodes` (of pubsub) are those that first does not
    have just so. `tables` are other tables with their number of records. `unread` is what was
    not compared, and why.
    """

    alone: Sequence[str] | None = ()
    differing: tuple[Differing, ...] = ()
    rooms: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    tables: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    @property
    def can_bring(self) -> bool:
        """Whether any of it is what can be brought over, as far as was compared."""
        return self.alone is None or any(
            (self.alone, self.differing, self.rooms, self.groups, self.nodes, self.unread)
        )

    def lines(self) -> tuple[str, ...]:
        """All of it for people, one kind a line."""
        known = [each.line for each in self.differing if each.is_known]
        unknown = [each.name for each in self.differing if not each.is_known]
        tables = _by_table(self.tables)
        return (
            _alone(self.alone),
            *_detailed(known),
            *_kind(
                unknown,
                "account of both has passwords that cannot be compared",
                "accounts of both have passwords that cannot be compared",
            ),
            *_kind(self.rooms, "room", "rooms"),
            *_kind(self.groups, "shared roster group", "shared roster groups"),
            *_kind(self.nodes, "pubsub node", "pubsub nodes"),
            *([f"other records: {', '.join(tables)}"] if tables else []),
            *(f"not compared: {why}" for why in self.unread),
        )

    def to_json(self) -> dict[str, object]:
        return {
            "accounts": None if self.alone is None else list(self.alone),
            "differing": [each.to_json() for each in self.differing],
            "rooms": list(self.rooms),
            "groups": list(self.groups),
            "pubsub_nodes": list(self.nodes),
            "tables": dict(self.tables),
            "not_compared": list(self.unread),
        }


def _by_table(records: Mapping[str, int]) -> list[str]:
    return [f"{HELD.get(table, table)} ({count})" for table, count in sorted(records.items())]


def _alone(named: Sequence[str] | None) -> str:
    if named is None:
        return "second's accounts could not be read: it does not start with its own database"
    return account_names.describe_set_aside(named)


def _kind(named: Sequence[str], one: str, many: str) -> list[str]:
    what = one if len(named) == 1 else many
    return [f"{len(named)} {what}: {account_names.listed(named)}"] if named else []


def _detailed(known: Sequence[str]) -> list[str]:
    """Fewer by name than elsewhere: each comes with what differs."""
    if not known:
        return []
    what = "account of both differs" if len(known) == 1 else "accounts of both differ"
    more = f" and {len(known) - _DETAILED} more" if len(known) > _DETAILED else ""
    return [f"{len(known)} {what} on second: {', '.join(known[:_DETAILED])}{more}"]
