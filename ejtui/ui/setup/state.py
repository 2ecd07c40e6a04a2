"""What the set-up's screens show: two hosts on trial, and what was found of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Not needed before the first paint.
    from ejtui.cluster.facts.node import NodeFacts

TRIAL_LAYERS = (
    "resolves", "port", "ssh", "host key", "authentication", "root", "ejabberd", "erl", "node",
    "spool", "versions", "running",
)  # fmt: skip
"""What a trial looks at, in its order."""
HERE = "connection"
"""The only layer of this computer, in place of those of a connection."""

_SUSPECTS = {
    "authentication": "user", "root": "become", "ejabberd": "ejabberdctl", "erl": "erl",
    "node": "node", "spool": "spool_dir",
}  # fmt: skip


@dataclass(frozen=True)
class LayerSeen:
    """One layer's result, and what was found there."""

    name: str
    well: bool
    found: str = ""


@dataclass(frozen=True)
class ValueView:
    """One value of a host: what it is, where it came from, and whether the file will have it."""

    key: str
    value: str
    source: str
    written: bool


@dataclass(frozen=True)
class HostView:
    """One host: `entered` as it was typed ("" before), and how its trial stands.

    `trouble` is what stopped the trial and `next_action` what to do about it. A trial `waits`
    while it has a question and the operator is typing something else.
    """

    entered: str = ""
    going: bool = False
    waits: bool = False
    layers: tuple[LayerSeen, ...] = ()
    trouble: str = ""
    next_action: str = ""
    values: tuple[ValueView, ...] = ()
    accounts: int | None = None
    facts: NodeFacts | None = None

    @property
    def well(self) -> bool:
        """Whether every layer was found well."""
        return bool(self.layers) and not self.going and not self.trouble

    @property
    def broken(self) -> str:
        """The layer that stopped the trial, "" where none did."""
        return self.layers[-1].name if self.trouble and self.layers else ""

    @property
    def current_layer(self) -> str:
        """The layer that is looked at now; name, port and login come together as a connection."""
        if not self.layers:
            return "connecting"
        last = self.layers[-1].name
        if last == HERE:
            return "root"
        after = TRIAL_LAYERS.index(last) + 1 if last in TRIAL_LAYERS else 0
        return TRIAL_LAYERS[min(after, len(TRIAL_LAYERS) - 1)]

    @property
    def suspect(self) -> str:
        """The value to look at first where the trial was stopped."""
        return _SUSPECTS.get(self.broken, "address")

    @property
    def brief(self) -> str:
        """The accounts for people."""
        if self.accounts is None:
            return "accounts unknown"
        return f"{self.accounts} account{'' if self.accounts == 1 else 's'}"


@dataclass(frozen=True)
class OfferView:
    """A host that can be chosen instead of typed."""

    host: str
    source: str


@dataclass(frozen=True)
class SetupState:
    """Everything the set-up's screens show.

    `joined` is whether the two are one cluster already, `one_node` whether both are the same node
    of the same host, by whatever addresses.
    """

    path: str
    hosts: tuple[HostView, HostView] = (HostView(), HostView())
    offers: tuple[OfferView, ...] = ()
    joined: bool = False
    one_node: bool = False

    def matching(self, typed: str) -> tuple[OfferView, ...]:
        """The offers that hold what is typed, those that begin with it first."""
        found = [offer for offer in self.offers if typed.lower() in offer.host.lower()]
        found.sort(key=lambda offer: not offer.host.lower().startswith(typed.lower()))
        return tuple(found)

    @property
    def why_not_values(self) -> str:
        """Why there are no values to look at yet, "" where there are."""
        if not all(host.entered for host in self.hosts):
            return "enter both hosts first"
        for host in self.hosts:
            if host.going:
                return f"{host.entered} is still being tried"
        return ""

    @property
    def why_not_on(self) -> str:
        """Why it cannot go on to the question and the file, "" where it can."""
        if self.why_not_values:
            return self.why_not_values
        for host in self.hosts:
            if not host.well:
                return f'{host.entered} does not get past "{host.broken}": repair that first'
        if self.one_node:
            return "both addresses are one host with one ejabberd: enter the other host"
        return ""

    @property
    def survivors(self) -> tuple[int, ...]:
        """Both hosts' numbers, the one with the most accounts first."""
        return tuple(sorted((0, 1), key=lambda number: -(self.hosts[number].accounts or 0)))
