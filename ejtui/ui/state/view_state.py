"""What the screens show: one immutable value, from which every widget is painted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Not needed before the first paint.
    from ejtui.cluster.condition.condition import Condition
    from ejtui.ui.state.history import HistoryView
    from ejtui.ui.state.models import (
        BackupsView,
        DiagnosisView,
        FindingKey,
        FindingView,
        HolderView,
        LogLine,
        RepairResult,
        StepView,
        TableView,
        Work,
    )
    from ejtui.ui.state.settings import SettingsView


class Health(Enum):
    """How a node is, in the words of its panel."""

    ASKING = "asking"
    UNREACHABLE = "not reached"
    UNASKED = "cannot be asked"
    STOPPED = "stopped"
    RUNNING = "running"
    STARTING = "starting"
    ERL_SHELL = "erl shell"
    APP_DOWN = "ejabberd is down"
    REFUSES = "refuses our cookie"
    NOT_ANSWERING = "not answering"


@dataclass(frozen=True)
class LineView:
    """Since when (a clock's time) a host does not answer; "" as `next_try`: it is being tried.

    `stands`: there is nothing to try yet: the connection is there, and silent.
    """

    since: str
    next_try: str = ""
    stands: bool = False


@dataclass(frozen=True)
class NodeView:
    """One node as its panel shows it; None and empty mean that it is not known."""

    name: str
    node: str = ""
    where: str = ""
    health: Health = Health.ASKING
    trouble: tuple[str, ...] = ()
    line: LineView | None = None
    ejabberd: str = ""
    otp: str = ""
    cookie: str = ""
    cookie_trouble: str = ""
    runs: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    schema: str = ""
    accounts: int | None = None
    tables_here: int | None = None
    tables_known: int | None = None
    tables_waiting: int = 0
    settings_apart: int | None = None

    @property
    def known(self) -> bool:
        """Whether the node has answered, so that its facts mean something."""
        return self.health is not Health.ASKING and not self.silent

    @property
    def silent(self) -> bool:
        """Whether there is no answer: no way to the host, or nobody there who can be asked."""
        return self.health in (Health.UNREACHABLE, Health.UNASKED)


class Typist(Enum):
    """Who may type into the live shell."""

    NOBODY = "no erl is open"
    EJTUI = "ejtui is typing"
    OPERATOR = "you are typing"
    YOURS = "yours to type into"


@dataclass(frozen=True)
class ViewState:
    """Everything the screens show.

    `condition` is the state of the pair, None before both nodes were asked. `diagnosis` is of the
    last check, `outdated` whether the nodes report something else since; `repaired` how the last
    repair ended, until something else begins; `backups`, `history` and `settings` are those of the
    last listing, None before the first; `closing` is what the join that ended here did, a line
    each, or where `undone` is set what a rollback did; `left` is how second is left where the app
    was left while something ran.
    `list_changes` counts what may have changed what lists show, a node that came or went and what
    other ejtuis did to the pair: a list that is shown is read again.
    """

    first: NodeView
    second: NodeView
    connected: bool = False
    condition: Condition | None = None
    steps: tuple[StepView, ...] = ()
    tables: tuple[TableView, ...] = ()
    looked_at: str | None = None
    work: Work | None = None
    evidence: tuple[tuple[str, tuple[str, ...]], ...] = ()
    typist: Typist = Typist.NOBODY
    shell_on: str = ""
    holder: HolderView | None = None
    diagnosis: DiagnosisView | None = None
    outdated: bool = False
    checking: bool = False
    looked_at_finding: FindingKey | None = None
    repaired: RepairResult | None = None
    backups: BackupsView | None = None
    closing: tuple[str, ...] = ()
    undone: bool = False
    left: str = ""
    history: HistoryView | None = None
    settings: SettingsView | None = None
    log: tuple[LogLine, ...] = ()
    list_changes: int = 0
    notice: str = ""
    notice_is_trouble: bool = False

    @property
    def current(self) -> StepView | None:
        """The running step, or else the first one that is not done."""
        if self.work and self.work.step:
            return self.step(self.work.step) or self.work.as_step
        return next((step for step in self.steps if step.state != "done"), None)

    @property
    def shown_step(self) -> StepView | None:
        """The step that the step pane shows: the one looked at, or else the current one."""
        looked = self.step(self.looked_at) if self.looked_at else None
        return looked or self.current or (self.steps[-1] if self.steps else None)

    @property
    def findings(self) -> tuple[FindingView, ...]:
        """What the last check found, the worst first; where that is nothing, what steps name."""
        if self.diagnosis and self.diagnosis.findings:
            return self.diagnosis.findings
        seen: dict[FindingKey, FindingView] = {}
        for step in self.steps:
            for finding in step.findings:
                seen.setdefault(finding.key, finding)
        return tuple(seen.values())

    @property
    def shown_finding(self) -> FindingView | None:
        """The finding looked at, or the one that is most like it now, or else the worst."""
        worst = next(iter(self.findings), None)
        if self.looked_at_finding is None:
            return worst
        code, node, title = self.looked_at_finding
        same = [finding for finding in self.findings if finding.code == code]
        same.sort(key=lambda finding: (finding.node != node, finding.title != title))
        return same[0] if same else worst

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.state == "done" for step in self.steps)

    @property
    def joined(self) -> bool:
        """Whether every step is done, by the reports of both nodes."""
        return bool(self.steps) and self.done == len(self.steps)

    @property
    def undoes_join(self) -> bool:
        """Whether there is a join that can be undone: one that ended here, or by its backup."""
        ended_here = bool(self.closing) and not self.undone
        return ended_here or (self.diagnosis is not None and self.diagnosis.undoes)

    @property
    def overtaken(self) -> str:
        """What changes the pair since the last check, which shows what was before; "" where
        nothing does."""
        if self.work is not None:
            return self.work.title
        return (self.holder.what or "another ejtui") if self.holder is not None else ""

    @property
    def checked(self) -> str:
        """When the findings were looked at, and what has overtaken them since; for people."""
        at = self.diagnosis.at if self.diagnosis else ""
        if not at:
            return ""
        if self.overtaken:
            return f"checked {at}, before {self.overtaken}"
        return f"checked {at}; the nodes have changed since" if self.outdated else f"checked {at}"

    @property
    def about_join(self) -> bool:
        """Whether the checklist is what matters: a join is the subject, or a step is looked at."""
        if self.condition is None or self.looked_at is not None:
            return True
        if self.work is not None:
            return self.work.repairs is None
        if self.undone:
            return False
        return self.condition.about_join

    @property
    def waits_for_operator(self) -> bool:
        """Whether a step waits because the operator types into its shell."""
        return self.work is not None and self.typist is Typist.OPERATOR

    def step(self, id: str | None) -> StepView | None:
        """The step of that id, or None."""
        return next((step for step in self.steps if step.id == id), None)

    def evidence_of(self, id: str) -> tuple[str, ...]:
        """What the nodes reported while and after that step ran here."""
        return dict(self.evidence).get(id, ())

    def with_evidence(self, id: str, lines: tuple[str, ...]) -> ViewState:
        """The state with that step's evidence replaced; the last 200 lines are kept."""
        kept = dict(self.evidence)
        kept[id] = lines[-200:]
        return replace(self, evidence=tuple(kept.items()))
