"""The runner's events: small immutable messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.question import Question

if TYPE_CHECKING:
    from ejtui.cluster.operations.set_aside import SetAside
    from ejtui.erlang.shell.shell import Shell


@dataclass(frozen=True)
class FactsChanged:
    """Both nodes were asked and something is different."""

    facts: PairFacts


@dataclass(frozen=True)
class StepStarted:
    """A step begins to run."""

    id: str


@dataclass(frozen=True)
class StepSaid:
    """One line about what the step does or has seen."""

    id: str
    line: str


@dataclass(frozen=True)
class StepProgress:
    """How far a step is: `done` of `total` in `unit`.

    `what` names the present thing; `rate` is in units a second; `left` is text for people.
    """

    id: str
    done: int
    total: int
    unit: str
    what: str = ""
    rate: float = 0.0
    left: str = ""


@dataclass(frozen=True)
class StepEnded:
    """A step has ended in this state, with the evidence that was seen."""

    id: str
    state: str
    detail: str
    evidence: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Aside:
    """What is about to be set aside of second's, and the directory of the backup it goes to."""

    what: SetAside
    place: str


@dataclass(frozen=True)
class NeedsPerson:
    """The run waits for an answer to this question."""

    question: Question


@dataclass(frozen=True)
class StoodAside:
    """The operator types into the shell; the run waits until the shell is handed back."""

    who: str


@dataclass(frozen=True)
class HandedBack:
    """The operator gave the shell back; the nodes are looked at again."""


@dataclass(frozen=True)
class ShellOpened:
    """A live erl shell was opened on second."""

    shell: Shell


@dataclass(frozen=True)
class HostAwaited:
    """The run ended because these hosts are away; it goes on when both answer within `seconds`."""

    names: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class HostBack:
    """Both hosts were asked again; what a lost one ended begins again from the nodes' state."""


@dataclass(frozen=True)
class Finished:
    """A run has ended; `ok` when everything asked for is done."""

    ok: bool


Event = (
    FactsChanged
    | StepStarted
    | StepSaid
    | StepProgress
    | StepEnded
    | Aside
    | NeedsPerson
    | StoodAside
    | HandedBack
    | ShellOpened
    | HostAwaited
    | HostBack
    | Finished
)
Emit = Callable[[Event], None]
