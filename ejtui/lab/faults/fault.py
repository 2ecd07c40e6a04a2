"""A fault: one way to break a joined or joining pair, by the catalogue's code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from ejtui.lab.lab import Lab


class Forms(Enum):
    """In which forms of the lab a fault can be made; the value is text for people."""

    ANY = "in every form of the lab"
    OWN_HOSTS = "with two separate hosts"


@dataclass(frozen=True)
class Fault:
    """How to make one code of the catalogue true of the lab's nodes.

    `title` describes what is done. `node` is where it is done and found, first or second.
    `needs_joined`: the pair must be joined (True), must not be (False), or may be either
    (None). `make` does it, on a pair in that state, and raises LabError when it cannot.
    """

    code: str
    title: str
    make: Callable[[Lab], None]
    node: str = "second"
    needs_joined: bool | None = None
    forms: Forms = Forms.ANY


@dataclass(frozen=True)
class Impossible:
    """A code of the catalogue that the lab cannot make, and why."""

    code: str
    why: str
