"""What the screens show: one immutable value, from which every widget is painted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

_MANY = 999
"""From here on a count says less than a percentage."""


class Health(Enum):
    """How a node is, in the words of its panel."""

    ASKING = "asking"
    UNREACHABLE = "not reached"
    UNASKED = "cannot be asked"
    STOPPED = "stopped"
    RUNNING = "running"
    ERL_SHELL = "erl shell"
    APP_DOWN = "ejabberd is down"
    REFUSES = "refuses our cookie"


@dataclass(frozen=True)
class NodeView:
    """One node as its panel shows it; None and empty mean that it is not known."""

    name: str
    node: str = ""
    where: str = ""
    health: Health = Health.ASKING
    trouble: tuple[str, ...] = ()
    ejabberd: str = ""
    otp: str = ""
    cookie: str = ""
    cookie_trouble: str = ""
    runs: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    schema: str = ""
    accounts: int | None = None
    own_database: bool = False
    tables_here: int | None = None
    tables_known: int | None = None

    @property
    def known(self) -> bool:
        """Whether the node has answered, so that its facts mean something."""
        return self.health is not Health.ASKING and not self.silent

    @property
    def silent(self) -> bool:
        """Whether there is no answer: no way to the host, or nobody there who can be asked."""
        return self.health in (Health.UNREACHABLE, Health.UNASKED)


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


class Typist(Enum):
    """Who may type into the live shell."""

    NOBODY = "no erl is open"
    EJTUI = "ejtui is typing"
    OPERATOR = "you are typing"
    YOURS = "yours to type into"


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


@dataclass(frozen=True)
class ViewState:
    """Everything the screens show."""

    first: NodeView
    second: NodeView
    connected: bool = False
    steps: tuple[StepView, ...] = ()
    tables: tuple[TableView, ...] = ()
    looked_at: str | None = None
    work: Work | None = None
    evidence: tuple[tuple[str, tuple[str, ...]], ...] = ()
    typist: Typist = Typist.NOBODY
    shell_on: str = ""
    holder: Holder | None = None
    log: tuple[LogLine, ...] = ()
    notice: str = ""
    notice_is_trouble: bool = False

    @property
    def at_hand(self) -> StepView | None:
        """The step under way, or else the first one that is not done."""
        if self.work and self.work.step:
            work = StepView(self.work.step, 0, self.work.title, "todo")
            return self.step(self.work.step) or work
        return next((step for step in self.steps if step.state != "done"), None)

    @property
    def shown_step(self) -> StepView | None:
        """The step that the step pane shows: the one looked at, or else the one at hand."""
        looked = self.step(self.looked_at) if self.looked_at else None
        return looked or self.at_hand or (self.steps[-1] if self.steps else None)

    @property
    def findings(self) -> tuple[FindingView, ...]:
        """Every finding of every step, each code and node once."""
        seen: dict[tuple[str, str], FindingView] = {}
        for step in self.steps:
            for finding in step.findings:
                seen.setdefault((finding.code, finding.node), finding)
        return tuple(seen.values())

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.state == "done" for step in self.steps)

    @property
    def joined(self) -> bool:
        """Whether both nodes say that every step is done."""
        return bool(self.steps) and self.done == len(self.steps)

    @property
    def stood_aside(self) -> bool:
        """Whether a step waits because the operator types into its shell."""
        return self.work is not None and self.typist is Typist.OPERATOR

    def step(self, id: str | None) -> StepView | None:
        """The step of that id, or None."""
        return next((step for step in self.steps if step.id == id), None)

    def evidence_of(self, id: str) -> tuple[str, ...]:
        """What the nodes said while and after that step ran here."""
        return dict(self.evidence).get(id, ())

    def with_evidence(self, id: str, lines: tuple[str, ...]) -> ViewState:
        """The state with that step's evidence replaced; the last 200 lines are kept."""
        kept = dict(self.evidence)
        kept[id] = lines[-200:]
        return replace(self, evidence=tuple(kept.items()))
