"""What is declared of a finding's code, once: everything else about codes is derived from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ejtui.cluster.finding import Finding, Severity

if TYPE_CHECKING:
    from ejtui.cluster.diagnosis.rules.case import Case


LAYERS = (
    "host",
    "resolve",
    "epmd",
    "port",
    "distribution",
    "cookie",
    "schema",
    "tables",
    "ejabberd",
)
"""What is looked at, in this order: each rests on those before it."""


class Kind(Enum):
    """What several codes have in common, so that another one can bring them all about."""

    CONNECTION = "a node cannot be found, or does not accept a connection"
    SEPARATION = "the nodes do not work together, or wait for each other"
    NOT_RUNNING = "ejabberd does not run"
    COOKIE_FILE = "a cookie file cannot be used"
    DATABASE = "the two databases do not fit together"


Brought = str | Kind
"""A code, or all codes of a kind."""


@dataclass(frozen=True)
class Rule:
    """Where a code is looked for: with which layer, and by which function of a case.

    A rule with `among` runs with the rules of that layer, and still belongs to its own: what it
    finds explains more than its own layer. `after` names codes whose rules of the same layer come
    first although they do not bring this one about.
    """

    layer: str
    find: Callable[[Case], Iterable[Finding]]
    among: str = ""
    after: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """One code of the catalogue.

    `code` is its stable word, `meaning` one sentence for people. `severity` is that of all its
    findings; where `warns` names when it is only a warning, the rule decides. `rules` look for it;
    one that only a step finds has none. `kinds` are the kinds it belongs to. `brings_about` are
    its consequences on either node, `brings_about_there` those on its own node. One that `waits` is
    not the cause of what it brings about on the other node, but comes of it: both are one finding
    all the same, and what is wrong there is its evidence.

    `messages` are patterns of ejabberd's log that mean it. One that `passes` is also seen for a
    moment while a node starts or stops.

    `instead` is empty where a repair exists; elsewhere it is why there is none and what to do,
    with the `command` that does it, where there is one.
    `not_in_lab` is empty where the lab makes it; elsewhere it is why the lab cannot.
    """

    code: str
    meaning: str
    severity: Severity = "error"
    warns: str = ""
    rules: tuple[Rule, ...] = ()
    kinds: frozenset[Kind] = frozenset()
    brings_about: tuple[Brought, ...] = ()
    brings_about_there: tuple[Brought, ...] = ()
    waits: bool = False
    messages: tuple[str, ...] = ()
    passes: bool = False
    instead: str = ""
    command: str = ""
    not_in_lab: str = ""

    def explains(self, other: Declaration, *, there: bool) -> bool:
        """Whether the other is a consequence of this one; `there` where both are on one node."""
        brought = (*self.brings_about, *(self.brings_about_there if there else ()))
        return other.code in brought or any(kind in brought for kind in other.kinds)
