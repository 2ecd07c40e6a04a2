"""The runner's events: small immutable messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui.amounts import amount
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.facts.set_aside import SetAside
from ejtui.cluster.finding import Finding
from ejtui.cluster.question import Question
from ejtui.cluster.run.operation import Operation

if TYPE_CHECKING:
    from ejtui.erlang.shell.shell import Shell


_MANY = 999
"""From here on a percentage is more useful than a count."""


@dataclass(frozen=True)
class FactsChanged:
    """Both nodes were asked and something is different."""

    facts: PairFacts


@dataclass(frozen=True)
class _OfOperation:
    operation: Operation

    @property
    def id(self) -> str:
        """The operation's."""
        return self.operation.id


@dataclass(frozen=True)
class StepStarted(_OfOperation):
    """A step, or another operation, starts to run; `state` and `detail` are a step's until now."""

    state: str = ""
    detail: str = ""


@dataclass(frozen=True)
class StepReport(_OfOperation):
    """One line about what the step does or has seen."""

    line: str


@dataclass(frozen=True)
class StepProgress(_OfOperation):
    """How far a step is: `done` of `total` in `unit`; no total where it is not known.

    `what` names the present thing; `rate` is in units a second; `left` is text for people.
    """

    done: float
    total: float
    unit: str = ""
    what: str = ""
    rate: float = 0.0
    left: str = ""

    @property
    def brief(self) -> str:
        """How far in a few characters: a count of few things, a percentage of many.

        "" where nothing is done yet of what nobody has counted.
        """
        if not self.total and not self.done:
            return ""
        if not self.total and self.unit == "bytes":
            return amount(round(self.done))
        if not self.total:
            return f"{self.done:,.0f} {self.unit}".rstrip()
        if self.total > _MANY:
            # Not rounded up: what is not done yet is not 100 %.
            return f"{min(100, int(100 * self.done / self.total))} %"
        return f"{int(self.done)}/{self.total:g}"


@dataclass(frozen=True)
class StepEnded(_OfOperation):
    """A step has ended in this state, with the evidence that was seen."""

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
class FileWritten(_OfOperation):
    """Second's ejabberd.yml is the new one, or it got certificates: nothing undoes that now."""


@dataclass(frozen=True)
class NeedsPerson:
    """The run waits for an answer to this question."""

    question: Question


@dataclass(frozen=True)
class StoodAside(_OfOperation):
    """The operator types into the shell; the run waits until the shell is handed back."""

    who: str


@dataclass(frozen=True)
class HandedBack(_OfOperation):
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
    | StepReport
    | StepProgress
    | StepEnded
    | Aside
    | FileWritten
    | NeedsPerson
    | StoodAside
    | HandedBack
    | ShellOpened
    | HostAwaited
    | HostBack
    | Finished
)
Emit = Callable[[Event], None]
