"""Rooms, shared roster groups and pubsub nodes of a backup, and how each stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ejtui.cluster.bring_over.done import Done
from ejtui.erlang.probe.questions import OfferedPlace
from ejtui.erlang.terms.etf import Atom

KINDS: Mapping[str, str] = {
    "room": "room",
    "group": "shared roster group",
    "node": "pubsub node",
    "personal": "personal pubsub node",
}
"""What there is, in words; a personal node is of the account that is its host."""

PERSONAL = "personal"

_WHY = {
    "taken": "conflict: the cluster has another of that name",
    "unserved": "conflict: the cluster does not serve its host",
    "unfit": "not brought over: the cluster has no such table, or keeps it otherwise",
    "skipped": "not brought over, as its account is not",
}


@dataclass(frozen=True)
class KeptPlace:
    """A room, group or node of a backup. `state` is new, same, taken, unserved, unfit, or skipped
    with the account that it belongs to; `members` is how many a group has."""

    kind: str
    name: str
    host: str
    state: str
    members: int = 0

    @property
    def called(self) -> str:
        return f"{self.name}@{self.host}"

    @property
    def is_new(self) -> bool:
        """Whether it can be brought over."""
        return self.state == "new"

    @property
    def is_left(self) -> bool:
        """Whether the cluster has it not, and it is not brought over either."""
        return self.state != "same" and not self.is_new

    @property
    def what(self) -> str:
        """What it is, for people."""
        members = f" with {self.members} members" if self.members != 1 else " with 1 member"
        return f"{KINDS[self.kind]} {self.called}{members if self.kind == 'group' else ''}"

    @property
    def line(self) -> str:
        """What it is, and how it stands."""
        if self.is_new:
            return f"{self.what}: in the backup alone"
        return f"{self.what}: {_WHY.get(self.state, self.state)}"

    @property
    def term(self) -> tuple[Atom, str, str]:
        """How the probe's questions name it."""
        return (Atom(self.kind), self.name, self.host)

    def to_json(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "name": self.called,
            "state": self.state,
            "members": self.members,
        }


def counted(places: Sequence[KeptPlace]) -> str:
    """How many there are of each kind: "2 rooms, 1 shared roster group". Pure."""
    counts = Counter(place.kind for place in places)
    words = {kind: word for kind, word in KINDS.items() if counts[kind]}
    return ", ".join(f"{counts[k]} {w}{'' if counts[k] == 1 else 's'}" for k, w in words.items())


def places_of(
    held: Sequence[OfferedPlace], done: Done, accounts: Mapping[str, str]
) -> tuple[KeptPlace, ...]:
    """What the probe reported, by kind and name; `accounts` is how each account stands.

    What was brought over earlier is there, or was removed since.
    """
    places = [KeptPlace(each.kind, each.name, each.host, each.state, each.members) for each in held]
    places.sort(key=lambda place: (list(KINDS).index(place.kind), place.called))
    return tuple(replace(place, state=_state(place, done, accounts)) for place in places)


def _state(place: KeptPlace, done: Done, accounts: Mapping[str, str]) -> str:
    if place.state == "taken" and place.called in done.places:
        return "same"
    if place.kind != PERSONAL or place.state != "new":
        return place.state
    account = accounts.get(place.host, "unserved")
    if account == "brought" or (account == "same" and place.host in done.accounts):
        return "same"
    return "new" if account in ("new", "same") else "skipped"
