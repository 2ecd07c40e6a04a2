"""The parts of what is shown: a step, a command, a finding, a table, the work under way."""

from __future__ import annotations

from dataclasses import dataclass

_MANY = 999
"""From here on a count says less than a percentage."""


@dataclass(frozen=True)
class TableView:
    """One table on both nodes, in the web admin's words."""

    name: str
    first: str
    second: str
    records: int | None
    size: int | None
    chosen: str
    local: bool = False
    differs: bool = False
    why_fixed: str = ""


@dataclass(frozen=True)
class CommandView:
    """One exact command of a step: where, as whom, in what, and its text."""

    host: str
    user: str
    place: str
    text: str


@dataclass(frozen=True)
class FindingView:
    """Something that is wrong, named by its code of the catalogue."""

    code: str
    title: str
    node: str
    evidence: tuple[str, ...] = ()
    explanation: str = ""
    repair: str = ""


@dataclass(frozen=True)
class StepView:
    """One step of the checklist; `state` is done, todo, failed or blocked."""

    id: str
    number: int
    title: str
    state: str
    detail: str = ""
    reference: str = ""
    where: str = ""
    why: str = ""
    commands: tuple[CommandView, ...] = ()
    findings: tuple[FindingView, ...] = ()


@dataclass(frozen=True)
class Progress:
    """How far a step is: `done` of `total` in `unit`, `rate` a second; `left` is for people."""

    done: float
    total: float
    unit: str = ""
    what: str = ""
    rate: float = 0.0
    left: str = ""

    @property
    def brief(self) -> str:
        """How far in a few characters: a count of few things, a percentage of many."""
        if self.total > _MANY:
            return f"{100 * self.done / self.total:.0f} %"
        return f"{self.done:g}/{self.total:g}"


@dataclass(frozen=True)
class Work:
    """What ejtui is doing to the pair now."""

    title: str
    step: str = ""
    seconds: int = 0
    progress: Progress | None = None
    stopping: bool = False

    @property
    def as_step(self) -> StepView:
        """What is under way as a step, where it is none of the checklist's."""
        return StepView(self.step, 0, self.title, "todo")


@dataclass(frozen=True)
class Holder:
    """Another ejtui that changes this pair."""

    who: str
    what: str
    since: str


@dataclass(frozen=True)
class Trouble:
    """An error as its dialog shows it."""

    what: str
    where: str = ""
    why: str = ""
    next_action: str = ""


@dataclass(frozen=True)
class QuestionView:
    """What a person must confirm, and what a yes takes."""

    title: str
    takes: tuple[str, ...] = ()
    consequence: str = ""
    yes_label: str = "Yes"
    destructive: bool = True


@dataclass(frozen=True)
class LogLine:
    """One line of what was run: `kind` is command, evidence, state, person or error."""

    time: str
    kind: str
    where: str
    text: str
