"""What a step's exact commands are made from: both platforms, the facts, the choices."""

from __future__ import annotations

from dataclasses import dataclass

from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.platforms import Platform


@dataclass(frozen=True)
class Target:
    """A node before anything is run there, for showing."""

    name: str
    platform: Platform


@dataclass(frozen=True)
class Plan:
    """Both hosts' platforms and what the nodes report; the names are the configuration's."""

    first_name: str
    second_name: str
    first: Platform
    second: Platform
    facts: PairFacts
    choices: Choices

    @property
    def at_first(self) -> Target:
        return Target(self.first_name, self.first)

    @property
    def at_second(self) -> Target:
        return Target(self.second_name, self.second)

    def at(self, role: str) -> Target:
        """First's for "first", else second's."""
        return self.at_first if role == "first" else self.at_second
