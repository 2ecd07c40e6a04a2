"""What a step's exact commands are made from: both platforms, the facts, the choices."""

from __future__ import annotations

from dataclasses import dataclass

from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.platforms import Platform


@dataclass(frozen=True)
class Plan:
    """Both hosts' platforms and what the nodes say; the names are the configuration's."""

    first_name: str
    second_name: str
    first: Platform
    second: Platform
    facts: PairFacts
    choices: Choices
